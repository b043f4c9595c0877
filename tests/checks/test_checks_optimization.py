"""The checks of the optimization assignment only; `test_checks.py` tests what all checks share."""

from itertools import combinations

import pytest
import torch
from checks_testing import ALL, VALUES

from helpers.checks.core import WrongAnswer
from helpers.checks.models import follow
from helpers.checks.optimization import Step, adam, check, momentum

answers = ALL["optimization"]
RIGHT = answers.written.RIGHT
both_steps = pytest.mark.parametrize("step", [momentum, adam], ids=["momentum", "adam"])


def outcomes(step: Step, changes: dict[str, str]) -> torch.Tensor:
    """Return all numbers a changed rule gives."""
    settings = {name: changes[name] for name in changes if name not in step.rule}
    rule = settings | step.rule | changes
    return torch.cat([part.flatten() for case in step.cases for part in follow(rule, case)])


@both_steps
def test_the_rule_without_a_mistake_is_that_of_torch(step: Step) -> None:
    for case in step.cases:
        for ours, twin in zip(follow(step.rule, case), step.twin(**case), strict=True):
            assert torch.allclose(ours, twin, atol=1e-6)


@both_steps
def test_the_calls_tell_all_mistakes_in_a_step_apart(step: Step) -> None:
    results = [("right", outcomes(step, {}))]
    for id, rules in step.mistakes.items():
        results += [(id, outcomes(step, changes)) for changes in rules]
    for (id, one), (other, two) in combinations(results, 2):
        alike = torch.allclose(one, two, rtol=1e-3, atol=1e-3, equal_nan=True)
        assert id == other or not alike, (id, other)


@both_steps
def test_every_mistake_in_a_step_can_be_seen_in_its_message(step: Step) -> None:
    """Expected and got show four decimals, in which some number must differ."""
    right = outcomes(step, {})
    for rules in step.mistakes.values():
        for changes in rules:
            assert not torch.allclose(right, outcomes(step, changes), atol=2e-4)


def test_two_mistakes_at_once_are_named_one_by_one() -> None:
    first = "def momentum_step(w, g, v, lr, beta): v = v + g; return w + lr * v, v"
    assert answers.verdict("momentum", first).id == "uphill"
    then = first.replace("w +", "w -")
    assert answers.verdict("momentum", then).id == "no-beta"


def test_networks_of_anything_break_nothing() -> None:
    """Strange values instead of layers and outputs."""
    parts = "nn.Linear(prev_hdim, ydim)", "self.net(x)", "nn.Tanh()"
    for _, verdict in answers.judge_strange("network", *parts):
        assert verdict.outcome in ("wrong", "raised")


def test_dicts_of_anything_break_nothing() -> None:
    for value in VALUES:
        for name in ("SGD", "momentum", "Adam"):

            def answer(models, lr, name=name, value=value):
                optimizers = answers.run("optimizers", RIGHT["optimizers"][0])
                return optimizers(models, lr) | {name: value}

            assert answers.judge("optimizers", answer).outcome == "wrong"


def test_a_score_may_be_far_below_zero() -> None:
    with pytest.raises(WrongAnswer):
        check.result(-3.0)
