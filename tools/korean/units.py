"""Units: the parts of an English page that are translated one by one, and a page's Korean text.

A Korean text, such as `ko/chapters/mlp.md`, is a list of units. Each begins with a comment:

    <!-- training-loop-text 71bb8cec -->   a cell of text (its id), and the digest of its English source
    <!-- training-loop -->                 a cell of code: pairs of `> English` and Korean below it
    <!-- everywhere -->                    pairs for all cells of code of the page

On pages in Markdown a unit is a section (its id is the English heading as in links), an entry of the glossary
(`term-` and its first English term), or an interview question (its `:name:`).
"""

import ast
import hashlib
import io
import re
import tokenize
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import nbformat
from nbformat import NotebookNode
from sphinx_external_toc.parsing import parse_toc_yaml

TEXTS = Path("ko")
EVERYWHERE = "everywhere"
MARK = re.compile(r"^<!-- ([\w-]+)(?: ([0-9a-f]{8}))? -->[ \t]*$", re.MULTILINE)
FENCE = re.compile(r" {0,3}(`{3,}|~{3,}|:{3,})")
HEADING = re.compile(r"(#{1,4}) +(.+)")
LABEL = re.compile(r"\([\w-]+\)=[ \t]*")
WORD = re.compile(r"[A-Za-z]*[a-z]{2}")  # what is worth translating has one
Pairs = dict[str, str]


@dataclass
class Unit:
    """A part of an English page.

    Attributes:
        id: Its name on the page; empty for a part that is never translated.
        text: The English Markdown, or a cell's code.
        words: The English of each pair of a cell of code; `None` for text.
    """

    id: str
    text: str
    words: list[str] | None = None

    @property
    def digest(self) -> str:
        """Return what the Korean text names as its source."""
        return hashlib.sha256(self.text.strip().encode()).hexdigest()[:8]


@dataclass
class Translation:
    """A unit of a Korean text: a text with the digest of its source, or pairs."""

    text: str = ""
    digest: str = ""
    pairs: Pairs = field(default_factory=dict)


def names(root: Path) -> list[str]:
    """List the pages that are translated: those of `_toc.yml`, and what they include.

    An assignment is made from its solution, in Korean too.
    """
    toc = [str(name).removesuffix(".ipynb").removesuffix(".md") for name in parse_toc_yaml(root / "_toc.yml")]
    parts = [
        path.relative_to(root).with_suffix("").as_posix()
        for path in sorted((root / "peer-sessions" / "interview").glob("*.md"))
    ]
    return [name for name in toc if not name.startswith("assignments/")] + parts


def source(root: Path, name: str) -> Path:
    """Return the file of an English page."""
    notebook = root / f"{name}.ipynb"
    return notebook if notebook.exists() else root / f"{name}.md"


def units(root: Path, name: str) -> list[Unit]:
    """Return the units of an English page, in order; those of a page in Markdown make up all of it."""
    path = source(root, name)
    if path.suffix == ".md":
        return markdown_units(path.read_text(encoding="utf-8"))
    cells = nbformat.read(path, as_version=4).cells
    return [
        Unit(cell.id, cell.source, None if cell.cell_type == "markdown" else cell_words(cell))
        for cell in cells
    ]


# --- Pages in Markdown


def slug(title: str) -> str:
    """Return a heading as in links, as MyST does."""
    return re.sub(r"[^\w\- ]", "", title.strip().lower().replace(" ", "-"))


def markdown_units(text: str) -> list[Unit]:
    """Split a page into its sections, entries of glossaries, and interview questions."""
    found: list[Unit] = []
    lines, fences = text.splitlines(keepends=True), []
    start, id = 0, ""

    def cut(end: int, following: str) -> None:
        nonlocal start, id
        if start < end:
            found.append(Unit(id, "".join(lines[start:end])))
        start, id = end, following

    i = 0
    if lines and lines[0].rstrip() == "---":
        i = next(n for n, line in enumerate(lines[1:], 2) if line.rstrip() == "---")
        cut(i, "")
    for n in range(i, len(lines)):
        line = lines[n].rstrip()
        fence = FENCE.match(line)
        if fence and fences and line.strip() == fences[-1]:
            fences.pop()
            if id.startswith("term-") and not fences:
                cut(n, "")
            if id.startswith("interview-") and not fences:
                cut(n + 1, "")
            continue
        if fence and not (fences and fences[-1][0] in "`~"):
            fences.append(fence[1])
            if line == ":::{glossary}":
                cut(n, "")
            if line.startswith("::::{interview}"):
                name = next(later.split()[1] for later in lines[n:] if later.startswith(":name:"))
                cut(n, f"interview-{name}")
            continue
        if not fences and (heading := HEADING.fullmatch(line)):
            labels = n
            while labels > start and LABEL.fullmatch(lines[labels - 1].rstrip()):
                labels -= 1
            cut(labels, unique(slug(heading[2]), found))
        in_glossary = len(fences) == 1 and any(lines[k].startswith(":::{glossary}") for k in range(start, n))
        in_entry = len(fences) == 1 and id.startswith("term-")
        first = line and not line[0].isspace() and not lines[n - 1].strip()
        if (in_entry and first) or (in_glossary and n == start + 1):
            cut(n, f"term-{slug(line)}")
    cut(len(lines), "")
    return found


