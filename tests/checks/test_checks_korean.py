"""The checks in Korean: every text is there, and no message is half English."""

import re
import tomllib
from pathlib import Path
from typing import Any

import pytest
from checks_testing import ALL

from helpers import checks, language
from helpers.checks.translation import paired

FOLDER = Path(checks.__file__).parent
TRANSLATED = [path.name.removesuffix(".ko.toml") for path in sorted(FOLDER.glob("*.ko.toml"))]
PLACE = re.compile(r"\{\w*[^{}]*\}")
KEPT = {"answer", "section", "read", "lines", "styles", "imports", "patterns"}
# Four words in a row are English; what torch and the learner say stays as it is.
ENGLISH = re.compile(r"(?:\b[A-Za-z][a-z’']+\b[ ,]+){3}\b[A-Za-z][a-z]+\b")
RAISED, KOREAN = re.compile(r"[\w.]*(Error|Exit|Exception)"), re.compile(r"[가-힣\d]")


@pytest.fixture(autouse=True)
def korean(monkeypatch):
    monkeypatch.setattr(language, "chosen", "ko")


def texts(table: Any, kept: bool = False) -> dict[str, Any]:
    """Return all texts of a file by their place; of a mistake, only what it says."""
    if kept:
        return {}
    if not isinstance(table, dict):
        return {"": table}
    if "says" in table or "lines" in table:
        return {"": table["says"]} if "says" in table else {}
    return {
        f"{key}.{place}".strip("."): text
        for key, inner in table.items()
        for place, text in texts(inner, key in KEPT).items()
    }


@pytest.mark.parametrize("name", TRANSLATED)
def test_every_text_is_there_with_its_places(name):
    read = [tomllib.loads((FOLDER / f"{name}{end}.toml").read_text("utf-8")) for end in ("", ".ko")]
    read[1].pop("phrases", None)
    english, other = map(texts, read)
    assert other.keys() <= english.keys()
    for one, two in paired(*read):
        assert {*PLACE.findall(one)} == {*PLACE.findall(two)}, one


def of_reader(message: Any) -> list[str]:
    """Return what a message says, without code, and without what the learner's code or torch said."""
    said = message.said()
    rows = [text for name, text in said.rows if name != "멈춘 줄" and not RAISED.match(text)]
    return [re.sub(r"`[^`]*`", "", text) for text in (said.headline, *rows)]


@pytest.mark.parametrize("name", [name for name in TRANSLATED if name in ALL])
def test_messages_are_korean_from_headline_to_hint(name):
    read = [tomllib.loads((FOLDER / f"{name}{end}.toml").read_text("utf-8")) for end in ("", ".ko")]
    if lacks := texts(read[0]).keys() - texts(read[1]).keys():
        pytest.skip(f"not in Korean yet: {', '.join(sorted(lacks))}")
    answers, found = ALL[name], {}
    for task, known in (answers.written.WRONG | answers.written.RAISED).items():
        for id, sources in known.items():
            for source in sources if isinstance(sources, list | tuple) else [sources]:
                said = of_reader(answers.message(task, answers.verdict(task, source)))
                if bad := [text for text in said if ENGLISH.search(text) or not KOREAN.search(text)]:
                    found[f"{task}, {id}"] = bad
    for task in answers.check.tasks.values():
        for _ in task.texts["hints"]:
            found |= {f"{task.name}, hint": text for text in of_reader(task.hint()) if ENGLISH.search(text)}
    assert found == {}


def test_what_has_no_korean_text_stays_english_as_a_whole():
    task = ALL["attention"].check.tasks["attention"] if "attention" not in TRANSLATED else None
    if task:
        assert re.search("[가-힣]", repr(task.hint())) is None


def test_tables_of_a_message_stand_straight():
    message = ALL["mlp"].check.layers.hint()
    lines = repr(message).splitlines()[1:]
    assert max(map(language.width, lines)) <= 100
    assert {language.width(line) - language.width(line[14:].lstrip()) >= 2 for line in lines} == {True}
