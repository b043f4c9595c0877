"""The checks of the LSTM assignment only; `test_checks.py` tests what all checks share."""

import pytest
from checks_testing import ALL

from helpers.checks.lstm import SIZES, STATE_CASES

answers = ALL["lstm"]
RIGHT = answers.written.RIGHT


def test_two_mistakes_at_once_are_named_one_by_one() -> None:
    first = RIGHT["step"][0].replace("i, f, g, o = sums", "f, i, g, o = sums")
    both = first.replace("o * c.tanh()", "o * c")
    assert answers.verdict("step", first).id == "input-and-forget"
    assert answers.verdict("step", both).id in ("input-and-forget", "no-tanh")


def test_no_size_of_a_state_comes_twice() -> None:
    for case in STATE_CASES:
        assert len({*case[:5]}) == 5
    assert all(one != two for one, two in zip(*STATE_CASES[:2], strict=True) if one != "cpu")
    assert len({*SIZES[0], *SIZES[1]}) == 8


def test_a_function_above_that_is_not_written_yet_is_named() -> None:
    source = answers.cells("assignments")["states"] + RIGHT["classifier"][0]
    verdict = answers.verdict("classifier", source)
    assert verdict.outcome == "not attempted"
    assert "initial_states" in repr(answers.message("classifier", verdict))


@pytest.mark.parametrize("wrong", ["x.size(0), n_layer, hdim", "n_layer, 32, hdim"])
def test_wrong_states_from_above_are_named(wrong: str) -> None:
    source = RIGHT["states"][0].replace("n_layer, x.size(0), hdim", wrong)
    verdict = answers.verdict("classifier", source + "\n" + RIGHT["classifier"][0])
    assert (verdict.outcome, verdict.id) == ("raised", "state-shape")


def test_states_and_classifiers_of_anything_break_nothing() -> None:
    states = "h = torch.zeros(n_layer, x.size(0), hdim, device=x.device)"
    parts = {
        "states": ((states, "h = VALUE"),),
        "classifier": (
            "nn.LSTM(xdim, hdim, n_layer, batch_first=True)",
            "nn.Linear(hdim, ydim)",
            "self.linear(out[:, -1, :])",
            "initial_states(x, self.n_layer, self.hdim)",
        ),
    }
    for task in parts:
        for value, verdict in answers.judge_strange(task, *parts[task]):
            if value is not None:  # torch's own states are zero too
                assert verdict.outcome in ("wrong", "raised")
