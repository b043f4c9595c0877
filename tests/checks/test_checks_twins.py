"""The twins that predict what a mistake gives, in the attention and Vision Transformer assignments."""

from itertools import combinations

import pytest
import torch

from helpers.checks.attention import attention, many_heads, merge, split
from helpers.checks.twins import Twin, alike
from helpers.checks.vit import block, patches, tokens, vit

ATTENTION = {"attention": attention, "split": split, "merge": merge, "heads": many_heads}
VIT = {"patches": patches, "tokens": tokens, "block": block, "vit": vit}
TWINS = ATTENTION | VIT
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
            continue  # covers all orders; some have their own name, which is found first
        assert id == other or not all(map(all_alike, one, two)), (id, other)


@every_twin
def test_every_mistake_gives_numbers_that_can_be_seen_to_be_wrong(twin: Twin) -> None:
    """In the first wrong case, the message shows different shapes or numbers."""
    for id, given in results(twin):
        bad = [n for n, answer in enumerate(given) if answer and not all_alike(answer, list(twin.wanted[n]))]
        if bad:
            n = bad[0]
            expected, got = twin._say(n, given[n])
            assert not expected.endswith(f": {got}") and got, id
        else:  # named only together with another mistake
            assert twin in ATTENTION.values(), id
            assert given == [None] * len(given), id
