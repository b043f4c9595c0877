"""What the course asks for, and what a submission has of it: its tasks' cells, and what is odd about them.

A submission's notebook is read as plain JSON, and nothing in it is trusted: it may be of any size and shape.
"""

import ast
import json
import math
import re
import stat
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from functools import cache
from importlib import import_module
from pathlib import Path
from typing import Any

from grading.box import ROOT
from helpers.checks.core import Assignment as Checks
from helpers.language import LANGUAGES

LARGEST = 20 << 20  # bytes of a notebook: with all figures of the course in it, it has less than a tenth
LONGEST = 200_000  # characters of a task's cell
MAGIC = re.compile(r"^[%!].*", re.MULTILINE)  # Jupyter's own, or the shell's
CHOSEN = re.compile(r"^\s*language\.use\(\s*[\"'](\w+)[\"']\s*\)", re.MULTILINE)
BEYOND = {  # names by which an answer gets at the checks, or at what runs it
    *("_getframe", "f_back", "f_locals", "f_globals", "__closure__", "__globals__", "__import__", "_exit"),
    *("ctypes", "gc", "helpers", "importlib", "inspect", "os", "sys", "traceback"),
}
LITERAL = (ast.Constant, ast.List, ast.Tuple, ast.Dict, ast.Set, ast.UnaryOp, ast.unaryop, ast.Load)
MOST_PARTS, LONGEST_AROUND = 100, 10_000  # of what is named; characters of a statement
MOST_CODE = 500_000  # characters of all cells: to read them takes seconds


class UnreadableError(Exception):
    """A submission that cannot be graded; the message says why, to its learner."""


@dataclass(frozen=True)
class Assignment:
    """An assignment as the course gives it out.

    Attributes:
        name: Name of the notebook, without folder or extension.
        cells: Source of each code cell, by id, in order.
        before: Source of the cells that its tasks may build on: imports, parameters, data.
        stubs: Source of the cell of each task, by the task's name, in order.
        answers: The name that each task asks for.
    """

    name: str
    cells: dict[str, str]
    before: list[str]
    stubs: dict[str, str]
    answers: dict[str, str]

    @property
    def checks(self) -> Checks:
        """Return its checks."""
        return import_module(f"helpers.checks.{self.name}").check


@dataclass(frozen=True)
class Work:
    """What is graded of one submission.

    Attributes:
        assignment: Name of the assignment.
        cells: Source of each task's cell; a task without one is left out.
        around: Statements of its other cells, by which its tasks' cells may work: imports, definitions, and
            names of numbers and the like.
        notes: What is odd, by task; under "" about the whole, a sentence a line.
        doubts: Why whoever grades should read the cell, by task; learners do not see it.
        language: In which its checks answer.
        named: Whether it names its checks, or was known by what it defines.
    """

    assignment: str
    cells: dict[str, str]
    around: list[str] = field(default_factory=list)
    notes: dict[str, str] = field(default_factory=dict)
    doubts: dict[str, str] = field(default_factory=dict)
    language: str = "en"
    named: bool = True


@cache
def assignments() -> dict[str, Assignment]:
    """Return all assignments of the course by name."""
    return {path.stem: _assignment(path) for path in sorted((ROOT / "assignments").glob("*.ipynb"))}


def _assignment(path: Path) -> Assignment:
    notebook = json.loads(path.read_text(encoding="utf-8"))
    cells = {cell["id"]: "".join(cell["source"]) for cell in notebook["cells"] if cell["cell_type"] == "code"}
    stubs = {id.removeprefix("task-"): cell for id, cell in cells.items() if id.startswith("task-")}
    checks: Checks = import_module(f"helpers.checks.{path.stem}").check
    answers = {name: checks.tasks[name].texts["answer"] for name in stubs}
    before = [cells[id] for id in ("imports", "parameters", "data")]
    return Assignment(path.stem, cells, before, stubs, answers)


def load(path: Path) -> list[dict[str, Any]]:
    """Return the code cells of a notebook, each with its `id` and `source`.

    Raises:
        UnreadableError: It is no regular file, too large, or no notebook.
    """
    try:
        seen = path.lstat()
        if not stat.S_ISREG(seen.st_mode):
            raise UnreadableError("This is a link or no file at all. Hand in the notebook itself.")
        if seen.st_size > LARGEST:
            mb, most = math.ceil(seen.st_size / (1 << 20)), LARGEST >> 20
            raise UnreadableError(
                f"The notebook has {mb} MB, more than {most}. "
                "Clear its outputs, save it, and hand it in again."
            )
        cells = json.loads(path.read_bytes().decode("utf-8-sig"))["cells"]
        code = [
            {"id": _id(cell), "source": _source(cell)} for cell in cells if cell.get("cell_type") == "code"
        ]
    except OSError as error:
        raise UnreadableError(f"The file cannot be read: {error.strerror}.") from None
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError):
        raise UnreadableError("This is no notebook: its content is damaged, or of another kind.") from None
    if sum(len(cell["source"]) for cell in code) > MOST_CODE:
        raise UnreadableError(f"The notebook has more than {MOST_CODE:,} characters of code.")
    return code


def _id(cell: dict[str, Any]) -> str:
    # Colab keeps ids among the metadata.
    return _whole(str(cell.get("id") or cell.get("metadata", {}).get("id") or ""))


def _source(cell: dict[str, Any]) -> str:
    source = cell.get("source", "")
    return _whole(source if isinstance(source, str) else "".join(str(line) for line in source))


def _whole(text: str) -> str:
    return text.encode(errors="replace").decode()  # without halves of characters


