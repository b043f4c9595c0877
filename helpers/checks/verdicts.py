"""What judges return, and the diagnoses shared by all assignments (their texts are in `common.toml`)."""

import re
import tomllib
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Literal

import torch
from torch import Tensor

from helpers.checks.values import Json, numbers, same, say, say_row

STUB = "Your code goes here."  # what the NotImplementedError of every stub says
# A learner's run must come this close to the solution's worst seed.
MARGIN = 0.01


@dataclass(frozen=True)
class Mistake:
    """All that is known about a mistake.

    Attributes:
        says: The diagnosis, with placeholders, by default that of `common.toml`.
        read: The section of the book to read, by default the task's own.
        lines: The ways to make it, each as lines that replace those of the task's `Rule`.
    """

    says: str = ""
    read: str = ""
    lines: Sequence[str] = ()


def _mistakes(table: Mapping[str, Any]) -> dict[str, Mistake]:
    records = {id: one if isinstance(one, dict) else {"says": one} for id, one in table.items()}
    return {id: Mistake(**record) for id, record in records.items()}


def load_texts(name: str) -> dict[str, Any]:
    """Return the texts of an assignment by task, or the shared ones (`common`); `wrong` holds mistakes."""
    texts = tomllib.loads(Path(__file__).with_name(f"{name}.toml").read_text(encoding="utf-8"))
    for task in (texts, *texts.values()):
        if isinstance(task, dict) and "wrong" in task:
            task["wrong"] = _mistakes(task["wrong"])
    return texts


COMMON = load_texts("common")
IMPORTS = COMMON["imports"]  # the line for each name that is often used without it
PATTERNS = {"no-import": rf"NameError: name '(?P<name>{'|'.join(IMPORTS)})' is not"} | COMMON["patterns"]


@dataclass(frozen=True)
class Verdict:
    """What a judge says about an answer.

    Attributes:
        outcome: One of the four.
        id: The diagnosis; its text is in the assignment's file or in `common.toml`.
        expected: What the check expected, in words.
        got: What it got instead, in words.
        line: The learner's line that raised.
        values: Values for the placeholders in the diagnosis' text.
    """

    outcome: Literal["right", "wrong", "raised", "not attempted"]
    id: str
    expected: str = ""
    got: str = ""
    line: str = ""
    values: dict[str, Any] = field(default_factory=dict)


def right(**values: Any) -> Verdict:
    """Return the verdict on a right answer."""
    return Verdict("right", "right", values=values)


def wrong(id: str, expected: str, got: str, **values: Any) -> Verdict:
    """Return the verdict on a wrong answer; the arguments are those of `Verdict`."""
    return Verdict("wrong", id, expected, got, values=values)


def first(conditions: Mapping[str, Any]) -> str | None:
    """Return the first diagnosis whose condition holds, or None.

    Args:
        conditions: By diagnosis. A condition that is a function is called when its turn comes.
    """
    for id, condition in conditions.items():
        if condition() if callable(condition) else condition:
            return id
    return None


def explain(seen: Json) -> Verdict | None:
    """Return None if nothing was raised, otherwise the verdict; the stub's exception is "not attempted"."""
    if "raised" not in seen:
        return None
    raised = seen["raised"]
    if raised in ("NotImplementedError", f"NotImplementedError: {STUB}"):
        return Verdict(
            "not attempted", "not-attempted", values={"function": seen.get("function", "the function")}
        )
    line = seen.get("line", "")
    for id, pattern in PATTERNS.items():
        if match := re.search(pattern, f"{raised}\n{seen.get('called', '')}"):
            values = match.groupdict()
            values["imported"] = IMPORTS.get(values.get("name"))
            return Verdict("raised", id, got=raised, line=line, values=values)
    return Verdict("raised", "error", got=raised, line=line)


def explain_settings(verdict: Verdict, left: Mapping[str, str]) -> Verdict | None:
    """Return the verdict on an answer that changes torch's settings for all that runs after it, or None."""
    if verdict.outcome == "not attempted":
        return None
    for name, words in COMMON["settings"].items():
        if name in left:
            return wrong("settings-left", "torch's settings as they were", words.format(value=left[name]))
    return None


def expect_tensor(seen: Json, expected: str) -> Verdict | None:
    """Return None for a tensor, otherwise the verdict."""
    if trouble := explain(seen):
        return trouble
    if seen["type"] == "NoneType":
        return wrong("none", expected, "None")
    return wrong("no-tensor", expected, say(seen)) if "shape" not in seen else None


