"""The figure in which a network and a table guess the next letter, by keyboard, mouse and touch."""

import matplotlib.pyplot as plt
import torch
from playwright.sync_api import Locator, expect
from torch import nn
from torch.nn import functional as F

from helpers import live

LETTERS, LENGTH = "\n abcd", 6
TRAIN = "abcabcabcabdabc abcabcabdabc"


class AlwaysD(nn.Module):
    """A network that guesses a d, whatever it reads."""

    def forward(self, x):
        return (x * 0 + torch.tensor([0, 0, 0, 0, 0, 5.0])).softmax(dim=-1)


def show() -> None:
    live.show(
        "guess-letters",
        plt.figure(),
        {"LSTM": AlwaysD()},
        F.one_hot(torch.arange(LENGTH)[None], len(LETTERS)).float(),
        train=torch.tensor([LETTERS.index(letter) for letter in TRAIN], dtype=torch.uint8),
        characters=LETTERS,
        length=LENGTH,
        table={"order": 3, "discount": 0.5},
        names=["LSTM", "Table"],
        text="ab",
        before=[[[5, 0.9], [4, 0.1]], [[4, 0.8], [5, 0.2]]],
    )


def test_what_is_typed_is_guessed_on(box: Locator):
    table = box.get_by_role("table", name="Table")
    expect(table.get_by_role("row").first).to_contain_text("80 %")  # known before anything is loaded
    text = box.get_by_label("Your text")
    text.press("End")
    text.press_sequentially("cab")
    expect(box.get_by_text("They read: “abcab”")).to_be_visible()
    expect(table.get_by_role("row")).to_have_count(5)
    expect(table.get_by_role("button").first).to_have_text("c")
    expect(box.get_by_role("table", name="LSTM").get_by_role("button").first).to_have_text("d")
    expect(box.get_by_role("status")).to_contain_text("LSTM: d, 9")
    text.fill("한")
    expect(box.get_by_text("The models do not know 한")).to_be_visible()
    expect(box.get_by_text("They read nothing.")).to_be_visible()


def test_guesses_are_added_and_the_past_is_cut(box: Locator):
    table = box.get_by_role("table", name="Table")
    box.get_by_label("Last characters").press("Home")
    expect(box.get_by_text("They read: “b”")).to_be_visible()
    table.get_by_role("button", name="Add c").tap()
    expect(box.get_by_label("Your text")).to_have_value("abc")
    expect(table.get_by_role("button").first).to_have_text("a")
    table.get_by_role("button", name="Add space").click()
    expect(box.get_by_label("Your text")).to_have_value("abc ")
    box.get_by_role("button", name="Start again").press("Enter")
    expect(box.get_by_text("They read: “ab”")).to_be_visible()
    expect(box.get_by_label("Last characters")).to_have_value(str(LENGTH))
