"""Tasks and assignments as a notebook sees them: verdicts become messages."""

import html
import json
import re
import sys
import textwrap
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import wraps
from inspect import signature
from pathlib import Path
from typing import Any

import torch

from helpers.checks.translation import translate
from helpers.checks.values import CPU, Json, clean_state, settings_left
from helpers.checks.verdicts import COMMON, Mistake, Verdict, explain_settings, load_texts
from helpers.language import width, wrap


@dataclass(frozen=True)
class Message:
    """A headline, named rows of text and optionally code: HTML in a notebook, plain text elsewhere."""

    headline: str
    rows: Sequence[tuple[str, str]] = ()
    code: str = ""

    def said(self) -> "Message":
        """Return the message in the language that is chosen."""
        if not (headline := translate(self.headline)):
            return self
        rows = [(translate(name) or name, translate(text) or text) for name, text in self.rows]
        return Message(headline, rows, self.code)

    def __repr__(self) -> str:
        said = self.said()
        lines = [said.headline]
        for name, text in said.rows:
            first, rest = (f"  {name}{' ' * (12 - width(name))}", " " * 14) if name else ("  ", "  ")
            lines.append(wrap(text, 100, first, rest))
        if self.code:
            lines += ["", textwrap.indent(self.code, "    ")]
        return "\n".join(lines)

    def _repr_html_(self) -> str:
        said = self.said()
        rows = [f"<br>{name}: {_html(text)}" if name else f"<br>{_html(text)}" for name, text in said.rows]
        code = f"<pre>{html.escape(self.code)}</pre>" if self.code else ""
        body = f"<strong>{_html(said.headline)}</strong>{''.join(rows)}{code}"
        return f'<div style="border-left: 4px solid; padding-left: 1em">{body}</div>'


def _html(text: str) -> str:
    return re.sub(r"`([^`]+)`", r"<code>\1</code>", html.escape(text))


def leftovers() -> list[str]:
    """Describe the notebook's settings that affect training but not the checks."""
    dtype, device = torch.get_default_dtype(), torch.get_default_device()
    inference = torch.is_inference_mode_enabled()
    found = {
        "gradients": not (torch.is_grad_enabled() or inference),
        "inference": inference,
        "dtype": dtype != torch.float32,
        "device": device != CPU,
    }
    return [COMMON["leftovers"][id].format(dtype=dtype, device=device) for id in found if found[id]]


class CheckError(Exception):
    """The answer is not right. A notebook shows only the message, without a stack trace."""

    def __init__(self, message: Message) -> None:
        super().__init__(repr(message))
        self.message = message

    def _render_traceback_(self) -> list[str]:
        # IPython shows these lines instead of a stack trace.
        headline, *rows = repr(self.message).splitlines()
        return [f"\x1b[1m{headline}\x1b[0m", *rows]


class NotAttempted(CheckError, NotImplementedError):  # noqa: N818
    """The stub is still there."""


class WrongAnswer(CheckError, AssertionError):  # noqa: N818
    """The learner's code ran, but gave the wrong result."""


class AnswerRaised(CheckError, RuntimeError):  # noqa: N818
    """The learner's code raised an exception."""


OUTCOMES = {
    "not attempted": (NotAttempted, "○ {title}: not attempted yet", "Next"),
    "wrong": (WrongAnswer, "✗ {title}: not right yet", "Looks like"),
    "raised": (AnswerRaised, "✗ {title}: your code stops with an error", "Meaning"),
}


