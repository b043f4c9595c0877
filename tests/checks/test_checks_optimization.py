"""The checks of the optimization assignment only; `test_checks.py` tests what all checks share."""

import pytest
from checks_testing import ALL, VALUES

from helpers.checks.core import WrongAnswer
from helpers.checks.optimization import check

answers = ALL["optimization"]
RIGHT = answers.written.RIGHT


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
