"""The figure on the gradient by layer, by mouse and by keyboard."""

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
SCRIPTS = ("keep.js", "live.js", "interpreter.js", "live-gradient-flow.js")


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    shown = []
    publish, live.publish_display_data = live.publish_display_data, shown.append
    try:
        torch.manual_seed(0)
        images, labels = (
            torch.randint(n, shape, dtype=torch.uint8) for n, shape in ((17, (40, 64)), (10, (40,)))
        )
        live.show("gradient-flow", plt.figure(), images=images, labels=labels, white=16, width=16, classes=10)
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
    with browser.new_context(base_url=site, viewport={"width": 390, "height": 800}) as context:
        page = context.new_page()
        errors = []
        page.on("pageerror", lambda error: errors.append(str(error)))
        page.goto("index.html")
        yield page.locator(".live-figure")
        assert errors == []


def numbers(box: Locator, row: int = 1) -> list[str]:
    """The gradient of the first and the last layer, and their ratio, as text."""
    cells = box.locator("table").first.get_by_role("row").nth(row).get_by_role("cell")
    expect(cells).to_have_count(3)
    return cells.all_inner_texts()


def test_each_control_changes_the_gradient(box: Locator):
    said = box.get_by_role("status")
    expect(said).to_contain_text("sigmoid, nn.Linear's own, 20 layers.")
    before = numbers(box)
    assert "10⁻" in before[0]  # it vanishes
    for change in (
        lambda: box.get_by_label("Activation").select_option("ReLU"),
        lambda: box.get_by_label("Initialization").select_option("He"),
        lambda: box.get_by_label("Weights times").press("ArrowRight"),
        lambda: box.get_by_label("Batch normalization").check(),
        lambda: box.get_by_label("Skip connections").press("Space"),
        lambda: box.get_by_label("Layers").press("ArrowLeft"),
        lambda: box.get_by_role("button", name="New random weights").press("Enter"),
    ):
        change()
        after = numbers(box)
        assert after != before
        before = after
    expect(said).to_contain_text("ReLU, He × 1.4, batch norm, skips, 19 layers. Gradient of the first layer")
    assert float(before[0]) > 0.01


def test_a_curve_is_kept_beside_the_next(box: Locator):
    first = numbers(box)
    box.get_by_role("button", name="Keep this curve").click()
    box.get_by_label("Layers").press("Home")
    expect(box.locator(".live-kept")).to_have_count(1)
    expect(box.locator(".live-gradient-point")).to_have_count(2)
    assert numbers(box, 2) == first != numbers(box)
    box.get_by_text("All layers").click()
    expect(box.locator(".live-scroll table tbody tr")).to_have_count(2)
