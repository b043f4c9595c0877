"""The checks of the Vision Transformer assignment only; `test_checks.py` tests what all checks share."""

import pytest
import torch
from checks_testing import ALL
from torch.nn import functional as F

from helpers.checks.vit import (
    BLOCK_CASES,
    BLOCK_SIZES,
    PATCH_CASES,
    TOKEN_CASES,
    TOKEN_SIZES,
    VIT_CASES,
    check,
)

answers = ALL["vit"]
RIGHT = answers.written.RIGHT


def test_no_size_is_in_two_models() -> None:
    for one, two, _ in (TOKEN_SIZES, BLOCK_SIZES):
        assert not {*one} & {*two}


@pytest.mark.parametrize("task", ["tokens", "block", "vit"])
def test_a_model_that_changes_its_input_leaves_the_cases_as_they_were(task: str) -> None:
    cases = [*TOKEN_CASES, *BLOCK_CASES, *VIT_CASES, *PATCH_CASES]
    before = [next(iter(case.values())).clone() for case in cases]
    name = answers.names[task]
    source = RIGHT[task][0] + (
        f"\nclass {name}({name}):\n    def forward(self, x):\n        return super().forward(x.zero_())\n"
    )
    assert answers.verdict(task, source).outcome == "wrong"
    after = [next(iter(case.values())) for case in cases]
    assert all(map(torch.equal, before, after))


def test_two_mistakes_at_once_are_named_one_by_one() -> None:
    first = RIGHT["block"][0].replace("x = x + found", "x = found")
    both = first.replace("nn.GELU()", "nn.ReLU()")
    assert answers.verdict("block", first).id == "no-first-residual"
    assert answers.verdict("block", both).id in ("no-first-residual", "other-activation")


def test_a_block_may_not_drop_out_in_training_mode_either() -> None:
    source = RIGHT["block"][0].replace("nn.GELU()", "nn.GELU(), nn.Dropout(0.1)")
    verdict = answers.verdict("block", source)
    assert verdict.id == "random"
    assert "dropout" in repr(answers.message("block", verdict))


def test_a_task_above_that_is_open_is_named() -> None:
    """The model calls the tasks above; a stub among them is not the model's mistake."""
    source = answers.cells("assignments")["patches"] + "\n" + RIGHT["vit"][0]
    verdict = answers.verdict("vit", source)
    assert verdict.outcome == "not attempted"
    assert "to_patches" in repr(check.vit.message(verdict))
    for task in ("tokens", "block"):
        source = answers.cells("assignments")[task] + "\n" + RIGHT["vit"][0]
        assert answers.verdict("vit", source).outcome == "not attempted"


def test_patches_of_the_right_answers_are_those_of_torch() -> None:
    images = torch.randn(2, 3, 8, 12)
    for source in RIGHT["patches"]:
        found = answers.run("patches", source)(images, 4)
        assert torch.equal(found, F.unfold(images, 4, stride=4).mT)


def test_strange_things_break_nothing() -> None:
    """Strange values instead of layers, vectors and intermediate results."""
    parts = {
        "patches": (("images, '", "VALUE, '"), ("p=side", "p=VALUE")),
        "tokens": (
            "nn.Linear(patch_dim, width)",
            "nn.Parameter(torch.randn(width))",
            "self.embed(patches)",
            "torch.cat([first, rows], dim=1)",
            "tokens + self.positions",
        ),
        "block": (
            "nn.MultiheadAttention(width, n_heads, batch_first=True)",
            "nn.GELU()",
            "self.norm1(x)",
            "x + found",
        ),
        "vit": (
            "nn.LayerNorm(width)",
            "nn.Linear(width, n_classes)",
            "to_patches(images, self.side)",
            "x[:, 0]",
        ),
    }
    for task in parts:
        for _, verdict in answers.judge_strange(task, *parts[task]):
            assert verdict.outcome in ("wrong", "raised")
