"""The figure in which digits are dragged before a detector, by mouse, touch and keyboard."""

import matplotlib.pyplot as plt
import torch
from playwright.sync_api import Locator, expect
from torch import nn

from helpers import live

BLOCK = "f" * 64  # a glyph of 8 by 8 pixels


class Bright(nn.Module):
    """Finds what is bright: a cell answers "a" if its four by four pixels in the middle are."""

    def __init__(self):
        super().__init__()
        self.conv = nn.Conv2d(1, 7, 8, stride=8)
        with torch.no_grad():
            self.conv.weight.zero_()
            self.conv.weight[0, :, 2:6, 2:6] = 2
            self.conv.bias.copy_(torch.tensor([-20.0, 0, 0, 0, 0, 5, 0]))

    def forward(self, images):
        return self.conv(images).flatten(2).transpose(1, 2)


def show() -> None:
    digits = [{"class": 0, "x": 20, "y": 20, "size": 16}, {"class": 1, "x": 44, "y": 44, "size": 16}]
    # Two scenes: one object found twice, with a wrong class once; one object that is not found.
    box = [10, 10, 20, 30]
    found = [[0, 0, 0.9, *box], [0, 0, 0.6, 11, 10, 21, 30], [0, 1, 0.4, *box]]
    truth = [[0, 0, *box], [1, 1, *box]]
    live.show(
        "detect-digits",
        plt.figure(),
        {"one": Bright()},
        torch.rand(2, 1, 64, 64),
        tolerance=1,
        background="0" * 4096,
        glyphs=[BLOCK, BLOCK],
        names=["a", "b"],
        digits=digits,
        one=[{"x": 20, "y": 20}, {"x": 21, "y": 20}],
        cell=[15, 20],
        score=0.5,
        limit=0.4,
        n=2,
        found=torch.tensor(found),
        truth=torch.tensor(truth),
    )


def test_limits_move_the_point_and_the_curve_by_keyboard(box: Locator):
    box.get_by_label("Smallest score").press("ArrowRight")
    status = box.get_by_role("status")
    expect(status).to_contain_text("Found: a")
    expect(status).to_contain_text("precision 100 %, recall 50 %")
    curve = box.locator(".live-recall polyline")
    before = curve.get_attribute("points")
    for _ in range(4):
        box.get_by_label("Smallest score").press("PageDown")
    expect(status).to_contain_text("precision 50 %")  # the wrong class is a false alarm
    box.get_by_label("NMS: largest IoU").press("End")
    expect(status).to_contain_text("precision 33 %")  # and so is the second find
    assert curve.get_attribute("points") != before
    box.get_by_role("button", name="Start again").press("Enter")
    expect(status).to_contain_text("precision 100 %, recall 50 %")
    expect(box.locator("table")).to_contain_text("missed1")


def test_digits_are_chosen_changed_and_pushed_together_by_keyboard(box: Locator):
    box.get_by_label("Digit to move").select_option("digit 2")
    expect(box.get_by_label("Centre: from the left")).to_have_value("44")
    told = box.locator(".live-told")
    expect(told).to_have_text("Found: a 99 %, a 99 %.")
    box.get_by_label("What it is").select_option("not there")
    expect(told).to_have_text("Found: a 99 %.")
    box.get_by_role("button", name="Two centres in one cell").click()
    expect(told).to_contain_text("The centres of a and b lie in one cell.")
    expect(box.get_by_label("Centre: from the left")).to_have_value("21")


def test_a_digit_is_dragged_by_mouse_and_touched(box: Locator):
    area = box.locator("canvas").bounding_box()

    def at(x: float, y: float) -> tuple[float, float]:
        return area["x"] + area["width"] * x / 64, area["y"] + area["height"] * y / 64

    mouse = box.page.mouse
    mouse.move(*at(45, 45))
    mouse.down()
    mouse.move(*at(53, 21), steps=3)
    mouse.up()
    expect(box.get_by_label("Digit to move")).to_have_value("1")
    expect(box.get_by_label("Centre: from the left")).to_have_value("52")
    expect(box.get_by_label("Centre: from the top")).to_have_value("20")
    box.page.touchscreen.tap(*at(20, 20))
    expect(box.get_by_label("Digit to move")).to_have_value("0")
    expect(box.get_by_label("Centre: from the left")).to_have_value("20")
