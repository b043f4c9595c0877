"""What the sources of the pages say about each other."""

import re
from pathlib import Path

import nbformat

from helpers.checks.verdicts import COMMON

ROOT = Path(__file__).parents[2]


def test_every_section_of_a_concept_is_in_the_glossary_once():
    glossary = (ROOT / "chapters" / "glossary.md").read_text(encoding="utf-8")
    defined = re.findall(r"\{section\}`([\w-]+)`$", glossary, re.MULTILINE)
    assert len(defined) == len(set(defined)) == glossary.count("{section}")
    written = {
        label
        for path in ROOT.glob("chapters/*.ipynb")
        for cell in nbformat.read(path, as_version=4).cells
        for label in re.findall(r"^\(([\w-]+)\)=\n## ", cell.source, re.MULTILINE)
    }
    assert written
    assert written <= set(defined)


def test_the_books_own_sessions_have_agendas_and_ask_sixty_questions():
    folder = ROOT / "peer-sessions"
    sources = [path.read_text(encoding="utf-8") for path in folder.rglob("*.md")]
    names = [
        name
        for text in sources
        for name in re.findall(r"^:::+\{interview\}.*\n:name: (.+)$", text, re.MULTILINE)
    ]
    assert len(names) == len(set(names)) >= 60
    assert len([text for text in sources if "{agenda}" in text]) == 5


def test_sections_are_those_of_the_chapters() -> None:
    found = {}
    for path in (ROOT / "chapters").glob("*.ipynb"):
        notebook = nbformat.read(path, as_version=4)
        text = "\n".join(cell.source for cell in notebook.cells if cell.cell_type == "markdown")
        title = re.search(r"^# (.+)$", text, re.MULTILINE)[1]
        for label, section in re.findall(r"^\(([\w-]+)\)=\n#+ (.+)$", text, re.MULTILINE):
            found[label] = f'chapter "{title}", section "{section}"'
    sections = COMMON["sections"]
    assert {label: found.get(label) for label in sections} == sections


SOURCES = ("*.md", "*.ipynb", "chapters/*.*", "solutions/*.*", "peer-sessions/**/*.md", "helpers/**/*.*")
IZE = "general|initial|maxim|minim|normal|optim|organ|recogn|regular|special|standard|summar|synchron|token"


def test_words_in_ize_are_spelled_in_one_way() -> None:
    """Oxford spelling: colour and centre, but generalize and normalization."""
    other = re.compile(rf"\b(?:{IZE})is(?:e|es|ed|ing|ation|ations)\b", re.IGNORECASE)
    found = {
        path.name: other.findall(path.read_text(encoding="utf-8"))
        for pattern in SOURCES
        for path in ROOT.glob(pattern)
        if path.suffix in (".md", ".ipynb", ".py", ".toml")
    }
    assert not {name: words for name, words in found.items() if words}