def unique(id: str, found: list[Unit]) -> str:
    """Return an id that no unit has yet."""
    same = sum(unit.id == id or unit.id.startswith(f"{id}-again") for unit in found)
    return f"{id}-again{same}" if same else id


# --- Cells of code


def cell_words(cell: NotebookNode) -> list[str]:
    """Return the words of a cell of code: caption, alternative text, comments and docstrings."""
    shown = cell.metadata.get("mystnb", {})
    texts = [shown.get("figure", {}).get("caption"), shown.get("image", {}).get("alt")]
    if not {"remove-input", "remove-cell"} & {*cell.metadata.get("tags", [])}:
        texts += [text for _, _, text in code_words(cell.source)]
    return [text for text in dict.fromkeys(filter(None, texts)) if worth(text)]


def worth(text: str) -> bool:
    """Return whether a text holds a word to translate: not only code, formulas, shapes and numbers."""
    bare = re.sub(r"`[^`]*`|\$[^$]*\$|\([A-Za-z0-9_*+./ ,·-]*\)|\b\w+\(|\w*[_.]\w+", " ", text)
    return bool(WORD.search(bare))


def code_words(code: str) -> list[tuple[int, int, str]]:
    """Return the comments and the parts of docstrings in code.

    Returns:
        The first line and the line after the last one, from 0, and the text without its `#`. A sentence that
        goes on in the next line is one text, with a line break.
    """
    rows = code.splitlines()
    marked: dict[int, str] = {}  # line -> its text
    try:
        for token in tokenize.generate_tokens(io.StringIO(code).readline):
            if token.type == tokenize.COMMENT:
                marked[token.start[0] - 1] = token.string.lstrip("#").strip()
    except (tokenize.TokenError, SyntaxError):  # IPython's commands
        return []
    alone = {n for n in marked if rows[n].lstrip().startswith("#")}
    for node in docstrings(code):
        for n in range(node.lineno - 1, node.end_lineno):
            marked[n] = strip_quotes(rows[n])
            alone.add(n)
    found: list[tuple[int, int, str]] = []
    for n in sorted(marked):
        text = marked[n]
        if not text or text in ("BEGIN SOLUTION", "END SOLUTION"):
            continue
        goes_on = (
            found
            and n in alone
            and found[-1][1] == n
            and n - 1 in alone
            and not re.search(r"[.:;?!)]$", found[-1][2])
            and not re.match(r"\d+\.|\w+: |[A-Z]\w*:$", text)
        )
        if goes_on:
            first, _, before = found.pop()
            found.append((first, n + 1, f"{before}\n{text}"))
        else:
            found.append((n, n + 1, text))
    return found


def docstrings(code: str) -> Iterator[ast.Constant]:
    """Yield the docstrings in code."""
    try:
        tree = ast.parse(code)
    except SyntaxError:
        return
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            first = node.body[0]
            if ast.get_docstring(node) is not None:
                yield first.value


def strip_quotes(row: str) -> str:
    """Return the text of a line of a docstring."""
    return re.sub(r'^[rR]?"""|"""$', "", row.strip()).strip()


# --- Korean texts


def site_words(root: Path) -> dict[str, Any]:
    """Read the words of the site in Korean."""
    path = root / TEXTS / "words.toml"
    return tomllib.loads(path.read_text(encoding="utf-8")) if path.exists() else {}


def read(root: Path, name: str) -> dict[str, Translation] | None:
    """Read the Korean text of a page; None if there is none."""
    path = root / TEXTS / f"{name}.md"
    if not path.exists():
        return None
    coded = {unit.id for unit in units(root, name) if unit.words is not None} | {EVERYWHERE}
    return parse(path.read_text(encoding="utf-8"), coded)


def parse(text: str, coded: set[str]) -> dict[str, Translation]:
    """Return the units of a Korean text.

    Args:
        text: The file.
        coded: The ids of units that hold pairs.

    Raises:
        ValueError: A unit is there twice, or something stands where none can.
    """
    _, *parts = MARK.split(text)
    found: dict[str, Translation] = {}
    for id, digest, body in zip(parts[::3], parts[1::3], parts[2::3], strict=True):
        if id in found:
            raise ValueError(f"the unit {id!r} is there twice")
        if id in coded:
            found[id] = Translation(pairs=parse_pairs(body, id))
        else:
            found[id] = Translation(body.strip("\n"), digest or "")
    return found


def parse_pairs(body: str, id: str) -> Pairs:
    """Return the pairs of a unit: English, in lines that begin with `>`, and the Korean below it."""
    pairs: Pairs = {}
    for english, korean in re.findall(r"((?:^>.*\n)+)((?:(?!>).*\n?)*)", f"{body.strip()}\n", re.MULTILINE):
        key = "\n".join(line[1:].strip() for line in english.splitlines())
        if key in pairs:
            raise ValueError(f"in the unit {id!r}, {key!r} is there twice")
        pairs[key] = korean.strip()
    return pairs