@dataclass(eq=False, repr=False)
class Task:
    """One task of an assignment. Call it with the learner's answer to check the answer.

    Both halves run in a clean state, whatever the notebook has set.

    Attributes:
        assignment: Name of the notebook, without folder or extension.
        name: Name of the task; the notebook's cell has the id `task-NAME`.
        texts: `title`, `answer` (its name in the notebook), `right`, `hints`, `section`, `wrong` (each
            `Mistake`, by diagnosis).
        probe: Runs the answer and returns plain values.
        judge: Takes these values and returns the verdict.
        above: The tasks whose answers produced what this one checks.
        others: All tasks of the assignment, by the names of their answers in the notebook.
        answer: The last answer checked.
        solved: Whether it was right.
    """

    assignment: str
    name: str
    texts: dict[str, Any]
    probe: Callable[..., Json]
    judge: Callable[[Json], Verdict]
    above: Sequence["Task"] = ()
    others: Mapping[str, str] = field(default_factory=dict)
    answer: Any = field(default=None, init=False)
    solved: bool = field(default=False, init=False)
    hints_shown: int = field(default=0, init=False)

    def __repr__(self) -> str:
        """Say what the check is for; the hints are not given away."""
        return f"check.{self.name}(...) checks {self.texts['answer']}"

    def __post_init__(self) -> None:
        probe, judge = self.probe, self.judge

        @clean_state()
        @wraps(probe)
        def whole_probe(*answer: Any) -> Json:
            settings_left.clear()
            return probe(*answer) | {"settings_left": dict(settings_left)}

        @clean_state()
        def whole_judge(seen: Json) -> Verdict:
            verdict = judge(seen)
            return explain_settings(verdict, seen["settings_left"]) or verdict

        self.probe, self.judge = whole_probe, whole_judge

    @property
    def title(self) -> str:
        """Return the task's name in messages."""
        return self.texts["title"]

    @property
    def changed(self) -> bool:
        """Return whether the notebook has redefined a right answer since its check.

        A grader's process has no such name, so nothing has changed there.
        """
        notebook = vars(sys.modules["__main__"])
        return self.solved and notebook.get(self.texts.get("answer"), self.answer) is not self.answer

    def __call__(self, *answer: Any) -> Message:
        """Check an answer.

        Raises:
            NotAttempted, WrongAnswer, AnswerRaised: The answer is not right; each says what to do next.
            NotAttempted: A task above has changed since its check.
            CheckError: There is no answer, or more than one.
        """
        takes = signature(self.probe).parameters
        if len(answer) != len(takes):
            raise CheckError(Message(f"✗ `check.{self.name}` takes: {', '.join(takes)}"))
        given = getattr(answer[0], "__name__", "")
        if given != self.texts.get("answer") and given in self.others:
            call = f"`check.{self.others[given]}({given})`"
            raise CheckError(
                Message(f"✗ {self!r}, and was given `{given}`", [("Next", f"{call} checks that.")])
            )
        wait_for([task for task in self.above if task.changed])
        verdict = self.judge(self.probe(*answer))
        still_open = [task.title for task in self.above if not task.solved]
        if verdict.outcome == "wrong" and still_open:
            verdict = replace(verdict, id="still-open", values={"titles": ", ".join(still_open)})
        self.answer, self.solved = answer[0], verdict.outcome == "right"
        message = self.message(verdict, leftovers())
        if self.solved:
            return message
        raise OUTCOMES[verdict.outcome][0](message) from None

    def message(self, verdict: Verdict, notes: Sequence[str] = ()) -> Message:
        """Return a verdict as a message, with a line for each note."""
        if verdict.outcome == "right":
            lines = [self.texts["right"].format(**verdict.values), *notes]
            return Message(f"✓ {self.title}: right", [("", line) for line in lines])
        _, headline, name = OUTCOMES[verdict.outcome]
        own, common = (texts.get("wrong", {}).get(verdict.id, Mistake()) for texts in (self.texts, COMMON))
        words = own.says or common.says
        section = "" if verdict.outcome == "raised" else self.texts["section"]
        read = own.read or common.read or section
        rows = (
            ("Expected", verdict.expected),
            ("Got", verdict.got),
            ("Your line", verdict.line),
            (name, words.format(**verdict.values)),
            ("Read", read and COMMON["sections"][read]),
            ("Stuck?", f"Run `check.{self.name}.hint()` in a new cell."),
            *(("", note) for note in notes),
        )
        return Message(headline.format(title=self.title), [(name, text) for name, text in rows if text])

    def hint(self) -> Message:
        """Show the hints so far, and the next one."""
        hints = self.texts["hints"]
        self.hints_shown = min(self.hints_shown + 1, len(hints))
        rows = [(f"Hint {n}", hint) for n, hint in enumerate(hints[: self.hints_shown], 1)]
        left = len(hints) - self.hints_shown
        more = (
            f"{left} more: run it again." if left else f"No more. A solution: `check.{self.name}.solution()`."
        )
        return Message(f"Hints for {self.title}", [*rows, ("", more)])

    def solution(self) -> Message:
        """Show the cell that solves the task, if `solutions/` is here, above, or beside the helpers."""
        file = Path("solutions", f"{self.assignment}.ipynb")
        here = Path.cwd()
        for folder in (here, *here.parents, Path(__file__).parents[2]):
            if (folder / file).is_file():
                cells = json.loads((folder / file).read_text(encoding="utf-8"))["cells"]
                cell = next(cell for cell in cells if cell["id"] == f"task-{self.name}")
                lines = "".join(cell["source"]).splitlines()
                code = "\n".join(
                    line for line in lines if not line.endswith(("# BEGIN SOLUTION", "# END SOLUTION"))
                )
                return Message(f"A solution of {self.title}", [("", "Others are just as good.")], code)
        where = f"in the course's repository, in the file {file.as_posix()}, in the cell of the same name."
        return Message(f"A solution of {self.title} is not on this computer", [("", f"It is {where}")])


