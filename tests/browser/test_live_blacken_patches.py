"""The figure in which patches of a digit are blackened and shuffled, by mouse and by keyboard."""

from collections.abc import Iterator
from pathlib import Path

import matplotlib.pyplot as plt
import pytest
import torch
from course.live import data_script, live_html
from playwright.sync_api import Browser, Locator, expect
from torch import nn

from helpers import live
from tools.browser import serve

ROOT = Path(__file__).parents[2]
ASSETS = ROOT / "_ext" / "course" / "assets"
SCRIPTS = ("keep.js", "live.js", "interpreter.js", "live-draw-digit.js", "live-blacken-patches.js")


class Ink(nn.Module):
    """Answers 3 if there is ink in the first patch, 1 if there is ink elsewhere alone, else 0."""

    def forward(self, x):  # (1, 1, 28, 28)
        first = x[:, :, :7, :7].mean(dim=(1, 2, 3))
        both = x.mean(dim=(1, 2, 3))
        ones = first.new_ones(1)
        return torch.stack([ones, 1000 * both, -ones, 100000 * first], dim=1)


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    shown = []
    publish, live.publish_display_data = live.publish_display_data, shown.append
    try:
        image = torch.zeros(1, 1, 28, 28)
        image[:, :, :7, :7] = 1
        image[:, :, 8:12, 8:12] = 1
        images = (255 * image).to(torch.uint8)
        settings = {"names": list("0123"), "truths": ["3"], "patches": 4}
        live.show("blacken-patches", plt.figure(), {"Ink": Ink()}, image, images=images, **settings)
    finally:
        live.publish_display_data = publish
    content = shown[0][live.MIME]
    folder = tmp_path_factory.mktemp("live")
    for path in [*(ASSETS / name for name in SCRIPTS), *(ROOT / "_static").glob("co*.css")]:
        (folder / path.name).symlink_to(path)
    (folder / "live").mkdir()
    (folder / "live" / "one.js").write_text(data_script(content, "one"))
    (folder / "index.html").write_text(
        '<!doctype html><html lang="en" data-theme="light"><meta charset="utf-8"><title>Live</title>'
        '<meta name="viewport" content="width=device-width"><link rel="icon" href="data:,">'
        '<link rel="stylesheet" href="course.css"><link rel="stylesheet" href="components.css">'
        '<script defer src="keep.js"></script><script defer src="live.js"></script>'
        f"<main>{live_html(content, 'In words.', 'c0-', 'one')}</main>"
    )
    with serve(folder) as address:
        yield address


@pytest.fixture
def box(browser: Browser, site: str) -> Iterator[Locator]:
    with browser.new_context(
        base_url=site, has_touch=True, viewport={"width": 390, "height": 900}
    ) as context:
        page = context.new_page()
        errors = []
        page.on("pageerror", lambda error: errors.append(str(error)))
        page.goto("index.html")
        yield page.locator(".live-figure")
        assert errors == []


def test_patches_are_blackened_and_shuffled(box: Locator):
    answer, status = box.locator(".live-answer strong"), box.get_by_role("status")
    box.get_by_role("button", name="A real digit").click()
    expect(answer).to_have_text("3")
    expect(status).to_contain_text("A real digit: 3.")

    first = box.get_by_role("checkbox", name="Blacken the patch in row 1, column 1")
    first.press("Space")  # by keyboard
    expect(answer).to_have_text("1")
    expect(status).to_contain_text("1 of 16 patches are black.")
    box.locator(".live-piece").nth(5).click()  # by mouse
    expect(answer).to_have_text("0")
    box.locator(".live-piece").nth(0).tap()
    expect(first).not_to_be_checked()
    expect(answer).to_have_text("3")
    box.get_by_role("button", name="Show all patches").press("Enter")
    expect(box.get_by_role("checkbox", checked=True)).to_have_count(0)

    box.page.evaluate("Math.random = () => 0")  # each place gets the next patch
    box.get_by_role("button", name="Shuffle the patches").click()
    expect(answer).to_have_text("1")
    expect(status).to_contain_text("The patches are shuffled.")
    box.get_by_role("button", name="Put them back").click()
    expect(answer).to_have_text("3")
    box.get_by_role("button", name="Clear").click()
    expect(answer).to_have_count(0)
    expect(status).to_have_text("Nothing is drawn yet.")


def test_a_drawing_is_read(box: Locator):
    area = box.locator(".live-pad").bounding_box()
    mouse = box.page.mouse
    mouse.move(area["x"] + area["width"] / 2, area["y"] + 20)
    mouse.down()
    mouse.move(area["x"] + area["width"] / 2, area["y"] + area["height"] - 20, steps=4)
    mouse.up()
    expect(box.locator(".live-answer strong")).to_have_text("1")
