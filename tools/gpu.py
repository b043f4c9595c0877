"""Execute every solution under nbval on the CPU and on a GPU, and compare seconds and results.

    python -m tools.gpu [DEVICE ...]

The devices are `cpu` and `cuda`, unless others are named. The table is printed, and kept in `_build/gpu`.
"""

import re
import subprocess
import sys
import time
from pathlib import Path

import nbformat
import papermill

ROOT = Path(__file__).parents[1]
PROJECT = ROOT  # whose solutions are executed
NBVAL = ["-m", "pytest", "-q", "--nbval-lax", "--nbval-current-env", "-p", "tools.nbval_outputs"]


def result(notebook: Path) -> str:
    """Return what an executed solution reached: the first number of its check's answer, in percent."""
    cells = nbformat.read(notebook, as_version=4).cells
    outputs = next((cell.outputs for cell in cells if cell.id == "check-result"), [])
    said = " ".join(output.get("data", {}).get("text/plain", "") for output in outputs)
    found = re.search(r"-?\d+(\.\d+)?%", said)
    return found.group() if found else "none"


def run(solution: Path, device: str, folder: Path) -> tuple[float, str]:
    """Execute a solution on a device; return its seconds by the clock, imports and all, and its result.

    Raises:
        SystemExit: A cell fails.
    """
    given, done = folder / device / solution.name, folder / device / "done"
    done.mkdir(parents=True, exist_ok=True)
    papermill.execute_notebook(
        solution, given, {"DEVICE": device}, prepare_only=True, progress_bar=False, kernel_name="python3"
    )
    start = time.monotonic()
    command = [sys.executable, *NBVAL, "--outputs", str(done), str(given)]
    if subprocess.run(command, cwd=ROOT).returncode:
        sys.exit(f"solutions/{solution.name} fails on {device}: see above.")
    return time.monotonic() - start, result(done / solution.name)


def main(*devices: str) -> None:
    """Execute all, and write the table."""
    devices = devices or ("cpu", "cuda")
    folder = PROJECT / "_build" / "gpu"
    heads = [f"{what}, {device}" for what in ("seconds", "result") for device in devices]
    lines = [f"| solution | {' | '.join(heads)} |", "|---" * (1 + len(heads)) + "|"]
    for solution in sorted((PROJECT / "solutions").glob("*.ipynb")):
        runs = [run(solution, device, folder) for device in devices]
        cells = [f"{seconds:.0f}" for seconds, _ in runs] + [reached for _, reached in runs]
        lines.append(f"| {solution.stem} | {' | '.join(cells)} |")
    table = "\n".join(lines) + "\n"
    (folder / "table.md").write_text(table)
    print(table)


if __name__ == "__main__":
    main(*sys.argv[1:])
