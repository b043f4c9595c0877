"""The figure in which patches of a digit are blackened and shuffled, by mouse and by keyboard."""

import matplotlib.pyplot as plt
import torch
from playwright.sync_api import Locator, expect
from torch import nn

from helpers import live


class Ink(nn.Module):
    """Answers 3 if there is ink in the first patch, 1 if there is ink elsewhere alone, else 0."""

    def forward(self, x):  # (1, 1, 28, 28)
        first = x[:, :, :7, :7].mean(dim=(1, 2, 3))
        both = x.mean(dim=(1, 2, 3))
        ones = first.new_ones(1)
        return torch.stack([ones, 1000 * both, -ones, 100000 * first], dim=1)


def show() -> None:
    image = torch.zeros(1, 1, 28, 28)
    image[:, :, :7, :7] = 1
    image[:, :, 8:12, 8:12] = 1
    images = (255 * image).to(torch.uint8)
    settings = {"names": list("0123"), "truths": ["3"], "patches": 4}
    live.show("blacken-patches", plt.figure(), {"Ink": Ink()}, image, images=images, **settings)


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
