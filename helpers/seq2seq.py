"""A translation task for sequence-to-sequence models: numbers, from English words to Korean ones.

English counts in thousands, Korean in tens of thousands (만), so the word order changes: "twelve million
three hundred forty thousand" is 천이백삼십사만. A pair is two rows of positions in `ENGLISH` and `KOREAN`.
"""

from typing import NamedTuple

import torch
from torch import Tensor, nn
from torch.nn import functional as F
from torch.nn.utils.rnn import pack_padded_sequence, pad_sequence

PAD, START, END = range(3)  # the first three words of both vocabularies
_MARKS = ("<pad>", "<start>", "<end>")
# fmt: off
_ONES = (
    "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten",
    "eleven", "twelve", "thirteen", "fourteen", "fifteen", "sixteen", "seventeen",
    "eighteen", "nineteen",
)
_TENS = (
    "twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety",
)
# fmt: on
ENGLISH = (*_MARKS, *_ONES, *_TENS, "hundred", "thousand", "million")
KOREAN = (*_MARKS, *"일이삼사오육칠팔구십백천만")
DIGITS = 8  # in the longest numbers
HELD_OUT = 1000  # numbers for validation, and again for testing


class Pairs(NamedTuple):
    """N numbers in both languages, with each row padded at its end with `PAD`.

    Attributes:
        numbers: (N,) int64.
        source: (N, S) int64: English, positions in `ENGLISH`.
        target: (N, T) int64: Korean, positions in `KOREAN`, from `START` to `END`.
    """

    numbers: Tensor
    source: Tensor
    target: Tensor


