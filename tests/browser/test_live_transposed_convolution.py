"""The live figure of the transposed convolution, by mouse and keyboard."""

import matplotlib.pyplot as plt
from playwright.sync_api import Locator, expect

from helpers import live

INPUT = [[1, 2, 0], [0, 3, 1], [2, 0, 1]]


def show() -> None:
    live.show("transposed-convolution", plt.figure(), input=INPUT, size=3, stride=2, padding=0)


def numbers(box: Locator, caption: str) -> list[float]:
    texts = box.locator("figure").filter(has_text=caption).locator("text").all_text_contents()
    return [float(text) for text in texts]


def test_stamp_by_stamp(box: Locator):
    expect(box.get_by_text("Output: (3 − 1) · 2 + 3 − 2 · 0 = 7 pixels high.")).to_be_visible()
    box.get_by_label("Stamps").press("Home")
    assert set(numbers(box, "Output")) == {0}
    expect(box.get_by_role("status")).to_contain_text("Not all stamps")
    for _ in range(2):
        box.get_by_role("button", name="Next stamp").click()
    assert sum(numbers(box, "Output")) == 9 * (1 + 2)
    box.get_by_role("button", name="All stamps").press("Enter")
    assert sum(numbers(box, "Output")) == 9 * 10


def test_overlap_decides_what_comes_back(box: Locator):
    expect(box.get_by_text("Stamps on a pixel: 1, 2, 4.")).to_be_visible()
    told = box.locator(".live-told")
    expect(told).not_to_contain_text("off by 0 %")
    box.get_by_label("Kernel size").press("ArrowLeft")
    expect(told).to_contain_text("off by 0 %")
    assert numbers(box, "Convolved back") == [4 * value for row in INPUT for value in row]
    box.get_by_label("Padding").press("End")  # a kernel of 2 has a padding of 1 at most
    expect(told).to_contain_text("= 4 pixels high")
    expect(box.locator(".live-cut:not(text)")).to_have_count(20)


def test_numbers_are_changed_by_mouse_and_keyboard(box: Locator):
    box.locator("figure").filter(has_text="Kernel").locator("rect").nth(4).click()
    value = box.get_by_label("Value")
    expect(value).to_have_value("1")
    value.press("Home")
    assert numbers(box, "Kernel") == [1, 1, 1, 1, -3, 1, 1, 1, 1]
    expect(box.get_by_label("Numbers in the kernel")).to_have_value("own")
    box.locator("details select").select_option("Input, row 1, column 3")
    value.press("End")
    assert numbers(box, "Input")[2] == 3
    box.get_by_role("button", name="Start again").click()
    assert numbers(box, "Kernel") == [1] * 9 and numbers(box, "Input")[2] == 0
