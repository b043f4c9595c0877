"""The figure of a decoder, by mouse and by keyboard, on the site and in a notebook, which needs no site."""

from collections.abc import Iterator
from pathlib import Path

import matplotlib.pyplot as plt
import pytest
import torch
from course.live import data_script, live_html
from playwright.sync_api import Browser, FrameLocator, Page, expect
from torch import nn

from helpers import live, tryout
from helpers.data import ImageData, Split

ROOT = Path(__file__).parents[2]
ASSETS = ROOT / "_ext" / "course" / "assets"
SCRIPTS = ("keep.js", "live.js", "interpreter.js", "live-decode-digit.js")
LABELS = torch.arange(10)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder with two pages of the site, and one with what a notebook shows.

    All have a figure that decodes, the second with several maps; the notebook also one that reads digits.
    """
    torch.manual_seed(0)
    shown = []
    publish, live.publish_display_data = live.publish_display_data, shown.append
    part = Split(torch.rand(10, 1, 28, 28), LABELS)
    data = ImageData("some", part, part, part, tuple("0123456789"))
    decoder = nn.Sequential(nn.Linear(2, 16), nn.ReLU(), nn.Linear(16, 784), nn.Sigmoid())
    try:
        tryout.decode_digit(decoder, torch.linspace(-0.9, 0.9, 10)[:, None].expand(10, 2), data)
        tryout.draw_digit({"Yours": nn.Sequential(nn.Flatten(), nn.Linear(784, 10))}, data)
        show_maps(decoder)
    finally:
        live.publish_display_data = publish
    folder = tmp_path_factory.mktemp("live")
    frames = "".join(bundle["text/html"] for bundle in shown[:2])
    (folder / "notebook.html").write_text(f"<!doctype html>{frames}", "utf-8")
    for path in [*(ASSETS / name for name in SCRIPTS), *(ROOT / "_static").glob("co*.css")]:
        (folder / path.name).symlink_to(path)
    (folder / "live").mkdir()
    for name, bundle in {"site": shown[0], "maps": shown[2]}.items():
        content = bundle[live.MIME]
        (folder / "live" / f"{name}.js").write_text(data_script(content, name), "utf-8")
        (folder / f"{name}.html").write_text(
            '<!doctype html><html lang="en" data-theme="light"><meta charset="utf-8"><title>Live</title>'
            '<link rel="stylesheet" href="course.css"><link rel="stylesheet" href="components.css">'
            '<script defer src="keep.js"></script><script defer src="live.js"></script>'
            f"<main>{live_html(content, 'In words.', 'c0-', name)}</main>",
            "utf-8",
        )
    return folder


def show_maps(decoder: nn.Module) -> None:
    """Show two maps of 2 × 2 cells, whose codes lie in the lower left and in the upper right."""
    maps = [
        {"title": title, "points": [[place, place]], "labels": [label], "density": density}
        for title, place, label, density in [
            ("First", -0.5, 3, [[0, 0], [1200, 0]]),
            ("Second", 0.5, 7, [[0, 5], [0, 0]]),
        ]
    ]
    live.show(
        "decode-digit",
        plt.figure(),
        {"First": decoder, "Second": nn.Sequential(decoder, nn.Sigmoid())},
        torch.rand(4, 2),
        tolerance=0.1,
        maps=maps,
        total=1200,
        names=list("0123456789"),
        edge=1,
        start=[0.5, 0.5],
        shape=[28, 28],
    )


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    with browser.new_context(viewport={"width": 390, "height": 1600}, offline=True) as context:
        page = context.new_page()
        errors = []
        page.on("pageerror", lambda error: errors.append(str(error)))
        yield page
        assert errors == []


@pytest.fixture(params=["site", "notebook"])
def box(request: pytest.FixtureRequest, page: Page, folder: Path) -> Page | FrameLocator:
    page.goto((folder / f"{request.param}.html").as_uri())
    return page if request.param == "site" else page.frame_locator("iframe").first


def test_the_point_is_dragged(box: Page | FrameLocator):
    plane = box.locator(".live-plane")
    area = plane.bounding_box()
    before = box.locator("canvas").evaluate("canvas => canvas.toDataURL()")
    plane.page.mouse.move(area["x"] + area["width"] / 2, area["y"] + area["height"] / 2)
    plane.page.mouse.down()
    plane.page.mouse.move(area["x"] + area["width"] * 0.1, area["y"] + area["height"] * 0.9, steps=5)
    plane.page.mouse.up()
    expect(box.get_by_text("The nearest code belongs to 0.").first).to_be_visible()
    assert float(box.get_by_label("First number").input_value()) == pytest.approx(-0.88, abs=0.03)
    assert float(box.get_by_label("Second number").input_value()) == pytest.approx(-0.88, abs=0.03)
    assert box.locator("canvas").evaluate("canvas => canvas.toDataURL()") != before


def test_all_that_the_hand_does_the_keyboard_does(box: Page | FrameLocator):
    for name in ("First number", "Second number"):
        box.get_by_label(name).press("End")
    expect(box.get_by_role("status")).to_have_text("At 1.10, 1.10. The nearest code belongs to 9.")
    box.get_by_role("button", name="A random point").press("Enter")
    expect(box.get_by_role("status")).not_to_contain_text("At 1.10, 1.10.")
    assert abs(float(box.get_by_label("First number").input_value())) <= 1


def test_a_notebook_draws_digits_without_a_site(page: Page, folder: Path):
    page.goto((folder / "notebook.html").as_uri())
    box = page.frame_locator("iframe").nth(1)
    box.get_by_role("button", name="A real digit").click()
    expect(box.locator(".live-answer strong")).to_be_visible()
    frame = box.owner
    inner = box.locator("html").evaluate("html => html.scrollHeight")
    expect(frame).to_have_attribute("title", "Live figure")
    assert frame.bounding_box()["height"] == pytest.approx(inner, abs=30)


def test_one_point_lies_on_several_maps(page: Page, folder: Path):
    page.goto((folder / "maps.html").as_uri())
    planes = page.locator(".live-plane")
    expect(planes).to_have_count(2)
    page.get_by_label("First number").press("Home")
    page.get_by_label("Second number").press("Home")
    first = "First: 1,200 of 1,200 codes here. The nearest code belongs to 3."
    second = "Second: None of 1,200 codes here. The nearest code belongs to 7."
    expect(page.get_by_role("status")).to_have_text(f"At −1.00, −1.00. {first} {second}")
    images = page.locator("canvas").evaluate_all("all => all.map((canvas) => canvas.toDataURL())")
    assert images[0] != images[1]
    area = planes.nth(1).bounding_box()
    page.mouse.click(area["x"] + area["width"] * 0.75, area["y"] + area["height"] * 0.25)
    second = "Second: 5 of 1,200 codes here. The nearest code belongs to 7."
    first = "First: None of 1,200 codes here. The nearest code belongs to 3."
    expect(page.get_by_role("status")).to_have_text(f"At 0.50, 0.50. {first} {second}")
    handles = page.locator(".live-handle")
    assert [handles.nth(i).get_attribute("cx") for i in range(2)] == ["225", "225"]
