"""The figure on bias and variance, by mouse and by keyboard."""

import matplotlib.pyplot as plt
import pytest
import torch
from playwright.sync_api import Locator, expect

from helpers import live


def show() -> None:
    curve = (4 * torch.linspace(-1, 1, 1001)).sin()
    live.show("bias-variance", plt.figure(), truth=curve, noise=0.3, degree=1, penalty=1e-8)


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
