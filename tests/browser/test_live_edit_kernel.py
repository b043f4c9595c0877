"""The figure in which a kernel is edited, by mouse and by keyboard."""

from collections.abc import Iterator
from pathlib import Path

import matplotlib.pyplot as plt
import pytest
import torch
from course.live import data_script, live_html
from playwright.sync_api import Browser, Locator, expect

from helpers import live
from tools.browser import serve

ROOT = Path(__file__).parents[2]
ASSETS = ROOT / "_ext" / "course" / "assets"
SCRIPTS = ("keep.js", "live.js", "interpreter.js", "live-edit-kernel.js")
KERNELS = {"as it is": [0, 0, 0, 0, 1, 0, 0, 0, 0], "Sobel": [-1, 0, 1, -2, 0, 2, -1, 0, 1]}


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    shown = []
    publish, live.publish_display_data = live.publish_display_data, shown.append
    try:  # dark on the left, bright on the right
        photo = torch.zeros(20, 20, dtype=torch.uint8)
        photo[:, 10:] = 255
        live.show("edit-kernel", plt.figure(), photo=photo, kernels=KERNELS, place=[9, 5])
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
    with browser.new_context(base_url=site, viewport={"width": 390, "height": 900}) as context:
        page = context.new_page()
        errors = []
        page.on("pageerror", lambda error: errors.append(str(error)))
        page.goto("index.html")
        yield page.locator(".live-figure")
        assert errors == []


def test_a_kernel_is_chosen_turned_and_moved_by_keyboard(box: Locator):
    total = box.locator(".live-sum")
    expect(total).to_contain_text("(1)·0.00")
    box.get_by_role("combobox", name="Kernel").select_option("Sobel")
    expect(total).to_contain_text("(2)·1.00")
    expect(total).to_contain_text("= 4")
    expect(box.get_by_role("status")).to_have_text("Kernel: Sobel. Row 5, column 9: the sum is 4.")
    box.get_by_role("button", name="Turn it by half a turn").press("Enter")
    expect(total).to_contain_text("= −4")
    expect(box.get_by_role("combobox", name="Kernel")).to_have_value("your own")
    box.get_by_label("Place: column").press("Home")
    expect(total).to_contain_text("= 0")
    expect(box.get_by_text("Grey: 0. Black: −2. White: 2.")).to_be_visible()


def test_numbers_are_typed_and_slid(box: Locator):
    middle = box.get_by_label("Row 2, column 2 of the kernel")
    middle.fill("")  # an empty number is a zero
    right = box.get_by_label("Row 2, column 3 of the kernel")
    right.fill("3")
    expect(box.locator(".live-sum")).to_contain_text("= 3")
    box.get_by_label("Chosen number").press("ArrowLeft")
    expect(right).to_have_value("2.75")
    expect(box.get_by_role("combobox", name="Kernel")).to_have_value("your own")
    middle.fill("1")
    right.fill("0")
    expect(box.get_by_role("combobox", name="Kernel")).to_have_value("as it is")


def test_the_mouse_moves_the_kernel(box: Locator):
    area = box.locator(".live-photo").bounding_box()
    mouse = box.page.mouse
    mouse.move(area["x"] + 3, area["y"] + 3)
    mouse.down()
    mouse.move(area["x"] + area["width"] * 0.525, area["y"] + area["height"] * 0.275, steps=3)
    mouse.up()
    expect(box.get_by_label("Place: column")).to_have_value("10")
    expect(box.get_by_label("Place: row")).to_have_value("5")
    expect(box.locator(".live-sum")).to_contain_text("= 1")
