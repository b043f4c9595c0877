"""The text that ships with Python, and its n-gram model."""

from collections.abc import Callable
from itertools import pairwise

import pytest
import torch

from helpers.text import CHARACTERS, PIECE, Backoff, decode, encode, load_text


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


def test_longer_contexts_bring_less_and_less():
    text = load_text()
    nats = [-Backoff(order).fit(text.train).log_probs(text.valid).mean().item() for order in (0, 2, 4, 6)]
    gains = [shorter - longer for shorter, longer in pairwise(nats)]
    assert gains == sorted(gains, reverse=True) and gains[-1] > 0.01


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
