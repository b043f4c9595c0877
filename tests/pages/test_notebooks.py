"""What all notebooks in the book have in common."""

from pathlib import Path

import nbformat
import pytest

ROOT = Path(__file__).parents[2]
NOTEBOOKS = sorted(
    path for folder in ("chapters", "solutions", "assignments") for path in (ROOT / folder).glob("*.ipynb")
)


def name(path: Path) -> str:
    """Return a notebook's name for test reports."""
    return path.relative_to(ROOT).as_posix()


@pytest.mark.parametrize("path", NOTEBOOKS, ids=name)
def test_notebook_is_clean_and_complete(path):
    notebook = nbformat.read(path, as_version=nbformat.NO_CONVERT)
    nbformat.validate(notebook)
    assert (notebook.nbformat, notebook.nbformat_minor) == (4, 5)
    assert notebook.metadata.kernelspec.name == "python3"

    ids = [cell.id for cell in notebook.cells]
    assert len(set(ids)) == len(ids), "two cells have the same id"
    code = [cell for cell in notebook.cells if cell.cell_type == "code"]
    assert [cell.id for cell in code if cell.outputs or cell.execution_count] == [], (
        "strip it: nbstripout --keep-id"
    )

    tagged = [cell for cell in code if "parameters" in cell.metadata.get("tags", [])]
    assert len(tagged) == 1, "exactly one cell has the tag `parameters`"
    parameters = {}
    exec(tagged[0].source, parameters)
    networks = any("nn." in cell.source or "pick_device" in cell.source for cell in code)
    assert {"DATASET", "SEED"} | ({"EPOCHS", "DEVICE"} if networks else set()) <= set(parameters)
    assert parameters["DATASET"] in ("digits", "mnist-5k") and parameters.get("DEVICE", "cpu") == "cpu"
