"""Sphinx, as strict as for the book, in the tests' own process: importing it takes longer than a build."""

import io
from contextlib import redirect_stderr, redirect_stdout
from pathlib import Path
from typing import NamedTuple

from sphinx.cmd.build import build_main


class Run(NamedTuple):
    """The result of a build: its status, 0 if there were no warnings, and its output."""

    returncode: int
    stdout: str


def strict_build(book: Path, settings: dict[str, object]) -> Run:
    """Build a book with these settings into its folder `_build`."""
    lines = [f"{name} = {value!r}\n" for name, value in settings.items()]
    (book / "conf.py").write_text("".join(lines), encoding="utf-8")
    output = io.StringIO()
    with redirect_stdout(output), redirect_stderr(output):
        status = build_main(["-qnW", "--keep-going", str(book), str(book / "_build")])
    return Run(status, output.getvalue())
