"""The live figure that translates numbers, by mouse, touch and keyboard."""

import matplotlib.pyplot as plt
import torch
from playwright.sync_api import Page, expect
from torch import Tensor, nn

from helpers import live
from helpers.seq2seq import END, ENGLISH, KOREAN

S, T, HEADS = 12, 16, 2
SEEN, PLACE = S * len(ENGLISH), S * len(ENGLISH) + S + T * len(KOREAN)
FIVE, SIX = KOREAN.index("오"), KOREAN.index("육")


class Weights(nn.Module):
    """Everywhere the same, whatever was read."""

    def forward(self, row: Tensor) -> Tensor:
        return (0 * row[:, : HEADS * T * S]).reshape(1, HEADS, T, S).softmax(dim=-1)


class Writer(nn.Module):
    """Writes 오 while it sees the second English word, else 육, and then the end."""

    def __init__(self):
        super().__init__()
        self.weights, self.score = Weights(), nn.Linear(PLACE + T, len(KOREAN), bias=False)
        with torch.no_grad():
            self.score.weight.zero_()
            self.score.weight[SIX, PLACE] = 2
            self.score.weight[FIVE, PLACE] = 1
            self.score.weight[FIVE, SEEN + 1] = 2
            self.score.weight[END, PLACE + 1 :] = 9

    def forward(self, row: Tensor) -> Tensor:
        return self.score(row) + 0 * self.weights(row).mean(dim=(1, 2, 3))


def show() -> None:
    rows = torch.zeros(2, PLACE + T)
    rows[0, PLACE] = rows[1, PLACE + 3] = 1
    about = {"english": ENGLISH, "korean": KOREAN, "places": [S, T], "heads": HEADS, "number": 12_340_000}
    network = {"translator": Writer()}, rows, {"translator": "weights"}
    live.show("translate-numbers", plt.figure(), *network, **about)


def test_a_number_is_translated_and_words_are_hidden(page: Page):
    told, status = page.locator(".live-told"), page.get_by_role("status")
    expect(told).to_have_text("Press Translate: the network is loaded then.")
    assert not page.locator("script[src$='figure-0.js']").count()  # nothing is loaded before the first touch

    number = page.get_by_label("A number")
    number.press("Enter")
    expect(told).to_have_text("The network writes 오 (wrong: it is 천이백삼십사만).")
    number.fill("5000")
    number.press("Enter")
    expect(told).to_have_text("The network writes 오 (wrong: it is 오천).")
    number.fill("105")
    page.get_by_role("button", name="Translate").click()
    expect(status).to_have_text("The network writes 오, wrong: it is 백오.")
    cells = page.locator(".live-weights tbody tr").nth(2).locator("td")
    expect(cells).to_have_text(["8 %"])

    hidden = page.get_by_role("button", name="Hide hundred, word 2")
    hidden.tap()
    expect(hidden).to_have_attribute("aria-pressed", "true")
    expect(told).to_contain_text("Without “hundred” it writes 육 (1 word changed).")
    expect(told.locator("mark")).to_have_text("육")
    hidden.press("Space")
    expect(told).not_to_contain_text("Without")
    expect(hidden).to_be_focused()
    for name in ("one, word 1", "hundred, word 2", "five, word 3"):  # the last one stays
        page.get_by_role("button", name=f"Hide {name}").press("Enter")
    expect(page.locator("[aria-pressed=true]")).to_have_count(2)
    page.get_by_role("button", name="Show all words").click()
    expect(page.locator("[aria-pressed=true]")).to_have_count(0)


def test_wrong_numbers_are_refused_and_others_are_drawn(page: Page):
    told, number = page.locator(".live-told"), page.get_by_label("A number")
    for wrong in ("0", "100000000", "1.5", ""):
        number.fill(wrong)
        number.press("Enter")
        expect(told).to_have_text("Type a whole number from 1 to 99,999,999.")
    page.get_by_role("button", name="Another number").click()
    expect(told).to_contain_text("The network writes")
    assert 10 <= int(number.input_value()) <= 99_999_999
    page.get_by_label("Attention").select_option("head 2")
    expect(page.locator(".live-weights tbody td").first).to_have_text("8 %")
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
