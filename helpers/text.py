"""Real text that ships with Python, as numbers: the reference manual behind `help()`.

It differs slightly between Python versions.
"""

import string
from collections.abc import Iterator
from pydoc_data.topics import topics
from typing import NamedTuple, Self

import torch
from torch import Tensor

CHARACTERS = "\n " + string.punctuation + string.digits + string.ascii_letters
PIECE = 4000  # characters; of every ten pieces, one is for validation and one for testing


class Text(NamedTuple):
    """The manual in three parts, each (n,) int64: positions in `CHARACTERS`; n is a multiple of `PIECE`."""

    train: Tensor
    valid: Tensor
    test: Tensor


def encode(text: str) -> Tensor:
    """Return the (n,) int64 positions of the characters of `text` in `CHARACTERS`.

    Raises:
        ValueError: A character is not in `CHARACTERS`.
    """
    positions = [CHARACTERS.find(character) for character in text]
    if -1 in positions:
        unknown = text[positions.index(-1)]
        raise ValueError(f"{unknown!r} is not in helpers.text.CHARACTERS")
    return torch.tensor(positions, dtype=torch.int64)


def decode(positions: Tensor) -> str:
    """Return the text of (n,) positions in `CHARACTERS`: the inverse of `encode`."""
    return "".join(CHARACTERS[position] for position in positions.tolist())


def load_text(split_seed: int = 0) -> Text:
    """Return the manual in whole pieces: every paragraph once, if it uses only `CHARACTERS`.

    The manual repeats itself. A paragraph in two parts would make the test too easy.

    Args:
        split_seed: Holds out other pieces. A claim that may rest on the split passes its notebook's `SEED`.
    """
    paragraphs = {
        paragraph: None  # a dict keeps the order
        for topic in sorted(topics)
        for paragraph in topics[topic].strip().split("\n\n")
        if set(paragraph) <= set(CHARACTERS)
    }
    pieces = encode("\n\n".join(paragraphs)).split(PIECE)[:-1]
    train = [piece for i, piece in enumerate(pieces) if (i + split_seed) % 10 < 8]
    valid, test = (pieces[(i - split_seed) % 10 :: 10] for i in (8, 9))
    return Text(*map(torch.cat, (train, valid, test)))


class _Level(NamedTuple):
    """What a `Backoff` has counted for contexts of one length; a context is known by its place in a list."""

    contexts: Tensor  # (C,): place of the context without its first character, and this character
    pairs: Tensor  # (P,): place of the context, and the character after it
    counts: Tensor  # (P,)
    totals: Tensor  # (C,): the sum of its pairs' counts
    followers: Tensor  # (C,): how many different characters came after it


def _find(values: Tensor, wanted: Tensor) -> Tensor:
    """Return where sorted `values` hold each wanted number, or -1."""
    places = torch.searchsorted(values, wanted).clamp(max=len(values) - 1)
    return torch.where(values[places] == wanted, places, -1)


class Backoff:
    """A table of counts in which every context leans on the next shorter one: interpolated Kneser-Ney.

    p(c | context) = (max(count(context c) - discount, 0) + discount * followers(context) * p(c | shorter)) /
    count(context), where followers are the different characters that came after the context. The longest
    contexts count how often a character followed. All shorter ones count after how many different characters
    they were seen (Kneser and Ney, 1995; Chen and Goodman, 1999). No context leans on equal shares, and what
    never occurred leans on the shorter context alone.

    Args:
        order: Characters of context, 0 or more.
        discount: What every count gives to the shorter context, between 0 and 1.
        num_values: How many different characters there are.

    Raises:
        ValueError: `order` is negative, or `discount` is not between 0 and 1.
    """

    def __init__(self, order: int, discount: float = 0.9, num_values: int = len(CHARACTERS)):
        if order < 0:
            raise ValueError(f"order must be 0 or more, not {order}")
        if not 0 < discount < 1:
            raise ValueError(f"discount must be between 0 and 1, not {discount}")
        self.order, self.discount, self.num_values = order, discount, num_values
        self.levels: list[_Level] = []

    def fit(self, ids: Tensor) -> Self:
        """Count a text, (n,) int64 with n > `order`; return the table itself.

        Raises:
            ValueError: The text is too short.
        """
        if len(ids) <= self.order:
            raise ValueError(f"{len(ids)} characters are too few for order {self.order}")
        contexts = torch.zeros(1, dtype=torch.int64)
        context = torch.zeros_like(ids)  # (n - k,): the context of k characters before each character
        levels = []
        for k in range(self.order + 1):
            if k > 0:
                contexts, context = (context[1:] * self.num_values + ids[:-k]).unique(return_inverse=True)
            pairs, pair = (context * self.num_values + ids[k:]).unique(return_inverse=True)
            levels.append((contexts, pairs, pair))
        counts = levels[-1][2].bincount()
        self.levels = []
        for k in reversed(range(self.order + 1)):
            contexts, pairs, pair = levels[k]
            owner = pairs // self.num_values
            totals, followers = (
                torch.zeros(len(contexts), dtype=torch.int64).index_add(0, owner, number)
                for number in (counts, (counts > 0).long())
            )
            self.levels.insert(0, _Level(contexts, pairs, counts, totals, followers))
            if k > 0:  # each different pair counts once for the pair without its first character
                shorter = torch.empty_like(pairs).scatter_(0, pair, levels[k - 1][2][1:])
                counts = shorter.bincount(minlength=len(levels[k - 1][1]))
        return self

    def log_probs(self, ids: Tensor) -> Tensor:
        """Return the log-probability of each character of a text (T,), given all before it: (T,) in nats."""
        p = torch.full(ids.shape, 1 / self.num_values, dtype=torch.float64)
        for k, context in enumerate(self._contexts(ids)):
            p = torch.cat([p[:k], self._mix(k, context[:-1], ids[k:], p[k:])])
        return p.log()

    def next(self, context: Tensor) -> Tensor:
        """Return the probability of each character after a text (n,), n >= 0: (num_values,) float64."""
        p = torch.full((self.num_values,), 1 / self.num_values, dtype=torch.float64)
        last = context[max(len(context) - self.order, 0) :]
        for k, contexts in enumerate(self._contexts(last)):
            p = self._mix(k, contexts[-1:], torch.arange(self.num_values), p)
        return p

    def _contexts(self, ids: Tensor) -> Iterator[Tensor]:
        """Yield for k = 0, 1, ... the place of the k characters before each of ids[k:] and the end, or -1."""
        context = torch.zeros(len(ids) + 1, dtype=torch.int64)
        yield context
        for k, level in enumerate(self.levels[1 : len(ids) + 1], start=1):
            context = _find(level.contexts, context[1:] * self.num_values + ids[: len(ids) - k + 1])
            yield context

    def _mix(self, k: int, context: Tensor, following: Tensor, shorter: Tensor) -> Tensor:
        """Return p(following | context) at level k, from p(following | shorter context)."""
        level = self.levels[k]
        pair = _find(level.pairs, context * self.num_values + following)
        kept = (level.counts[pair].double() - self.discount).clamp(min=0) * (pair >= 0)
        given = self.discount * level.followers[context].double()
        known = (context >= 0) & (level.totals[context] > 0)
        return torch.where(known, (kept + given * shorter) / level.totals[context], shorter)
