"""`make gpu` executes the solutions on each device, and compares."""

import nbformat
import pytest

from tests.tools.tiny_book import write_notebook
from tools import gpu


@pytest.fixture
def project(tmp_path, monkeypatch):
    """A project with a solution of three cells: parameters, the device, and the check of the result."""
    path = tmp_path / "solutions" / "mlp.ipynb"
    said = "✓ right\n  94.5% of all. Asked for: 92.0%"
    check = f"class Message:\n    def __repr__(self): return {said!r}\nMessage()"
    write_notebook(path, 'DEVICE = "cpu"', 'assert DEVICE in ("cpu", "meta")', check)
    notebook = nbformat.read(path, as_version=4)
    notebook.cells[1].metadata.tags = ["parameters"]
    notebook.cells[-1].id = "check-result"
    nbformat.write(notebook, path)
    monkeypatch.setattr(gpu, "PROJECT", tmp_path)
    return tmp_path


def test_seconds_and_results_stand_side_by_side(project, capfd):
    gpu.main("cpu", "meta")
    table = (project / "_build" / "gpu" / "table.md").read_text()
    head, _, row = table.splitlines()
    assert head == "| solution | seconds, cpu | seconds, meta | result, cpu | result, meta |"
    assert row.startswith("| mlp | ") and row.endswith(" | 94.5% | 94.5% |")
    assert table in capfd.readouterr().out


def test_a_device_on_which_a_solution_fails_is_named(project):
    with pytest.raises(SystemExit, match=r"mlp.ipynb fails on cuda"):
        gpu.main("cpu", "cuda")
