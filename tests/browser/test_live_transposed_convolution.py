"""The live figure of the transposed convolution, by mouse and keyboard."""

from collections.abc import Iterator
from pathlib import Path

import matplotlib.pyplot as plt
import pytest
from course.live import data_script, live_html
from playwright.sync_api import Browser, Locator, expect

from helpers import live
from tools.browser import serve

ROOT = Path(__file__).parents[2]
ASSETS = ROOT / "_ext" / "course" / "assets"
INPUT = [[1, 2, 0], [0, 3, 1], [2, 0, 1]]


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    shown = []
    publish, live.publish_display_data = live.publish_display_data, shown.append
    try:
        live.show("transposed-convolution", plt.figure(), input=INPUT, size=3, stride=2, padding=0)
    finally:
        live.publish_display_data = publish
    content = shown[0][live.MIME]
    folder = tmp_path_factory.mktemp("transposed")
    for name in ("keep.js", "live.js", "live-transposed-convolution.js"):
        (folder / name).symlink_to(ASSETS / name)
    for name in ("course.css", "components.css"):
        (folder / name).symlink_to(ROOT / "_static" / name)
    (folder / "live").mkdir()
    (folder / "live" / "figure.js").write_text(data_script(content, "figure"))
    (folder / "index.html").write_text(
        '<!doctype html><html lang="en" data-theme="light"><meta charset="utf-8"><title>Live</title>'
        '<meta name="viewport" content="width=device-width"><link rel="icon" href="data:,">'
        '<link rel="stylesheet" href="course.css"><link rel="stylesheet" href="components.css">'
        '<script defer src="keep.js"></script><script defer src="live.js"></script>'
        f"<main>{live_html(content, 'In words.', 'c0-', 'figure')}</main>"
    )
    with serve(folder) as address:
        yield address


@pytest.fixture
def box(browser: Browser, site: str) -> Iterator[Locator]:
    with browser.new_context(base_url=site, viewport={"width": 390, "height": 900}) as context:
        page = context.new_page()
        errors = []
        page.on("pageerror", lambda error: errors.append(str(error)))
        page.goto("index.html")
        yield page.locator(".live-figure")
        assert errors == []


def numbers(box: Locator, caption: str) -> list[float]:
    texts = box.locator("figure").filter(has_text=caption).locator("text").all_text_contents()
    return [float(text) for text in texts]


def test_stamp_by_stamp(box: Locator):
    expect(box.get_by_text("Output: (3 − 1) · 2 + 3 − 2 · 0 = 7 pixels high.")).to_be_visible()
    box.get_by_label("Stamps").press("Home")
    assert set(numbers(box, "Output")) == {0}
    expect(box.get_by_role("status")).to_contain_text("Not all stamps")
    for _ in range(2):
        box.get_by_role("button", name="Next stamp").click()
    assert sum(numbers(box, "Output")) == 9 * (1 + 2)
    box.get_by_role("button", name="All stamps").press("Enter")
    assert sum(numbers(box, "Output")) == 9 * 10


def test_overlap_decides_what_comes_back(box: Locator):
    expect(box.get_by_text("Stamps on a pixel: 1, 2, 4.")).to_be_visible()
    told = box.locator(".live-told")
    expect(told).not_to_contain_text("off by 0 %")
    box.get_by_label("Kernel size").press("ArrowLeft")
    expect(told).to_contain_text("off by 0 %")
    assert numbers(box, "Convolved back") == [4 * value for row in INPUT for value in row]
    box.get_by_label("Padding").press("End")  # a kernel of 2 has a padding of 1 at most
    expect(told).to_contain_text("= 4 pixels high")
    expect(box.locator(".live-cut:not(text)")).to_have_count(20)


def test_numbers_are_changed_by_mouse_and_keyboard(box: Locator):
    box.locator("figure").filter(has_text="Kernel").locator("rect").nth(4).click()
    value = box.get_by_label("Value")
    expect(value).to_have_value("1")
    value.press("Home")
    assert numbers(box, "Kernel") == [1, 1, 1, 1, -3, 1, 1, 1, 1]
    expect(box.get_by_label("Numbers in the kernel")).to_have_value("own")
    box.locator("details select").select_option("Input, row 1, column 3")
    value.press("End")
    assert numbers(box, "Input")[2] == 3
    box.get_by_role("button", name="Start again").click()
    assert numbers(box, "Kernel") == [1] * 9 and numbers(box, "Input")[2] == 0
