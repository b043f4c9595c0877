"""What comes out of grading: `grades.csv`, a page for each learner, and `cohort.html`."""

import csv
import hashlib
import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from grading.judge import Record, message
from grading.notebooks import Work, assignments
from grading.page import page, text
from grading.words import say, spoken
from helpers import language
from helpers.language import LANGUAGES

Outcomes = Mapping[str, Mapping[str, Mapping[str, str]]]  # by learner, assignment and task
FORMULA = re.compile(r"\s*[=+\-@|＝＋－＠]")  # how a cell begins that a spreadsheet would compute


@dataclass(frozen=True)
class Graded:
    """What a learner's submission to an assignment is worth.

    Attributes:
        learner: Name, as the folder gives it.
        assignment: Name; "" if no notebook could be read.
        work: What was graded; None if nothing could be.
        records: What each task is worth.
        notes: What is odd, by task; under "" about the whole.
    """

    learner: str
    assignment: str
    work: Work | None
    records: Mapping[str, Record]
    notes: Mapping[str, str] = field(default_factory=dict)

    @property
    def language(self) -> str:
        """Return the language of the notebook, or (it could not be read) the one that is chosen."""
        return self.work.language if self.work else language.current()

    @property
    def tasks(self) -> dict[str, Record]:
        """Return the tasks that count: the result of a training is the learner's own word."""
        return {name: record for name, record in self.records.items() if name != "result"}

    @property
    def right(self) -> int:
        """Return how many tasks are right."""
        return sum(record["outcome"] == "right" for record in self.tasks.values())


def write_all(graded: Sequence[Graded], out: Path, before: Outcomes | None = None) -> Iterator[Path]:
    """Write everything; give each file, or the folder of pages, when it is there.

    Args:
        graded: All submissions.
        out: The folder to write to.
        before: What `grades.json` held at an earlier deadline.
    """
    from grading.cohort import cohort  # draws: imports matplotlib

    outcomes = {
        name: {one.assignment: _outcomes(one) for one in graded if one.learner == name and one.work}
        for name in dict.fromkeys(one.learner for one in graded)
    }
    (out / "grades.json").write_text(json.dumps(outcomes, ensure_ascii=False, indent=1), "utf-8", "replace")
    write_csv(graded, out / "grades.csv")
    yield out / "grades.csv"
    pages = out / "learners"
    pages.mkdir(exist_ok=True)
    for name in outcomes:
        own = [one for one in graded if one.learner == name]
        (pages / file_name(name)).write_text(learner_page(name, own), "utf-8", "replace")
    yield pages
    (out / "cohort.html").write_text(cohort(graded, outcomes, before), "utf-8", "replace")
    yield out / "cohort.html"


def _outcomes(one: Graded) -> dict[str, str]:
    return {name: record["outcome"] for name, record in one.tasks.items()}


def plain(value: object) -> object:
    """Return a value for a spreadsheet: text stays text, even if it looks like a formula."""
    if not isinstance(value, str):
        return value
    line = " ".join(value.split())
    return f"'{line}" if FORMULA.match(line) else line


def write_csv(graded: Sequence[Graded], path: Path) -> None:
    """Write the table of grades, a line for each learner and assignment.

    Where no task could be graded, the numbers are empty, not zero, and the last column says why.
    """
    names = {one.assignment for one in graded if one.work}
    tasks = [(name, task) for name, given in assignments().items() if name in names for task in given.stubs]
    heads = [f"{name}: {task}" if len(names) > 1 else task for name, task in tasks]
    # The mark at the start is for Excel.
    with path.open("w", encoding="utf-8-sig", errors="replace", newline="") as file:
        out = csv.writer(
            file, quoting=csv.QUOTE_NONNUMERIC
        )  # where `;` separates cells, none begins inside one
        out.writerow(["learner", "assignment", "right", "of", *heads, "result (their own word)", "notes"])
        for one in graded:
            cells = [_cell(one.records.get(task)) if name == one.assignment else "" for name, task in tasks]
            counts = [one.right, len(one.tasks)] if one.tasks else ["", ""]
            odd = [*one.notes.items(), *(one.work.doubts.items() if one.work else ())]
            notes = " ".join(f"{task}: {say(note)}" if task else say(note) for task, note in odd)
            row = [one.learner, one.assignment, *counts, *cells, _cell(one.records.get("result")), notes]
            out.writerow(map(plain, row))


def _cell(record: Record | None) -> str:
    if not record:
        return ""
    named = record.get("verdict", {}).get("id", "")
    return record["outcome"] + (f" ({named})" if record["outcome"] in ("wrong", "raised") else "")


def file_name(learner: str) -> str:
    """Return the name of a learner's page: readable, safe on every system, and no one else's."""
    mark = hashlib.sha256(learner.encode(errors="replace")).hexdigest()[:8]
    readable = re.sub(r"[^\w-]+", "-", learner)[:40].strip("-")
    return f"{readable or 'learner'}-{mark}.html"


def learner_page(name: str, own: Sequence[Graded]) -> str:
    """Return a learner's page: the words of the checks, and what was odd about the notebook.

    It is in English only if all their notebooks are.
    """
    with spoken(max((one.language for one in own), key=LANGUAGES.index)):
        body = []
        for one in own:
            title = f"Assignment {one.assignment}" if one.assignment else "Your notebook"
            body.append(f"<h2>{text(say(title))}</h2>")
            if one.notes.get(""):
                body.append(f"<p>{text(say(one.notes['']))}</p>")
            if one.tasks:
                body.append(f"<p>{say(f'{one.right} of {len(one.tasks)} tasks are right.')}</p>")
            for task, record in one.records.items():
                said = message(one.assignment, task, record)._repr_html_()
                note = say(one.notes.get(task, "")) if record["outcome"] != "missing" else ""
                body.append(f'<div class="task">{said}{f"<p>{text(note)}</p>" if note else ""}</div>')
        return page(say(f"Feedback for {name}"), body)