def english(number: int) -> list[str]:
    """Return the words of a number from 1 to 999,999,999: 312 is `["three", "hundred", "twelve"]`.

    Raises:
        ValueError: The number is not one of these.
    """
    if not 1 <= number < 10**9:
        raise ValueError(f"{number} is not from 1 to 999,999,999")
    words = []
    for size, name in ((10**6, ["million"]), (1000, ["thousand"]), (1, [])):
        group = number // size % 1000
        hundreds, rest = divmod(group, 100)
        if hundreds:
            words += [_ONES[hundreds - 1], "hundred"]
        if rest >= 20:
            words.append(_TENS[rest // 10 - 2])
            rest %= 10
        if rest:
            words.append(_ONES[rest - 1])
        if group:
            words += name
    return words


def korean(number: int) -> list[str]:
    """Return the words of a number from 1 to 99,999,999: 312 is `["삼", "백", "십", "이"]`.

    A one is spoken only at the end of a group: 10,110 is 만백십, 210,001 is 이십일만일.

    Raises:
        ValueError: The number is not one of these.
    """
    if not 1 <= number < 10**DIGITS:
        raise ValueError(f"{number} is not from 1 to 99,999,999")
    words = []
    for group, name in ((number // 10**4, ["만"]), (number % 10**4, [])):
        if not (group == 1 and name):
            for digit, unit in zip(f"{group:04}", ("천", "백", "십", ""), strict=True):
                if digit > "1" or (digit == "1" and not unit):
                    words.append(KOREAN[END + int(digit)])
                if digit > "0" and unit:
                    words.append(unit)
        if group:
            words += name
    return words


def make_pairs(numbers: Tensor) -> Pairs:
    """Write numbers from 1 to 99,999,999, (N,) int64 with N > 0, in the words of both languages.

    Raises:
        ValueError: A number is out of range, or there is none.
    """
    if len(numbers) == 0:
        raise ValueError("there is no number to put into words")
    source = [[ENGLISH.index(word) for word in english(n)] for n in numbers.tolist()]
    target = [[START, *(KOREAN.index(word) for word in korean(n)), END] for n in numbers.tolist()]
    return Pairs(
        numbers,
        *(
            pad_sequence([torch.tensor(row) for row in rows], batch_first=True, padding_value=PAD)
            for rows in (source, target)
        ),
    )


def load_pairs(num_train: int = 20000, seed: int = 0) -> tuple[Pairs, Pairs, Pairs]:
    """Draw pairs for training, validation and testing; no number is in two of these sets.

    Numbers of 1 to `DIGITS` digits are equally likely, so short ones are drawn again and again; the held-out
    numbers are all different.

    Returns:
        `num_train` pairs, then `HELD_OUT` pairs twice.
    """
    generator = torch.Generator().manual_seed(seed)

    def draw(count: int) -> list[int]:
        digits = torch.randint(1, DIGITS + 1, (count,), generator=generator)
        share = torch.rand(count, generator=generator, dtype=torch.float64)
        low = 10 ** (digits - 1)
        return (low + (share * 9 * low).long()).tolist()

    # There are too few numbers of one and two digits to hold any out.
    held_out = [n for n in dict.fromkeys(draw(4 * HELD_OUT)) if n >= 100]
    held_out = held_out[: 2 * HELD_OUT]
    train = [n for n in draw(2 * num_train) if n not in set(held_out)]
    parts = train[:num_train], held_out[:HELD_OUT], held_out[HELD_OUT:]
    train, valid, test = (make_pairs(torch.tensor(part)) for part in parts)
    return train, valid, test


class EncoderDecoder(nn.Module):
    """Two recurrent networks: one reads the source into a vector, one writes the target from it.

    Source: Sutskever, Vinyals and Le (2014), Cho et al. (2014), with a single layer of gated recurrent units.

    Args:
        hdim: Width of the vector, and of both networks' states.
        edim: Width of a word's embedding.
    """

    def __init__(self, hdim: int = 96, edim: int = 32):
        super().__init__()
        self.read_word = nn.Embedding(len(ENGLISH), edim)
        self.write_word = nn.Embedding(len(KOREAN), edim)
        self.encoder = nn.GRU(edim, hdim, batch_first=True)
        self.decoder = nn.GRU(edim, hdim, batch_first=True)
        self.score = nn.Linear(hdim, len(KOREAN))

    def encode(self, source: Tensor) -> Tensor:
        """Read (N, S) words, at least one per row, up to the padding; return the last state, (1, N, hdim)."""
        lengths = (source != PAD).sum(1).cpu()
        words = pack_padded_sequence(self.read_word(source), lengths, batch_first=True, enforce_sorted=False)
        return self.encoder(words)[1]

    def forward(self, source: Tensor, written: Tensor) -> Tensor:
        """Score the next word at every position.

        Args:
            source: (N, S) int64.
            written: (N, T) int64: `START`, and the words after it.

        Returns:
            (N, T, len(KOREAN)): at t, the scores of the word after `written[:, : t + 1]`.
        """
        states, _ = self.decoder(self.write_word(written), self.encode(source))
        return self.score(states)


def train_translator(
    model: nn.Module,
    pairs: Pairs,
    num_steps: int,
    learning_rate: float,
    *,
    batch_size: int = 64,
    seed: int = 0,
) -> list[float]:
    """Train a model to predict the target's next word, with Adam and a one-cycle learning rate.

    Args:
        model: Scores next words as `EncoderDecoder` does; it is trained in place.
        pairs: The training data, on the model's device.
        num_steps: Number of updates.
        learning_rate: The cycle's peak.
        batch_size: Pairs per update.
        seed: Seed of the order of the pairs.

    Returns:
        The loss of each update, nats per word.
    """
    generator = torch.Generator().manual_seed(seed)
    optimizer = torch.optim.Adam(model.parameters(), lr=learning_rate)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, learning_rate, total_steps=num_steps)
    losses = []
    model.train()
    for _ in range(num_steps):
        rows = torch.randint(len(pairs.source), (batch_size,), generator=generator)
        source, target = (words[rows.to(words.device)] for words in (pairs.source, pairs.target))
        # Beyond the longest row of the batch there is only padding.
        source = source[:, : (source != PAD).sum(1).max()]
        target = target[:, : (target != PAD).sum(1).max()]
        scores = model(source, target[:, :-1])
        loss = F.cross_entropy(scores.flatten(0, 1), target[:, 1:].flatten(), ignore_index=PAD)
        optimizer.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()
        schedule.step()
        losses.append(loss.item())
    return losses


@torch.no_grad()
def translate(model: nn.Module, source: Tensor, longest: int = 20) -> Tensor:
    """Write the likeliest next word until every row has ended.

    Args:
        model: Scores next words as `EncoderDecoder` does.
        source: (N, S) int64.
        longest: Most words to write.

    Returns:
        (N, T) int64 from `START` to `END`, then `PAD`.
    """
    model.eval()
    written = torch.full((len(source), 1), START, device=source.device)
    for _ in range(longest):
        word = model(source, written)[:, -1].argmax(1)
        ended = (written == END).any(1)
        written = torch.cat([written, word.masked_fill(ended, PAD)[:, None]], dim=1)
        if (written == END).any(1).all():
            break
    return written


def exact_match(model: nn.Module, pairs: Pairs) -> Tensor:
    """Return, as (N,) bool, for which pairs the model writes exactly the target."""
    written = translate(model, pairs.source)
    length = max(written.shape[1], pairs.target.shape[1])
    written, target = (
        F.pad(words, (0, length - words.shape[1]), value=PAD) for words in (written, pairs.target)
    )
    return (written == target).all(dim=1)


def say(words: Tensor, vocabulary: tuple[str, ...]) -> str:
    """Return a row of words as text, without `START`, `END` and `PAD`; only English gets spaces."""
    spoken = [vocabulary[word] for word in words.tolist() if word > END]
    return (" " if vocabulary is ENGLISH else "").join(spoken)
