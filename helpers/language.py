"""The language in which the checks answer, and how a sentence is put together in Korean.

It is English unless a notebook says `language.use("ko")`, or the environment variable WEEK_LANGUAGE is `ko`.
"""

import os
import re
from collections.abc import Mapping

LANGUAGES = ("en", "ko")
CHOICES = re.compile(r"\[([가-힣]+)/([가-힣]+)\]")  # 은/는, 이/가, 을/를, 과/와, 으로/로, 이라고/라고, ...
# Whether a name in Latin letters, or a digit, is read with a final consonant, by how it ends.
FINAL = r"[lmnLMN]|[^aeiouy]e?[bckpt]|ng|[ck]|[136780]|\b[LMNR]"
RIEUL = r"[lL178]|\bR"  # read with a final ㄹ, after which 으로 is 로

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
    bare = re.sub(r"[^\w가-힣%]+$", "", before)  # quotes, backticks, parentheses make no sound
    bare = re.sub(r"(?<=\w)_+$", "", bare)
    last = bare[-1:]
    if "가" <= last <= "힣":
        final = (ord(last) - ord("가")) % 28
        has_final, rieul = final > 0, final == 8
    else:
        has_final = bool(re.search(rf"(?:{FINAL})$", bare))
        rieul = bool(re.search(rf"(?:{RIEUL})$", bare))
    if closed.startswith("으로"):
        has_final = has_final and not rieul
    return closed if has_final else open_


class Phrases:
    """Sentences and parts of sentences in two languages, with `{}` for what is filled in.

    A finished sentence is recognised by its template, and what was filled in is translated in its turn. In a
    translation `{}` are filled in order, or by number: `{1}` is the second.

    Args:
        pairs: English templates and their translations; the longest that fits counts.
    """

    def __init__(self, pairs: Mapping[str, str]) -> None:
        self.pairs = dict(pairs)
        templates = sorted((key for key in pairs if "{" in key), key=_weight, reverse=True)
        self.templates = [(_pattern(key), pairs[key]) for key in templates]

    def translate(self, text: str) -> str | None:
        """Return a text in the other language, or None if it, or a part of it, has no translation."""
        if text in self.pairs:
            return self.pairs[text]
        for pattern, translation in self.templates:
            if found := pattern.fullmatch(text):
                parts = [part if is_plain(part) else self.translate(part) for part in found.groups()]
                if None not in parts:
                    return fill(translation, parts)
        return None


def _weight(template: str) -> int:
    return len(re.sub(r"\{\w*\}", "", template))


def _pattern(template: str) -> re.Pattern[str]:
    parts = re.split(r"\{\w*\}", template)
    return re.compile("(.+?)".join(map(re.escape, parts)), re.DOTALL)


def fill(translation: str, parts: list[str]) -> str:
    """Fill in the parts of a sentence in order, or where it names them by number."""
    rest = iter(parts)
    return re.sub(r"\{(\d*)\}", lambda hit: parts[int(hit[1])] if hit[1] else next(rest), translation)


def is_plain(text: str) -> bool:
    """Return whether a text is the same in all languages: code in backticks, numbers, names of one word."""
    bare = re.sub(r"`[^`]*`|'[^']*'", "", text)
    return not re.search(r"[A-Za-z]{2,}", bare) or bool(re.fullmatch(r"[\w.]*[._A-Z\d][\w.]*(\(.*\))?", text))
