"""Assignments contain no solution and are up to date; unfilled, they say so; filled in, they pass."""

import re
import shutil
import sys
from collections.abc import Callable, Iterator
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path

import matplotlib
import nbformat
import plotly.io as pio
import pytest
import torch
from IPython.core.interactiveshell import InteractiveShell
from matplotlib import pyplot as plt
from nbformat import NotebookNode
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output
from traitlets.config import Config

from helpers.checks.core import NotAttempted
from tools.release import BEGIN, END, STUB, ReleaseError, install, main, release

ROOT = Path(__file__).parents[2]
SOLUTIONS = sorted((ROOT / "solutions").glob("*.ipynb"))
BLOCK = re.compile(rf"{BEGIN}\n(.*?){END}", re.DOTALL)
TASK = f"def f(x):\n    # 1. Add one.\n    {BEGIN}\n    y = x + 1\n    return y\n    {END}\n"


def notebook(task: str = TASK, *others: NotebookNode) -> NotebookNode:
    title = new_markdown_cell("# A title (solution)", id="title")
    return new_notebook(cells=[title, new_code_cell(task, id="task-f"), *others])


def words(line: str) -> str:
    return " ".join(line.split())


def test_a_block_becomes_a_stub() -> None:
    title, first, task = release(notebook(TASK + TASK.replace("f(x)", "g(x)")), "import this").cells
    assert (title.source, first.source) == ("# A title", "import this")
    assert task.id == "task-f"
    stub = f"(x):\n    # 1. Add one.\n    {STUB}\n"
    assert task.source == f"def f{stub}def g{stub}"


@pytest.mark.parametrize(
    "task",
    [
        TASK.replace(BEGIN, "# BEGIN SOLUTON"),
        TASK.replace(BEGIN, "#BEGIN SOLUTION"),
        TASK.replace(BEGIN, "# begin solution"),
        TASK.replace(BEGIN, "# BEGIN  SOLUTION"),
        TASK.replace(BEGIN, "# BEGIN_SOLUTION"),
        TASK.replace(BEGIN, "# BEGIN SOLUTION:"),
        TASK.replace(BEGIN, "# BEGIN"),
        TASK.replace(BEGIN, "### BEGIN SOLUTION"),
        TASK.replace(BEGIN, f"pass  {BEGIN}"),
        TASK.replace(END, "# END SOLUTIONS"),
        TASK.replace(END, "# End Solution"),
        TASK.replace(BEGIN, "# BEGINN SOLUTOIN").replace(END, "# EDN SOLUTOIN"),
        TASK + TASK.replace(BEGIN, "# BEGIN").replace(END, "# END"),
        TASK + TASK.replace(BEGIN, "# Solution").replace(END, "# end of solution"),
        TASK + TASK.replace(BEGIN, "# BGIN SOLTION").replace(END, "# ND SOLTION"),
        TASK.replace(BEGIN, ""),
        TASK.replace(END, ""),
        TASK.replace(BEGIN, END),
        TASK.replace(END, BEGIN),
        TASK.replace(BEGIN, f"{BEGIN}\n    {BEGIN}"),
        TASK.replace(BEGIN, f"{BEGIN}\n    {BEGIN}").replace(END, f"{END}\n    {END}"),
        TASK.replace(BEGIN, "").replace(END, ""),
    ],
)
def test_markers_that_would_leak_are_refused(task: str) -> None:
    with pytest.raises(ReleaseError, match="cell task-f"):
        release(notebook(task), "")


@pytest.mark.parametrize(
    ("cell", "message"),
    [
        (new_code_cell(TASK, id="given"), "cell given"),
        (new_markdown_cell(f"```\n{TASK}```", id="text"), "cell text"),
        (new_code_cell("1", id="run", execution_count=1), "has outputs"),
        (new_code_cell("1", id="run", outputs=[new_output("stream", text="1")]), "has outputs"),
    ],
)
def test_leftovers_in_other_cells_are_refused(cell: NotebookNode, message: str) -> None:
    with pytest.raises(ReleaseError, match=message):
        release(notebook(TASK, cell), "")


def test_a_solution_without_a_task_is_refused() -> None:
    with pytest.raises(ReleaseError, match="no cell whose id starts with task-"):
        release(new_notebook(cells=[new_markdown_cell("# A title", id="title")]), "")


@pytest.fixture
def project(tmp_path: Path) -> Path:
    for file in ("pyproject.toml", "_config.yml"):
        shutil.copy(ROOT / file, tmp_path)
    for folder in ("solutions", "assignments"):
        (tmp_path / folder).mkdir()
    return tmp_path


