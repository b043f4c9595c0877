"""What is missing in the Korean texts, what is out of date, and what does not fit the English."""

import re
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from nbformat import NotebookNode

from helpers import language
from tools.execute import get_cache
from tools.execute import read as read_notebook
from tools.korean import figures
from tools.korean.units import EVERYWHERE, Pairs, Translation, Unit, read, source, units

Outputs = Callable[[str], list[NotebookNode]]
FENCED = re.compile(r"^(`{3,}|~{3,})(?!\{)[^\n]*\n.*?^\1[ \t]*$", re.MULTILINE | re.DOTALL)
SKELETON = {
    "labels": re.compile(r"^\(([\w-]+)\)=", re.MULTILINE),
    "headings": re.compile(r"^(#+) ", re.MULTILINE),
    "directives": re.compile(
        r"^ *[:`]{3,}(\{[\w-]+\}(?: (?:chapters|assignments|\.\./)\S.*)?)", re.MULTILINE
    ),
    "options": re.compile(r"^ *(:(?:name|section|class|number|open|label):.*)$", re.MULTILINE),
    "keys": re.compile(r"^ *- (\d+ min:|\S+: fig-.*|[A-Z][a-z]+day:)", re.MULTILINE),  # agendas, the week
    "marks": re.compile(r"^ *- (\[[x ]\])", re.MULTILINE),
    "rows of tables": re.compile(r"^ *(\|).*\|$", re.MULTILINE),
    "links": re.compile(r"\]\(([^)\s]+)\)"),
    "HTML": re.compile(r"<(/?[a-z]+(?: [^<>]*)?)>(?!`)"),
    "roles": re.compile(r"\{((?!ko\})[a-z:]+\}`[^`]+)`"),
    "formulas": re.compile(r"(?<![\\`$])(\$\$?(?!\s)[^$]+?\$\$?)(?!`)", re.DOTALL),
    "code": re.compile(r"(?<![}`])(`[^`\n]+`)(?!`)"),
}
OFTEN = {"code", "formulas"}  # may be said more or less often
BOUND = re.compile(r"(\{?pooled\}`[^`]*?) *[<>] *-?[\d.]+(?=`|$)")  # of a claim: English checks it
TARGET = re.compile(r"^([a-z:]+)\}`.*<([^<>]+)>$", re.DOTALL)  # a link with words of its own


@dataclass
class Page:
    """How far the Korean text of a page is.

    Attributes:
        total: How many units and pairs there are to translate.
        missing: Those without a translation.
        stale: Units whose English has changed since.
        wrong: What is up to date and does not fit the English, in words.
        gone: What the English no longer has.
    """

    total: int = 0
    missing: list[str] = field(default_factory=list)
    stale: list[str] = field(default_factory=list)
    wrong: list[str] = field(default_factory=list)
    gone: list[str] = field(default_factory=list)


def skeleton(text: str) -> dict[str, Counter | set | list]:
    """Return what a text and its translation have in common: labels, roles, links, code, marks, headings."""
    code = FENCED.findall(text)
    bare = FENCED.sub("", text)
    found: dict[str, Counter | set | list] = {"blocks of code": len(code)}
    for name, pattern in SKELETON.items():
        hits = [BOUND.sub(r"\1", TARGET.sub(r"\1}`\2", hit)) for hit in pattern.findall(bare)]
        found[name] = {*hits} if name in OFTEN else Counter(hits)
        if name in ("marks", "headings"):
            found[name] = hits
        if name in ("formulas", "roles", "code"):
            bare = pattern.sub(" ", bare)
    return found


def differences(english: str, korean: str) -> list[str]:
    """Say in which parts of their skeletons two texts differ."""
    one, other = skeleton(english), skeleton(korean)
    said = []
    for name in one:
        if one[name] == other[name]:
            continue
        if isinstance(one[name], Counter):
            lacks, more = [*(one[name] - other[name])], [*(other[name] - one[name])]
        elif isinstance(one[name], set):
            lacks, more = sorted(one[name] - other[name]), sorted(other[name] - one[name])
        else:
            lacks, more = [one[name]], [other[name]]
        parts = [f"lacks {', '.join(map(str, lacks))}"] if lacks else []
        parts += [f"has {', '.join(map(str, more))}"] if more else []
        said.append(f"{name}: {'; '.join(parts)}")
    return said


def fits(unit: Unit, translation: Translation) -> bool:
    """Return whether a translation can stand in for its English."""
    return not differences(unit.text, translation.text)


def is_stale(unit: Unit, translation: Translation) -> bool:
    """Return whether the English has changed since it was translated."""
    return unit.words is None and translation.digest != unit.digest


