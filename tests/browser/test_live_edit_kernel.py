"""The figure in which a kernel is edited, by mouse and by keyboard."""

import matplotlib.pyplot as plt
import torch
from playwright.sync_api import Locator, expect

from helpers import live

KERNELS = {"as it is": [0, 0, 0, 0, 1, 0, 0, 0, 0], "Sobel": [-1, 0, 1, -2, 0, 2, -1, 0, 1]}


def show() -> None:
    photo = torch.zeros(20, 20, dtype=torch.uint8)
    photo[:, 10:] = 255
    live.show("edit-kernel", plt.figure(), photo=photo, kernels=KERNELS, place=[9, 5])


def test_a_kernel_is_chosen_turned_and_moved_by_keyboard(box: Locator):
    total = box.locator(".live-sum")
    expect(total).to_contain_text("(1)·0.00")
    box.get_by_role("combobox", name="Kernel").select_option("Sobel")
    expect(total).to_contain_text("(2)·1.00")
    expect(total).to_contain_text("= 4")
    expect(box.get_by_role("status")).to_have_text("Kernel: Sobel. Row 5, column 9: the sum is 4.")
    box.get_by_role("button", name="Turn it by half a turn").press("Enter")
    expect(total).to_contain_text("= −4")
    expect(box.get_by_role("combobox", name="Kernel")).to_have_value("your own")
    box.get_by_label("Place: column").press("Home")
    expect(total).to_contain_text("= 0")
    expect(box.get_by_text("Grey: 0. Black: −2. White: 2.")).to_be_visible()


def test_numbers_are_typed_and_slid(box: Locator):
    middle = box.get_by_label("Row 2, column 2 of the kernel")
    middle.fill("")  # an empty number is a zero
    right = box.get_by_label("Row 2, column 3 of the kernel")
    right.fill("3")
    expect(box.locator(".live-sum")).to_contain_text("= 3")
    box.get_by_label("Chosen number").press("ArrowLeft")
    expect(right).to_have_value("2.75")
    expect(box.get_by_role("combobox", name="Kernel")).to_have_value("your own")
    middle.fill("1")
    right.fill("0")
    expect(box.get_by_role("combobox", name="Kernel")).to_have_value("as it is")


def test_the_mouse_moves_the_kernel(box: Locator):
    area = box.locator(".live-photo").bounding_box()
    mouse = box.page.mouse
    mouse.move(area["x"] + 3, area["y"] + 3)
    mouse.down()
    mouse.move(area["x"] + area["width"] * 0.525, area["y"] + area["height"] * 0.275, steps=3)
    mouse.up()
    expect(box.get_by_label("Place: column")).to_have_value("10")
    expect(box.get_by_label("Place: row")).to_have_value("5")
    expect(box.locator(".live-sum")).to_contain_text("= 1")