def expect_model(seen: Json) -> Verdict | None:
    """Return None for a class of torch modules, as seen by `make_model`, otherwise the verdict."""
    if seen["is_model"]:
        return wrong("instance", "the class", "a finished model")
    if trouble := explain(seen["made"]):
        return trouble
    if not seen["makes_modules"]:
        return wrong("no-module", "a class of torch modules", say(seen["made"]))
    return None


def expect_values(
    seen: Json, wanted: Tensor, expected: str, mistakes: Mapping[str, Callable[[Tensor], bool]] | None = None
) -> Verdict | None:
    """Return None for the values that a trusted twin gives, otherwise the verdict.

    Args:
        seen: The described value.
        wanted: The twin's values.
        expected: The twin's values in words, with their shape.
        mistakes: Diagnoses of wrong numbers with the right shape, and when each applies.
    """
    if trouble := expect_tensor(seen, expected):
        return trouble
    if seen["shape"] != list(wanted.shape):
        return wrong("shape", expected, say(seen))
    answer = numbers(seen)
    got = f"{say(seen)}, {say_row(answer)}"
    for id, applies in (mistakes or {}).items():
        if applies(answer):
            return wrong(id, expected, got)
    if not same(answer, wanted):
        return wrong("numbers", expected, got)
    if not seen["requires_grad"]:
        return wrong(
            "no-graph", "numbers that remember how they were computed", "the right numbers, without memory"
        )
    return None


def expect_logits(seen: Json, wanted: Tensor) -> Verdict | None:
    """Return None for the logits (B, K) that a trusted twin gives, otherwise the verdict."""
    expected = f"logits of shape {tuple(wanted.shape)}, {say_row(wanted)}"
    if seen.get("shape") == [len(wanted)]:
        return wrong("classes", expected, say(seen))
    ones_in_rows, ones_in_columns = (torch.ones(n) for n in wanted.shape)
    mistakes = {
        "softmax": lambda answer: (answer >= 0).all() and same(answer.sum(dim=1), ones_in_rows),
        "softmax-over-batch": lambda answer: (answer >= 0).all() and same(answer.sum(dim=0), ones_in_columns),
        "log-softmax": lambda answer: same(answer.exp().sum(dim=1), ones_in_rows),
        "sigmoid": lambda answer: same(answer, wanted.sigmoid()),
    }
    return expect_values(seen, wanted, expected, mistakes)


def name_mistake(
    verdict: Verdict | None, seen: Json, mistakes: Iterable[tuple[str, Tensor, dict[str, Any]]]
) -> Verdict | None:
    """Return the verdict, made more precise if a known mistake gives the same wrong shape or numbers.

    Args:
        verdict: From `expect_values`, or from a judge built on it.
        seen: The described value.
        mistakes: The diagnosis of each mistake, the numbers it gives, and the values for its text.
    """
    if verdict and verdict.id in ("numbers", "shape"):
        for id, values, words in mistakes:
            if same(numbers(seen), values):
                return replace(verdict, id=id, values=words)
    return verdict


def judge_score(solution_scores: Sequence[float]) -> Callable[[Json], Verdict]:
    """Return the judge of a trained model's score.

    Args:
        solution_scores: The solution's scores, at most 1, one per seed.
    """

    def judge(seen: Json) -> Verdict:
        score = seen["score"].get("value")
        if isinstance(score, str | bool | None) or not -1e6 <= score <= 1:
            return wrong("no-fraction", "a number, at most 1", say(seen["score"]))
        asked = min(solution_scores) - MARGIN
        runs = ", ".join(f"{run:.1%}" for run in solution_scores)
        below = f"{100 * MARGIN:g} point below the worst of {len(solution_scores)} seeds"
        rule = f"{asked:.1%} or more, {below} ({runs})"
        if score < asked:
            return wrong("too-low", rule, f"{score:.1%}")
        return right(score=score, rule=rule)

    return judge


def judge_accuracy(solution_scores: Mapping[str, Sequence[float]]) -> Callable[[Json], Verdict]:
    """Return the judge of a trained model's accuracy.

    Args:
        solution_scores: By data set, the solution's accuracies (0 to 1), one per seed.
    """

    def judge(seen: Json) -> Verdict:
        accuracy, dataset = seen["accuracy"].get("value"), seen["dataset"].get("value")
        if isinstance(accuracy, str | bool | None) or not 0 <= accuracy <= 1:
            return wrong("no-fraction", "a number from 0 to 1", say(seen["accuracy"]))
        if dataset not in solution_scores:
            measured = " and ".join(solution_scores)
            rule = f"nothing, as only {measured} have been measured: compare runs of your own"
            return right(score=accuracy, rule=rule)
        return judge_score(solution_scores[dataset])({"score": seen["accuracy"]})

    return judge
