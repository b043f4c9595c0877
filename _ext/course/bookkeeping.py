"""Folds the end of a code cell where it only keeps the book: `report(...)`, and the asserts after it.

The numbers of a sentence come from there, so the lines belong to the cell; but they are no part of what a
reader came for. Asserts before the first `report`, such as that a layer equals torch's, stay where they are.
"""

import ast
from collections.abc import Iterator

from docutils import nodes
from sphinx.application import Sphinx

from course.words import _

CLASS = "bookkeeping"
SUMMARY = "Store and check the numbers"


def starts_at(code: str) -> int | None:
    """Return the first line, from 0, of the bookkeeping that ends a cell, or None."""
    try:
        statements = ast.parse(code).body
    except SyntaxError:  # IPython's commands
        return None
    start = None
    for statement in reversed(statements):
        if is_report(statement):
            start = statement.lineno - 1
        elif not isinstance(statement, ast.Assert):
            break
    return start


def is_report(statement: ast.stmt) -> bool:
    """Return whether a statement is `report(...)`."""
    match statement:
        case ast.Expr(ast.Call(ast.Name("report"))):
            return True
    return False


def shown_code(part: nodes.Element) -> Iterator[nodes.literal_block]:
    """Yield the code of a part's cells that a reader sees without opening anything."""
    for cell_input in part.findall(nodes.container):
        if "cell_input" in cell_input["classes"] and "tag_hide-input" not in cell_input.parent["classes"]:
            yield from (
                block for block in cell_input.findall(nodes.literal_block) if CLASS not in block["classes"]
            )


def fold(app: Sphinx, doctree: nodes.document) -> None:
    """Put the bookkeeping of each cell that is shown between `<details>`."""
    for block in list(shown_code(doctree)):
        code = block.astext()
        start = starts_at(code)
        if start is None:
            continue
        lines = code.split("\n")
        parts = []
        for text in ("\n".join(lines[:start]).rstrip(), "\n".join(lines[start:])):
            part = block.copy()
            part.rawsource = text
            part += nodes.Text(text)
            parts.append(part)
        shown, folded = parts
        folded["classes"].append(CLASS)
        before, after = (
            nodes.raw("", html, format="html")
            for html in (f'<details class="{CLASS}"><summary>{_(SUMMARY)}</summary>', "</details>")
        )
        block.replace_self([*([shown] if start else []), before, folded, after])


def setup(app: Sphinx) -> None:
    """Fold before reading times are taken."""
    app.connect("doctree-read", fold, priority=400)
