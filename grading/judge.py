"""The judge's side, outside the box: it asks the box for what the probes see, and reads plain JSON only."""

import hashlib
import json
from dataclasses import asdict
from functools import cache
from typing import Any, NoReturn

import torch

from grading.box import ROOT, Box, Limits
from grading.notebooks import Assignment, Work, assignments
from grading.words import say
from helpers.checks.core import Message
from helpers.checks.values import MOST_NUMBERS, Json
from helpers.checks.verdicts import Verdict, explain

RESULT = Limits(cpu_s=900, wall_s=3600.0)  # of a whole notebook, which trains
MOST_IN_ALL = 1000 * MOST_NUMBERS  # numbers in all described tensors; a probe's have a twentieth
LONGEST_TEXT = 2000  # characters: what searches a text may take its square
WORDS = {  # of what no check says, as nothing came out that it could look at
    "cpu": "It did not come to an end in {cpu_s} seconds of computing: is there a loop that never ends?",
    "time": "It did not come to an end in {wall_s:g} seconds: does it wait for something?",
    "11": "The interpreter crashed: is there a function that calls itself without end?",
    "output": "It wrote more than the {mb} MB that a check may need.",
    "exit": "It ended the whole process, so that no check could look at the answer.",
    "other": "It ended the whole process (signal {ended}).",
    "strange": "What came back is nothing that the check writes.",
}
NOT_ITS_OWN = ("box", "9")  # endings for which the machine may be to blame, short of memory, say
Record = dict[str, Any]  # `outcome`, and the verdict's fields as `verdict`, or else `says`


class BoxDiedError(Exception):
    """What a submission is worth is not known: its box has died, or the system has stopped its process."""


@cache
def version() -> str:
    """Digest all that a result depends on beside the submission: checks, assignments, grading, torch."""
    whole = hashlib.sha256(torch.__version__.split("+")[0].encode())
    ours = [ROOT / "grading" / f"{name}.py" for name in ("box", "confine", "inside", "judge", "notebooks")]
    for path in [*ours, *sorted((ROOT / "helpers").rglob("*")), *sorted((ROOT / "assignments").iterdir())]:
        if path.suffix in (".py", ".toml", ".ipynb"):
            whole.update(f"{path.relative_to(ROOT).as_posix()}\0".encode() + path.read_bytes())
    return whole.hexdigest()[:16]


def key(work: Work, result: bool, boxed: bool = True) -> str:
    """Digest a submission's content, how it is graded, and by which version: its result has this name."""
    missing = {task: note for task, note in work.notes.items() if task and task not in work.cells}
    parts = [work.assignment, work.cells, work.around, missing, result, boxed, version()]
    content = json.dumps(parts, sort_keys=True)
    return hashlib.sha256(content.encode()).hexdigest()[:32]


def grade(work: Work, box: Box, result: bool = False, limits: Limits | None = None) -> dict[str, Record]:
    """Return what each task of a submission is worth.

    Args:
        work: The submission.
        box: Where its code runs.
        result: Whether the whole notebook is run, too, if all tasks are right.
        limits: For each task.

    Raises:
        BoxDiedError: Nothing is known. Try again, best when the machine has less to do.
    """
    given, limits = assignments()[work.assignment], limits or Limits()
    records, above = {}, []
    for task, answer in given.answers.items():
        if task not in work.cells:
            records[task] = {"outcome": "missing", "says": work.notes.get(task, "")}
            continue
        cells = [*above, work.cells[task]]
        records[task], ran = _ask(given, task, work.around, cells, answer, box, limits)
        above = cells if ran else above  # a cell that never ends stops its own task alone
    if result and all(record["outcome"] == "right" for record in records.values()):
        cells = given.cells | {f"task-{task}": cell for task, cell in work.cells.items()}
        run = [
            cell for id, cell in cells.items() if not id.startswith(("install", "imports", "fig-", "live-"))
        ]
        run = run[: run.index(given.cells["check-result"]) + 1]
        records["result"], _ = _ask(given, "result", work.around, run, None, box, RESULT)
    return records


def _ask(
    given: Assignment,
    task: str,
    around: list[str],
    cells: list[str],
    answer: str | None,
    box: Box,
    limits: Limits,
) -> tuple[Record, bool]:
    """Return what a task is worth, and whether its cell came to an end."""
    request = {"assignment": given.name, "task": task, "cells": cells, "answer": answer}
    ended, data = box.ask(request | {"around": around}, limits)
    if ended in NOT_ITS_OWN:
        why = data.decode(errors="replace") if ended == "box" else "The system has stopped the process."
        raise BoxDiedError(why)
    if ended != "exit" or not data.strip():
        words = WORDS.get(ended, WORDS["other"])
        says = words.format(cpu_s=limits.cpu_s, wall_s=limits.wall_s, mb=limits.output >> 20, ended=ended)
        return {"outcome": "stopped", "says": says}, bool(data)
    return judge(given, task, data), True


def judge(given: Assignment, task: str, data: bytes) -> Record:
    """Return what a task is worth, by the bytes that came out of the box: they may be anything."""
    try:
        seen = json.loads(data, parse_constant=_refuse)
        if seen.get("missing"):
            return {"outcome": "missing", "says": "The cell does not define what the task asks for."}
        _look_at_sizes(seen)
        seen = _plain(seen)
        verdict = explain(seen["cell"]) if "cell" in seen else given.checks.tasks[task].judge(seen["seen"])
        record = {"outcome": verdict.outcome, "verdict": _plain(asdict(verdict))}
        message(given.name, task, record)._repr_html_()  # raises, if a text is none
        return json.loads(json.dumps(record, default=str))
    except Exception:  # values that no probe gives: whatever the judge makes of them, it is no verdict
        return {"outcome": "stopped", "says": WORDS["strange"]}


def _plain(value: Any) -> Any:
    """Return a value of JSON with all texts short, and without halves of characters."""
    if isinstance(value, str):
        return value[:LONGEST_TEXT].encode(errors="replace").decode()
    if isinstance(value, dict):
        return {_plain(name): _plain(inner) for name, inner in value.items()}
    return [_plain(inner) for inner in value] if isinstance(value, list) else value


def _refuse(name: str) -> NoReturn:
    raise ValueError(f"{name} is not JSON")


def _look_at_sizes(seen: Json) -> None:
    """Raise if the described tensors would be larger in all than any that a probe sees."""
    stack, left = [seen], MOST_IN_ALL
    while stack:
        value = stack.pop()
        if isinstance(value, dict):
            sizes = value.get("shape", [])
            if isinstance(sizes, list):
                size = 1
                for length in sizes:
                    size *= max(1, int(length))
                left -= size
                if left < 0 or len(value.get("numbers", ())) > MOST_NUMBERS:
                    raise ValueError("too large")
            stack.extend(value.values())
        elif isinstance(value, list):
            stack.extend(inner for inner in value if isinstance(inner, dict | list))


def message(assignment: str, task: str, record: Record) -> Message:
    """Put a record into the words of the check."""
    checked = assignments()[assignment].checks.tasks[task]
    if "verdict" in record:
        return checked.message(Verdict(**record["verdict"]))
    headline = {"missing": f"○ {checked.title}: not there", "stopped": f"✗ {checked.title}: was stopped"}
    says = headline[record["outcome"]]
    translated = say(says) != says  # or else the assignment's checks are in English, all of them
    return Message(say(says), [("", say(record["says"]) if translated else record["says"])])
