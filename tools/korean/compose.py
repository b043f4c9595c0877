"""Compose the Korean book in `_build/ko`: the English notebooks with Korean words, and their outputs.

It is a whole book, which Jupyter Book builds by itself. Nothing is executed: the outputs are those of the
English notebooks, with the words of their figures in Korean, in a cache of its own. What has no Korean text,
or one that no longer fits, is English.
"""

import ast
import shutil
from copy import deepcopy
from pathlib import Path

import nbformat
import yaml
from jupyter_cache import get_cache
from nbformat import NotebookNode

from tools.execute import notebooks, store
from tools.execute import read as read_notebook
from tools.korean import figures, units
from tools.korean.status import BOUND, fits, is_stale
from tools.korean.units import EVERYWHERE, TEXTS, Pairs, Translation, Unit
from tools.release import install, release

FOLDER = Path("_build", "ko")
# What the site's extension takes from the project.
COPIED = ("references.bib", "LICENSE", "pyproject.toml", "helpers", "_static", "_ext/course/assets")
LANGUAGE = """

# {comment}
from helpers import language

language.use("ko")"""


def compose(root: Path) -> Path:
    """Write the Korean book.

    Args:
        root: the folder of the project, whose English book is built.

    Returns:
        Its folder.
    """
    book, said = root / FOLDER, units.site_words(root)
    (book / "_build").mkdir(parents=True, exist_ok=True)
    for name in COPIED:
        copy(root / name, book / name)
    copy(root / "_build" / "seeds.json", book / "_build" / "seeds.json")
    toc = yaml.safe_load((root / "_toc.yml").read_text(encoding="utf-8"))
    for part in toc["parts"]:
        part["caption"] = said["python"].get(part["caption"], part["caption"])
    write(book / "_toc.yml", yaml.safe_dump(toc, allow_unicode=True, sort_keys=False))
    texts = {name: units.read(root, name) for name in units.names(root)}
    english = [name for name in texts if texts[name] is None]
    english += [
        name.replace("solutions/", "assignments/") for name in english if name.startswith("solutions/")
    ]
    config = settings(root, said, english)
    write(book / "_config.yml", yaml.safe_dump(config, allow_unicode=True, sort_keys=False))
    for name, text in texts.items():
        path = units.source(root, name)
        if path.suffix == ".md":
            parts = [markdown(unit, text or {}, said) for unit in units.units(root, name)]
            write(book / path.relative_to(root), "".join(parts))
    compose_notebooks(root, book, texts, said)
    return book


def copy(path: Path, target: Path) -> None:
    """Copy a file or a folder, with its dates, so that what has not changed counts as unchanged."""
    if path.is_dir():
        ignored = shutil.ignore_patterns("__pycache__")
        shutil.copytree(path, target, dirs_exist_ok=True, ignore=ignored)
    elif path.exists():
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(path, target)


def write(path: Path, text: str) -> None:
    """Write a file unless it is there already."""
    path.parent.mkdir(parents=True, exist_ok=True)
    if not path.exists() or path.read_text(encoding="utf-8") != text:
        path.write_text(text, encoding="utf-8", newline="\n")


def settings(root: Path, said: dict, english: list[str]) -> dict:
    """Return the book's settings in Korean."""
    config = yaml.safe_load((root / "_config.yml").read_text(encoding="utf-8"))
    book, sphinx = said["book"], config["sphinx"]
    config["title"], config["author"] = book["title"], book["author"]
    sphinx["local_extensions"] = {
        name: str((root / folder).resolve()) for name, folder in sphinx["local_extensions"].items()
    }
    sphinx["config"] |= {
        "language": "ko",
        "nb_code_prompt_show": book["show"],
        "nb_code_prompt_hide": book["hide"],
        "course_words": str((root / TEXTS / "words.toml").resolve()),
        "course_english": str((root / "_build" / ".doctrees").resolve()),
        "course_untranslated": english,
    }
    sphinx["config"]["html_theme_options"]["logo"]["text"] = book["title"]
    return config


def markdown(unit: Unit, text: dict[str, Translation], said: dict) -> str:
    """Return a unit of a page in Markdown, in Korean if there is a text that fits."""
    found = text.get(unit.id)
    if not unit.id or not found or not found.text or not fits(unit, found):
        return BOUND.sub(r"\1", unit.text)
    ends = unit.text[len(unit.text.rstrip()) :]
    mark = "" if unit.id.startswith(("term-", "interview-")) else stale_mark(unit, found, said)
    return BOUND.sub(r"\1", found.text.strip()) + mark + ends


def stale_mark(unit: Unit, found: Translation, said: dict) -> str:
    """Return a line that says that the English has changed since, if it has."""
    return f'\n\n<p class="stale">{said["book"]["stale"]}</p>' if is_stale(unit, found) else ""


# --- Notebooks


