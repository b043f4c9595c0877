"""A pytest plugin that writes the notebooks that nbval executed, with the outputs that the site then shows.

Its use is `pytest --nbval-lax -p tools.nbval_outputs --outputs FOLDER solutions/mlp.ipynb`.
"""

from pathlib import Path

import nbformat
import psutil
import pytest


def kernel_seconds(pid: int) -> float:
    """Return the CPU time that a kernel has taken so far, in seconds."""
    times = psutil.Process(pid).cpu_times()
    return times.user + times.system


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the option that names the folder to write to."""
    parser.addoption("--outputs", type=Path, required=True, help="folder for the executed notebooks")


def pytest_runtest_teardown(item: pytest.Item) -> None:
    """Keep the outputs of a cell that has run."""
    cell, notebook, kernel = item.cell, item.parent.nb, item.parent.kernel
    outputs = nbformat.from_dict(item.test_outputs or [])
    if cell.source.rstrip().endswith(";"):  # IPython looks for it in the history, which nbval does not keep
        outputs = [output for output in outputs if output.output_type != "execute_result"]
    cell.outputs = outputs
    cell.execution_count = item.cell_num + 1
    if kernel.is_alive():
        notebook.metadata.cpu_seconds = kernel_seconds(kernel.km.provisioner.pid)
        notebook.metadata.language_info = kernel.kc.kernel_info(reply=True)["content"]["language_info"]


def pytest_sessionfinish(session: pytest.Session) -> None:
    """Write the notebooks."""
    for file in {item.parent for item in session.items}:
        nbformat.write(file.nb, session.config.option.outputs / file.path.name)
