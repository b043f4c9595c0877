"""The words of grading in the language of whoever reads them: those of the checks, and `words.ko.toml`."""

import tomllib
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path

from helpers import language
from helpers.checks import translation


@cache
def _phrases(code: str) -> language.Phrases:
    own = tomllib.loads(Path(__file__).with_name(f"words.{code}.toml").read_text(encoding="utf-8"))
    return language.Phrases(translation.phrases(code).pairs | own)


@contextmanager
def spoken(code: str) -> Iterator[None]:
    """Say all in a language: "en" or "ko"."""
    before = language.chosen
    language.use(code)
    try:
        yield
    finally:
        language.chosen = before


def say(text: str) -> str:
    """Return sentences, one a line, in the language that is chosen; what has no translation stays English."""
    code = language.current()
    if code == "en":
        return text
    return "\n".join(_phrases(code).translate(line) or line for line in text.split("\n"))
