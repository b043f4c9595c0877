"""The figure in which models complete a digit, by mouse and by keyboard."""

import matplotlib.pyplot as plt
import torch
from playwright.sync_api import Locator, expect
from torch import Tensor, nn

from helpers import live

N = 784


class Above(nn.Module):
    """One layer of one map; ink is sure below ink, and impossible elsewhere."""

    def __init__(self):
        super().__init__()
        self.weights = nn.Linear(49 + 9 + N, 2)
        nn.init.zeros_(self.weights.weight)
        nn.init.zeros_(self.weights.bias)
        self.weights.weight.data[0, 17] = 40  # the fourth pixel of the third row is the one above
        self.weights.bias.data[0] = -20

    def forward(self, past: Tensor) -> Tensor:  # (1, 49 + 9 + N)
        return self.weights(past)


def show() -> None:
    images = torch.zeros(1, 28, 28, dtype=torch.uint8)
    images[:, 4:14, 10:13] = 255  # a stroke that reaches the cut
    dark, some = torch.zeros(N, 2, dtype=torch.uint8), torch.full((N,), 128, dtype=torch.uint8)
    before = torch.full((N, 1), float(N))
    live.show(
        *("complete-digit", plt.figure(), {"Above": Above()}, torch.rand(8, 49 + 9 + N)),
        **{"tolerance": 1, "layers": 1, "width": 1, "truths": ["1"], "images": images},
        **{"names": ["Above", "Dark", "Dark too", "Coins"], "independent": some},
        **{"before0": before, "before1": before, "table0": dark, "table1": dark},
    )


def white(box: Locator, k: int) -> int:
    """Return how many pixels of the k-th picture are white."""
    return (
        box.locator(".live-completions canvas")
        .nth(k)
        .evaluate(
            """canvas => canvas.getContext("2d").getImageData(0, 0, 28, 28).data
            .filter((value, i) => i % 4 === 0 && value === 255).length"""
        )
    )


def test_a_real_half_is_completed(box: Locator):
    status, slider = box.get_by_role("status"), box.get_by_label("Pixels drawn so far")
    expect(slider).to_be_disabled()
    box.get_by_role("button", name="A real digit").click()
    expect(status).to_have_text("A real digit: 1. Press the button: the model goes on from your half.")
    assert white(box, 0) == 30
    box.get_by_role("button", name="Complete it six times").press("Enter")
    expect(status).to_contain_text("Above: six lower halves, of 0 to 0 nats.")
    assert white(box, 0) == 30 + 14 * 3  # the stroke goes on to the lower edge
    expect(box.locator(".live-completions figcaption").first).to_have_text("0.0 nats")

    slider.press("Home")  # scrub by keyboard
    assert white(box, 0) == 30
    expect(status).to_have_text("0 of 392 pixels are drawn.")
    for _ in range(28):
        slider.press("ArrowRight")
    assert white(box, 0) == 33  # a row of it

    box.get_by_label("Model").select_option("Dark")
    expect(status).to_contain_text("Dark: six lower halves")
    assert white(box, 0) == 30
    box.get_by_label("Model").select_option("Coins")
    expect(status).to_contain_text("Coins: six lower halves")
    assert 100 < white(box, 0) - 30 < 300
    box.get_by_role("button", name="Clear").click()
    expect(slider).to_be_disabled()
    expect(status).to_have_text("Nothing is drawn yet.")


def test_a_drawing_stays_where_it_is_drawn(box: Locator):
    area = box.locator(".live-pad").bounding_box()
    mouse = box.page.mouse
    x = area["x"] + area["width"] * 0.25
    mouse.move(x, area["y"] + area["height"] * 0.2)
    mouse.down()
    mouse.move(x, area["y"] + area["height"] * 0.7, steps=4)
    mouse.up()
    given = white(box, 0)
    assert 15 < given < 60
    box.get_by_role("button", name="Complete it six times").click()
    expect(box.get_by_role("status")).to_contain_text("Above: six")
    assert white(box, 0) > given + 14
