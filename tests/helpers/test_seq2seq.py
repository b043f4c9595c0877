"""Numbers in two languages, and training on them."""

import pytest
import torch
from torch import nn
from torch.nn import functional as F

from helpers.seq2seq import (
    END,
    ENGLISH,
    KOREAN,
    PAD,
    START,
    EncoderDecoder,
    Pairs,
    english,
    exact_match,
    korean,
    load_pairs,
    make_pairs,
    say,
    train_translator,
    translate,
)


@pytest.mark.parametrize(
    ("number", "in_english", "in_korean"),
    [
        (1, "one", "일"),
        (10, "ten", "십"),
        (21, "twenty one", "이십일"),
        (312, "three hundred twelve", "삼백십이"),
        (1000, "one thousand", "천"),
        (10_110, "ten thousand one hundred ten", "만백십"),
        (210_001, "two hundred ten thousand one", "이십일만일"),
        (10_000_000, "ten million", "천만"),
        (
            12_345_678,
            "twelve million three hundred forty five thousand six hundred seventy eight",
            "천이백삼십사만오천육백칠십팔",
        ),
    ],
)
def test_numbers_in_words(number: int, in_english: str, in_korean: str):
    assert " ".join(english(number)) == in_english
    assert "".join(korean(number)) == in_korean
    pairs = make_pairs(torch.tensor([number, 99_999_999]))
    assert say(pairs.source[0], ENGLISH) == in_english
    assert say(pairs.target[0], KOREAN) == in_korean


def test_rows_end_and_are_padded():
    pairs = make_pairs(torch.tensor([5, 99_999_999]))
    assert pairs.source[0].tolist() == [ENGLISH.index("five")] + [PAD] * 11
    assert pairs.target[0].tolist()[:4] == [START, KOREAN.index("오"), END, PAD]
    assert pairs.target[1, -1] == END


def test_parts_share_no_number():
    parts = load_pairs(3000, seed=1)
    numbers = [set(part.numbers.tolist()) for part in parts]
    assert [len(part.numbers) for part in parts] == [3000, 1000, 1000]
    assert [len(part) for part in numbers[1:]] == [1000, 1000]
    assert not (numbers[0] & (numbers[1] | numbers[2]) or numbers[1] & numbers[2])
    assert max(map(max, numbers)) > 10**7 and min(numbers[0]) < 10
    again = load_pairs(3000, seed=1)
    assert all(torch.equal(a.source, b.source) for a, b in zip(parts, again, strict=True))


class Perfect(nn.Module):
    """Knows every pair."""

    def __init__(self, pairs: Pairs):
        super().__init__()
        self.known = pairs.target

    def forward(self, source, written):
        following = F.pad(self.known, (0, 20))[:, 1 : written.shape[1] + 1]
        return F.one_hot(following, len(KOREAN)).float()


def test_exact_match_counts_whole_rows():
    pairs = make_pairs(torch.tensor([5, 12, 99_999_999]))
    model = Perfect(pairs)
    assert translate(model, pairs.source).tolist() == pairs.target.tolist()
    assert exact_match(model, pairs).tolist() == [True] * 3
    wrong = pairs.target.clone()
    wrong[1, 2] = KOREAN.index("천")
    model.known = wrong
    assert exact_match(model, pairs).tolist() == [True, False, True]
    # A row that never ends is wrong, not endless.
    model.known = torch.full_like(wrong, KOREAN.index("일"))
    assert exact_match(model, pairs).tolist() == [False] * 3
    assert translate(model, pairs.source, longest=7).shape == (3, 8)


def test_padding_changes_nothing():
    torch.manual_seed(0)
    model = EncoderDecoder(hdim=8, edim=4)
    pairs = make_pairs(torch.tensor([7, 99_999_999]))
    alone = make_pairs(torch.tensor([7]))
    written = alone.target[:, :-1]
    torch.testing.assert_close(model(pairs.source[:1], written), model(alone.source, written))


def test_training_lowers_the_loss_and_repeats_itself():
    train, _, _ = load_pairs(500)
    losses = []
    for _ in range(2):
        torch.manual_seed(0)
        losses.append(train_translator(EncoderDecoder(16, 8), train, 100, 1e-2))
    assert losses[0] == losses[1]
    assert losses[0][-1] < 0.75 * losses[0][0]
