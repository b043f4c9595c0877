"""Execute the notebooks of the book, two at a time, into the cache that Jupyter Book reads.

    python -m tools.execute [FOLDER ...]

Chapters are executed by nbclient, and solutions by nbval, which is how a GPU runner executes them too.

Jupyter Book's cache knows a notebook by its code cells alone. Here each result also has a key: the code, the
modules of `helpers` that it imports, the lock, the versions of Python and torch. A notebook is executed if
there is no result with its key: so a change to a helper executes all that imports it, and a failure is never
remembered. What cannot change an output is no part of the key: comments, docstrings, captions, most tags.
A notebook that differs only in these, which is new code to the cache, keeps its outputs.
"""

import ast
import hashlib
import os
import re
import subprocess
import sys
import tempfile
from collections.abc import Collection
from concurrent.futures import ThreadPoolExecutor, as_completed
from modulefinder import ModuleFinder
from pathlib import Path, PurePosixPath

import nbformat
import yaml
from jupyter_cache import get_cache
from jupyter_cache.base import CacheBundleIn, JupyterCacheAbstract
from jupyter_cache.cache.db import NbCacheRecord
from myst_nb.core.read import is_myst_markdown_notebook, read_myst_markdown_notebook
from myst_parser.config.main import MdParserConfig
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError
from nbformat import NotebookNode
from sphinx_external_toc.parsing import parse_toc_yaml
from traitlets.config import Config

from tools.digests import environment, files
from tools.nbval_outputs import kernel_seconds

AT_A_TIME = 2
FIGURE = ("image/", "application/vnd.plotly")  # media types that a reader sees as a figure
TAGS = {"skip-execution", "raises-exception"}  # those that change what executing a cell does
ENCRYPTED = Config(KernelManager={"transport_encryption": "auto"})  # between a kernel and who runs it


class NotebookError(Exception):
    """A notebook that did not run to its end; the message names the cell and the error."""


def settings(root: Path) -> dict:
    """Read the section `execute` of `_config.yml`."""
    return yaml.safe_load((root / "_config.yml").read_text(encoding="utf-8"))["execute"]


def notebooks(root: Path) -> list[Path]:
    """List the notebooks in `_toc.yml` that `_config.yml` does not exclude, and those written in Markdown."""
    excluded = settings(root).get("exclude_patterns", [])
    names = [str(name).removesuffix(".ipynb") + ".ipynb" for name in parse_toc_yaml(root / "_toc.yml")]
    kept = [name for name in names if not any(PurePosixPath(name).match(pattern) for pattern in excluded)]
    markdown = [
        path for path in sorted(root.glob("*.md")) if is_myst_markdown_notebook(path.read_text("utf-8"))
    ]
    return [root / name for name in kept if (root / name).exists()] + markdown


def read(path: Path) -> NotebookNode:
    """Read a notebook, which may be written in Markdown."""
    if path.suffix == ".ipynb":
        return nbformat.read(path, as_version=4)
    return read_myst_markdown_notebook(
        path.read_text("utf-8"), MdParserConfig(), add_source_map=True, path=path
    )


def imported_files(notebook: NotebookNode, root: Path) -> set[Path]:
    """Find the files of the project that a notebook's code imports, at first or at second hand.

    The data files of a package count with it. If the code cannot be compiled as it is (a magic, an `await`),
    everything in `helpers` counts.
    """
    # What is said in other languages is in no output.
    everything = {
        path for path in files(root / "helpers") if not path.name.endswith(("ruff.toml", ".ko.toml"))
    }
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
    return hashlib.sha256((environment(root) + code_key(notebook, root)).encode()).hexdigest()


def code_key(notebook: NotebookNode, root: Path, leave_out: Collection[str] = ()) -> str:
    """Digest a notebook's code, and what it imports from the project but the files to leave out."""
    whole = hashlib.sha256()
    for cell in code_cells(notebook):
        tags = sorted(TAGS.intersection(cell.metadata.get("tags", [])))
        whole.update(f"{tags}\n{meaning(cell.source)}\0".encode())
    for path in sorted(imported_files(notebook, root)):
        name = path.relative_to(root).as_posix()
        if name not in leave_out:
            text = path.read_text(encoding="utf-8")
            text = meaning(text) if path.suffix == ".py" else text
            whole.update(f"{name}\0{text}\0".encode())
    return whole.hexdigest()


def meaning(code: str) -> str:
    """Return code without its look, comments and docstrings; code with magics is returned as it is."""
    try:
        tree = ast.parse(code)
    except SyntaxError:
        return code
    for node in ast.walk(tree):
        is_block = isinstance(node, ast.Module | ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef)
        if is_block and len(node.body) > 1 and ast.get_docstring(node) is not None:
            del node.body[0]
    return ast.dump(tree)


