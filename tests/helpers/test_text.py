"""The text that ships with Python, and its n-gram model."""

import pytest
import torch

from helpers.text import CHARACTERS, PIECE, decode, encode, load_text, ngram_bits


def test_positions_and_back():
    text = 'def f(x):\n    return "~"'
    assert decode(encode(text)) == text
    assert encode("").shape == (0,)
    assert sorted(set(CHARACTERS)) == sorted(CHARACTERS)
    with pytest.raises(ValueError, match="'한' is not in"):
        encode("a 한 b")


def test_three_parts_share_no_paragraph():
    text = load_text()
    assert [part.dtype for part in text] == [torch.int64] * 3
    assert all(len(part) % PIECE == 0 for part in text)
    assert len(text.train) > 6 * len(text.valid) > 100_000
    assert abs(len(text.valid) - len(text.test)) < 5000
    paragraphs = [set(decode(part).split("\n\n")) for part in text]
    for i, j in ((0, 1), (0, 2), (1, 2)):
        shared = paragraphs[i] & paragraphs[j]
        # A paragraph is cut where a piece ends.
        assert all(len(paragraph) < 100 for paragraph in shared)
        assert len(shared) < 5


def test_ngram_bits_by_hand():
    train, text = encode("abab"), encode("ab")
    C = len(CHARACTERS)
    a = (2 + 4 / C) / (4 + 4)  # two of four
    b = (2 + 4 * a) / (2 + 4)  # after an a, always
    wanted = -torch.tensor([a, b], dtype=torch.float64).log2()
    torch.testing.assert_close(ngram_bits(train, text, 1, strength=4.0), wanted)


@pytest.mark.parametrize("order", [0, 1, 3])
def test_ngram_probabilities_add_up_to_one(order: int):
    train, context = load_text().train[:5000], "the"
    p = [2 ** -ngram_bits(train, encode(context + character), order)[-1] for character in CHARACTERS]
    assert sum(p).item() == pytest.approx(1)


def test_longer_contexts_help_up_to_a_point():
    text = load_text()
    bits = [ngram_bits(text.train, text.valid[:5000], order).mean() for order in range(4)]
    assert bits[0] > bits[1] > bits[2] > bits[3] > 1
    with pytest.raises(ValueError, match="order must be 0 or more"):
        ngram_bits(text.train, text.valid, -1)
