"""The live figure of the update rules, by mouse and keyboard."""

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


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    shown = []
    publish, live.publish_display_data = live.publish_display_data, shown.append
    try:
        live.show("optimizers", plt.figure(), steps=300, low=0.01)
    finally:
        live.publish_display_data = publish
    content = shown[0][live.MIME]
    folder = tmp_path_factory.mktemp("optimizers")
    for name in ("keep.js", "live.js", "live-optimizers.js"):
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
    with browser.new_context(
        base_url=site, reduced_motion="reduce", viewport={"width": 390, "height": 900}
    ) as context:
        page = context.new_page()
        errors = []
        page.on("pageerror", lambda error: errors.append(str(error)))
        page.goto("index.html")
        yield page.locator(".live-figure")
        assert errors == []


def cells(row: Locator) -> list[str]:
    return row.get_by_role("cell").all_inner_texts()


def test_the_mouse_puts_the_start_and_run_draws_a_path(box: Locator):
    plot = box.locator(".live-surface")
    area = plot.bounding_box()
    mouse = box.page.mouse
    mouse.move(area["x"] + area["width"] / 2, area["y"] + area["height"] / 3)
    mouse.down()
    mouse.move(area["x"] + area["width"] / 2, area["y"] + area["height"] / 4, steps=3)
    mouse.up()
    first, second = box.get_by_label("Start: w₁"), box.get_by_label("Start: w₂")
    assert float(first.input_value()) == pytest.approx(0.7, abs=0.3)
    assert float(second.input_value()) == pytest.approx(1, abs=0.2)
    box.get_by_role("button", name="Run").click()
    row = box.get_by_role("row", name="Adam")
    expect(row).to_be_visible()
    rate, beta, loss, steps = cells(row)
    assert (rate, beta) == ("0.32", "0.90") and float(loss) < 0.01 and int(steps) < 300
    expect(box.locator(".live-surface polyline")).to_have_count(1)
    expect(box.get_by_role("status")).to_have_text(f"Adam: {loss}, steps to a low loss: {steps}.")


def test_the_keyboard_does_all_of_it(box: Locator):
    box.get_by_label("Surface").select_option("Beale's function")
    box.get_by_label("Rule").select_option("SGD")
    expect(box.get_by_label("Momentum (β or β₁)")).to_be_disabled()
    for key, value in (("Home", "-4.5"), ("End", "4.5")):
        box.get_by_label("Start: w₁").press(key)
        expect(box.get_by_label("Start: w₁")).to_have_value(value)
    box.get_by_label("Start: w₂").press("End")
    box.get_by_role("button", name="Run").press("Enter")
    expect(box.get_by_role("row", name="SGD")).to_contain_text("left the picture")
    for name in ("momentum", "Nesterov", "RMSprop", "Adadelta"):
        box.get_by_label("Rule").select_option(name)
        box.get_by_role("button", name="Run").press("Enter")
        expect(box.locator("tbody th").last).to_contain_text(name)
    expect(box.locator("tbody tr")).to_have_count(4)  # the oldest made room
    expect(box.get_by_role("row", name="SGD")).to_have_count(0)
    box.get_by_role("button", name="Clear").press("Enter")
    expect(box.locator("tbody tr")).to_have_count(0)
