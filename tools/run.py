"""Run a notebook with your own parameters, using papermill. The notebook itself is not changed.

python -m tools.run solutions/mlp.ipynb DATASET=mnist EPOCHS=10 DEVICE=cuda
"""

import ast
import re
import sys
from pathlib import Path

import papermill
from papermill.exceptions import PapermillExecutionError

from tools.execute import ENCRYPTED

RUNS = Path("_build/runs")


def value(text: str) -> object:
    """Read a parameter as Python would (`10`, `1e-3`, `True`); anything else is a string (`mnist`)."""
    try:
        return ast.literal_eval(text)
    except (SyntaxError, ValueError):
        return text


def run(notebook: str, settings: list[str]) -> Path:
    """Execute a copy of a notebook.

    Args:
        notebook: Path of the notebook, relative to the book's folder.
        settings: Parameters to change, each as `NAME=value`.

    Returns:
        The path of the executed copy, below `_build/runs`.

    Raises:
        SystemExit: There is no such notebook or parameter, or a cell raises; with a message.
    """
    path = Path(notebook)
    if not path.is_file():
        there = sorted(
            str(found) for folder in ("chapters", "solutions") for found in Path(folder).glob("*.ipynb")
        )
        sys.exit(
            f"There is no notebook {notebook!r}. Set NOTEBOOK= to one of these:\n  " + "\n  ".join(there)
        )
    parameters = {name: value(text) for name, _, text in (setting.partition("=") for setting in settings)}
    known = papermill.inspect_notebook(path)
    if unknown := [name for name in parameters if name not in known]:
        sys.exit(f"{notebook} has no parameter {', '.join(unknown)}. It has: {', '.join(known) or 'none'}.")
    name = "-".join([path.stem, *(re.sub(r"[^\w.]+", "_", str(given)) for given in parameters.values())])
    output = RUNS / path.parent / f"{name}.ipynb"
    output.parent.mkdir(parents=True, exist_ok=True)
    try:
        papermill.execute_notebook(
            path, output, parameters, kernel_name="python3", cwd=path.parent, config=ENCRYPTED
        )
    except PapermillExecutionError as error:
        sys.exit(f"{error}\nThe notebook stopped at this error. Its output up to there is in {output}")
    return output


if __name__ == "__main__":
    if len(sys.argv) < 2:
        sys.exit("Which notebook?  make run NOTEBOOK=solutions/mlp.ipynb EPOCHS=10")
    print(f"Done. Open {run(sys.argv[1], sys.argv[2:])}")
