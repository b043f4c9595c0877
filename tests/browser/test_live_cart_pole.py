"""The cart with its pole, by mouse, by touch and by keyboard."""

import matplotlib.pyplot as plt
import torch
from playwright.sync_api import Locator, expect
from torch import nn

from helpers import live


def show() -> None:
    player = nn.Linear(4, 2)  # pushes where the pole leans and turns to
    with torch.no_grad():
        player.weight[1] = torch.tensor([0.1, 0.3, 3.0, 1.0])
        player.weight[0], player.bias[:] = -player.weight[1], 0
    live.show("cart-pole", plt.figure(), {"The network": player}, torch.randn(40, 4), speed=20)


def steps(box: Locator) -> int:
    return int(box.locator(".live-count").inner_text().split()[0])


def test_nothing_moves_until_a_button_is_pressed(box: Locator):
    expect(box.locator(".live-count")).to_have_text("0 steps")
    box.page.wait_for_timeout(300)
    assert steps(box) == 0
    box.get_by_role("button", name="Start").click()
    expect(box.locator(".live-count")).not_to_have_text("0 steps")
    box.get_by_role("button", name="Pause").click()
    stopped = steps(box)
    box.page.wait_for_timeout(300)
    assert steps(box) == stopped


def test_while_paused_each_push_is_a_step(box: Locator):
    box.get_by_role("button", name="Left").press("Enter")
    expect(box.locator(".live-count")).to_have_text("1 step")
    box.get_by_role("button", name="Right").click()
    box.get_by_role("button", name="Start").or_(box.get_by_role("button", name="Go on")).press("ArrowLeft")
    expect(box.locator(".live-count")).to_have_text("3 steps")
    box.locator("svg").click(position={"x": 350, "y": 60})
    expect(box.locator(".live-count")).to_have_text("4 steps")
    expect(box.get_by_role("status")).to_contain_text("Step 4: the pole leans")
    for _ in range(20):
        box.get_by_role("button", name="Left").press("Enter")
    expect(box.locator(".live-count")).to_contain_text("The pole fell. You:")
    cells = box.get_by_role("row", name="You").get_by_role("cell")
    expect(cells.nth(0)).to_have_text("1")
    box.get_by_role("button", name="New game").click()
    expect(box.locator(".live-count")).to_have_text("0 steps")


def test_the_network_takes_over_and_hands_back(box: Locator):
    box.get_by_role("button", name="Right").press("Enter")
    box.get_by_label("Who pushes").select_option("The network")
    expect(box.get_by_text("The network's values: left")).to_be_visible()
    box.get_by_label("Steps a second").press("End")
    box.get_by_role("button", name="Go on").click()
    box.page.wait_for_function("parseInt(document.querySelector('.live-count').textContent) > 100")
    box.get_by_role("button", name="Pause").press("ArrowRight")
    expect(box.get_by_label("Who pushes")).to_have_value("0")
    expect(box.locator(".live-count")).to_contain_text("Several in turn:")
    expect(box.get_by_role("row", name="Several in turn").get_by_role("cell").nth(0)).to_have_text("1")
