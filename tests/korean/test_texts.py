"""The Korean texts: they fit their English, and say nothing that a Korean text must not say."""

import re
from pathlib import Path

import nbformat
import pytest

from tools.korean import compose, lint, status, units, words

ROOT = Path(__file__).parents[2]
TRANSLATED = [name for name in units.names(ROOT) if (ROOT / units.TEXTS / f"{name}.md").exists()]
PLACE = re.compile(r"\{[^{}]*\}")
ARROW = re.compile(r"^\((.*?)\) => ", re.DOTALL)


def of(name: str) -> dict[str, units.Translation]:
    korean = units.read(ROOT, name)
    assert korean
    return korean


def test_every_text_belongs_to_a_page():
    files = [path.relative_to(ROOT / units.TEXTS).with_suffix("") for path in (ROOT / "ko").rglob("*.md")]
    assert {path.as_posix() for path in files} == {*TRANSLATED}


@pytest.mark.parametrize("name", TRANSLATED)
def test_a_text_fits_its_english(name):
    """What is missing or out of date fails nothing here: `make korean KOREAN=strict` does."""
    page = status.check(ROOT, name, lambda name: [])
    assert page.wrong == []


@pytest.mark.parametrize("name", TRANSLATED)
def test_a_text_says_nothing_that_it_must_not(name):
    found = []
    for id, unit in of(name).items():
        found += [f"{id}: {fault}" for fault in lint.of_unit(id, unit.text)]
        found += [f"{id}: {fault}" for text in unit.pairs.values() for fault in lint.faults(text)]
    assert found == []


@pytest.mark.parametrize("name", TRANSLATED)
def test_a_text_has_the_numbers_of_its_english(name):
    korean, found = of(name), {}
    for unit in units.units(ROOT, name):
        text = korean.get(unit.id)
        if unit.words is None and text and text.digest == unit.digest:
            found[unit.id] = lint.lost_numbers(unit.text, text.text)
        elif unit.words is not None and text:
            found[unit.id] = [
                number
                for english, said in text.pairs.items()
                if said
                for number in lint.lost_numbers(english, said)
            ]
    assert {id: numbers for id, numbers in found.items() if numbers} == {}


@pytest.mark.parametrize("name", [name for name in TRANSLATED if units.source(ROOT, name).suffix == ".ipynb"])
def test_code_is_the_same_program_and_fits_its_column(name):
    notebook = nbformat.read(units.source(ROOT, name), as_version=4)
    before = [cell.source for cell in notebook.cells if cell.cell_type == "code"]
    compose.translate_cells(notebook, of(name), {"book": {"stale": ""}})
    after = [cell.source for cell in notebook.cells if cell.cell_type == "code"]
    assert [*map(compose.program, after)] == [*map(compose.program, before)]
    assert [line for code in after for line in lint.long_lines(code)] == []


def numbered(text: str) -> str:
    """Return words whose places are in another order as if they were in order."""
    return re.sub(r"\{\d\}", "{}", text)


def test_the_words_of_the_site_fill_in_what_the_english_ones_do():
    english, korean = words.english(ROOT), units.site_words(ROOT)
    found = []
    for table in ("texts", "assignment", "python", "theme"):
        for key, text in english[table].items():
            if key not in korean[table]:
                continue
            one, other = (sorted(PLACE.findall(said)) for said in (text, numbered(korean[table][key])))
            found += [] if one == other else [f"{table}: {key!r}"]
    assert found == []


def test_functions_of_scripts_take_what_the_english_ones_do():
    def compare(one, other, place):
        if isinstance(one, dict):
            for key in one.keys() & other.keys():
                compare(one[key], other[key], f"{place}.{key}")
        elif isinstance(one, list):
            assert len(one) == len(other), place
        else:
            mine, others = (ARROW.match(text) for text in (one, other))
            assert bool(mine) == bool(others), place
            if mine:
                assert mine[1].startswith(others[1]), place  # it may take fewer

    compare(words.of_scripts(), units.site_words(ROOT)["scripts"], "scripts")
