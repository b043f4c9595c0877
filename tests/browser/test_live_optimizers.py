"""The live figure of the update rules, by mouse and keyboard."""

import matplotlib.pyplot as plt
import pytest
from playwright.sync_api import Locator, expect

from helpers import live


def show() -> None:
    live.show("optimizers", plt.figure(), steps=300, low=0.01)


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
