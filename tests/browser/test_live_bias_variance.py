"""The figure on bias and variance, by mouse and by keyboard."""

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
SCRIPTS = ("keep.js", "live.js", "interpreter.js", "live-bias-variance.js")


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    shown = []
    publish, live.publish_display_data = live.publish_display_data, shown.append
    try:
        curve = (4 * torch.linspace(-1, 1, 1001)).sin()
        live.show("bias-variance", plt.figure(), truth=curve, noise=0.3, degree=1, penalty=1e-8)
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


def term(box: Locator, name: str) -> float:
    return float(box.get_by_role("row", name=name).get_by_role("cell").inner_text())


def test_draws_add_up(box: Locator):
    expect(box.get_by_text("1 draw", exact=True)).to_be_visible()
    expect(box.get_by_role("row", name="variance").get_by_role("cell")).to_have_text("?")
    box.get_by_role("button", name="Draw again").click()
    expect(box.locator(".live-fits")).to_have_count(2)
    for _ in range(4):
        box.get_by_role("button", name="Draw 20 more").press("Enter")
    expect(box.get_by_text("82 draws", exact=True)).to_be_visible()
    terms = [term(box, name) for name in ("bias²", "variance", "noise")]
    assert sum(terms) == pytest.approx(term(box, "sum"), abs=0.002)
    assert term(box, "cost") == pytest.approx(term(box, "sum"), rel=0.1)
    said = f"82 draws: bias² {terms[0]:.3f}, variance {terms[1]:.3f}, sum {term(box, 'sum'):.3f}."
    expect(box.get_by_role("status")).to_have_text(said)


def test_degree_and_penalty_change_the_terms(box: Locator):
    for _ in range(4):
        box.get_by_role("button", name="Draw 20 more").click()
    bias, variance = term(box, "bias²"), term(box, "variance")
    box.get_by_label("Degree").press("End")
    assert term(box, "bias²") < bias / 4 and term(box, "variance") > 2 * variance
    variance = term(box, "variance")
    box.get_by_label("Penalty").press("End")
    assert term(box, "variance") < variance / 4
    box.get_by_label("Penalty").press("Home")
    box.get_by_label("Points").press("End")
    assert term(box, "variance") < 0.7 * variance


def test_points_are_put_by_mouse_and_by_keyboard(box: Locator):
    box.get_by_text("Put points by hand").press("Enter")
    box.get_by_role("button", name="Remove all points").press("Enter")
    expect(box.locator(".live-point")).to_have_count(0)
    box.get_by_role("button", name="Put a point").press("Enter")
    box.locator("svg.live-draws").click(position={"x": 300, "y": 60})
    expect(box.locator(".live-point")).to_have_count(2)
    expect(box.get_by_role("status")).to_have_text("2 points in the picture.")
    expect(box.get_by_text("1 draw", exact=True)).to_be_visible()
    box.get_by_role("button", name="Draw again").press("Enter")
    expect(box.locator(".live-point")).to_have_count(30)
