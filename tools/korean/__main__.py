"""The Korean edition.

python -m tools.korean                       what is missing or out of date, page by page
python -m tools.korean --strict              the same; fail if anything is
python -m tools.korean skeleton PAGE         a page's text to be filled in, with what is translated already
python -m tools.korean missing PAGE          only what is missing or out of date, in English
python -m tools.korean stamp PAGE            all units are up to date: write today's digests
    python -m tools.korean words                 ko/words.toml, with the English where the Korean is missing
"""

import sys
from pathlib import Path

from tools.korean import status, words
from tools.korean.units import names, site_words

DETAILS = 12  # lines about a page


def report(root: Path, strict: bool, only: list[str]) -> int:
    """Print how far each page is; return the exit status."""
    outputs, open_pages = status.executed(root), 0
    if not only and (lacks := words.missing(words.english(root), site_words(root))):
        open_pages += 1
        print(f"words.toml: {len(lacks)} missing", *lacks[:DETAILS], sep="\n    ")
    for name in only or names(root):
        page = status.check(root, name, outputs)
        if page is None:
            open_pages += 1
            print(f"{name}: no Korean text")
            continue
        todo = len(page.missing) + len(page.stale)
        open_pages += (is_open := bool(todo or page.wrong or page.gone))
        print(f"{name}: {page.total - todo} of {page.total}" + ("" if is_open else " ✓"))
        lines = [f"does not fit: {one}" for one in page.wrong]
        lines += [f"out of date: {one}" for one in page.stale]
        lines += [f"no longer in the English: {one}" for one in page.gone]
        lines += [f"missing: {one}" for one in page.missing]
        shown = lines if only else lines[:DETAILS]
        print(*(f"    {line}" for line in shown), sep="\n", end="\n" if shown else "")
        if len(shown) < len(lines):
            print(f"    and {len(lines) - len(shown)} more: python -m tools.korean {name}")
    return int(strict and bool(open_pages))


def main(*arguments: str) -> int:
    """Do what the arguments ask for; return the exit status."""
    root, outputs = Path.cwd(), status.executed(Path.cwd())
    match arguments:
        case ["skeleton" | "missing" as what, name]:
            print(status.draft(root, name, outputs, only_missing=what == "missing"), end="")
        case ["words"]:
            print(words.as_toml(words.english(root), site_words(root)), end="")
        case ["stamp", *pages]:
            for name in pages:
                status.stamp(root, name)
        case _:
            return report(root, "--strict" in arguments, [one for one in arguments if one != "--strict"])
    return 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
