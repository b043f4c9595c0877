"""The text that ships with Python, and its n-gram model."""

from collections.abc import Callable

import pytest
import torch

from helpers.text import CHARACTERS, PIECE, Backoff, decode, encode, load_text, ngram_bits


def test_positions_and_back():
    text = 'def f(x):\n    return "~"'
    assert decode(encode(text)) == text
    assert encode("").shape == (0,)
    assert sorted(set(CHARACTERS)) == sorted(CHARACTERS)
    with pytest.raises(ValueError, match="'한' is not in"):
        encode("a 한 b")


@pytest.mark.parametrize("split_seed", [0, 3])
def test_three_parts_share_no_paragraph(split_seed: int):
    text = load_text(split_seed)
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


def test_another_split_holds_out_other_pieces():
    parts = [load_text(split_seed) for split_seed in (0, 1, 2)]
    assert all(sum(map(len, part)) == sum(map(len, parts[0])) for part in parts)
    assert torch.equal(parts[0].valid, parts[1].test[: len(parts[0].valid)])
    assert not torch.equal(parts[0].valid[:PIECE], parts[2].test[:PIECE])


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


def by_formula(train: str, context: str, character: str, discount: float, longest: bool = True) -> float:
    """Interpolated Kneser-Ney as it is written, by searching the text again and again."""

    def count(pair: str) -> int:
        ends = [i for i in range(len(train)) if train.startswith(pair, i)]
        return len(ends) if longest else len({train[i - 1] for i in ends if i > 0})

    counts = {c: count(context + c) for c in CHARACTERS}
    total = sum(counts.values())
    shorter = 1 / len(CHARACTERS)
    if context:
        shorter = by_formula(train, context[1:], character, discount, longest=False)
    if total == 0:
        return shorter
    followers = sum(n > 0 for n in counts.values())
    return (max(counts[character] - discount, 0) + discount * followers * shorter) / total


@pytest.mark.parametrize("context", ["ab", "ba", "bc", "cc", "ax", "xx"])
def test_backoff_is_kneser_ney(context: str):
    train = "abracadabra, bac abab ccb"
    table = Backoff(order=2, discount=0.7).fit(encode(train))
    p = table.next(encode("some text before: " + context))
    wanted = [by_formula(train, context, c, discount=0.7) for c in CHARACTERS]
    torch.testing.assert_close(p, torch.tensor(wanted, dtype=torch.float64))


@pytest.mark.parametrize("order", [0, 1, 3, 12])
def test_backoff_scores_what_it_predicts(order: int):
    text = load_text()
    table, ids = Backoff(order).fit(text.train[:5000]), text.valid[:40]
    log_probs = table.log_probs(ids)
    assert log_probs.shape == (40,)
    for t in range(40):
        p = table.next(ids[:t])
        assert p.sum().item() == pytest.approx(1)
        assert p[ids[t]].log().item() == pytest.approx(log_probs[t].item())
    assert table.log_probs(ids[:0]).shape == (0,)


def test_backoff_beats_a_constant_weight():
    text = load_text()
    bits = -Backoff(6).fit(text.train).log_probs(text.valid) / torch.tensor(2.0).log()
    assert bits.mean() < ngram_bits(text.train, text.valid, 4).mean() - 0.2


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        (lambda: Backoff(-1), "order must be 0 or more"),
        (lambda: Backoff(2, discount=1.0), "between 0 and 1"),
        (lambda: Backoff(2).fit(encode("ab")), "too few for order 2"),
    ],
)
def test_backoff_says_what_is_wrong(wrong: Callable[[], object], message: str):
    with pytest.raises(ValueError, match=message):
        wrong()
