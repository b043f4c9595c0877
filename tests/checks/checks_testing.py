"""Shared by the tests of the checks: answers as learners write them, and values no learner would write."""

import json
import linecache
import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import cache, cached_property
from importlib import import_module
from itertools import count
from pathlib import Path
from typing import Any

import nbformat
import torch
from einops import rearrange
from torch import Tensor, nn
from torch.nn import functional as F

from helpers.checks.core import Assignment
from helpers.checks.verdicts import Verdict

ROOT = Path(__file__).parents[2]
cells = count()


@cache
def task_cells(path: Path) -> dict[str, str]:
    """Return the source of each task's cell, in the order of the notebook."""
    return {
        cell.id.removeprefix("task-"): cell.source
        for cell in nbformat.read(path, as_version=4).cells
        if cell.id.startswith("task-")
    }


@dataclass
class Answers:
    """An assignment, and its learners' answers (`wrong_answers/NAME.py`)."""

    name: str

    def __post_init__(self) -> None:
        self.check: Assignment = import_module(f"helpers.checks.{self.name}").check
        self.written = import_module(f"wrong_answers.{self.name}")
        self.names: dict[str, str] = {
            name: task.texts["answer"] for name, task in self.check.tasks.items() if "answer" in task.texts
        }

    @cached_property
    def scopes(self) -> dict[str, dict[str, Any]]:
        """What each task finds in its notebook: imports, and solutions of the tasks above."""
        scope = {"__name__": "__main__"} | {
            "torch": torch,
            "Tensor": Tensor,
            "nn": nn,
            "F": F,
            "Callable": Callable,
            "Iterable": Iterable,
            "rearrange": rearrange,
        }
        scopes = {}
        for task, solution in self.cells("solutions").items():
            scopes[task] = dict(scope)
            exec(solution, scope)
        return scopes

    @cached_property
    def solution_lines(self) -> list[str]:
        """The lines no message may give away."""
        blocks = [
            block
            for source in self.cells("solutions").values()
            for block in re.findall(r"# BEGIN SOLUTION\n(.*?)# END SOLUTION", source, re.DOTALL)
        ]
        lines = [
            " ".join(line.partition("  #")[0].split()) for block in blocks for line in block.splitlines()
        ]
        lines = [line for line in lines if line]
        assert len(lines) >= 8
        return lines

    def given_away(self, *texts: str) -> list[str]:
        """Return the solution's lines that occur in these texts."""
        words = " ".join(" ".join(texts).split())
        return [line for line in self.solution_lines if line in words]

    def run(self, task: str, source: str) -> Any:
        """Run an answer as a notebook would, with its own name and its lines for tracebacks."""
        name = f"<cell {next(cells)}>"
        lines = source.splitlines(keepends=True)
        linecache.cache[name] = (len(source), None, lines, name)
        scope = dict(self.scopes[task])
        exec(compile(source, name, "exec"), scope)
        return scope[self.names[task]]

    def judge(self, task: str, *answer: Any) -> Verdict:
        """Judge an answer by what survives of the probe in JSON."""
        seen = self.check.tasks[task].probe(*answer)
        seen = json.loads(json.dumps(seen, allow_nan=False))
        return self.check.tasks[task].judge(seen)

    def verdict(self, task: str, source: str) -> Verdict:
        """Run and judge an answer."""
        return self.judge(task, self.run(task, source))

    def judge_strange(self, task: str, *parts: str | tuple[str, str]) -> Iterator[tuple[Any, Verdict]]:
        """Judge a right answer with each of these parts of its code replaced by each strange value.

        Args:
            task: The task's name.
            parts: The code that a value replaces, or also its replacement: `("x = y", "x = VALUE")`.
        """
        for part in parts:
            old, new = (part, "VALUE") if isinstance(part, str) else part
            source = self.written.RIGHT[task][0]
            assert old in source, old
            answer = self.run(task, source.replace(old, new))
            scope = getattr(answer, "__globals__", None) or answer.__init__.__globals__
            for value in VALUES:
                scope["VALUE"] = value
                verdict = self.judge(task, answer)
                assert repr(self.message(task, verdict))
                yield value, verdict

    def message(self, task: str, verdict: Verdict) -> Any:
        """Put a verdict into words."""
        return self.check.tasks[task].message(verdict)

    def cells(self, folder: str) -> dict[str, str]:
        """Return the source of each task's cell."""
        return task_cells(ROOT / folder / f"{self.name}.ipynb")


ALL = {
    path.stem: Answers(path.stem) for path in sorted(Path(__file__).with_name("wrong_answers").glob("*.py"))
}


class Strange:
    def __getattribute__(self, name: str) -> Any:
        raise ValueError("strange")

    def __repr__(self) -> str:
        raise ValueError("strange")


class StrangeTuple(tuple):
    __slots__ = ()

    def __iter__(self) -> Any:
        raise ValueError("strange")


class StrangeError(Exception):
    def __str__(self) -> str:
        raise ValueError("strange")


def raise_strange(*_: Any) -> None:
    raise StrangeError


PLAIN = [
    *(None, 0, True, 1.5, float("nan"), float("inf"), 10**400, 10**5000, 1j),
    *("", "a" * 100_000, b"x", (), [[]], {}, -(10**400), (None,) * 3),
    StrangeTuple((1, 2, 3)),
]
TENSORS = [
    *(torch.zeros(()), torch.zeros(0), torch.full((7, 4), torch.nan), torch.eye(6)),
    *(torch.zeros(10**5), torch.zeros(6, 5, dtype=torch.complex64)),
    *(torch.eye(6, 5).to_sparse(), torch.zeros(6, 5, device="meta")),
    *(torch.zeros(6, dtype=torch.int64), torch.zeros(6, dtype=torch.bool)),
]
OBJECTS = [
    *(torch.zeros(6, 5).numpy(), torch.zeros(6).numpy()[0], nn.Linear(2, 2), torch.nn),
    *(object, Exception, iter("ab"), Strange(), (n for n in "ab")),
    *(lambda *_: None, raise_strange),
]
VALUES = [*PLAIN, *TENSORS, *OBJECTS]
ANSWERS = [
    *VALUES,
    *(lambda *_, value=value: value for value in VALUES),
    *(lambda *_, value=value: (value, value) for value in VALUES),
    *(lambda *_, value=value: [value, value, value] for value in VALUES),
    lambda: 1,
    lambda *_, extra: 1,
]
