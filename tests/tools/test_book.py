"""`make book` builds strictly, does no more than it must, and fails until what is wrong is right."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.tools.tiny_book import write_book, write_notebook

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def built(tmp_path_factory):
    """A book with two chapters, already built."""
    book = tmp_path_factory.mktemp("book")
    write_book(book, a=["print('from a')"], b=["print('from b')"])
    finished = build(book)
    assert finished.returncode == 0, finished.stdout
    assert "Open file://" in finished.stdout
    return book


def build(book: Path) -> subprocess.CompletedProcess:
    """Run what `make book` runs."""
    environment = {**os.environ, "PYTHONPATH": f"{book}{os.pathsep}{ROOT}"}
    return subprocess.run(
        [sys.executable, "-m", "tools.book"],
        cwd=book,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )


def test_no_change_does_nothing(built):
    assert "The book is up to date." in build(built).stdout


def test_an_edit_executes_nothing_and_a_new_title_reaches_the_other_pages(built):
    write_notebook(built / "chapters" / "a.ipynb", "print('from a')", text="Edited.")
    (built / "index.md").write_text("# Renamed\n\nWords.\n")
    finished = build(built)
    assert "Building the site" in finished.stdout
    assert "Executing" not in finished.stdout
    assert "Edited." in (built / "_build" / "html" / "chapters" / "a.html").read_text()
    assert "Renamed" in (built / "_build" / "html" / "chapters" / "b.html").read_text()


def test_what_is_wrong_fails_every_time_until_it_is_right(built):
    faults = {
        "[](no-such-label) ![A line that rises](none.png)": ["no-such-label", "none.png"],
        '<a href="none.html">raw</a>': ["chapters/b.html: <a href> none.html: no such file"],
    }
    for text, named in faults.items():
        write_notebook(built / "chapters" / "b.ipynb", "print('from b')", text=text)
        for _ in range(2):
            finished = build(built)
            assert finished.returncode != 0
            assert [name for name in named if name not in finished.stdout] == []
    write_notebook(built / "chapters" / "b.ipynb", "print('from b')")
    assert build(built).returncode == 0


def test_a_failing_cell_stops_the_build(built):
    write_notebook(built / "chapters" / "b.ipynb", "assert 1 == 2, 'a broken claim'")
    finished = build(built)
    assert finished.returncode != 0
    assert 'chapters/b.ipynb, cell "cell-0": AssertionError: a broken claim' in finished.stdout
