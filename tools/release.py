"""Write the assignments from the solutions: every solution block becomes a stub.

    python tools/release.py            write assignments/X.ipynb for every solutions/X.ipynb
    python tools/release.py --check    write nothing; fail if an assignment is out of date

What learners have to write is between the lines `# BEGIN SOLUTION` and `# END SOLUTION`, in cells whose id
starts with `task-`. A misspelt marker would leak the solution, so anything that looks like one is rejected.

The first code cell of an assignment says what is missing, and how to get it.
"""

import argparse
import re
import sys
import tomllib
from difflib import get_close_matches
from pathlib import Path

import nbformat
import yaml
from nbformat import NotebookNode
from nbformat.v4 import new_code_cell

BEGIN, END = MARKERS = "# BEGIN SOLUTION", "# END SOLUTION"
BLOCK = re.compile(rf"^([ \t]*){BEGIN}[ \t]*\n.*?{END}[ \t]*$", re.MULTILINE | re.DOTALL)
STUB = 'raise NotImplementedError("Your code goes here.")'
TITLE_SUFFIX = " (solution)"  # in the first cell's title
INSTALL = """\
# Does nothing where all is there; else it says what to do.
from importlib.util import find_spec

needed = "einops", "helpers", "matplotlib", "mlxtend", "sklearn", "torch", "tqdm"
if missing := [name for name in needed if not find_spec(name)]:
    print(
        f"Missing: {{', '.join(missing)}}. "
        "{first} in a cell of its own: "
        "%pip install {what}"
    )"""


RUN = "Run"
PUT = "Put the archive's .whl file beside this notebook, and run"


class ReleaseError(Exception):
    """The solution cannot be released; the message names the cell and says what to change."""


def looks_like_a_marker(line: str, is_code: bool) -> bool:
    """Return whether a line may be a mistyped marker: in code, any comment that mentions a solution."""
    comment = "#" + line.rpartition("#")[2].rstrip()
    close = get_close_matches(comment.upper(), MARKERS, cutoff=0.75)
    return bool(close or (is_code and re.search(r"#.*solution|#\W*(begin|end)\W*$", line, re.IGNORECASE)))


def install(root: Path, text: str = INSTALL, run: str = RUN, put: str = PUT) -> str:
    """Return the code of an assignment's first cell, which says what is missing, and how to get it."""
    project = tomllib.loads((root / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    config = yaml.safe_load((root / "_config.yml").read_text(encoding="utf-8"))
    if home := config.get("repository", {}).get("url"):
        return text.format(first=run, what=f"git+{home}")
    wheel = f"{project['name'].replace('-', '_')}-{project['version']}-py3-none-any.whl"
    return text.format(first=put, what=wheel)


def release(solution: NotebookNode, install: str) -> NotebookNode:
    """Return a solution's assignment: the same cells with stubs, after a cell that says what to install.

    Raises:
        ReleaseError: A marker is misspelt or unpaired, a task has no block, or there are outputs.
    """
    assignment = nbformat.from_dict(solution)
    assignment.cells[0].source = assignment.cells[0].source.replace(TITLE_SUFFIX, "", 1)
    if not any(cell.id.startswith("task-") for cell in assignment.cells):
        raise ReleaseError("there is no cell whose id starts with task-")
    for cell in assignment.cells:
        is_code = cell.cell_type == "code"
        lines = cell.source.splitlines()
        markers = [line.strip() for line in lines if is_code and line.strip() in MARKERS]
        for line in lines:
            if line.strip() not in markers and looks_like_a_marker(line, is_code):
                raise ReleaseError(
                    f"cell {cell.id}: {line.strip()!r} looks like a marker. Markers are {BEGIN!r} and "
                    f"{END!r}, each alone on a line of code; no other comment may mention a solution."
                )
        if markers != [BEGIN, END] * (len(markers) // 2):
            raise ReleaseError(f"cell {cell.id}: the markers do not come in pairs: {', '.join(markers)}")
        if bool(markers) != cell.id.startswith("task-"):
            raise ReleaseError(
                f"cell {cell.id}: cells whose id starts with task-, and only these, must have a block"
            )
        if is_code and (cell.outputs or cell.execution_count):
            raise ReleaseError(f"cell {cell.id}: has outputs. Strip them: nbstripout solutions/*.ipynb")
        cell.source = BLOCK.sub(rf"\1{STUB}", cell.source)
    first = next(i for i, cell in enumerate(assignment.cells) if cell.cell_type == "code")
    hidden = {"tags": ["remove-cell"]}  # on the site
    assignment.cells.insert(first, new_code_cell(install, id="install", metadata=hidden))
    return assignment


def main(root: Path, check: bool = False) -> int:
    """Write or check all assignments below `root`; return the exit status."""
    problems = []
    solutions = sorted((root / "solutions").glob("*.ipynb"))
    for path in solutions:
        target = root / "assignments" / path.name
        try:
            text = nbformat.writes(release(nbformat.read(path, as_version=4), install(root))) + "\n"
        except ReleaseError as problem:
            problems.append(f"solutions/{path.name}: {problem}")
            continue
        if target.is_file() and target.read_text(encoding="utf-8") == text:
            continue
        if check:
            problems.append(f"assignments/{path.name} is out of date. Run: make assignments")
        else:
            target.write_text(text, encoding="utf-8", newline="\n")
            print(f"wrote assignments/{path.name}")
    for path in sorted((root / "assignments").glob("*.ipynb")):
        if not (root / "solutions" / path.name).is_file():
            problems.append(f"assignments/{path.name} has no solution. Delete it, or add one.")
    print(*problems, sep="\n", file=sys.stderr, end="\n" if problems else "")
    return 1 if problems else 0


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--check", action="store_true", help="write nothing; fail if an assignment is stale")
    sys.exit(main(Path(__file__).parents[1], parser.parse_args().check))
