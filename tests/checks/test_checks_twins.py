"""The rules that predict what a mistake gives, of every task that has one."""

from collections.abc import Callable
from importlib import import_module
from itertools import combinations
from typing import Any

import pytest
import torch
from checks_testing import ALL

from helpers.checks.functions import Function, alike, call
from helpers.checks.rules import Rule

FUNCTIONS = {
    f"{assignment}-{name}": value
    for assignment in ALL
    for name, value in vars(import_module(f"helpers.checks.{assignment}")).items()
    if isinstance(value, Function)
}
# They cover all of a kind; some of it has a name of its own, which is found first.
FAMILIES = "order-of-axes", "gate-order", "precedence"
every_function = pytest.mark.parametrize("function", FUNCTIONS.values(), ids=FUNCTIONS)
Results = list[list[torch.Tensor] | None]  # by case


def results(function: Function) -> list[tuple[str, Results]]:
    """Return what every mistake gives in all cases."""
    return [
        (id, [function.follow(lines, n) for n in range(len(function.cases))])
        for id, ways in function.rule.mistakes.items()
        for lines in ways
    ]


def all_alike(one: list[torch.Tensor] | None, two: list[torch.Tensor] | None) -> bool:
    if one is None or two is None:
        return one is two
    return len(one) == len(two) and all(map(alike, one, two))


@every_function
def test_the_rule_gives_what_torch_gives_in_every_style(function: Function) -> None:
    for n, wanted in enumerate(function.wanted):
        for style in function.rule.styles:
            assert all_alike(function.follow(style, n), wanted)


@every_function
def test_the_cases_tell_all_mistakes_apart(function: Function) -> None:
    # What gives nothing by itself is named only together with another mistake, or with an answer's numbers.
    found = [("right", function.wanted), *(one for one in results(function) if any(one[1]))]
    for (id, one), (other, two) in combinations(found, 2):
        if other in FAMILIES and id != "right":
            continue
        assert id == other or not all(map(all_alike, one, two)), (id, other)


@pytest.mark.parametrize("name", [name for name in FUNCTIONS if isinstance(FUNCTIONS[name].rule, Rule)])
def test_whoever_makes_a_mistake_is_told_its_name(name: str) -> None:
    """Each way to make it, as if a learner had written these lines."""
    function = FUNCTIONS[name]
    for id, ways in function.rule.mistakes.items():
        for lines in ways:
            if id in FAMILIES or any("answer" in line.co_names for line in lines.values()):
                continue  # the latter need a learner's number
            calls = [
                call(answer(function, lines, n), case, learns=0) for n, case in enumerate(function.cases)
            ]
            verdict = function.judge_calls(calls)
            assert verdict and verdict.id == id, (id, verdict)


def answer(function: Function, lines: Any, n: int) -> Callable[..., Any]:
    """Return a learner's function that makes a mistake."""

    def follow(*values: Any) -> Any:
        given = dict(zip(function.cases[n], values, strict=True))
        found = function.rule.follow(lines, {"self": function.twin(n), "answer": None} | given)
        if found is None:
            raise RuntimeError("shapes do not fit")
        return found

    return follow


@every_function
def test_every_mistake_gives_numbers_that_can_be_seen_to_be_wrong(function: Function) -> None:
    """In the first wrong case, the message shows different shapes or numbers."""
    for id, given in results(function):
        bad = [n for n, answer in enumerate(given) if answer and not all_alike(answer, function.wanted[n])]
        if bad:
            expected, got = function.say(bad[0], given[bad[0]])
            assert not expected.endswith(f": {got}") and got, id
        else:
            assert given == [None] * len(given), id
