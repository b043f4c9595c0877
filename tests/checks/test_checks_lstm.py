"""The checks of the LSTM assignment only; `test_checks.py` tests what all checks share."""

from collections import defaultdict
from itertools import combinations

import pytest
import torch
from checks_testing import ALL

from helpers.checks.lstm import STATE_CASES, check, read_mistakes, step
from helpers.checks.models import follow
from helpers.checks.values import numbers, same

answers = ALL["lstm"]
RIGHT = answers.written.RIGHT


def outcomes(changes: dict[str, str]) -> torch.Tensor:
    """Return all numbers a changed step gives."""
    return torch.cat([part.flatten() for case in step.cases for part in follow(step.rule | changes, case)])


def test_the_step_without_a_mistake_is_that_of_torch() -> None:
    for case in step.cases:
        for ours, twin in zip(follow(step.rule, case), step.twin(**case), strict=True):
            assert torch.allclose(ours, twin, atol=1e-6)


def test_the_calls_tell_all_mistakes_in_a_step_apart() -> None:
    results = [("right", outcomes({}))]
    for id, rules in step.mistakes.items():
        results += [(id, outcomes(changes)) for changes in rules]
    for (id, one), (other, two) in combinations(results, 2):
        assert id == other or not torch.allclose(one, two, 1e-3, 1e-3), (id, other)


def test_every_mistake_in_a_step_can_be_seen_in_its_message() -> None:
    """Expected and got show the first eight numbers with four decimals."""
    for id, rules in step.mistakes.items():
        for changes in rules:
            seen = []
            for case in step.cases:
                parts = zip(follow(step.rule, case), follow(step.rule | changes, case), strict=True)
                seen += [(one - two).flatten()[:8].abs().max() for one, two in parts]
            assert max(seen) > 1e-3, id


def test_two_mistakes_at_once_are_named_one_by_one() -> None:
    first = RIGHT["step"][0].replace("i, f, g, o = sums", "f, i, g, o = sums")
    both = first.replace("o * c.tanh()", "o * c")
    assert answers.verdict("step", first).id == "input-and-forget"
    assert answers.verdict("step", both).id in ("input-and-forget", "no-tanh")


def test_no_size_of_a_state_comes_twice() -> None:
    for case in STATE_CASES:
        assert len({*case[:5]}) == 5
    assert all(one != two for one, two in zip(*STATE_CASES[:2], strict=True) if one != "cpu")


def test_the_sequences_tell_all_ways_to_read_them_apart() -> None:
    by_shape = defaultdict(list)
    for id, logits, words in read_mistakes():
        by_shape[logits.shape].append(((id, *words.values()), logits))
    for results in by_shape.values():
        for (id, one), (other, two) in combinations(results, 2):
            assert id == other or not same(one, two), (id, other)


def test_every_way_to_read_can_be_seen_in_its_message() -> None:
    """Expected and got show the first row with two decimals."""
    answer = answers.run("classifier", RIGHT["classifier"][0])
    wanted = numbers(check.classifier.probe(answer)["logits"])
    for id, logits, words in read_mistakes():
        if logits.shape == wanted.shape:
            assert (logits - wanted)[0].abs().max() > 0.01, (id, words)


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
