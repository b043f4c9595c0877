"""A test may read only what `tools/test.py` names as inputs of its folder.

Otherwise a step would be left out although something that its tests read has changed.
"""

import os
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tools.test import ROOT, STEPS

reader = ""  # the folder below `tests` whose tests run now


def may_read(path: Path) -> bool:
    """Say whether the tests that run now may read a file of the project."""
    name = path.relative_to(ROOT)
    made = name.parts[0] in ("_build", "node_modules") or any(
        part.startswith((".", "__")) for part in name.parts
    )
    return made or any(name.is_relative_to(given) for given in STEPS[reader].inputs)


def watch(event: str, arguments: tuple[Any, ...]) -> None:
    """Stop the opening of a file that is no input of the tests that run now."""
    if event == "open" and reader and isinstance(arguments[0], str | os.PathLike):
        path = Path(arguments[0]).resolve()
        if path.is_relative_to(ROOT) and path.is_file() and not may_read(path):
            name = path.relative_to(ROOT).as_posix()
            # Not an Exception: the code under test may catch those.
            pytest.fail(f"tests/{reader} reads {name}: add it to the inputs in tools/test.py")


sys.addaudithook(watch)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_protocol(item: pytest.Item) -> Iterator[None]:
    """Watch while a test runs."""
    global reader
    reader = item.path.relative_to(ROOT / "tests").parts[0]
    try:
        return (yield)
    finally:
        reader = ""