def code_cells(notebook: NotebookNode) -> list[NotebookNode]:
    """List the code cells of a notebook."""
    return [cell for cell in notebook.cells if cell.cell_type == "code"]


def restore(cache: JupyterCacheAbstract, notebook: NotebookNode, path: Path, wanted: str) -> bool:
    """Restore a notebook's outputs under its current hash if any record has its key.

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
            fill_in(notebook, executed)
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
        NotebookError: if a cell raises, takes too long or kills the kernel.
    """
    at = {"cpu_seconds": 0.0}
    client = NotebookClient(
        notebook,
        timeout=timeout,
        kernel_name="python3",
        config=ENCRYPTED,
        record_timing=False,  # it would go into the metadata that Jupyter Book looks the notebook up by
        resources={"metadata": {"path": str(path.parent)}},
        on_cell_execute=lambda cell, cell_index: at.update(cell=cell),
        on_cell_executed=lambda **_: at.update(cpu_seconds=kernel_seconds(client.km.provisioner.pid)),
    )
    try:
        client.execute()
    except CellExecutionError as error:
        trace = plain(error.traceback).strip().splitlines()
        place = f'cell "{at["cell"].id}": {error.ename}: {error.evalue}'
        raise NotebookError("\n".join([place, *(f"    {line}" for line in trace[-25:])])) from error
    except Exception as error:
        place = f'cell "{at["cell"].id}"' if "cell" in at else "before its first cell"
        raise NotebookError(f"{place}: {type(error).__name__}: {error}") from error
    return at["cpu_seconds"]


def execute_with_nbval(notebook: NotebookNode, path: Path, timeout: int) -> float:
    """Run a notebook under nbval; arguments, result and error are those of `execute`."""
    with tempfile.TemporaryDirectory() as folder:
        nbval = ["--nbval-lax", "--nbval-current-env", f"--nbval-cell-timeout={timeout}"]
        plugin = ["-p", "tools.nbval_outputs", "--outputs", folder, "-p", "no:cacheprovider"]
        command = [sys.executable, "-m", "pytest", "-q", "--exitfirst", *nbval, *plugin, str(path)]
        done = subprocess.run(command, capture_output=True, encoding="utf-8")
        if done.returncode:
            raise NotebookError(f"under nbval:\n{plain(done.stdout + done.stderr)}")
        executed = nbformat.read(Path(folder, path.name), as_version=4)
    fill_in(notebook, executed)
    return executed.metadata.cpu_seconds


def plain(text: str) -> str:
    """Return what a terminal would show, without its colours."""
    return re.sub(r"\x1b\[[0-9;]*m", "", text)


def fill_in(notebook: NotebookNode, executed: NotebookNode) -> None:
    """Give a notebook the outputs of another one with the same code."""
    for cell, done in zip(code_cells(notebook), code_cells(executed), strict=True):
        cell.outputs, cell.execution_count = done.outputs, done.execution_count
    notebook.metadata.language_info = executed.metadata.language_info


def check_outputs(notebook: NotebookNode) -> None:
    """Check what an executed notebook shows.

    Raises:
        NotebookError: if a cell prints a warning, or has a caption or an alt text and shows no figure.
    """
    for cell in code_cells(notebook):
        expects_stderr = "remove-stderr" in cell.metadata.get("tags", [])  # a progress bar
        for output in cell.outputs:
            if output.output_type == "stream" and output.name == "stderr" and not expects_stderr:
                raise NotebookError(f'cell "{cell.id}": a warning: {output.text.strip()}')
        shown = [kind for output in cell.outputs for kind in output.get("data", {})]
        promised = cell.metadata.get("mystnb", {})
        if ("figure" in promised or "image" in promised) and not any(
            kind.startswith(FIGURE) for kind in shown
        ):
            raise NotebookError(f'cell "{cell.id}": has a caption or an alt text, but shows no figure')


def execute_all(root: Path, *folders: str) -> bool:
    """Execute the notebooks of the book that have no valid result yet.

    Args:
        root: the folder of the book.
        *folders: those whose notebooks are executed, by default all.

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
        if folders and path.parent.name not in folders:
            continue
        notebook = read(path)
        wanted = key(notebook, root)
        if not restore(cache, notebook, path, wanted):
            todo[path] = notebook, wanted
    if not todo:
        return True

    def run(path: Path) -> float:
        say(f"  start   {path.relative_to(root)}")
        how = execute_with_nbval if path.parent.name == "solutions" else execute
        seconds = how(todo[path][0], path, timeout)
        check_outputs(todo[path][0])
        return seconds

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
    sys.exit(not execute_all(Path.cwd(), *sys.argv[1:]))
