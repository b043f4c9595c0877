"""Execute the notebooks of the book, two at a time, into the cache that Jupyter Book reads.

    python -m tools.execute

Jupyter Book's cache knows a notebook by its code cells alone. Here each result also has a key: the code, the
modules of `helpers` that it imports, the lock, the versions of Python and torch. A notebook is executed if
there is no result with its key: so a change to a helper executes all that imports it, and a failure is never
remembered. A notebook with a new caption or alt text, which is new code to the cache, keeps its outputs.
"""

import hashlib
import os
import re
import sys
from concurrent.futures import ThreadPoolExecutor, as_completed
from importlib import metadata
from modulefinder import ModuleFinder
from pathlib import Path, PurePosixPath

import nbformat
import psutil
import yaml
from jupyter_cache import get_cache
from jupyter_cache.base import CacheBundleIn, JupyterCacheAbstract
from jupyter_cache.cache.db import NbCacheRecord
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError
from nbformat import NotebookNode
from sphinx_external_toc.parsing import parse_toc_yaml

AT_A_TIME = 2
FIGURE = ("image/", "application/vnd.plotly")  # media types that a reader sees as a figure


class NotebookError(Exception):
    """A notebook that did not run to its end; the message names the cell and the error."""


def settings(root: Path) -> dict:
    """Read the section `execute` of `_config.yml`."""
    return yaml.safe_load((root / "_config.yml").read_text(encoding="utf-8"))["execute"]


def notebooks(root: Path) -> list[Path]:
    """List the notebooks in `_toc.yml`, without those that `_config.yml` excludes from execution."""
    excluded = settings(root).get("exclude_patterns", [])
    names = [str(name).removesuffix(".ipynb") + ".ipynb" for name in parse_toc_yaml(root / "_toc.yml")]
    kept = [name for name in names if not any(PurePosixPath(name).match(pattern) for pattern in excluded)]
    return [root / name for name in kept if (root / name).exists()]


def environment(root: Path) -> str:
    """Describe what all notebooks run in: Python, torch and the lock."""
    lock = (root / "requirements.txt").read_text(encoding="utf-8")
    return f"Python {sys.version_info[:2]}, torch {metadata.version('torch')}\n{lock}"


def imported_files(notebook: NotebookNode, root: Path) -> set[Path]:
    """Find the files of the project that a notebook's code imports, at first or at second hand.

    The data files of a package count with it. If the code cannot be compiled as it is (a magic, an `await`),
    everything in `helpers` counts.
    """
    everything = {path for path in (root / "helpers").rglob("*.*") if "__pycache__" not in path.parts}
    finder = ModuleFinder(path=[str(root)])
    module = finder.add_module("__main__")
    try:
        for cell in code_cells(notebook):
            finder.scan_code(compile(cell.source, "cell", "exec"), module)
    except SyntaxError:
        return everything
    imported = {Path(found.__file__) for found in finder.modules.values() if found.__file__}
    data = {path for path in everything if path.suffix != ".py"}
    return imported | {path for path in data if package(path) / "__init__.py" in imported}


def package(path: Path) -> Path:
    """Return the innermost folder around a file that is a package."""
    return next(folder for folder in path.parents if (folder / "__init__.py").exists())


def key(notebook: NotebookNode, root: Path) -> str:
    """Digest everything that the outputs of a notebook depend on."""
    whole = hashlib.sha256(environment(root).encode())
    for cell in code_cells(notebook):
        whole.update(f"{cell.metadata.get('tags')}\n{cell.source}\0".encode())
    for path in sorted(imported_files(notebook, root)):
        whole.update(f"{path.relative_to(root).as_posix()}\0".encode() + path.read_bytes())
    return whole.hexdigest()


def code_cells(notebook: NotebookNode) -> list[NotebookNode]:
    """List the code cells of a notebook."""
    return [cell for cell in notebook.cells if cell.cell_type == "code"]


def restore(cache: JupyterCacheAbstract, notebook: NotebookNode, path: Path, wanted: str) -> bool:
    """Make sure that the cache holds the outputs of a notebook, if it has them at all.

    Args:
        cache: the cache of Jupyter Book.
        notebook: the notebook as it is now.
        path: its file, for the record.
        wanted: its key.

    Returns:
        Whether Jupyter Book will now find outputs with this key.
    """
    hashkey = cache.create_hashed_notebook(notebook)[1]
    for record in sorted(cache.list_cache_records(), key=lambda record: record.hashkey != hashkey):
        if record.data.get("key") != wanted:
            continue
        try:
            executed = cache.get_cache_bundle(record.pk).nb
        except (KeyError, ValueError):  # an interruption left a record without a whole file
            NbCacheRecord.remove_record(record.pk, cache.db)
            continue
        if record.hashkey != hashkey:
            for cell, done in zip(code_cells(notebook), executed.cells, strict=True):
                cell.outputs, cell.execution_count = done.outputs, done.execution_count
            notebook.metadata.language_info = executed.metadata.language_info
            store(cache, notebook, path, record.data)
        return True
    return False