def wait_for(tasks: Sequence[Task]) -> None:
    """Raise unless these tasks are solved, with the definitions that were checked.

    Raises:
        NotAttempted: A task is still open, or has changed since its check.
    """
    still_open = [task.title for task in tasks if not task.solved]
    rows = [
        ("", f"{task.title} has changed since its check: run its check again, then this cell.")
        for task in tasks
        if task.changed
    ]
    if still_open:
        rows += [("Still open", ", ".join(still_open))]
        rows += [("Next", "Solve it, run its check, then run this cell.")]
    if rows:
        raise NotAttempted(Message("○ This cell waits for a task above", rows))


class Assignment:
    """One notebook's tasks, as attributes: `check.layers(...)`.

    Args:
        name: Name of the notebook and of the file of texts, without folder or extension.
        tasks: Probe and judge of each task. The one called `result` checks the trained model.
    """

    def __init__(self, name: str, **tasks: tuple[Callable[..., Json], Callable[[Json], Verdict]]) -> None:
        texts = load_texts(name)
        self.tasks = {key: Task(name, key, texts[key], *halves) for key, halves in tasks.items()}
        others = {text["answer"]: key for key, text in texts.items() if "answer" in text}
        for task in self.tasks.values():
            task.others = others
        self.tasks["result"].above = [task for key, task in self.tasks.items() if key != "result"]

    def __getattr__(self, name: str) -> Task:
        if name.startswith("_") or name not in self.tasks:
            raise AttributeError(f"There is no check.{name}. There are: {', '.join(self.__dir__())}.")
        return self.tasks[name]

    def __dir__(self) -> list[str]:
        return [*self.tasks, "goal", "ready"]

    def goal(self, *dataset: str) -> Message:
        """Say before the training what `result` will ask for: nothing, of a data set never measured.

        Raises:
            CheckError: The name of the data set is missing, or is not asked for.
        """
        _, *takes = signature(self.result.probe).parameters
        if len(dataset) != len(takes):
            call = f"`check.goal({', '.join(takes).upper()})`"
            raise CheckError(Message(f"✗ The goal depends on {' and '.join(takes) or 'nothing'}: {call}"))
        verdict = self.result.judge(self.result.probe(1.0, *dataset))
        return Message("The goal of the training", [("", COMMON["goal"].format(**verdict.values))])

    def ready(self, *names: str) -> None:
        """Raise unless the named tasks (by default all) are solved.

        Raises:
            NotAttempted: A task is still open, or has changed since its check.
        """
        wait_for([getattr(self, name) for name in names] or self.result.above)
