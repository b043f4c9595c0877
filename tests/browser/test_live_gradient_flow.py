"""The figure on the gradient by layer, by mouse and by keyboard."""

import matplotlib.pyplot as plt
import torch
from playwright.sync_api import Locator, expect

from helpers import live


def show() -> None:
    torch.manual_seed(0)
    images, labels = (
        torch.randint(n, shape, dtype=torch.uint8) for n, shape in ((17, (40, 64)), (10, (40,)))
    )
    live.show("gradient-flow", plt.figure(), images=images, labels=labels, white=16, width=16, classes=10)


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
