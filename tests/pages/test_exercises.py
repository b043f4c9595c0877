"""The cells that peer sessions add to a chapter's notebook must find the names they use there."""

import ast
import builtins
import re
from pathlib import Path

import nbformat
import pytest

ROOT = Path(__file__).parents[2]
EXERCISE = re.compile(r"In `(chapters/[\w-]+\.ipynb)`, find `([^`]+)`.*?```python\n(.*?)```", re.DOTALL)
FOUND = {
    page.stem: EXERCISE.findall(page.read_text(encoding="utf-8"))
    for page in sorted((ROOT / "peer-sessions").glob("*day.md"))
}


def names(code: str, context: type[ast.expr_context]) -> set[str]:
    """Return the names that code reads (`ast.Load`) or assigns (`ast.Store`)."""
    return {
        node.id
        for node in ast.walk(ast.parse(code))
        if isinstance(node, ast.Name) and isinstance(node.ctx, context)
    }


def given(code: str) -> set[str]:
    """Return all names that code defines: values, functions, classes, arguments and imports."""
    other = {
        getattr(node, "asname", None) or getattr(node, "name", getattr(node, "arg", ""))
        for node in ast.walk(ast.parse(code))
        if isinstance(node, ast.FunctionDef | ast.ClassDef | ast.alias | ast.arg)
    }
    return names(code, ast.Store) | other


def test_every_session_has_one_exercise():
    assert {day: len(found) for day, found in FOUND.items()} == dict.fromkeys(
        ("friday", "monday", "thursday", "tuesday", "wednesday"), 1
    )


@pytest.mark.parametrize("day", FOUND)
def test_an_exercise_finds_what_it_uses(day: str):
    ((notebook, last, code),) = FOUND[day]
    cells = nbformat.read(ROOT / notebook, as_version=4).cells
    sources = [cell.source for cell in cells if cell.cell_type == "code"]
    (n,) = [n for n, source in enumerate(sources) if last in source]  # whoever searches finds one cell
    before = "\n".join(sources[: n + 1])
    unknown = names(code, ast.Load) - given(before) - given(code) - set(dir(builtins))
    assert not unknown
