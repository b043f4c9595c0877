"""What judges return, and the diagnoses that all assignments share (their words are in `common.toml`)."""

import re
import tomllib
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

import torch
from torch import Tensor

from helpers.checks.values import Json, numbers, same, say, say_row

STUB = "Your code goes here."  # what the NotImplementedError of every stub says
# What is asked of a learner's run lies this far below the worst of five seeds.
MARGIN = 0.01


def load_texts(name: str) -> dict[str, Any]:
    """Return the texts of an assignment, or those that all share (`common`)."""
    return tomllib.loads(
        Path(__file__).with_name(f"{name}.toml").read_text(encoding="utf-8")
    )


COMMON = load_texts("common")


@dataclass(frozen=True)
class Verdict:
    """What a judge says about an answer.

    Attributes:
        outcome: One of the four.
        id: Names the diagnosis, whose words are in the assignment's texts or in `common.toml`.
        expected: What the check waited for, in words.
        got: What came instead, in words.
        line: The learner's own line that raised.
        values: What the diagnosis' words leave open.
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


def explain(seen: Json) -> Verdict | None:
    """Return the verdict on an exception, None where there was none. The stub's own means "not attempted"."""
    if "raised" not in seen:
        return None
    raised = seen["raised"]
    if raised in ("NotImplementedError", f"NotImplementedError: {STUB}"):
        return Verdict(
            "not attempted",
            "not-attempted",
            values={"function": seen.get("function", "the function")},
        )
    for id, pattern in COMMON["patterns"].items():
        if match := re.search(pattern, raised):
            return Verdict(
                "raised",
                id,
                got=raised,
                line=seen.get("line", ""),
                values=match.groupdict(),
            )
    return Verdict("raised", "error", got=raised, line=seen.get("line", ""))


def expect_tensor(seen: Json, expected: str) -> Verdict | None:
    """Return the verdict on an exception, or on a value that is no tensor; None for a tensor."""
    if trouble := explain(seen):
        return trouble
    if seen["type"] == "NoneType":
        return wrong("none", expected, "None")
    return wrong("no-tensor", expected, say(seen)) if "shape" not in seen else None


def expect_logits(seen: Json, wanted: Tensor) -> Verdict | None:
    """Return the verdict on anything but the logits (B, K) that a trusted twin gives; None for these."""
    expected, got = f"logits of shape {tuple(wanted.shape)}, {say_row(wanted)}", ""
    if trouble := expect_tensor(seen, expected):
        return trouble
    if seen["shape"] == [len(wanted)]:
        return wrong("classes", expected, say(seen))
    if seen["shape"] != list(wanted.shape):
        return wrong("shape", expected, say(seen))
    answer = numbers(seen)
    got = f"{say(seen)}, {say_row(answer)}"
    if (answer >= 0).all() and same(answer.sum(dim=1), torch.ones(len(answer))):
        return wrong("softmax", expected, got)
    if (answer >= 0).all() and same(answer.sum(dim=0), torch.ones(answer.shape[1])):
        return wrong("softmax-over-batch", expected, got)
    if same(answer.exp().sum(dim=1), torch.ones(len(answer))):
        return wrong("log-softmax", expected, got)
    if same(answer, wanted.sigmoid()):
        return wrong("sigmoid", expected, got)
    if not same(answer, wanted):
        return wrong("numbers", expected, got)
    if not seen["requires_grad"]:
        return wrong(
            "no-graph",
            "logits that remember how they were computed",
            "the right numbers, without memory",
        )
    return None


def judge_accuracy(
    five_seeds: dict[str, tuple[float, ...]],
) -> Callable[[Json], Verdict]:
    """Return the judge of what a trained model reaches.

    Args:
        five_seeds: What the solution reaches with five seeds, as fractions of one, by name of the data set.
    """

    def judge(seen: Json) -> Verdict:
        accuracy, dataset = seen["accuracy"].get("value"), seen["dataset"].get("value")
        if isinstance(accuracy, str | bool | None) or not 0 <= accuracy <= 1:
            return wrong("no-fraction", "a number from 0 to 1", say(seen["accuracy"]))
        if dataset not in five_seeds:
            return right(
                accuracy=accuracy,
                rule=f"nothing, as it was measured for {', '.join(five_seeds)} only",
            )
        reached = five_seeds[dataset]
        asked = min(reached) - MARGIN
        runs = ", ".join(f"{run:.1%}" for run in reached)
        rule = f"{asked:.1%} or more, {100 * MARGIN:g} point below the worst of {len(reached)} seeds ({runs})"
        if accuracy < asked:
            return wrong("too-low", rule, f"{accuracy:.1%}")
        return right(accuracy=accuracy, rule=rule)

    return judge
