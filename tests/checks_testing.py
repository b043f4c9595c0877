"""What the tests of the checks share: answers as a learner writes them, and values that no learner would."""

import json
import linecache
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import cache
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

ROOT = Path(__file__).parents[1]
cells = count()


@cache
def task_cells(path: Path) -> dict[str, str]:
    """Return the source of the cell of each task, from the top of a notebook to its end."""
    return {
        cell.id.removeprefix("task-"): cell.source
        for cell in nbformat.read(path, as_version=4).cells
        if cell.id.startswith("task-")
    }


@dataclass
class Answers:
    """The assignment of this name, and the answers of its learners (`wrong_answers/NAME.py`)."""

    name: str

    def __post_init__(self) -> None:
        self.check: Assignment = import_module(f"helpers.checks.{self.name}").check
        self.written = import_module(f"wrong_answers.{self.name}")

    def run(self, task: str, source: str) -> Any:
        """Run an answer as a notebook would, with its own name and its lines for tracebacks."""
        name = f"<cell {next(cells)}>"
        lines = source.splitlines(keepends=True)
        linecache.cache[name] = (len(source), None, lines, name)
        scope = {"__name__": "__main__"} | {
            "torch": torch,
            "Tensor": Tensor,
            "nn": nn,
            "F": F,
            "Callable": Callable,
            "Iterable": Iterable,
            "rearrange": rearrange,
        }
        for above, solution in self.cells("solutions").items():
            if above == task:
                break
            exec(solution, scope)  # what a task may use of those above it
        exec(compile(source, name, "exec"), scope)
        return scope[self.written.NAMES[task]]

    def judge(self, task: str, *answer: Any) -> Verdict:
        """Judge an answer from what JSON has kept of the probe."""
        seen = self.check.tasks[task].probe(*answer)
        seen = json.loads(json.dumps(seen, allow_nan=False))
        return self.check.tasks[task].judge(seen)

    def verdict(self, task: str, source: str) -> Verdict:
        """Run and judge an answer."""
        return self.judge(task, self.run(task, source))

    def message(self, task: str, verdict: Verdict) -> Any:
        """Return a verdict in words."""
        return self.check.tasks[task].message(verdict)

    def cells(self, folder: str) -> dict[str, str]:
        """Return the source of the cell of each task."""
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
