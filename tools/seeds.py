"""Execute chapters under other seeds: does each claim hold, and what is each number then?

    python -m tools.seeds [SEED ...] [PAGE ...]

A claim is an `assert`. One that fails stops nothing: it is listed at the end with its cell, and all that
comes after it is executed too. Where all hold, the numbers that the page reports are kept in
`chapters/seeds/NAME.json`, with the key of the code that gave them, and the site shows them at each number.
What is known for this code is not executed again.
"""

import ast
import json
import os
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Lock
from typing import Any

from nbformat import NotebookNode

from tools.digests import load
from tools.execute import (
    AT_A_TIME,
    NotebookError,
    code_cells,
    code_key,
    execute,
    notebooks,
    read,
    say,
    settings,
)

SEEDS = (1, 2, 3)
FOLDER = Path("chapters", "seeds")
FAILED = "application/vnd.week.failed-claim"
REPORTED = "application/papermill.record/text/plain"
# These only show numbers: a change to them makes none old.
SHOWING = {f"helpers/{name}.py" for name in ("interactive", "live", "plotting", "report")}
DIGITS = 6  # significant ones that are kept

writing = Lock()  # two seeds of a page may end together

GO_ON = """
try:
    pass
except AssertionError as failed_claim:
    from IPython.display import publish_display_data
    publish_display_data({{{kind!r}: {text!r} + f"  {{failed_claim}}"}})
"""


class GoOn(ast.NodeTransformer):
    """Makes code go on where an assert fails, and say which one."""

    def visit_Assert(self, node: ast.Assert) -> ast.Try:
        """Wrap the assert."""
        guarded = ast.parse(GO_ON.format(kind=FAILED, text=ast.unparse(node))).body[0]
        guarded.body = [node]
        return guarded


def under(seed: int, notebook: NotebookNode) -> None:
    """Change a notebook in place: another `SEED`, and asserts that stop nothing.

    Raises:
        ValueError: It has no parameter `SEED`.
    """
    found = False
    for cell in code_cells(notebook):
        tree = ast.parse(cell.source)
        for line in tree.body:
            if "parameters" in cell.metadata.get("tags", []) and ast.unparse(line).startswith("SEED = "):
                line.value, found = ast.Constant(seed), True
        cell.source = ast.unparse(ast.fix_missing_locations(GoOn().visit(tree)))
    if not found:
        raise ValueError("it has no parameter SEED")


def outcome(notebook: NotebookNode) -> tuple[dict[str, float], list[str]]:
    """Return the numbers that an executed notebook reports, by name, and the claims that failed."""
    values, failed = {}, []
    for cell in code_cells(notebook):
        for output in cell.outputs:
            data = output.get("data", {})
            if FAILED in data:
                failed.append(f'cell "{cell.id}": {data[FAILED].strip()}')
            if REPORTED in data:
                value = ast.literal_eval(data[REPORTED])
                short = float(f"{value:.{DIGITS}g}") if isinstance(value, float) else value
                values[output.metadata["scrapbook"]["name"]] = short
    return values, failed


def kept(root: Path, page: Path) -> Path:
    """Return the file that keeps a page's numbers under other seeds."""
    return root / FOLDER / f"{page.stem}.json"


def chapters(root: Path) -> list[Path]:
    """List the pages that seeds are for."""
    return [page for page in notebooks(root) if page.parent.name == "chapters"]


def known(root: Path, page: Path) -> dict[str, dict[str, float]]:
    """Return a page's numbers by seed, as far as they are those of its code."""
    found: dict[str, Any] = load(kept(root, page))
    return found["seeds"] if found.get("key") == code_key(read(page), root, SHOWING) else {}


def current(root: Path) -> dict[str, dict[str, dict[str, float]]]:
    """Return the numbers of all pages by seed, and say which pages lack those of their code."""
    pages = {}
    for page in chapters(root):
        there = kept(root, page).exists()
        if there or "{pooled}`" in page.read_text(encoding="utf-8"):
            name = page.relative_to(root).with_suffix("").as_posix()
            pages[name] = known(root, page)
            if not pages[name]:
                state = "are older than its code" if there else "are missing"
                say(f"  {name}: its numbers by seed {state}: make seeds PAGES={name}.ipynb")
    return pages


def run(root: Path, page: Path, seed: int) -> list[str]:
    """Execute a page under a seed, and keep its numbers; return the claims that failed."""
    notebook = read(page)
    key = code_key(notebook, root, SHOWING)
    name = f"{page.relative_to(root)}, seed {seed}"
    say(f"  start   {name}")
    under(seed, notebook)
    try:
        seconds = execute(notebook, page, settings(root)["timeout"])
    except NotebookError as error:
        say(f"  STOPPED {name}, {error}")
        return [f"{name}: stopped by an error, see above"]
    values, failed = outcome(notebook)
    if not failed:
        with writing:
            seeds = {**known(root, page), str(seed): values}
            in_order = {one: seeds[one] for one in sorted(seeds, key=int)}
            file = kept(root, page)
            file.parent.mkdir(exist_ok=True)
            file.write_text(json.dumps({"key": key, "seeds": in_order}, indent=1) + "\n", encoding="utf-8")
    told = f", {len(failed)} claim(s) FAILED" if failed else ""
    say(f"  done    {name} in {seconds:.0f} s of CPU time{told}")
    return [f"{name}, {claim}" for claim in failed]


def main(*arguments: str) -> None:
    """Run what is not known yet; exit with the claims that failed, or with what is wrong in the arguments."""
    root = Path.cwd()
    seeds = [int(one) for one in arguments if one.isdigit()] or list(SEEDS)
    named = [root / one for one in arguments if not one.isdigit()]
    pages = named or chapters(root)
    if strange := [str(page.relative_to(root)) for page in named if page not in chapters(root)]:
        sys.exit(f"No chapter: {', '.join(strange)}. PAGES= takes, for example, chapters/mlp.ipynb")
    todo = [(page, seed) for page in pages for seed in seeds if str(seed) not in known(root, page)]
    say(f"{len(todo)} run(s) to do, {AT_A_TIME} at a time")
    with ThreadPoolExecutor(AT_A_TIME) as pool:
        try:
            failed = [claim for claims in pool.map(lambda one: run(root, *one), todo) for claim in claims]
        except KeyboardInterrupt:
            say("Interrupted. The runs that are done are kept.")
            os._exit(130)  # at once: kernels watch this process and end with it
    for page in pages:
        show(root, page, seeds)
    if failed:
        sys.exit("\n".join(["", "Claims that fail under another seed:", *failed]))


def show(root: Path, page: Path, seeds: list[int]) -> None:
    """Print every number of a page by seed."""
    values = known(root, page)
    say(f"\n{page.relative_to(root)}: numbers under seeds {', '.join(map(str, seeds))}")
    for name in next(iter(values.values()), {}):
        row = (values.get(str(seed), {}).get(name) for seed in seeds)
        say(f"  {name:<32}" + "".join(f"{'-' if one is None else format(one, '.4g'):>12}" for one in row))


if __name__ == "__main__":
    main(*sys.argv[1:])
