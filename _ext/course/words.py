"""The words of the site in the language of the book: those in the code, or those of the file `course_words`.

Python says `_("Question {}", number)`. A script has its words at its top, in `const words = {...};`, and is
given the others right below. The theme's are a catalogue of gettext. Without the file, or without a word in
it, the word is English.
"""

import json
import re
import shutil
import tomllib
from pathlib import Path
from typing import Any

from babel.messages.catalog import Catalog
from babel.messages.mofile import write_mo
from sphinx.application import Sphinx

from helpers.language import josa

ASSETS = Path(__file__).parent / "assets"
FUNCTION = re.compile(r"\(.*\) => ", re.DOTALL)
WORDS = re.compile(r"^( *)const words = \{.*?^\1\};\n", re.MULTILINE | re.DOTALL)
CATALOGUES = "sphinx", "booktheme"

known: dict[str, Any] = {}  # of the book that is being built


def _(text: str, *values: object) -> str:
    """Return words in the language of the book, with values in the places of `{}`."""
    said = known.get("python", {}).get(text, text)
    return josa(said.format(*values)) if values else said


def whole(name: str, text: str) -> str:
    """Return a longer text by its name, or else the one in English."""
    return known.get("texts", {}).get(name, text)


def script(name: str) -> dict[str, Any]:
    """Return the words of a script that the book has in its language."""
    return known.get("scripts", {}).get(name, {})


def as_script(value: Any) -> str:
    """Write words as JavaScript: texts, lists, objects, and functions such as `(n) => ...`."""
    if isinstance(value, dict):
        return "{" + ", ".join(f"{json.dumps(key)}: {as_script(one)}" for key, one in value.items()) + "}"
    if isinstance(value, str) and FUNCTION.match(value):
        return value
    return json.dumps(value, ensure_ascii=False)


def merged(value: dict[str, Any], prefix: str) -> str:
    """Write lines that put words in the places of others of their kind, deep inside objects too."""
    lines = ""
    for key, one in value.items():
        place = f"{prefix}[{json.dumps(key)}]"
        if isinstance(one, dict):
            lines += f"if ({place}) {{\n{merged(one, place)}}}\n"
            continue
        kind = "object" if isinstance(one, list) else "function" if FUNCTION.match(one) else "string"
        lines += f'if (typeof {place} === "{kind}") {place} = {as_script(one)};\n'
    return lines


def translated(script: str, words: dict[str, Any]) -> str:
    """Return a script with other words."""
    return WORDS.sub(lambda hit: hit[0] + merged(words, "words"), script, count=1)


def scripts(app: Sphinx) -> None:
    """Name the folder of scripts; with other words, they are copied."""
    # Not in the book's `_static/`: Jupyter Book adds every script there to every page.
    folder = ASSETS
    if "scripts" in known:
        folder = Path(app.doctreedir).parent / "assets"
        shutil.copytree(ASSETS, folder, dirs_exist_ok=True)
        for name, words in known["scripts"].items():
            script = (ASSETS / f"{name}.js").read_text(encoding="utf-8")
            (folder / f"{name}.js").write_text(translated(script, words), encoding="utf-8")
    app.config.html_static_path.append(str(folder))


def theme(app: Sphinx) -> None:
    """Give Sphinx and the theme a catalogue of words that theirs lack."""
    catalogue = Catalog(locale=app.config.language)
    for english, other in known.get("theme", {}).items():
        catalogue.add(english, other)
    folder = Path(app.doctreedir).parent / "locale"
    for name in CATALOGUES:
        path = folder / app.config.language / "LC_MESSAGES" / f"{name}.mo"
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("wb") as file:
            write_mo(file, catalogue)
        app.add_message_catalog(name, str(folder))


def setup(app: Sphinx) -> None:
    """Read the words of the book."""
    app.add_config_value("course_words", "", "env")
    known.clear()
    if path := app.config.course_words:
        known.update(tomllib.loads(Path(path).read_text(encoding="utf-8")))
        theme(app)
    app.connect("builder-inited", scripts)