def read(path: Path) -> Work:
    """Find out of which assignment a notebook is, and return what is graded of it.

    Raises:
        UnreadableError: It is no notebook, or of no assignment of this course.
    """
    cells = load(path)
    whole = "\n".join(cell["source"] for cell in cells)
    named = [name for name in re.findall(r"helpers\.checks\.(\w+)", whole) if name in assignments()]
    if named:
        return extract(cells, assignments()[named[0]])
    # Without the line that imports its checks: the one most of whose names it defines.
    defined = {name for cell in cells for name in _definitions(cell["source"])}
    held = {name: len(defined & {*given.answers.values()}) for name, given in assignments().items()}
    best = max(held, key=held.__getitem__)
    if not held[best]:
        raise UnreadableError("This notebook has no task of any assignment of this course.")
    return replace(extract(cells, assignments()[best]), named=bool(named))


def extract(cells: list[dict[str, Any]], given: Assignment) -> Work:
    """Return what is graded of a notebook's code cells."""
    found, notes, doubts, used = {}, {}, {}, set()
    ids = {cell["id"] for cell in cells} & {f"task-{task}" for task in given.stubs}  # some editors change all
    defined = [_definitions(cell["source"]) for cell in cells]
    for task, answer in given.answers.items():
        with_id = [
            n for n, cell in enumerate(cells) if cell["id"] == f"task-{task}" and cell["source"].strip()
        ]
        others = [n for n, names in enumerate(defined) if answer in names]
        places = [n for n in with_id if n in others] or others or with_id
        if not places:
            empty = any(cell["id"] == f"task-{task}" for cell in cells)
            where = "The cell is empty" if empty else "The cell is missing"
            notes[task] = f"{where}: nothing defines `{answer}`."
            continue
        n = places[-1]
        if len({*places, *others}) > 1:
            notes[task] = (
                f"Several cells define `{answer}`: the one graded is the last that is the task's own."
            )
        elif n not in with_id and ids:
            notes[task] = f"The task's cell has another id; this is the cell that defines `{answer}`."
        else:
            ours, theirs = _outline(given.stubs[task], answer), _outline(cells[n]["source"], answer)
            if theirs not in ("", ours):
                notes[task] = f"Its first lines are not this edition's: `{theirs}`, not `{ours}`."
        if len(cells[n]["source"]) > LONGEST:
            notes[task] = f"The cell has more than {LONGEST:,} characters, and was not graded."
            continue
        found[task] = cells[n]["source"]
        used.add(n)
        if names := ", ".join(sorted(_names(cells[n]["source"]) & BEYOND)):
            doubts[task] = f"No task needs `{names}`: read the cell before you trust its verdict."
    known = {f"task-{task}" for task in given.stubs}
    unknown = sorted({cell["id"] for cell in cells if re.match(r"task-\w", cell["id"])} - known)
    if unknown:
        names = ", ".join(name[:40] for name in unknown[:5])
        notes[""] = f"Cells of another edition or another assignment, not graded: {names}."
    others = [cell["source"] for n, cell in enumerate(cells) if n not in used]
    around = [code for source in others for code in _around(source, given)]
    chosen = [code for cell in cells for code in CHOSEN.findall(cell["source"]) if code in LANGUAGES]
    language = chosen[-1] if chosen else "en"
    return Work(given.name, found, [*dict.fromkeys(around)][:100], notes, doubts, language)


def _tree(source: str) -> list[ast.stmt]:
    try:
        return ast.parse(MAGIC.sub("", source[:LONGEST])).body
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return []


def _definitions(source: str) -> set[str]:
    """Return what a cell defines: by its syntax, or, where that is broken, by its lines."""
    if body := _tree(source):
        defined = {node.name for node in body if isinstance(node, ast.FunctionDef | ast.ClassDef)}
        targets = [target for node in body if isinstance(node, ast.Assign) for target in node.targets]
        return defined | {target.id for target in targets if isinstance(target, ast.Name)}
    return {*re.findall(r"^(?:def|class)\s+(\w+)", source[:LONGEST], re.MULTILINE)}


def _names(source: str) -> set[str]:
    """Return all names that a cell uses: variables, attributes, and modules."""
    names = set()
    for node in (inner for statement in _tree(source) for inner in ast.walk(statement)):
        if isinstance(node, ast.Name):
            names.add(node.id)
        elif isinstance(node, ast.Attribute):
            names.add(node.attr)
        elif isinstance(node, ast.Import):
            names |= {alias.name.partition(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            names |= {(node.module or "").partition(".")[0], *(alias.name for alias in node.names)}
    return names


def _around(source: str, given: Assignment) -> Iterator[str]:
    """Give the statements of a cell that a task's cell may need and that take no time: no answers."""
    for node in _tree(source):
        kept = isinstance(node, ast.Import | ast.ImportFrom)
        if isinstance(node, ast.FunctionDef | ast.ClassDef):
            kept = node.name not in given.answers.values()
        elif isinstance(node, ast.Assign):
            inside = [*ast.walk(node.value)]
            kept = all(isinstance(part, LITERAL) for part in inside) and len(inside) < MOST_PARTS
        if kept and (code := ast.get_source_segment(source, node)) and len(code) <= LONGEST_AROUND:
            yield code


def _outline(source: str, answer: str) -> str:
    """Return a definition's name and arguments; of a class, those of its methods. "" if there is none."""
    for node in _tree(source):
        if isinstance(node, ast.FunctionDef) and node.name == answer:
            return f"{answer}({', '.join(arg.arg for arg in node.args.args)})"
        if isinstance(node, ast.ClassDef) and node.name == answer:
            methods = [inner for inner in node.body if isinstance(inner, ast.FunctionDef)]
            return " ".join(f"{m.name}({', '.join(arg.arg for arg in m.args.args)})" for m in methods)
    return ""
