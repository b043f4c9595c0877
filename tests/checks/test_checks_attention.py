"""The checks of the attention assignment only; `test_checks.py` tests what all checks share."""

import pytest
import torch
from checks_testing import ALL

from helpers.checks.attention import ATTENTION_CASES, HEADS_CASES, LAYERS, SIZES, check
from helpers.checks.functions import call

answers = ALL["attention"]
RIGHT = answers.written.RIGHT


def test_no_two_sizes_of_the_first_case_are_the_same() -> None:
    q, k, v, _ = ATTENTION_CASES[0].values()
    sizes = [*q.shape, k.shape[-2], v.shape[-1]]
    assert len({*sizes}) == len(sizes)
    assert not {*SIZES[0]} & {*SIZES[1]}


def test_every_query_may_look_somewhere() -> None:
    for case in (*ATTENTION_CASES, *HEADS_CASES):
        if case["mask"] is not None:
            assert case["mask"].any(dim=-1).all()
            assert not case["mask"].all()


MASKS = [
    "scores.masked_fill(~mask, -1e9)",
    "scores.masked_fill(mask == 0, -1e4)",
    "scores.masked_fill(~mask, torch.finfo(scores.dtype).min)",
    "torch.where(mask, scores, -1e20)",
    "scores + (1 - mask.float()) * -1e9",
]


@pytest.mark.parametrize("mask", MASKS)
def test_mistakes_keep_their_names_however_the_mask_is_written(mask: str) -> None:
    line = "scores.masked_fill(~mask, -torch.inf)"
    assert answers.verdict("attention", RIGHT["attention"][0].replace(line, mask)).outcome == "right"
    for id, sources in answers.written.WRONG["attention"].items():
        for source in sources:
            if line in source:
                assert answers.verdict("attention", source.replace(line, mask)).id == id


def test_strange_things_break_nothing() -> None:
    """Strange values instead of the scores, the weights, and the return value."""
    layers = "nn.Linear(width, width)"
    parts = {
        "attention": ("q @ k.transpose(-2, -1)", "scores.softmax(dim=-1)", "weights @ v"),
        "split": ("x.view(B, N, n_heads, D // n_heads)",),
        "merge": ("heads.permute(0, 2, 1, 3)", "H * W"),
        "heads": ("self.to_q(x)", "attention(q, k, v, mask)", "merge_heads(heads)", layers),
    }
    parts["heads"] += (("n_heads = n_heads", "n_heads = VALUE"),)
    for task in parts:
        for _, verdict in answers.judge_strange(task, *parts[task]):
            assert verdict.outcome in ("wrong", "raised")


def test_layers_may_have_other_names() -> None:
    source = RIGHT["heads"][0]
    for name in LAYERS:
        assert name in source
        assert answers.verdict("heads", source.replace(name, "other")).outcome == "right"


def test_a_task_above_that_is_open_is_named() -> None:
    """The layer calls the three functions; a stub among them is not the layer's mistake."""
    answer = answers.run("heads", RIGHT["heads"][0])
    stub = answers.run("merge", answers.cells("assignments")["merge"])
    answer.forward.__globals__["merge_heads"] = stub
    verdict = answers.judge("heads", answer)
    assert verdict.outcome == "not attempted"
    assert "merge_heads" in repr(check.heads.message(verdict))


def test_a_call_leaves_the_cases_as_they_were() -> None:
    before = [case["q"].clone() for case in ATTENTION_CASES]
    seen = call(lambda q, k, v, mask: q.zero_(), ATTENTION_CASES[0])
    assert seen["changed"] == ["q"]
    assert all(map(torch.equal, before, (case["q"] for case in ATTENTION_CASES)))
