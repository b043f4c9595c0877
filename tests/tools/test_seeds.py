"""Claims that fail under another seed are found; numbers are kept with the key of the code that gave them."""

import json

import nbformat
import pytest

from tests.tools.tiny_book import write_book
from tools import seeds

PARAMETERS = nbformat.v4.new_code_cell(
    "SEED = 0\nDEVICE = 'cpu'", metadata={"tags": ["parameters"]}, id="given"
)

REPORT = f"""
from IPython.display import publish_display_data
def report(**values):
    for name, value in values.items():
        publish_display_data({{{seeds.REPORTED!r}: repr(value)}}, {{"scrapbook": {{"name": name}}}})
"""


@pytest.fixture
def book(tmp_path, monkeypatch):
    """One chapter, `a`, whose one claim holds for seeds below 3."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    write_book(
        tmp_path,
        a=[
            "from helpers.report import report",
            "half = SEED / 2\nassert half < 1.5, f'half is {half}'\nreport(half=half)",
            "report(after=SEED)",
        ],
    )
    (tmp_path / "helpers" / "report.py").write_text(REPORT)
    page = tmp_path / "chapters" / "a.ipynb"
    notebook = nbformat.read(page, as_version=4)
    notebook.cells.insert(1, PARAMETERS)
    nbformat.write(notebook, page)
    return tmp_path


def known(book):
    return json.loads((book / "chapters/seeds/a.json").read_text())["seeds"]


def test_numbers_are_kept_by_seed_and_not_computed_again(book, capsys):
    seeds.main("1")
    seeds.main("1", "2", "chapters/a.ipynb")
    printed = capsys.readouterr().out
    assert printed.count("  done") == 2 and "half" in printed
    assert known(book) == {"1": {"half": 0.5, "after": 1}, "2": {"half": 1.0, "after": 2}}
    assert seeds.current(book)["chapters/a"] == known(book)


def test_a_claim_that_fails_is_named_and_stops_nothing(book, capsys):
    with pytest.raises(SystemExit, match=r"chapters/a.ipynb, seed 3, cell .*assert half < 1.5.*half is 1.5"):
        seeds.main("2", "3")
    assert [*known(book)] == ["2"]
    assert "1 claim(s) FAILED" in capsys.readouterr().out


def test_an_error_is_no_claim_and_is_named(book, capsys):
    page = book / "chapters" / "a.ipynb"
    notebook = nbformat.read(page, as_version=4)
    notebook.cells[-1].source = "1 / 0"
    nbformat.write(notebook, page)
    with pytest.raises(SystemExit, match="stopped by an error"):
        seeds.main("1")
    assert "ZeroDivisionError" in capsys.readouterr().out


def test_numbers_of_older_code_are_not_shown(book, capsys):
    seeds.main("1")
    (book / "helpers" / "report.py").write_text(REPORT + "\nNEW = 1\n")  # only shows them
    assert seeds.current(book)["chapters/a"] == known(book)
    page = book / "chapters" / "a.ipynb"
    page.write_text(page.read_text().replace("SEED / 2", "SEED / 3"))
    capsys.readouterr()
    assert seeds.current(book) == {"chapters/a": {}}
    assert "older than its code: make seeds PAGES=chapters/a.ipynb" in capsys.readouterr().out


def test_a_page_that_pools_numbers_needs_them(book, capsys):
    assert seeds.current(book) == {}
    page = book / "chapters" / "a.ipynb"
    notebook = nbformat.read(page, as_version=4)
    notebook.cells.append(nbformat.v4.new_markdown_cell("{pooled}`a.ipynb::half:.1f`"))
    nbformat.write(notebook, page)
    assert seeds.current(book) == {"chapters/a": {}}
    assert "are missing: make seeds PAGES=chapters/a.ipynb" in capsys.readouterr().out


def test_an_unknown_page_is_named(book):
    with pytest.raises(SystemExit, match=r"No chapter: chapters/b\.ipynb"):
        seeds.main("chapters/b.ipynb")
