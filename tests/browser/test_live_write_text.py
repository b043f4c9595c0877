"""The figure in which a network writes, by keyboard and with fixed random numbers."""

import matplotlib.pyplot as plt
import torch
from playwright.sync_api import Locator, expect
from torch import nn

from helpers import live

CHARACTERS = "\n abc"


class Cycle(nn.Module):
    """After a comes b, after b comes c, after c comes a, probably."""

    def __init__(self):
        super().__init__()
        self.after = nn.Linear(5, 5, bias=False)
        with torch.no_grad():
            self.after.weight.zero_()
            for now, then in ((0, 2), (1, 2), (2, 3), (3, 4), (4, 2)):
                self.after.weight[then, now] = 2

    def forward(self, x):  # (1, 8, 5)
        return self.after(x)


def show() -> None:
    example = torch.eye(5)[torch.tensor([[2, 3, 4, 2, 3, 4, 2, 3]])]
    settings = {"characters": CHARACTERS, "length": 8, "beginning": "ab", "written": "cab", "seed": 1}
    live.show("write-text", plt.figure(), {"Cycle": Cycle()}, example, temperature=0.7, **settings)


def test_it_writes_on(box: Locator):
    paper, status = box.locator(".live-written"), box.get_by_role("status")
    expect(paper).to_have_text("abcab")  # what the notebook wrote
    slider = box.get_by_label("Temperature")
    slider.press("Home")  # so cold that only the most probable comes
    expect(status).to_contain_text("At temperature 0.2 it writes: cabc")
    expect(paper).to_have_text("ab" + 20 * "cab")
    expect(box.get_by_role("row", name="c 100%")).to_be_visible()
    box.get_by_role("button", name="Write on").press("Enter")
    expect(paper).to_have_text("ab" + 40 * "cab")

    slider.press("End")
    expect(status).to_contain_text("At temperature 2.0")
    hot = paper.inner_text()
    assert hot != "ab" + 40 * "cab"
    box.get_by_role("button", name="Other random numbers").click()
    expect(paper).not_to_have_text(hot)
    box.get_by_role("button", name="Start again").click()
    expect(slider).to_have_value("0.7")
    slider.press("End")
    box.get_by_role("button", name="Write on").click()
    expect(status).to_contain_text("At temperature 2.0")
    expect(paper).to_have_text(hot)  # the same random numbers


def test_a_beginning_is_typed(box: Locator):
    box.get_by_label("Temperature").press("Home")
    box.get_by_label("Beginning").fill("c?")
    expect(box.get_by_text("The network does not know ?, and skips it.")).to_be_visible()
    expect(box.locator(".live-written")).to_have_text("c" + 20 * "abc")
    box.get_by_label("Beginning").fill("")
    expect(box.locator(".live-written")).to_have_text(20 * "abc")
