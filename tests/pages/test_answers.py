"""Model answers of interviews stand on sections: when one computes other things, they are read again."""

import ast
import hashlib
import re
from pathlib import Path

import nbformat
import pytest

ROOT = Path(__file__).parents[2]
QUESTION = re.compile(r"\{interview\}.*\n:name: (.+)\n:section: (.+)\n(?::read: (.+)\n)?")
NUMBER = re.compile(r"\{(?:glue:text|pooled)\}`[^`]+`")
LABEL = re.compile(r"^\(([\w-]+)\)=\n(#+) ", re.MULTILINE)


def section(cells: list[nbformat.NotebookNode], label: str) -> list[nbformat.NotebookNode]:
    """Return the cells of a section, up to the next heading of its level; none if no cell has the label."""
    found, level = [], 0
    for cell in cells:
        text = cell.source if cell.cell_type == "markdown" else ""
        if found and (heading := re.search(r"^(#+) ", text, re.MULTILINE)) and len(heading[1]) <= level:
            break
        for name, marks in LABEL.findall(text):
            if name == label:
                level = len(marks)
        if level:
            found.append(cell)
    return found


def computed(cells: list[nbformat.NotebookNode]) -> str:
    """Digest what cells compute and which numbers their text gives, whatever else the words are."""
    parts = [
        ast.unparse(ast.parse(cell.source))
        if cell.cell_type == "code"
        else " ".join(NUMBER.findall(cell.source))
        for cell in cells
    ]
    return hashlib.sha256("\n".join(filter(None, parts)).encode()).hexdigest()[:8]


BOOKS = {path.name: nbformat.read(path, as_version=4).cells for path in (ROOT / "chapters").glob("*.ipynb")}
QUESTIONS = [
    question
    for path in sorted((ROOT / "peer-sessions" / "interview").glob("*.md"))
    for question in QUESTION.findall(path.read_text(encoding="utf-8"))
]


@pytest.mark.parametrize(("name", "label", "read"), QUESTIONS, ids=[name for name, *_ in QUESTIONS])
def test_an_answer_was_read_against_its_section_as_it_is(name: str, label: str, read: str):
    ((chapter, cells),) = [
        (chapter, found) for chapter, book in BOOKS.items() if (found := section(book, label))
    ]
    now = computed(cells)
    assert read == now, (
        f"The section ({label}) of {chapter} has other code or numbers than when answer {name!r} was last "
        f"compared with it. Read both, mend what is no longer so, then write  :read: {now}"
    )


MARKDOWN, CODE = nbformat.v4.new_markdown_cell, nbformat.v4.new_code_cell
SMALL = [
    MARKDOWN("(one)=\n## One\n\nWords."),
    CODE("x = 1  # a comment"),
    MARKDOWN("### Below\n\nIt is {glue:text}`a.ipynb::x:d`."),
    MARKDOWN("## Two"),
    CODE("y = 2"),
]


def test_a_section_ends_with_the_next_of_its_level():
    assert section(SMALL, "one") == SMALL[:3]
    assert section(SMALL, "two") == []


def test_words_and_comments_change_nothing_but_numbers_and_code_do():
    def changed(place: int, old: str, new: str) -> bool:
        cell = SMALL[place].copy()
        cell["source"] = cell.source.replace(old, new)
        return computed([*SMALL[:place], cell, *SMALL[place + 1 :]]) != computed(SMALL)

    assert not changed(0, "Words", "Other words")
    assert not changed(1, "a comment", "another")
    assert changed(1, "x = 1", "x = 2")
    assert changed(2, ":d", ":.1f")
