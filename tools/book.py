"""Build the book: execute the notebooks, build the site strictly, check its links.

    python -m tools.book

The Korean book, composed from it and the texts in `ko/`, is built after it, into the folder `ko` of the site.

Nothing is done if nothing changed since the last success, which `_build/book.json` remembers. Otherwise every
page is written anew, so that no number, title or link in it is an old one. Only changed pages are also read
anew; all of them, if something else than a page changed, or if the last build failed or was interrupted,
because Sphinx gives a warning only when it reads the page.
"""

import json
import shutil
import subprocess
import sys
import time
from pathlib import Path

from tools import execute, links, seeds
from tools.digests import digest, environment, files, load
from tools.korean.units import TEXTS
from tools.times import Clock

PAGES = (".ipynb", ".md")
NOT_SITE = {
    "tests",
    "grading",
    "README.md",
    "README.ko.md",
    "CONTRIBUTING.md",
    "CHANGELOG.md",
    "Makefile",
}  # the site is made without them


def digests(root: Path) -> dict[str, str]:
    """Digest what the site depends on.

    Args:
        root: the folder of the book.

    Returns:
        Two digests: of the pages, and of the rest (environment, helpers, settings, theme).
    """
    sources = [path for path in files(root) if path.relative_to(root).parts[0] not in NOT_SITE]
    pages = [path for path in sources if path.suffix in PAGES]
    rest = [path for path in sources if path.suffix not in PAGES]
    return {"pages": digest(pages), "rest": digest(rest, environment(root))}


def build_site(book: Path) -> None:
    """Build the site of a book strictly; exit with a message if there are warnings."""
    jupyter_book = Path(sys.executable).with_name("jb")
    options = ["build", str(book), "--warningiserror", "--nitpick", "--keep-going", "--quiet"]
    if subprocess.run([jupyter_book, *options], cwd=book, stdout=subprocess.DEVNULL).returncode:
        sys.exit(
            "\nThe book was not built: each warning above counts as an error.\n"
            "In a notebook, line 30007 means line 7 of its third cell."
        )


def main() -> None:
    """Build the book in the current folder; exit with a message that names what is wrong."""
    root = Path.cwd()
    build, site, stamp = (root / "_build", root / "_build" / "html", root / "_build" / "book.json")
    last, now, start = load(stamp), digests(root), time.monotonic()
    if now == last and (site / "index.html").exists():
        print("The book is up to date.")
    else:
        with Clock(build / "times.json", "book: notebooks"):
            good = execute.execute_all(root)
        if not good:
            sys.exit("\nThe book was not built: notebooks failed, see above.")
        print("Building the site", flush=True)
        (build / "seeds.json").write_text(json.dumps(seeds.current(root)))  # what _ext/course/seeds.py shows
        stamp.unlink(missing_ok=True)
        forget = (
            [site]
            if now["rest"] == last.get("rest")
            else [site, build / ".doctrees", build / "jupyter_execute"]
        )
        for folder in forget:
            shutil.rmtree(folder, ignore_errors=True)
        with Clock(build / "times.json", "book: site"):
            build_site(root)
        if (root / TEXTS).is_dir():
            with Clock(build / "times.json", "book: Korean site"):
                print("Building the Korean site", flush=True)
                from tools.korean.compose import compose  # needs our helpers, which other books lack

                korean = compose(root)
                forget = [folder.name for folder in forget]
                for name in forget:
                    shutil.rmtree(korean / "_build" / name, ignore_errors=True)
                build_site(korean)
                shutil.rmtree(site / TEXTS, ignore_errors=True)
                shutil.copytree(korean / "_build" / "html", site / TEXTS)
        if broken := links.broken_links(site):
            sys.exit("\n".join(["", "The book was built, but links in it are broken:", *broken]))
        stamp.write_text(json.dumps(now))
        print(f"The book is built ({time.monotonic() - start:.0f} s).")
    print(f"Open {(site / 'index.html').as_uri()} or run: make serve")


if __name__ == "__main__":
    main()
