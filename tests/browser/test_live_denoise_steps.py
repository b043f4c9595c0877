"""The live figure of a diffusion model's steps, by keyboard and touch."""

import matplotlib.pyplot as plt
import torch
from playwright.sync_api import Locator, expect

from helpers import live


def show() -> None:
    """Show a figure with two walks of three frames, in which all pixels are alike."""
    greys = torch.arange(6, dtype=torch.uint8).view(3, 2, 1, 1).expand(3, 2, 28, 28)
    noisy, guessed = 10 * greys, 10 * greys + 100
    live.show(
        "denoise-steps",
        plt.figure(),
        noisy=noisy,
        guessed=guessed,
        first=[noisy[0, 0].flatten().tolist(), guessed[0, 0].flatten().tolist()],
        shape=[28, 28],
        steps=[0, 2, 4],
        noise=[1.0, 0.6, 0.2],
        read=[[[0.6, 0.4], [0.3, 0.7]], [[0.8, 0.2], [0.2, 0.8]], [[1.0, 0.0], [0.01, 0.99]]],
        names=["0", "1"],
    )


def greys(box: Locator) -> list[int]:
    """Return the grey of each picture's first pixel."""
    read = "canvas => canvas.getContext('2d').getImageData(0, 0, 1, 1).data[0]"
    return [canvas.evaluate(read) for canvas in box.locator("canvas").all()]


def test_the_first_frames_are_there_before_anything_is_loaded(box: Locator):
    expect(box.get_by_text("The judge reads 0 (60 %).")).to_be_visible()
    assert greys(box) == [0, 100]
    assert not box.page.locator("script[src$='figure-0.js']").count()


def test_step_by_step(box: Locator):
    slider = box.get_by_label("Steps back")
    slider.press("ArrowRight")
    expect(box.get_by_text("Where the walk is: noise of size 60 %.")).to_be_visible()
    assert greys(box) == [20, 120]
    slider.press("End")
    expect(box.get_by_text("The image, each pixel rounded.")).to_be_visible()
    expect(box.get_by_role("status")).to_have_text("Step 4 of 4. The judge reads 0 (100 %).")
    assert slider.get_attribute("aria-valuetext") == "4 of 4"


def test_the_buttons_go_further_and_back(box: Locator):
    for _ in range(3):  # one more than there are
        box.get_by_role("button", name="Further").click()
    expect(box.get_by_text("The image, each pixel rounded.")).to_be_visible()
    assert greys(box) == [40, 140]
    box.get_by_role("button", name="Back to the noise").press("Enter")
    expect(box.get_by_role("status")).to_have_text("Step 0 of 4. The judge reads 0 (60 %).")


def test_another_start(box: Locator):
    box.get_by_label("Start from").select_option("noise 2")
    expect(box.get_by_role("status")).to_have_text("Step 0 of 4. The judge reads 1 (70 %).")
    assert greys(box) == [10, 110]


def test_the_slider_answers_to_touch(box: Locator):
    area = box.get_by_label("Steps back").bounding_box()
    box.page.touchscreen.tap(area["x"] + area["width"] / 2, area["y"] + area["height"] / 2)
    expect(box.get_by_text("Where the walk is: noise of size 60 %.")).to_be_visible()