def executed(root: Path) -> Outputs:
    """Return a function from a page to its executed cells: nothing for one that was not executed yet."""
    cache = get_cache(root / "_build" / ".jupyter_cache")

    def cells(name: str) -> list[NotebookNode]:
        path = source(root, name)
        if path.suffix == ".md":
            return []
        try:
            record = cache.match_cache_notebook(read_notebook(path))
        except KeyError:
            return []
        return cache.get_cache_bundle(record.pk).nb.cells

    return cells


def figure_words(root: Path, name: str, outputs: Outputs) -> dict[str, list[str]]:
    """Return the words in the figures of each cell of a page."""
    codes = [unit.id for unit in units(root, name) if unit.words is not None]
    done = [cell for cell in outputs(name) if cell.cell_type == "code"]
    return {id: figures.words(cell.outputs) for id, cell in zip(codes, done, strict=False)}


def is_said(word: str, pairs: Pairs) -> bool:
    """Return whether pairs say a word of a figure, in which numbers are `{}`, or leave it as it is."""
    return word in pairs or language.Phrases(pairs).translate(word.replace("{}", "1")) is not None


def is_about(key: str, word: str) -> bool:
    """Return whether a pair says a word, or a part of it."""
    return key == word or bool(language.pattern(key).search(word.replace("{}", "1")))


def check(root: Path, name: str, outputs: Outputs) -> Page | None:
    """Compare a page's Korean text with the English; None if there is no text."""
    korean = read(root, name)
    if korean is None:
        return None
    page, shown = Page(), figure_words(root, name, outputs)
    common = korean.pop(EVERYWHERE, Translation()).pairs
    used: set[str] = set()
    for unit in units(root, name):
        found = korean.pop(unit.id, None)
        if unit.words is not None:
            words = [*dict.fromkeys([*unit.words, *shown.get(unit.id, ())])]
            pairs = common | (found.pairs if found else {})
            page.total += len(words)
            page.missing += [f"{unit.id}: {word!r}" for word in words if not is_said(word, pairs)]
            here = {key for key in pairs if any(is_about(key, word) for word in words)}
            used |= here
            if found and shown:
                strange = [word for word in found.pairs if word not in here]
                page.gone += [f"{unit.id}: {word!r}" for word in strange]
        elif unit.id:
            page.total += 1
            if found is None or not found.text:
                page.missing.append(unit.id)
                continue
            said = differences(unit.text, found.text)
            if is_stale(unit, found):
                page.stale.append(unit.id + (" (shown in English, as it fits no more)" if said else ""))
            else:
                page.wrong += [f"{unit.id}: {one}" for one in said]
    page.gone += korean
    if shown:
        page.gone += [f"everywhere: {word!r}" for word in common if word not in used]
    return page


def draft(root: Path, name: str, outputs: Outputs, only_missing: bool = False) -> str:
    """Return a page's Korean text, to be filled in: each unit with its digest, and all pairs.

    What is translated stays; below what is not, the English stands as a comment.
    """
    korean, shown = read(root, name) or {}, figure_words(root, name, outputs)
    common = korean.get(EVERYWHERE, Translation()).pairs
    parts = []
    for unit in units(root, name):
        found = korean.get(unit.id, Translation())
        if unit.words is not None:
            words = dict.fromkeys([*unit.words, *shown.get(unit.id, ())])
            lines = [pair(word, found.pairs.get(word, "")) for word in words if word not in common]
            if only_missing:
                lines = [pair(word, "") for word in words if word not in common | found.pairs]
            if lines:
                parts.append("\n\n".join([f"<!-- {unit.id} -->", *lines]))
        elif unit.id and not (only_missing and found.text and not is_stale(unit, found)):
            text = found.text if found.text and not only_missing else unit.text.strip()
            parts.append(f"<!-- {unit.id} {unit.digest} -->\n{text}")
    if common and not only_missing:
        parts.insert(0, "\n\n".join([f"<!-- {EVERYWHERE} -->", *(pair(*one) for one in common.items())]))
    return "\n\n".join(parts) + "\n"


def pair(english: str, korean: str) -> str:
    """Write a pair."""
    quoted = "\n".join(f"> {line}" for line in english.split("\n"))
    return f"{quoted}\n\n{korean}".rstrip()


def stamp(root: Path, name: str) -> None:
    """Write the digests of today's English into a page's Korean text: all of it is up to date."""
    path = root / "ko" / f"{name}.md"
    digests = {unit.id: unit.digest for unit in units(root, name) if unit.words is None}
    text = path.read_text(encoding="utf-8")

    def dated(hit: re.Match) -> str:
        return f"<!-- {hit[1]} {digests[hit[1]]} -->" if hit[1] in digests else hit[0]

    path.write_text(re.sub(r"^<!-- ([\w-]+)(?: [0-9a-f]{8})? -->[ \t]*$", dated, text, flags=re.M), "utf-8")
