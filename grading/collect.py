"""Find the notebooks of a cohort in a folder, whoever put them there.

| layout | learner |
|---|---|
| `kim.ipynb`, `lee.ipynb`: a flat folder | name of the file |
| `kim/mlp.ipynb`, deeper too: a folder a learner | name of the folder |
| `Kim_1234567_assignsubmission_file_/mlp.ipynb`: Moodle's export, with folders or without | `Kim (1234567)` |
| `kimada_LATE_12345_98765_mlp.ipynb`: Canvas's export | `kimada (12345)` |
| `2023-12345_김민수_mlp.ipynb`: a number first | `김민수 (2023-12345)` |
| `mlp-submissions/mlp-kim/…`: GitHub Classroom, `gh classroom clone student-repos` | `kim` |

Links are never followed, and of a clone of the course only the notebooks in `assignments/` count.
"""

import os
import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

MOODLE = re.compile(r"(?P<name>.+?)_(?P<number>\d+)_assignsubmission_(file|onlinetext)_?(?P<rest>.*)")
CANVAS = re.compile(r"(?P<name>[^_]+)(_LATE)?_(?P<number>\d+)_\d+_.+")
NUMBER_FIRST = re.compile(r"(?P<number>\d[\d-]{3,})_(?P<name>[^_\d]+)(_.*)?")
CLONE = {"assignments", "chapters"}  # folders of a clone of the course
JUNK = {"__macosx", "thumbs.db", "desktop.ini"}  # what systems leave behind
MOST_FILES = 50  # notebooks looked at in one learner's folder
MOST_NAMES = 3  # of other files
DEEPEST = 20  # folders in one another


@dataclass(frozen=True)
class Found:
    """A learner, the notebooks that are theirs, oldest first, and the names of their other files."""

    learner: str
    paths: tuple[Path, ...]
    others: tuple[str, ...] = ()


def learner_of(entry: Path) -> str:
    """Return the learner to whom a file or folder of the cohort's folder belongs."""
    name = entry.name if entry.is_dir() else entry.stem
    name = name.encode(errors="backslashreplace").decode()  # without halves of characters, and no one else's
    name = unicodedata.normalize("NFC", name)  # macOS takes letters apart
    for pattern in (MOODLE, CANVAS, NUMBER_FIRST):
        if match := pattern.fullmatch(name):
            return f"{match['name']} ({match['number']})"
    prefix = entry.parent.name.removesuffix("submissions")
    if prefix != entry.parent.name and prefix.endswith("-") and name.startswith(prefix):
        name = name.removeprefix(prefix)
    return name


def files_in(folder: Path) -> Iterator[Path]:
    """Give the files below a folder, not the deepest; links to folders are not followed."""
    for here, folders, files in os.walk(folder):
        if set(folders) >= CLONE:
            folders[:], files = ["assignments"], []
        deep = len(Path(here).relative_to(folder).parts) >= DEEPEST
        ours = [name for name in folders if not name.startswith(".") and name.lower() not in JUNK]
        folders[:] = [] if deep else sorted(ours)
        yield from (Path(here, name) for name in sorted(files) if not name.startswith("."))


def collect(folder: Path) -> list[Found]:
    """Return every learner of a cohort's folder, sorted by name; some have no notebook.

    Raises:
        SystemExit: There is no such folder, or nobody in it.
    """
    if not folder.is_dir():
        raise SystemExit(
            f"There is no folder {str(folder)!r}. Set SUBMISSIONS= to one; unpack an archive first."
        )
    found: dict[str, tuple[list[Path], list[str]]] = {}
    try:
        entries = sorted(folder.iterdir())
    except OSError as error:
        raise SystemExit(f"The folder {str(folder)!r} cannot be read: {error.strerror}.") from None
    for entry in entries:
        if entry.name.startswith(".") or entry.name.lower() in JUNK:
            continue
        paths, others = found.setdefault(learner_of(entry), ([], []))
        link = entry.is_symlink()  # whoever reads it says so
        for path in files_in(entry) if entry.is_dir() and not link else [entry]:
            if link or path.suffix.lower() == ".ipynb":
                paths.append(path)
            else:
                others.append(path.name)
    if not found:
        raise SystemExit(f"There is no notebook in {str(folder)!r}, and no folder with one.")
    return [
        Found(
            learner,
            tuple(sorted(paths[:MOST_FILES], key=lambda path: (age(path), path.name))),
            tuple(others[:MOST_NAMES]),
        )
        for learner, (paths, others) in found.items()
    ]


def age(path: Path) -> float:
    """Return when a file was last changed, in seconds."""
    try:
        return path.lstat().st_mtime
    except OSError:  # too long a name: whoever reads the file says so
        return 0.0
