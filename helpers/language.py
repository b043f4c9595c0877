"""The language in which the checks answer, and how a sentence is put together in Korean.

It is English unless a notebook says `language.use("ko")`, or the environment variable WEEK_LANGUAGE is `ko`.
"""

import os
import re
import textwrap
import unicodedata
from collections.abc import Mapping

LANGUAGES = ("en", "ko")
CHOICES = re.compile(r"\[([가-힣]+)/([가-힣]+)\]")  # 은/는, 이/가, 을/를, 과/와, 으로/로, 이라고/라고, ...
PLACE = re.compile(r"\{(\w*)(?::[^{}]*)?\}")
# How names in Latin letters and digits end when they are read in Korean: with ㄹ, or with another consonant.
RIEUL = r"l|le|[178]|(?<![a-z])L|(?<![a-z])[lrR]|\blr"
OTHER = r"[mn]e?|(?<![a-z])[MN]|ng|ck|(?<![aeiou])[aeiou][ptkc]|ou[tp]|type|[036]"

NAME = re.compile(
    r"[\w.]*[._A-Z\d][\w.]*(\(.*\))?|\w*(Error|Exception|Exit|Interrupt|Warning)\b.*", re.DOTALL
)
DEEPEST = 3  # phrases in one another: more are no message, and to try them all would take for ever
FILLER = "\ue000"  # stands beside a wide letter, so that it counts as two

chosen = ""


def use(language: str) -> None:
    """Choose the language of all that follows: "en" or "ko".

    Raises:
        ValueError: There are no texts in this language.
    """
    global chosen
    if language not in LANGUAGES:
        raise ValueError(f"There are texts in {' and '.join(LANGUAGES)}, not in {language!r}.")
    chosen = language


def current() -> str:
    """Return the language chosen, or else that of the environment, or else English."""
    asked = chosen or os.environ.get("WEEK_LANGUAGE", "")
    return asked if asked in LANGUAGES else "en"


def josa(text: str) -> str:
    """Choose each particle by the sound before it: `3[은/는]` becomes `3은`, `lr[을/를]` becomes `lr을`."""
    return CHOICES.sub(lambda hit: _particle(text[: hit.start()], hit[1], hit[2]), text)


def _particle(before: str, closed: str, open_: str) -> str:
    """Return the form after a final consonant, or the other one."""
    bare = re.sub(r"[^\w%]+$|(?<=\w)_+$", "", before)  # quotes, backticks and parentheses make no sound
    last = bare[-1:]
    if "가" <= last <= "힣":
        final = (ord(last) - ord("가")) % 28
        rieul, other = final == 8, final not in (0, 8)
    else:
        rieul, other = (bool(re.search(rf"(?:{sound})$", bare)) for sound in (RIEUL, OTHER))
    return closed if other or (rieul and not closed.startswith("으로")) else open_


class Phrases:
    """Sentences and parts of sentences in two languages, with `{}` or `{name}` for what is filled in.

    A finished sentence is recognized by its template, and what was filled in is translated in its turn. What
    stands in the place of `{}` must have a translation, or be the same in all languages; what has a name may
    be anything. In a translation `{}` are filled in order, or by number: `{1}` is the second without a name.

    Args:
        pairs: English templates and their translations. The one with the most words of its own counts.
    """

    def __init__(self, pairs: Mapping[str, str]) -> None:
        self.pairs = dict(pairs)
        templates = sorted(filter(PLACE.search, pairs), key=lambda text: -len(PLACE.sub("", text)))
        self.templates = [(pattern(text), PLACE.findall(text), pairs[text]) for text in templates]

    def translate(self, text: str, inside: int = 0) -> str | None:
        """Return a text in the other language, or None if it, or a part of it, has no translation.

        Args:
            text: The text.
            inside: How many phrases it is a part of.
        """
        if text in self.pairs:
            return josa(self.pairs[text])
        if inside > DEEPEST:
            return None
        for pattern, names, translation in self.templates:
            if found := pattern.fullmatch(text):
                parts = [self._part(*one, inside + 1) for one in zip(found.groups(), names, strict=True)]
                if None not in parts:
                    filled = list(zip(names, parts, strict=True))
                    by_number = dict(enumerate(part for name, part in filled if not name))
                    return josa(fill(translation, by_number | dict(filled)))
        return None

    def _part(self, text: str, name: str, inside: int) -> str | None:
        translation = self.translate(text, inside)
        keeps = name or is_plain(text)
        return text if translation is None and keeps else translation


def pattern(template: str) -> re.Pattern[str]:
    """Return what recognizes a finished sentence, with a group for each part that was filled in."""
    parts = PLACE.sub("\0", template).split("\0")
    return re.compile("(.+?)".join(map(re.escape, parts)), re.DOTALL)


def fill(translation: str, parts: Mapping[int | str, str]) -> str:
    """Fill in the parts of a sentence: in order, by number, or by name."""
    rest = iter(range(len(parts)))

    def part(hit: re.Match[str]) -> str:
        key = hit[1] or next(rest)
        return parts[int(key)] if str(key).isdigit() else parts[key]

    return PLACE.sub(part, translation)


def is_plain(text: str) -> bool:
    """Return whether a text is the same in all languages: code in backticks, numbers, names, errors."""
    bare = re.sub(r"`[^`]*`|'[^']*'", "", text)
    return not re.search(r"[A-Za-z]{2,}", bare) or bool(NAME.fullmatch(text))


def width(text: str) -> int:
    """Return how many columns a text takes, where a letter of Hangul takes two."""
    return sum(2 if unicodedata.east_asian_width(letter) in "WF" else 1 for letter in text)


def wrap(text: str, columns: int, first: str, rest: str) -> str:
    """Break a text into lines of at most so many columns, which begin with `first` and `rest`."""

    def widen(text: str) -> str:
        return "".join(letter + FILLER * (width(letter) - 1) for letter in text)

    lines = textwrap.fill(widen(text), columns, initial_indent=widen(first), subsequent_indent=widen(rest))
    return lines.replace(FILLER, "")
