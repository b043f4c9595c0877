"""`make run` executes a copy with other parameters, or says why it cannot."""

import nbformat
import pytest

from tests.tools.tiny_book import write_notebook
from tools.run import run


@pytest.fixture
def notebook(tmp_path, monkeypatch):
    """A notebook with two parameters, in its own folder."""
    monkeypatch.chdir(tmp_path)
    path = tmp_path / "solutions" / "mlp.ipynb"
    write_notebook(
        path, 'DATASET = "digits"\nEPOCHS = 3', "assert EPOCHS < 100, 'too long'\nprint(DATASET, EPOCHS)"
    )
    content = nbformat.read(path, as_version=4)
    content.cells[1].metadata.tags = ["parameters"]
    nbformat.write(content, path)
    return path


def test_runs_a_copy_with_the_parameters(notebook):
    before = notebook.read_bytes()
    output = run("solutions/mlp.ipynb", ["DATASET=fashion-mnist", "EPOCHS=10"])
    assert output.as_posix() == "_build/runs/solutions/mlp-fashion_mnist-10.ipynb"
    assert nbformat.read(output, as_version=4).cells[-1].outputs[0].text == "fashion-mnist 10\n"
    assert notebook.read_bytes() == before


@pytest.mark.parametrize(
    ("name", "settings", "message"),
    [
        ("solutions/none.ipynb", [], r"(?s)no notebook 'solutions/none.ipynb'.*solutions/mlp.ipynb"),
        ("solutions/mlp.ipynb", ["SEED=1"], "has no parameter SEED. It has: DATASET, EPOCHS"),
        (
            "solutions/mlp.ipynb",
            ["EPOCHS=100"],
            "(?s)AssertionError: too long.*_build/runs/solutions/mlp-100.ipynb",
        ),
    ],
)
def test_says_what_is_wrong(notebook, name, settings, message):
    with pytest.raises(SystemExit, match=message):
        run(name, settings)
