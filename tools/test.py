"""Run all that a change must pass, step by step.

    python -m tools.test [STEP ...]

A step runs if something that it depends on has changed since it passed last, which `_build/passed.json`
remembers; a step that is named runs in any case. `make times` prints where the time went.
"""

import json
import subprocess
import sys
import time
from pathlib import Path
from typing import NamedTuple

from tools.browser import find_chromium
from tools.digests import digest, environment, load
from tools.times import Clock

ROOT = Path(__file__).parents[1]
PASSED = ROOT / "_build" / "passed.json"
NOTEBOOKS = ("index.ipynb", "chapters", "solutions", "assignments")


class Step(NamedTuple):
    """A part of the tests.

    Attributes:
        commands: What it runs: modules of Python, with arguments.
        inputs: The files and folders that it depends on, beside the environment.
    """

    commands: tuple[str, ...]
    inputs: tuple[str, ...]


def folder(name: str, *inputs: str, dist: str = "loadscope") -> Step:
    """Return the step that runs a folder of tests, which may open no part of the project but its inputs."""
    command = f"pytest -n 2 --dist {dist} --junitxml=_build/tests/{name}.xml tests/{name}"
    own = f"tests/{name}", "tests/conftest.py", "pyproject.toml", "requirements.txt"
    return Step((command,), (*inputs, *own))


STEPS = {
    "lint": Step(
        (
            "ruff check .",
            "ruff format --check .",
            f"nbstripout --verify --keep-id {' '.join(NOTEBOOKS)}",
            "tools.release --check",
        ),
        (
            *(*NOTEBOOKS, "style-guide.md", "_config.yml", "pyproject.toml"),
            *("helpers", "grading", "tools", "_ext", "tests"),
        ),
    ),
    "book": Step(("tools.book",), (".",)),
    "helpers": folder("helpers", "helpers", "_ext/course/assets", "_static"),
    "checks": folder(
        *("checks", "helpers", "solutions", "assignments", "tools", "_config.yml"),
        *("_ext/course/assets", "_static"),
        dist="worksteal",
    ),
    "tools": folder(
        *("tools", "tools", "helpers/language.py", "package.json", "Makefile", "grading/requirements.txt")
    ),
    "grading": folder(
        *("grading", "grading", "helpers", "assignments", "solutions", "tools", "tests/checks"),
        *("_static", "_ext/course/assets"),
    ),
    "site": folder("site", "_ext", "_static", "_config.yml", "helpers", "tools", "LICENSE"),
    "pages": folder("pages", ".", dist="worksteal"),
    "korean": folder("korean", "."),
    "sessions": folder(
        "sessions",
        *("_build/html/peer-sessions", "_build/html/_static", "_ext", "_static", "helpers", "tools"),
        *("tests/site", "tests/browser"),
        dist="worksteal",
    ),
    "browser": folder(
        "browser", "_build/html", "_static", "_ext", "helpers", "tools", "tests/site", dist="worksteal"
    ),
}


def key(step: Step) -> str:
    """Digest what a step depends on. Where there is no browser, some tests are skipped."""
    browser = find_chromium() or "no browser"
    return digest([ROOT / name for name in step.inputs], environment(ROOT), browser, repr(step))


def run(name: str) -> bool:
    """Run a step up to the first command that fails; return whether none does."""
    with Clock(ROOT / "_build" / "times.json", name):
        for command in STEPS[name].commands:
            print(f"{name}: {command}", flush=True)
            if subprocess.run([sys.executable, "-m", *command.split()], cwd=ROOT).returncode:
                return False
    return True


def main(*names: str) -> None:
    """Run the steps that are named, or else those whose inputs have changed; exit if one fails."""
    failed, start = [], time.monotonic()
    for name in names or STEPS:
        passed = load(PASSED)
        if not names and passed.get(name) == key(STEPS[name]):
            continue
        if run(name):
            PASSED.parent.mkdir(exist_ok=True)
            PASSED.write_text(json.dumps(passed | {name: key(STEPS[name])}, indent=1))
        elif name == "book":
            sys.exit("The book was not built: what tests it was not run.")
        else:
            failed.append(name)
    if failed:
        sys.exit(f"Failed: {', '.join(failed)}")
    print(f"Everything passed ({time.monotonic() - start:.0f} s).")


if __name__ == "__main__":
    main(*sys.argv[1:])