def store(cache: JupyterCacheAbstract, notebook: NotebookNode, path: Path, data: dict) -> None:
    """Put an executed notebook into the cache."""
    cache.cache_notebook_bundle(
        CacheBundleIn(notebook, str(path), data=data), check_validity=False, overwrite=True
    )


def execute(notebook: NotebookNode, path: Path, timeout: int) -> float:
    """Run a notebook in place, in a kernel of this environment.

    Args:
        notebook: the notebook; its outputs are filled in.
        path: its file; the kernel works in that folder.
        timeout: the longest time for a cell, in seconds.

    Returns:
        The seconds of CPU time it took: they do not depend on what else the computer does.

    Raises:
        NotebookError: if a cell raises, takes too long or kills the kernel, or if a cell with a caption or an
            alt text shows no figure.
    """
    at = {"cpu_seconds": 0.0}
    client = NotebookClient(
        notebook,
        timeout=timeout,
        kernel_name="python3",
        extra_arguments=["--log-level=ERROR"],
        record_timing=False,  # it would go into the metadata that Jupyter Book looks the notebook up by
        resources={"metadata": {"path": str(path.parent)}},
        on_cell_execute=lambda cell, cell_index: at.update(cell=cell),
        on_cell_executed=lambda **_: at.update(cpu_seconds=cpu_seconds(client)),
    )
    try:
        client.execute()
    except CellExecutionError as error:
        trace = re.sub(r"\x1b\[[0-9;]*m", "", error.traceback).strip().splitlines()
        place = f'cell "{at["cell"].id}": {error.ename}: {error.evalue}'
        raise NotebookError("\n".join([place, *(f"    {line}" for line in trace[-25:])])) from error
    except Exception as error:
        place = f'cell "{at["cell"].id}"' if "cell" in at else "before its first cell"
        raise NotebookError(f"{place}: {type(error).__name__}: {error}") from error
    for cell in code_cells(notebook):
        shown = [kind for output in cell.outputs for kind in output.get("data", {})]
        promised = cell.metadata.get("mystnb", {})
        if ("figure" in promised or "image" in promised) and not any(
            kind.startswith(FIGURE) for kind in shown
        ):
            raise NotebookError(f'cell "{cell.id}": has a caption or an alt text, but shows no figure')
    return at["cpu_seconds"]


def cpu_seconds(client: NotebookClient) -> float:
    """Return the CPU time that a client's kernel has taken so far, in seconds."""
    times = psutil.Process(client.km.provisioner.pid).cpu_times()
    return times.user + times.system


def execute_all(root: Path) -> bool:
    """Execute the notebooks of the book that have no valid result yet.

    Args:
        root: the folder of the book.

    Returns:
        Whether every notebook has a result now.
    """
    folder = root / "_build" / ".jupyter_cache"
    try:
        cache = get_cache(folder)
        cache.list_cache_records()
    except RuntimeError:  # an interruption left a database without tables
        cache.clear_cache()
    todo = {}
    for path in notebooks(root):
        notebook = nbformat.read(path, as_version=4)
        wanted = key(notebook, root)
        if not restore(cache, notebook, path, wanted):
            todo[path] = notebook, wanted
    if not todo:
        return True

    def run(path: Path) -> float:
        say(f"  start   {path.relative_to(root)}")
        return execute(todo[path][0], path, timeout)

    timeout = settings(root)["timeout"]
    say(f"Executing {len(todo)} notebook(s), {AT_A_TIME} at a time")
    failed = []
    with ThreadPoolExecutor(AT_A_TIME) as pool:
        try:
            futures = {pool.submit(run, path): path for path in todo}
            for future in as_completed(futures):
                path = futures[future]
                try:
                    seconds = future.result()
                except NotebookError as error:
                    failed.append(path)
                    say(f"  FAILED  {path.relative_to(root)}, {error}")
                else:
                    notebook, wanted = todo[path]
                    store(cache, notebook, path, {"execution_seconds": seconds, "key": wanted})
                    say(f"  done    {path.relative_to(root)} in {seconds:.0f} s of CPU time")
        except KeyboardInterrupt:
            say("Interrupted. The notebooks that are done are kept.")
            os._exit(130)  # at once: kernels watch this process and end with it
    if failed:
        say(f"{len(failed)} notebook(s) failed: {', '.join(str(path.relative_to(root)) for path in failed)}")
    return not failed


def say(text: str) -> None:
    """Print whole lines at once, also from two threads and into a pipe."""
    print(f"{text}\n", end="", flush=True)


if __name__ == "__main__":
    sys.exit(not execute_all(Path.cwd()))
