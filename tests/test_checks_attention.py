"""What only the checks of the assignment on attention have; `test_checks.py` tests the rest."""

from itertools import combinations

import pytest
import torch
from checks_testing import ALL, VALUES

from helpers.checks.attention import (
    ATTENTION_CASES,
    LAYERS,
    MODEL,
    MODEL_CASES,
    OTHER_MODEL,
    Twin,
    alike,
    attention,
    call,
    check,
    many_heads,
    merge,
    split,
)

answers = ALL["attention"]
RIGHT = answers.written.RIGHT
TWINS = {"attention": attention, "split": split, "merge": merge, "heads": many_heads}
every_twin = pytest.mark.parametrize("twin", TWINS.values(), ids=TWINS)


def results(twin: Twin) -> list[tuple[str, list[list[torch.Tensor] | None]]]:
    """Return what every mistake gives in all cases."""
    return [
        (id, [twin.follow(twin.rule | changes, n) for n in range(len(twin.cases))])
        for id, rules in twin.mistakes.items()
        for changes in rules
    ]


def all_alike(one: list[torch.Tensor] | None, two: list[torch.Tensor] | None) -> bool:
    if one is None or two is None:
        return one is two
    return all(map(alike, one, two))


@every_twin
def test_the_rule_gives_what_torch_gives(twin: Twin) -> None:
    for n, wanted in enumerate(twin.wanted):
        assert all_alike(twin.follow(twin.rule, n), list(wanted))


@every_twin
def test_the_cases_tell_all_mistakes_apart(twin: Twin) -> None:
    found = [("right", list(map(list, twin.wanted))), *results(twin)]
    for (id, one), (other, two) in combinations(found, 2):
        if other == "order-of-axes" and id != "right":
            continue  # all orders: some have a name of their own, which is found first
        assert id == other or not all(map(all_alike, one, two)), (id, other)


@every_twin
def test_every_mistake_gives_numbers_that_can_be_seen_to_be_wrong(twin: Twin) -> None:
    """In the first case that it gets wrong, the message shows other shapes or other numbers."""
    for id, given in results(twin):
        bad = [
            n
            for n, answer in enumerate(given)
            if answer and not all_alike(answer, list(twin.wanted[n]))
        ]
        if bad:
            n = bad[0]
            expected, got = twin._say(n, given[n])
            assert not expected.endswith(f": {got}") and got, id
        else:  # named only together with another mistake
            assert given == [None] * len(given), id


def test_no_two_sizes_of_the_first_case_are_the_same() -> None:
    q, k, v, _ = ATTENTION_CASES[0].values()
    sizes = [*q.shape, k.shape[-2], v.shape[-1]]
    assert len({*sizes}) == len(sizes)
    assert not {*MODEL} & {*OTHER_MODEL}


def test_every_query_may_look_somewhere() -> None:
    for case in (*ATTENTION_CASES, *MODEL_CASES):
        if case["mask"] is not None:
            assert case["mask"].any(dim=-1).all()
            assert not case["mask"].all()


def test_strange_things_break_nothing() -> None:
    """Strange things in place of the scores, of the weights, and of what is returned."""
    lines = {
        "attention": (
            "q @ k.transpose(-2, -1)",
            "scores.softmax(dim=-1)",
            "weights @ v",
        ),
        "split": ("x.view(B, N, n_heads, D // n_heads)",),
        "merge": ("heads.permute(0, 2, 1, 3)", "H * W"),
        "heads": ("self.to_q(x)", "attention(q, k, v, mask)", "merge_heads(heads)"),
    }
    lines["heads"] += ("nn.Linear(width, width)", "n_heads = n_heads")
    for task, parts in lines.items():
        source = RIGHT[task][0]
        for part in parts:
            assert part in source
            for n in range(len(VALUES)):
                left = "n_heads = " if part.startswith("n_heads =") else ""
                answer = answers.run(task, source.replace(part, f"{left}VALUES[{n}]"))
                scope = getattr(answer, "__init__", answer)
                scope = getattr(scope, "__globals__", None) or answer.__globals__
                scope["VALUES"] = VALUES
                verdict = answers.judge(task, answer)
                assert verdict.outcome in ("wrong", "raised"), (task, part, n)
                assert repr(answers.message(task, verdict))


def test_layers_may_have_other_names() -> None:
    source = RIGHT["heads"][0]
    for name in LAYERS:
        assert name in source
        assert (
            answers.verdict("heads", source.replace(name, "other")).outcome == "right"
        )


def test_a_task_above_that_is_open_is_named() -> None:
    """The layer calls the three functions; a stub among them is no mistake of the layer."""
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
