"""The checks of the AAE assignment only; `test_checks.py` tests what all checks share."""

from itertools import combinations
from typing import Any

import pytest
import torch
from checks_testing import ALL, VALUES

from helpers.checks.aae import HELD, LOSSES, NETS, SIZES, STEPS, _flats, _move, _small_nets, _take
from helpers.checks.values import same

answers = ALL["aae"]
RIGHT, WRONG = answers.written.RIGHT, answers.written.WRONG


def moved(step: str, lines: Any = None, **more: Any) -> torch.Tensor:
    """Return all weights after the first call of a step with this loss."""
    nets = _small_nets()
    _move(step, nets, 0, lines, **more)
    return torch.cat([*_flats(nets).values()])


@pytest.mark.parametrize("step", STEPS)
def test_the_twin_moves_as_torch_does(step: str) -> None:
    solution = answers.run(step, answers.cells("solutions")[step])
    assert answers.judge(step, solution).outcome == "right"


@pytest.mark.parametrize("step", STEPS)
def test_the_first_call_tells_all_mistakes_in_a_loss_apart(step: str) -> None:
    results = [("right", moved(step))]
    results += [(id, moved(step, lines)) for id, ways in LOSSES[step].mistakes.items() for lines in ways]
    results += [("no-zero-grad", moved(step, leftover=HELD[step]))]
    for (id, one), (other, two) in combinations(results, 2):
        assert id == other or not same(one, two), (id, other)


@pytest.mark.parametrize("step", STEPS)
def test_a_step_moves_what_its_optimizer_holds(step: str) -> None:
    before, nets = _small_nets(), _small_nets()
    _move(step, nets, 0)
    for name, weights in _flats(before).items():
        assert torch.equal(weights, _flats(nets)[name]) == (name not in HELD[step])


def test_the_two_models_have_no_size_in_common() -> None:
    assert len({*SIZES[0], *SIZES[1]}) == 6


def test_a_mistake_in_the_labels_is_named_with_others_in_the_frame() -> None:
    source = WRONG["regularize"]["label-zero"][0]
    assert answers.verdict("regularize", source).id == "label-zero"
    kept = source.replace("loss.item()", "loss")
    assert answers.verdict("regularize", kept).id == "label-zero"


def test_means_of_both_halves_may_be_averaged() -> None:
    """One mean over a batch of both halves: half the sum, and just as good."""
    (source,) = [s for s in RIGHT["discriminate"] if "labels = torch.cat" in s]
    assert answers.verdict("discriminate", source).outcome == "right"
    wrong = source.replace("torch.ones(", "torch.zeros(", 1)
    assert answers.verdict("discriminate", wrong).id == "labels-all-zero"


def test_a_dict_of_strange_things_breaks_nothing() -> None:
    for task, names in (("networks", NETS), ("optimizers", STEPS)):
        for value in VALUES:
            given = dict.fromkeys(names, value)
            verdict = answers.judge(task, lambda *_, given=given: given)
            assert verdict.outcome in ("wrong", "raised")
    assert _take({}, NETS) == dict.fromkeys(NETS)


@pytest.mark.parametrize("step", STEPS)
def test_strange_things_in_a_step_break_nothing(step: str) -> None:
    for _, verdict in answers.judge_strange(step, "encoder(x)", "loss.item()", f"optimizers['{step}']"):
        assert verdict.outcome in ("wrong", "raised")


# `test_checks_gradients.py` tests tasks that ask for a class; here a dict holds the networks.


def changed(change: str) -> str:
    """Return the solution's networks after a change to them."""
    name = answers.names["networks"]
    return (
        f"{answers.cells('solutions')['networks']}\nmade = {name}\n\n"
        f"def {name}(*sizes):\n    nets = made(*sizes)\n    {change}\n    return nets\n"
    )


@pytest.mark.parametrize("net", NETS)
def test_whatever_is_frozen_in_a_network_is_noticed(net: str) -> None:
    networks = answers.run("networks", changed("pass"))
    assert answers.judge("networks", networks).outcome == "right"
    for n, _ in enumerate(networks(*SIZES[0])[net].parameters()):
        source = changed(f"[*nets[{net!r}].parameters()][{n}].requires_grad_(False)")
        assert answers.verdict("networks", source).outcome == "wrong", n


@pytest.mark.parametrize("net", NETS)
def test_wherever_the_way_back_is_cut_in_a_network_it_is_noticed(net: str) -> None:
    n_layers = len(answers.run("networks", changed("pass"))(*SIZES[0])[net])
    for n in range(n_layers):
        cut = f"nets[{net!r}][{n}].register_forward_hook(lambda *given: given[-1].detach())"
        assert answers.verdict("networks", changed(cut)).outcome == "wrong", n