@pytest.mark.parametrize("home", ["", "https://github.com/someone/course"])
def test_the_first_cell_says_in_one_line_what_is_missing(
    home: str, project: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    with (project / "_config.yml").open("a", encoding="utf-8") as file:
        file.write(f"repository:\n  url: {home}\n")
    code = install(project)
    exec(code, {})
    assert capsys.readouterr().out == ""  # all is there
    needed = set(re.findall(r'"(\w+)"', code))
    assert all(map(find_spec, needed))
    missing = {"einops", "mlxtend"}
    monkeypatch.setattr("importlib.util.find_spec", lambda name: name in needed - missing)
    exec(code, {})
    (said,) = capsys.readouterr().out.splitlines()
    assert said.startswith("Missing: einops, mlxtend. ")
    assert re.search(rf": %pip install {'git' if home else 'week'}\S+$", said) and home in said


def test_check_names_what_is_stale(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    solution = project / "solutions" / "one.ipynb"
    nbformat.write(notebook(), solution)
    assert main(project, check=True) == 1
    assert "assignments/one.ipynb" in capsys.readouterr().err
    assert main(project) == 0
    assert main(project, check=True) == 0
    nbformat.write(notebook(TASK.replace("Add", "Subtract")), solution)
    assert main(project, check=True) == 1
    nbformat.write(notebook(TASK.replace(END, "")), solution)
    assert main(project) == 1
    assert "solutions/one.ipynb: cell task-f" in capsys.readouterr().err
    solution.unlink()
    assert main(project) == 1
    assert "assignments/one.ipynb has no solution" in capsys.readouterr().err


@pytest.mark.parametrize("path", SOLUTIONS, ids=lambda path: path.stem)
def test_no_line_of_a_solution_is_in_its_assignment(path: Path) -> None:
    blocks = [b for cell in nbformat.read(path, as_version=4).cells for b in BLOCK.findall(cell.source)]
    assert blocks
    assignment = nbformat.read(ROOT / "assignments" / path.name, as_version=4)
    given = {words(line) for cell in assignment.cells for line in cell.source.splitlines()}
    text = " ".join(given)
    lines = {words(line.partition("  #")[0]) for block in blocks for line in block.splitlines()}
    assert {line for line in lines if len(line) > 3 and line in text} == set()


Run = Callable[[str, str], dict[str, tuple[type, str]]]


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[Run]:
    """Return a function that runs a notebook's code cells as Jupyter does, but without a kernel.

    It takes the folder and the name, and returns the type and text of each exception shown.
    """
    monkeypatch.setenv("IPYTHONDIR", str(tmp_path))
    monkeypatch.setitem(sys.modules, "__main__", sys.modules["__main__"])  # restored when the test ends
    monkeypatch.setattr(pio.templates, "default", pio.templates.default)
    monkeypatch.chdir(ROOT / "assignments")
    # The one of this process: otherwise what asks for it makes another, with a `__main__` of its own.
    InteractiveShell.clear_instance()
    shell = InteractiveShell.instance(config=Config({"HistoryManager": {"enabled": False}}))
    shown: list[tuple[type, str]] = []
    shell._showtraceback = lambda kind, _, lines: shown.append((kind, "\n".join(lines)))
    n_threads = torch.get_num_threads()

    def run(folder: str, name: str) -> dict[str, tuple[type, str]]:
        for task in import_module(f"helpers.checks.{name}").check.tasks.values():
            monkeypatch.setattr(task, "solved", False)
        errors = {}
        for cell in nbformat.read(ROOT / folder / f"{name}.ipynb", as_version=4).cells:
            if cell.cell_type == "code":
                shell.run_cell(cell.source)
                if shown:
                    errors[cell.id] = shown.pop()
        return errors

    run.shell, run.shown = shell, shown
    with matplotlib.rc_context():
        yield run
    plt.close("all")
    torch.set_num_threads(n_threads)
    InteractiveShell.clear_instance()


@pytest.mark.parametrize("path", SOLUTIONS, ids=lambda path: path.stem)
def test_unfilled_it_runs_with_clear_messages(path: Path, run: Run) -> None:
    """Every check, and every cell that waits for one, says so in a few lines, without a stack trace."""
    errors = run("assignments", path.stem)
    assignment = nbformat.read(ROOT / "assignments" / path.name, as_version=4)
    tasks = {cell.id.removeprefix("task-") for cell in assignment.cells if cell.id.startswith("task-")}
    assert {f"check-{task}" for task in tasks} | {"train", "test"} <= set(errors)
    for kind, text in errors.values():
        assert kind is NotAttempted, text
        assert "not attempted yet" in text or "waits for a task" in text
        assert not re.search(r"Traceback|helpers|File |Cell In", text)


def code_cells(path: Path) -> dict[str, str]:
    cells = nbformat.read(path, as_version=4).cells
    return {cell.id: cell.source for cell in cells if cell.cell_type == "code"}


@pytest.mark.parametrize("path", SOLUTIONS, ids=lambda path: path.stem)
def test_filled_it_is_the_solution(path: Path) -> None:
    """Compared cell by cell; that solutions run to the end is tested by the book and nbval."""
    solved = code_cells(path)
    blocks = [block for source in solved.values() for block in BLOCK.findall(source)]
    filled = code_cells(ROOT / "assignments" / path.name)
    del filled["install"]
    for id, source in filled.items():
        while STUB in source:
            source = source.replace(STUB, blocks.pop(0).strip(), 1)
        filled[id] = source
    assert not blocks
    markers = re.compile(rf"^ *(?:{BEGIN}|{END})\n?", re.MULTILINE)
    assert {id: source.rstrip() for id, source in filled.items()} == {
        id: markers.sub("", source).rstrip() for id, source in solved.items()
    }


def test_the_mlp_reaches_its_goal_and_a_new_definition_must_be_checked(
    run: Run, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run("solutions", "mlp") == {}
    assert "There is no live figure" not in capsys.readouterr().out
    assert run.shell.user_ns["test_accuracy"] >= 0.92
    cells = code_cells(ROOT / "solutions" / "mlp.ipynb")
    for id in ("task-count", "train"):
        run.shell.run_cell(cells[id])
    ((kind, text),) = run.shown
    assert kind is NotAttempted and "Task 3 (counting) has changed since its check" in text
