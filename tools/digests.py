"""Digests of files: what is as it was when it was last good need not be done again."""

import hashlib
import json
import sys
from collections.abc import Iterable, Iterator
from importlib import metadata
from pathlib import Path

IGNORED = {"_build", "node_modules", "__pycache__"}  # beside every name that starts with a dot


def files(path: Path) -> Iterator[Path]:
    """Give a file, or the files below a folder in a fixed order; nothing if there is none."""
    if path.is_file():
        yield path
    elif path.is_dir():
        for inner in sorted(path.iterdir()):
            if not (inner.name.startswith(".") or inner.name in IGNORED or inner.suffix == ".egg-info"):
                yield from files(inner)


def digest(paths: Iterable[Path], *texts: str) -> str:
    """Digest names and contents of files, of those below folders too, and texts."""
    whole = hashlib.sha256("\0".join(texts).encode())
    for path in (file for given in paths for file in files(given)):
        whole.update(f"\0{path.as_posix()}\0".encode() + hashlib.sha256(path.read_bytes()).digest())
    return whole.hexdigest()


def environment(root: Path) -> str:
    """Describe what the notebooks and the tests of a project run in: Python, torch and the lock."""
    lock = (root / "requirements.txt").read_text(encoding="utf-8")
    return f"Python {sys.version_info[:2]}, torch {metadata.version('torch')}\n{lock}"


def load(path: Path) -> dict[str, str]:
    """Read a file of digests; without one, or with a damaged one, nothing is known."""
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