def compose_notebooks(
    root: Path, book: Path, texts: dict[str, dict[str, Translation] | None], said: dict
) -> None:
    """Write the notebooks, and give their outputs to the cache of the Korean book."""
    done = get_cache(root / "_build" / ".jupyter_cache")
    cache = get_cache(book / "_build" / ".jupyter_cache")
    known = {record.uri: record.data["key"] for record in cache.list_cache_records()}
    for path in notebooks(root):
        name = path.relative_to(root).with_suffix("").as_posix()
        if name not in texts:
            continue
        notebook, text = nbformat.read(path, as_version=4), texts[name] or {}
        translate_cells(notebook, text, said)
        target = book / path.relative_to(root)
        write(target, nbformat.writes(notebook) + "\n")
        if name.startswith("solutions/"):
            assignment = korean_assignment(root, notebook, said) if text else english_assignment(root, path)
            write(book / "assignments" / path.name, nbformat.writes(assignment) + "\n")
        record = done.match_cache_notebook(read_notebook(path))
        key = digest(repr((nbformat.writes(notebook), sorted(text.items()), record.data)))
        if key != known.get(str(target)):
            fill_outputs(notebook, done.get_cache_bundle(record.pk).nb, text)
            seconds = record.data["execution_seconds"]
            store(cache, notebook, target, {"execution_seconds": seconds, "key": key})


def digest(text: str) -> str:
    """Return a short digest of a text."""
    return Unit("", text).digest


def translate_cells(notebook: NotebookNode, text: dict[str, Translation], said: dict) -> None:
    """Put the Korean into a notebook's cells: text, captions, alternative texts, comments, docstrings."""
    common = text.get(EVERYWHERE, Translation()).pairs
    for cell in notebook.cells:
        found = text.get(cell.id, Translation())
        if cell.cell_type == "markdown":
            unit = Unit(cell.id, cell.source)
            if found.text and fits(unit, found):
                cell.source = found.text + stale_mark(unit, found, said)
            cell.source = BOUND.sub(r"\1", cell.source)
            continue
        pairs = {english: korean for english, korean in (common | found.pairs).items() if korean}
        for kind, key in (("figure", "caption"), ("image", "alt")):
            record = cell.metadata.get("mystnb", {}).get(kind, {})
            if record.get(key) in pairs:
                record[key] = pairs[record[key]]
        cell.source = translate_code(cell.source, pairs)


def translate_code(code: str, pairs: Pairs) -> str:
    """Return code with its comments and docstrings in Korean.

    Raises:
        ValueError: It is not the same program any more.
    """
    rows = code.split("\n")
    for first, end, english in reversed(units.code_words(code)):
        korean = pairs.get(english)
        if korean is None:
            continue
        lines = korean.split("\n")
        if end == first + 1:
            row = rows[first]
            place = row.rindex(english)
            rows[first] = row[:place] + " ".join(lines) + row[place + len(english) :]
            continue
        start = rows[first][: rows[first].index(english.split("\n")[0])]
        margin = start if start.strip().startswith("#") else " " * (len(start) - len(start.lstrip()))
        last = english.split("\n")[-1]
        tail = rows[end - 1][rows[end - 1].rindex(last) + len(last) :]
        rows[first:end] = [(margin if n else start) + line for n, line in enumerate(lines)]
        rows[first + len(lines) - 1] += tail
    changed = "\n".join(rows)
    if program(changed) != program(code):
        raise ValueError(f"with its Korean words, this is another program:\n{changed}")
    return changed


def program(code: str) -> str:
    """Return code without comments and docstrings; code with magics is returned as it is."""
    try:
        tree = ast.parse(code)
    except SyntaxError:
        return code
    for node in ast.walk(tree):
        has_text = isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef)
        if has_text and ast.get_docstring(node) is not None:
            del node.body[0]
    return ast.dump(tree)


def fill_outputs(notebook: NotebookNode, executed: NotebookNode, text: dict[str, Translation]) -> None:
    """Give the cells the outputs of the English ones, with the words of their figures in Korean."""
    common = text.get(EVERYWHERE, Translation()).pairs
    mine, theirs = ([cell for cell in nb.cells if cell.cell_type == "code"] for nb in (notebook, executed))
    for cell, done in zip(mine, theirs, strict=True):
        pairs = common | text.get(cell.id, Translation()).pairs
        cell.outputs = figures.translated(done.outputs, pairs)
        cell.execution_count = done.execution_count
    notebook.metadata.language_info = executed.metadata.language_info


# --- Assignments


def korean_assignment(root: Path, solution: NotebookNode, said: dict) -> NotebookNode:
    """Return the assignment of a Korean solution, whose checks answer in Korean."""
    solution = deepcopy(solution)
    own = said["assignment"]
    first = solution.cells[0]
    first.source = first.source.replace(own["suffix"], "", 1)
    code = install(root, own["install"], own["run"], own["put"])
    assignment = release(solution, code)
    for cell in assignment.cells:
        if cell.id == "imports":
            cell.source += LANGUAGE.format(comment=own["language"])
    return assignment


def english_assignment(root: Path, solution: Path) -> NotebookNode:
    """Return the English assignment, where there is no Korean one yet."""
    return nbformat.read(root / "assignments" / solution.name, as_version=4)
