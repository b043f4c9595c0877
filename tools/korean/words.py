"""The words of the site that `ko/words.toml` translates: of the code, of the scripts, and of the theme."""

import ast
import json
import re
import sys
from pathlib import Path
from typing import Any

import yaml

ROOT = Path(__file__).parents[2]
COURSE = ROOT / "_ext" / "course"
sys.path.insert(0, str(ROOT / "_ext"))

from course import bookkeeping, deeper, downloads, interview, plain, progress, sessions, timeline  # noqa: E402
from course import words as site  # noqa: E402
from course.nodejs import run_in_node  # noqa: E402

from tools import release  # noqa: E402

# What the theme and Sphinx say on a page, where their own catalogues have no Korean.
THEME = (
    *("Search", "Search...", "Search the docs ...", "Skip to main content", "Back to top", "On this page"),
    *("Contents", "Print to PDF", "Download source file", "Download this page", "Toggle primary sidebar"),
    *("Toggle secondary sidebar", "Fullscreen mode", "light/dark", "Color mode", "Light", "Dark"),
    *("System Settings", "previous", "next", "Previous", "Next", "Site Navigation", "Section Navigation"),
    *("Permalink to this heading", "Link to this heading", "Link to this image", "Link to this code"),
    *("Link to this definition", "Link to this table", "Link to this term", "Searching", "Search Results"),
    *("By", "By {}", "Copyright", "Table of Contents", "Fig. %s", "Tip", "Note", "Warning", "Caution"),
)
TEXTS = {"start": downloads.HOW_TO_START, "plain": plain.NOTE, "install": plain.INSTALL}
RUN = """
return Object.fromEntries(Object.entries(data).map(([name, text]) => {
  const plain = (value) =>
    typeof value === "function" ? value.toString()
    : Array.isArray(value) ? value.map(plain)
    : value && typeof value === "object"
      ? Object.fromEntries(Object.entries(value).map(([key, one]) => [key, plain(one)]))
    : value;
  return [name, plain((0, eval)(`(${text})`))];
}));
"""


def of_python(root: Path) -> list[str]:
    """Return the words in the extension's code, and the captions of the menu."""
    found = [part["caption"] for part in yaml.safe_load((root / "_toc.yml").read_text("utf-8"))["parts"]]
    found += [*progress.DAYS, *progress.DONE.values(), *interview.LEVELS, *interview.FOLDS.values()]
    found += [*timeline.FIELDS, "all", *(text for text, _ in sessions.TOOLS.values())]
    found += [deeper.WORD, bookkeeping.SUMMARY, *plain.WORDS.values(), "chapter {}", "assignment {}"]
    found += ["Under seeds {}: {}", "Under seed {}: {}"]
    for path in sorted(COURSE.glob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            is_word = isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "_"
            if is_word and isinstance(node.args[0], ast.Constant):
                found.append(node.args[0].value)
    return [*dict.fromkeys(found)]


def of_scripts() -> dict[str, dict[str, Any]]:
    """Return the words of every script; functions as their source."""
    texts = {}
    for path in sorted(site.ASSETS.glob("*.js")):
        if found := site.WORDS.search(path.read_text(encoding="utf-8")):
            texts[path.stem] = re.sub(r"^\s*const words = |;\n$", "", found[0])
    return run_in_node(RUN, texts)


def english(root: Path) -> dict[str, Any]:
    """Return all words in English, in the form of `ko/words.toml`."""
    config = yaml.safe_load((root / "_config.yml").read_text(encoding="utf-8"))
    return {
        "book": {
            "title": config["title"],
            "author": config["author"],
            "show": config["sphinx"]["config"]["nb_code_prompt_show"],
            "hide": config["sphinx"]["config"]["nb_code_prompt_hide"],
            "stale": "The English text has changed since this was translated.",
        },
        "assignment": {
            "suffix": release.TITLE_SUFFIX,
            "language": 'The checks answer in Korean; "en": in English.',
            "install": release.INSTALL,
            "run": release.RUN,
            "put": release.PUT,
        },
        "texts": TEXTS,
        "python": {word: word for word in of_python(root)},
        "theme": {word: word for word in THEME},
        "scripts": of_scripts(),
    }


def missing(whole: dict[str, Any], said: dict[str, Any], place: str = "") -> list[str]:
    """List the words that have no translation, by their place."""
    found = []
    for key, value in whole.items():
        here = f"{place}.{key}" if place else key
        if isinstance(value, dict):
            found += missing(value, said.get(key, {}), here)
        elif key not in said:
            found.append(here)
    return found


def as_toml(whole: dict[str, Any], said: dict[str, Any], name: str = "") -> str:
    """Write all words: the translation where there is one, else the English."""
    lines, tables = [f"[{name}]"] if name else [], []
    for key, value in whole.items():
        shown = key if re.fullmatch(r"[\w-]+", key) else json.dumps(key, ensure_ascii=False)
        if isinstance(value, dict):
            place = f"{name}.{shown}" if name else shown
            tables.append(as_toml(value, said.get(key, {}), place))
        else:
            lines.append(f"{shown} = {json.dumps(said.get(key, value), ensure_ascii=False)}")
    return "\n".join(lines) + "\n\n" * bool(lines) + "".join(tables)
