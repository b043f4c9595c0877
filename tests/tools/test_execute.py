"""Notebooks are executed when they must be, failures are named and not remembered, a kill does no harm."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import nbformat
import pytest
from jupyter_cache import get_cache

from tests.tools.tiny_book import write_book, write_notebook
from tools.execute import execute_all, meaning, notebooks

ROOT = Path(__file__).parents[2]


@pytest.fixture
def book(tmp_path, monkeypatch):
    """Two chapters: `a` depends on the helpers `one` and `two`, `b` on `three`."""
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    write_book(
        tmp_path,
        a=["from helpers.one import NUMBER", "print(f'{NUMBER = }')"],
        b=["from helpers import three", "print(three.NUMBER)"],
    )
    return tmp_path


def executed(output: str) -> list[str]:
    """Names of the notebooks that were executed, from what was printed."""
    return sorted(line.split()[1] for line in output.splitlines() if line.startswith("  done"))


def printed(root: Path, name: str, folder: str = "chapters") -> str:
    """What the first printing cell of a notebook printed, from the cache that Jupyter Book reads."""
    notebook = nbformat.read(root / folder / f"{name}.ipynb", as_version=4)
    _, merged = get_cache(root / "_build" / ".jupyter_cache").merge_match_into_notebook(notebook)
    return next(output.text for cell in merged.cells for output in cell.get("outputs", []))


def test_executes_what_changed(book, capsys):
    assert execute_all(book)
    assert executed(capsys.readouterr().out) == ["chapters/a.ipynb", "chapters/b.ipynb"]
    assert printed(book, "a") == "NUMBER = 2\n"

    assert execute_all(book)
    assert capsys.readouterr().out == ""

    (book / "helpers" / "two.py").write_text("NUMBER = 22\n")  # `a` imports it through `one`
    assert execute_all(book)
    assert executed(capsys.readouterr().out) == ["chapters/a.ipynb"]
    assert printed(book, "a") == "NUMBER = 22\n"

    (book / "helpers" / "answers").mkdir()  # data of a package that no notebook imports
    (book / "helpers" / "answers" / "__init__.py").touch()
    (book / "helpers" / "answers" / "hints.toml").touch()
    assert execute_all(book)
    assert capsys.readouterr().out == ""

    (book / "helpers" / "numbers.toml").touch()  # data of the package that both import from
    assert execute_all(book)
    assert executed(capsys.readouterr().out) == ["chapters/a.ipynb", "chapters/b.ipynb"]

    (book / "requirements.txt").write_text("torch==2.11.0\n")
    assert execute_all(book)
    assert executed(capsys.readouterr().out) == ["chapters/a.ipynb", "chapters/b.ipynb"]


def test_text_captions_tags_of_the_site_and_comments_do_not_execute(book, capsys):
    assert execute_all(book)
    capsys.readouterr()
    path = book / "chapters" / "a.ipynb"
    notebook = nbformat.read(path, as_version=4)
    notebook.cells[0].source = "# Another title"
    notebook.cells[2].metadata |= {"mystnb": {"code_prompt_show": "Show"}, "tags": ["hide-input"]}
    notebook.cells[2].source += "  # what it is"
    nbformat.write(notebook, path)
    helper = book / "helpers" / "two.py"
    helper.write_text(f'"""A helper."""\n\n{helper.read_text()}  # two\n')
    assert execute_all(book)
    assert executed(capsys.readouterr().out) == []
    assert printed(book, "a") == "NUMBER = 2\n"  # Jupyter Book finds the outputs under the new metadata


def test_a_tag_that_skips_a_cell_executes(book, capsys):
    assert execute_all(book)
    capsys.readouterr()
    path = book / "chapters" / "b.ipynb"
    notebook = nbformat.read(path, as_version=4)
    notebook.cells[2].metadata["tags"] = ["skip-execution"]
    nbformat.write(notebook, path)
    assert execute_all(book)
    assert executed(capsys.readouterr().out) == ["chapters/b.ipynb"]


def test_what_only_looks_like_a_comment_counts():
    assert meaning("x = 1  # one\n") == meaning("x = (1)")
    assert meaning('def f():\n    """Say."""\n    return 1') == meaning("def f():\n    return 1")
    assert meaning('"shown"') != meaning("'other'")  # the value of a cell is its output
    assert meaning("x = '# one'") != meaning("x = '# two'")
    assert meaning("%pip install x") == "%pip install x"


@pytest.mark.parametrize("folder", ["chapters", "solutions"])
def test_a_warning_is_named_and_never_kept(book, capsys, folder):
    write_notebook(book / folder / "a.ipynb", "import warnings", "warnings.warn('made up a folder')")
    (book / "_toc.yml").write_text(f"format: jb-book\nroot: index\nchapters:\n  - file: {folder}/a\n")
    for _ in range(2):
        assert not execute_all(book)
        output = capsys.readouterr().out
        assert f'FAILED  {folder}/a.ipynb, cell "cell-1": a warning: ' in output
        assert "made up a folder" in output


def test_solutions_are_executed_by_nbval(book, capsys):
    write_notebook(book / "solutions" / "s.ipynb", "1 + 1;", "print('solved')", "1 + 1")
    with (book / "_toc.yml").open("a") as toc:
        toc.write("  - file: solutions/s\n")
    assert execute_all(book, "solutions")
    assert executed(capsys.readouterr().out) == ["solutions/s.ipynb"]
    assert printed(book, "s", "solutions") == "solved\n"  # a semicolon hides a value
    write_notebook(book / "solutions" / "s.ipynb", "assert 1 == 2, 'not so'")
    assert not execute_all(book, "solutions")
    assert "AssertionError: not so" in capsys.readouterr().out


def test_a_notebook_in_markdown_is_executed_too(book, capsys):
    head = (
        "---\njupytext:\n  text_representation:\n    format_name: myst\nkernelspec:\n  name: python3\n---\n"
    )
    (book / "guide.md").write_text(f"{head}\n# Guide\n\n```{{code-cell}} ipython3\nprint('guided')\n```\n")
    assert execute_all(book)
    assert "guide.md" in executed(capsys.readouterr().out)


@pytest.mark.parametrize(
    ("sources", "message"),
    [
        (["x = 1", "assert x == 2, 'x is wrong'"], 'cell "cell-1": AssertionError: x is wrong'),
        (["import os", "os._exit(1)"], 'cell "cell-1": DeadKernelError'),
    ],
)
def test_a_failure_is_named_and_not_remembered(book, capsys, sources, message):
    write_notebook(book / "chapters" / "a.ipynb", *sources)
    for _ in range(2):
        assert not execute_all(book)
        assert f"FAILED  chapters/a.ipynb, {message}" in capsys.readouterr().out
    assert printed(book, "b") == "3\n"  # the other notebook was executed all the same


def test_a_promised_figure_must_be_there(book, capsys):
    path = book / "chapters" / "a.ipynb"
    notebook = nbformat.read(path, as_version=4)
    notebook.cells[2].metadata["mystnb"] = {"image": {"alt": "A line that rises"}}
    nbformat.write(notebook, path)
    assert not execute_all(book)
    assert 'cell "cell-1": has a caption or an alt text, but shows no figure' in capsys.readouterr().out


def test_a_damaged_cache_is_repaired(book, capsys):
    cache = book / "_build" / ".jupyter_cache"
    cache.mkdir(parents=True)
    (cache / "global.db").touch()  # no tables in it
    assert execute_all(book)
    capsys.readouterr()
    for result in cache.rglob("base.ipynb"):
        result.write_text('{"cells": [')
    assert execute_all(book)
    assert executed(capsys.readouterr().out) == ["chapters/a.ipynb", "chapters/b.ipynb"]
    assert printed(book, "b") == "3\n"


def test_excluded_notebooks_are_not_executed(book):
    write_notebook(book / "drafts" / "c.ipynb", "raise NotImplementedError")
    with (book / "_toc.yml").open("a") as toc:
        toc.write("  - file: drafts/c\n")
    assert [path.name for path in notebooks(book)] == ["a.ipynb", "b.ipynb"]


@pytest.mark.skipif(os.name == "nt", reason="kills a process as Unix does")
def test_a_kill_leaves_no_kernel_and_keeps_what_is_done(book, capsys):
    beat = "import pathlib, time\nwhile True:\n    pathlib.Path('beat').touch()\n    time.sleep(0.1)"
    write_notebook(book / "chapters" / "b.ipynb", beat)
    environment = {**os.environ, "PYTHONPATH": f"{book}{os.pathsep}{ROOT}"}
    command = [sys.executable, "-m", "tools.execute"]
    with subprocess.Popen(command, cwd=book, env=environment, stdout=subprocess.PIPE, text=True) as process:
        while "done    chapters/a.ipynb" not in process.stdout.readline():
            assert process.poll() is None
        wait_until((book / "chapters" / "beat").exists)
        process.send_signal(signal.SIGKILL)
    wait_until(lambda: time.time() - (book / "chapters" / "beat").stat().st_mtime > 2)  # the kernel is gone
    write_notebook(book / "chapters" / "b.ipynb", "from helpers import three", "print(three.NUMBER)")
    assert execute_all(book)
    assert executed(capsys.readouterr().out) == ["chapters/b.ipynb"]


def wait_until(condition) -> None:
    """Wait until a condition holds; give up after half a minute."""
    for _ in range(300):
        if condition():
            return
        time.sleep(0.1)
    raise AssertionError("waited in vain")
