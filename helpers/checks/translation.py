"""What the checks say in another language: the texts of `NAME.ko.toml`, found by the English ones.

Verdicts and messages are English. When one is shown in Korean, each sentence is recognized by its English
template, in `NAME.toml` or in the table `phrases` of `NAME.ko.toml`. A message without a Korean headline, as
its assignment is not translated, stays English as a whole.
"""

import tomllib
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

from helpers import language

FOLDER = Path(__file__).parent


@cache
def phrases(code: str) -> language.Phrases:
    """Return all that the checks can say in a language."""
    pairs: dict[str, str] = {}
    for path in sorted(FOLDER.glob(f"*.{code}.toml")):
        other, english = _read(path), _read(FOLDER / f"{path.name.partition('.')[0]}.toml")
        pairs |= other.pop("phrases", {}) | dict(paired(english, other))
    return language.Phrases(pairs)


def _read(path: Path) -> dict[str, Any]:
    return tomllib.loads(path.read_text(encoding="utf-8"))


def paired(english: Any, other: Any) -> Iterator[tuple[str, str]]:
    """Yield the texts of two files that stand in the same places."""
    if isinstance(english, str) and isinstance(other, str):
        yield english, other
    elif isinstance(english, dict) and isinstance(other, str):
        yield english["says"], other  # a mistake, of which nothing else is translated
    elif isinstance(english, dict) and isinstance(other, dict):
        for key in english.keys() & other.keys():
            yield from paired(english[key], other[key])
    elif isinstance(english, list) and isinstance(other, list):
        for one, two in zip(english, other, strict=False):
            yield from paired(one, two)


def translate(text: str) -> str | None:
    """Return a text of a message in the chosen language, or None."""
    code = language.current()
    return None if code == "en" else phrases(code).translate(text)
