"""Real text that ships with Python, as numbers: the reference manual behind `help()`.

It differs slightly between Python versions.
"""

import math
import string
from collections import Counter
from pydoc_data.topics import topics
from typing import NamedTuple

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


def load_text() -> Text:
    """Return the manual in whole pieces: every paragraph once, if it uses only `CHARACTERS`.

    The manual repeats itself. A paragraph in two parts would make the test too easy.
    """
    paragraphs = {
        paragraph: None  # a dict keeps the order
        for topic in sorted(topics)
        for paragraph in topics[topic].strip().split("\n\n")
        if set(paragraph) <= set(CHARACTERS)
    }
    pieces = encode("\n\n".join(paragraphs)).split(PIECE)[:-1]
    return Text(
        train=torch.cat([piece for i, piece in enumerate(pieces) if i % 10 < 8]),
        valid=torch.cat(pieces[8::10]),
        test=torch.cat(pieces[9::10]),
    )


def ngram_bits(train: Tensor, text: Tensor, order: int, strength: float = 4.0) -> Tensor:
    """Return how much each character of a text surprises an n-gram model.

    The model knows how often each character followed the previous `order` ones in the training text. Rare
    contexts lean on shorter ones: p(c | context) = (count(context c) + strength * p(c | shorter)) /
    (count(context) + strength), down to equal shares for no context at all (MacKay and Peto, 1995).

    Args:
        train: (n,) int64 positions in `CHARACTERS`, to count.
        text: (m,) int64, to score.
        order: Characters of context, 0 or more.
        strength: Weight of the shorter context, in counts; more than 0.

    Returns:
        (m,) float64: -log2 of each character's probability, in bits.

    Raises:
        ValueError: `order` is negative, or `strength` is not positive.
    """
    if order < 0:
        raise ValueError(f"order must be 0 or more, not {order}")
    if strength <= 0:
        raise ValueError(f"strength must be more than 0, not {strength}")
    seen, scored = decode(train), decode(text)
    p = [1 / len(CHARACTERS)] * len(scored)
    for n in range(order + 1):
        pairs = Counter(seen[i : i + n + 1] for i in range(len(seen) - n))
        contexts = Counter(seen[i : i + n] for i in range(len(seen) - n))
        for i in range(n, len(scored)):
            context, pair = scored[i - n : i], scored[i - n : i + 1]
            p[i] = (pairs[pair] + strength * p[i]) / (contexts[context] + strength)
    return torch.tensor([-math.log2(value) for value in p], dtype=torch.float64)
