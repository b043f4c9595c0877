"""Checks for the assignment on the adversarial autoencoder; texts, and the mistakes, are in `aae.toml`."""

import math
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from functools import cache
from itertools import chain
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from helpers.checks.classes import Model
from helpers.checks.core import Assignment
from helpers.checks.functions import Function
from helpers.checks.layers import Activations, dense_sizes, judge_bias, judge_registered, say_sizes, sizes_of
from helpers.checks.rules import Lines, load_rule
from helpers.checks.updates import SGD, judge_left, judge_made, judge_settings, look_at_optimizers, state_of
from helpers.checks.values import (
    Json,
    attempt,
    clean_state,
    describe,
    normal,
    numbers,
    probe_accuracy,
    same,
    say,
)
from helpers.checks.verdicts import Verdict, explain, first, judge_accuracy, right, wrong

# The solution's score, by seed from 0 on. In all, images were explained well enough, so that it is the match.
SOLUTION_SCORES = {
    "mnist-5k": (0.9327, 0.9291, 0.9443, 0.9382, 0.9450),
    "digits": (0.9277, 0.9240, 0.9473, 0.9164, 0.9316),
}
NETS = "encoder", "decoder", "discriminator"
STEPS = "reconstruct", "discriminate", "regularize"


def _take(returned: Any, names: Sequence[str]) -> dict[str, Any] | None:
    """Return the values of a learner's dict for these names, None where missing; None if it is not a dict."""
    if not attempt(isinstance, returned, Mapping | nn.ModuleDict)[0]:
        return None
    taken, _ = attempt(lambda: {name: dict(returned.items()).get(name) for name in names})
    return taken


def _judge_dict(returned: Json, taken: Json | None, names: Sequence[str], expected: str) -> Verdict | None:
    """Return None for a dict with a value for each name, otherwise the verdict."""
    if trouble := explain(returned):
        return trouble
    if returned["type"] == "NoneType":
        return wrong("none", expected, "None")
    if taken is None:
        return wrong("no-dict", expected, say(returned))
    missing = [name for name in names if taken[name]["type"] == "NoneType"]
    if missing:
        got = f"nothing called {' or '.join(map(repr, missing))}"
        return wrong("names", expected, got)
    return None


# --- Task 1: the networks

SIZES = [(12, 7, 3), (10, 6, 4), (784, 256, 2)]  # xdim, hdim, zdim; the last are the notebook's


def _widths(name: str, xdim: int, hdim: int, zdim: int) -> tuple[int, ...]:
    """Return the widths of a network's columns."""
    return {
        "encoder": (xdim, hdim, zdim),
        "decoder": (zdim, hdim, xdim),
        "discriminator": (zdim, hdim, hdim, 1),
    }[name]


@clean_state()
def _twin(name: str, sizes: tuple[int, int, int]) -> nn.Sequential:
    """Return torch's own layers of a network."""
    layers = [
        layer for pair in dense_sizes(*_widths(name, *sizes)) for layer in (nn.Linear(*pair), nn.ReLU())
    ]
    layers[-1] = nn.Sigmoid() if name == "decoder" else nn.Identity()
    for parameter in (p for layer in layers for p in layer.parameters()):
        parameter.data *= 2  # so that mistakes show in the first two digits
    return nn.Sequential(*layers)


def _forward(name: str) -> Function:
    return Function(
        (f"{name}'s output",),
        [{"x": normal(6, _widths(name, *sizes)[0], seed=1)} for sizes in SIZES],
        [_twin(name, sizes) for sizes in SIZES],
        Activations(len(_widths(name, *SIZES[0])) - 1, "relu", "sigmoid" if name == "decoder" else ""),
        of=[0, 1, 2],
    )


def _judge_layers(name: str) -> Callable[[list[Json | None]], Verdict | None]:
    """Return the judge of a network's layers in models of several sizes."""

    def judge(looked: list[Json | None]) -> Verdict | None:
        x, h, z = SIZES[0]
        layers, (wanted, others_wanted) = looked[0], (dense_sizes(*_widths(name, *s)) for s in SIZES[:2])
        sizes, other_sizes = map(sizes_of, looked[:2])
        expected = f"for xdim {x}, hdim {h}, zdim {z}, {name}: {say_sizes(wanted)}"
        got = f"{name}: {say_sizes(sizes)}"
        if "PReLU" in layers["modules"]:
            return wrong("other-activation", expected, got, name="prelu")
        if verdict := judge_registered(layers, len(wanted), expected, got):
            return verdict
        if sizes == wanted and other_sizes == others_wanted:
            return judge_bias(layers)
        first_size, last_size = (sizes[0][0], sizes[-1][1]) if sizes else (0, 0)
        same_sizes = [one == other for one, other in zip(chain(*sizes), chain(*other_sizes), strict=False)]
        judges = name == "discriminator"  # its last size is the same in all models
        id = first(
            {
                "hard-coded-size": any(same_sizes[:-1] if judges else same_sizes),
                "exchanged": sizes == dense_sizes(*_widths(name, x, h, z)[::-1]),
                "sizes-swapped": sizes == [pair[::-1] for pair in wanted],
                "variational": name == "encoder" and last_size == 2 * z,
                "sees-images": judges and first_size == x,
                "two-logits": judges and last_size == 2,
                "logit-per-number": judges and last_size in (z, x),
                "shallow": judges and sizes == dense_sizes(z, h, 1),
                "no-last-layer": sizes == wanted[:-1],
                "layer-sizes": True,
            }
        )
        return wrong(id, expected, got, name=name)

    return judge


encoder, decoder, discriminator = map(_forward, NETS)
MODELS = {
    name: Model(SIZES, forward, (nn.Linear,), _judge_layers(name))
    for name, forward in zip(NETS, (encoder, decoder, discriminator), strict=True)
}
# What the diagnoses of activations and shapes mean for each network.
MEANS = {
    "encoder": {"activation-last": "codes-squashed"},
    "decoder": {
        "activation-last": "decoder-end",
        "end-missing": "decoder-no-sigmoid",
        "shape": "decoder-shape",
    },
    "discriminator": {"activation-last": "logit-squashed", "shape": "logit-axis"},
}


def _parameters(net: Any) -> list[int]:
    return [id(parameter) for parameter in net.parameters()]


def probe_networks(answer: Any) -> Json:
    """Look at what came back, then at each network as if a class made it."""
    returned, seen = attempt(answer, *SIZES[0])
    nets = _take(returned, NETS)
    held = {name: {*(attempt(_parameters, net)[0] or ())} for name, net in (nets or {}).items()}
    looks = {
        name: {
            **describe(net),
            "is_module": attempt(isinstance, net, nn.Module)[0],
            "shares": [other for other in NETS if other != name and held[name] & held[other]],
            "model": MODELS[name].probe(lambda *sizes, name=name: _take(answer(*sizes), NETS)[name]),
        }
        for name, net in (nets or {}).items()
    }
    return {"returned": seen, "nets": looks if nets else None}


def judge_networks(seen: Json) -> Verdict:
    """Judge what came back, then each network."""
    expected = f"a dict with a network for each of {', '.join(map(repr, NETS))}"
    nets = seen["nets"]
    if verdict := _judge_dict(seen["returned"], nets, NETS, expected):
        return verdict
    for name, net in nets.items():
        if not net["is_module"]:
            return wrong("no-network", expected, f"under {name!r}, {say(net)}")
    for name, net in nets.items():
        if net["shares"]:
            shared = f"layers that {name} and {' and '.join(net['shares'])} share"
            return wrong("shared-layers", "own layers for each network", shared)
    for name, net in nets.items():
        verdict = MODELS[name].judge(net["model"])
        if verdict.outcome != "right":
            return replace(verdict, id=MEANS[name].get(verdict.id, verdict.id))
    return right()


# --- Task 2: the optimizers

LR = 0.037  # a value nobody would hard-code
HELD = {"reconstruct": ("encoder", "decoder"), "discriminate": ("discriminator",), "regularize": ("encoder",)}


@clean_state()
def _small_nets() -> dict[str, nn.Module]:
    """Return three tiny networks, always with the same weights."""
    nets = {
        "encoder": nn.Sequential(nn.Linear(6, 5), nn.Tanh(), nn.Linear(5, 2)),
        "decoder": nn.Sequential(nn.Linear(2, 5), nn.Tanh(), nn.Linear(5, 6), nn.Sigmoid()),
        "discriminator": nn.Sequential(nn.Linear(2, 5), nn.Tanh(), nn.Linear(5, 1)),
    }
    for net in nets.values():
        for parameter in net.parameters():
            parameter.data *= 2  # so that mistakes show in the first digits
    return nets


def _moved(step: str, nets: Mapping[str, nn.Module]) -> nn.ModuleList:
    return nn.ModuleList([nets[name] for name in HELD[step]])


def probe_optimizers(answer: Any) -> Json:
    """Look at the three optimizers."""
    nets = _small_nets()
    returned, seen = attempt(answer, dict(nets), LR)
    optimizers = _take(returned, STEPS)
    return {"returned": seen, "optimizers": optimizers and look_at_optimizers(optimizers, nets)}


def judge_optimizers(seen: Json) -> Verdict:
    """Judge what came back, then each optimizer's kind, parameters and settings."""
    expected = f"a dict with an optimizer for each of {', '.join(map(repr, STEPS))}"
    optimizers = seen["optimizers"]
    if verdict := _judge_dict(seen["returned"], optimizers, STEPS, expected):
        return verdict
    if verdict := judge_made(optimizers, expected):
        return verdict
    for name, optimizer in optimizers.items():
        if optimizer["type"] != "Adam":
            return wrong("kind", f"{name!r}: Adam", f"{name!r}: {optimizer['type']}")
    nets = _small_nets()
    twins = {step: torch.optim.Adam(_moved(step, nets).parameters(), LR) for step in STEPS}
    return _judge_holds(optimizers) or judge_settings(optimizers, twins) or right()


def _judge_holds(optimizers: Json) -> Verdict | None:
    counts = {name: len(list(net.parameters())) for name, net in _small_nets().items()}
    all_held = {name: {*o["look"]["holds"]} for name, o in optimizers.items()}
    exchanged = sorted(map(sorted, all_held.values())) == sorted(map(sorted, HELD.values()))
    for name in STEPS:
        holds, wanted = optimizers[name]["look"]["holds"], {*HELD[name]}
        held = all_held[name]
        expected = f"{name!r} to move {_and(sorted(wanted))}"
        got = f"{name!r} moves {_and(sorted(held)) or 'nothing'}"
        id = first(
            {
                "copies": "a copy" in held,
                "optimizers-exchanged": exchanged and held != wanted,
                "moves-everything": held == {*NETS},
                "no-encoder": name == "reconstruct" and held == {"decoder"},
                "no-decoder": name == "reconstruct" and held == {"encoder"},
                "codes-moved": name == "discriminate" and held > wanted,
                "referee-moved": name == "regularize" and "discriminator" in held,
                "decoder-moved": name == "regularize" and "decoder" in held,
                "other-networks": held != wanted,
            }
        )
        if id:
            return wrong(id, expected, got, name=name)
        if any(len({*holds[net]}) != counts[net] for net in wanted):
            got = ", ".join(f"{len({*keys})} of {net}" for net, keys in holds.items())
            return wrong("some-parameters", f"{expected}: all parameter tensors", got)
    return None


def _and(names: Sequence[str]) -> str:
    return " and ".join(name if name.startswith("a") else f"the {name}" for name in names)


# --- Tasks 3 to 5: the three steps

RATE = 1.0  # learning rate of the check's own optimizers
N_IMAGES = 7, 7, 4  # per call
IMAGES = [normal(n, 6, seed=20 + k).sigmoid() for k, n in enumerate(N_IMAGES)]
bce = F.binary_cross_entropy_with_logits


def _reconstruct(encoder, decoder, discriminator, x, points):
    rebuilt = decoder(encoder(x))
    return F.mse_loss(rebuilt, x)


def _discriminate(encoder, decoder, discriminator, x, points):
    real = discriminator(points)
    fake = discriminator(encoder(x).detach())
    of_real = bce(real, torch.ones_like(real))
    of_fake = bce(fake, torch.zeros_like(fake))
    return of_real + of_fake


def _regularize(encoder, decoder, discriminator, x, points):
    fake = discriminator(encoder(x))
    return bce(fake, torch.ones_like(fake))


LOSSES = {
    step: load_rule("aae", step, loss)
    for step, loss in zip(STEPS, (_reconstruct, _discriminate, _regularize), strict=True)
}
LARGE = 120.0  # a logit whose sigmoid is rounded to 0 or 1


class _Log(list):
    """Records an optimizer's calls in a story shared by all optimizers."""

    def __init__(self, name: str, story: list[str]) -> None:
        super().__init__()
        self.name, self.story = name, story

    def append(self, call: str) -> None:
        self.story.append(f"{call} {self.name}")


def _record(story: list[str], name: str, net: nn.Module) -> None:
    """Record when a network is given gradients, and when it is told to clear them."""

    def given(_: Tensor) -> None:
        since = [k for k, call in enumerate(story) if not call.startswith("backward")]
        if f"backward {name}" not in story[since[-1] if since else 0 :]:
            story.append(f"backward {name}")

    def zero_grad(set_to_none: bool = True) -> None:
        story.append(f"zero_grad {name}")
        nn.Module.zero_grad(net, set_to_none)

    for parameter in net.parameters():
        parameter.register_hook(given)
    net.zero_grad = zero_grad


def _draws(call: int, n: int) -> Tensor:
    """Return points from the prior, different in every call."""
    return 2 * normal(n, 2, seed=70 + call).sigmoid() - 1


def _flat(net: nn.Module) -> Tensor:
    return torch.cat([p.detach().flatten() for p in net.parameters()])


def _flats(nets: dict[str, nn.Module]) -> dict[str, Tensor]:
    return {name: _flat(net) for name, net in nets.items()}


def _states(nets: dict[str, nn.Module]) -> Json:
    return {name: state_of(net) for name, net in nets.items()}


def _probe_step(answer: Any, with_prior: bool) -> Json:
    """Call a step three times. Record the weights after each, the optimizers' calls, and what came back."""
    nets = _small_nets()
    story: list[str] = []
    optimizers = {step: SGD(_moved(step, nets), RATE) for step in STEPS}
    for step, optimizer in optimizers.items():
        optimizer.calls = _Log(step, story)
    for name, net in nets.items():
        _record(story, name, net)
    before, calls = _states(nets), []
    for k, images in enumerate(IMAGES):
        story.clear()
        asked: list[Any] = []

        def prior(n: Any, k: int = k, asked: list[Any] = asked) -> Tensor:
            asked.append(n)
            return _draws(k, n)

        for net in nets.values():  # as left by an earlier step
            for seed, parameter in enumerate(net.parameters()):
                parameter.grad = normal(*parameter.shape, seed=seed)
        x = images.clone()
        more = (prior,) if with_prior else ()
        _, returned = attempt(answer, dict(nets), dict(optimizers), x, *more)
        calls.append(
            {
                "returned": returned,
                "weights": {name: describe(w) for name, w in _flats(nets).items()},
                "calls": list(story),
                "asked": [describe(n) for n in asked],
                "changed": not torch.equal(x, images),
                "left": _states(nets),
            }
        )
        if "raised" in returned:
            break
    return {
        "before": before,
        "calls": calls,
        "finite": [_is_finite(answer, sign * LARGE, more) for sign in (-1, 1)],
    }


def _is_finite(answer: Any, logit: float, more: tuple[Any, ...]) -> bool:
    """Return whether loss and weights stay finite where the discriminator is sure of itself."""
    nets = _small_nets()
    nets["discriminator"][-1].bias.data.fill_(logit)
    optimizers = {step: SGD(_moved(step, nets), RATE) for step in STEPS}
    _, returned = attempt(answer, nets, optimizers, IMAGES[0].clone(), *more)
    loss = returned.get("value", 0.0)
    return all(w.isfinite().all() for w in _flats(nets).values()) and loss not in ("inf", "-inf", "nan")


def probe_step(answer: Any) -> Json:
    """Call a step that takes networks, optimizers and images."""
    return _probe_step(answer, with_prior=False)


def probe_discriminate(answer: Any) -> Json:
    """Call the step that also takes the prior."""
    return _probe_step(answer, with_prior=True)


def _move(
    step: str,
    nets: dict[str, nn.Module],
    call: int,
    lines: Lines | None = None,
    leftover: Collection[str] = (),
) -> float:
    """Move the networks by one step, without touching `.grad`. Return the loss.

    Args:
        step: The step's name.
        nets: The networks.
        call: The number of the call, from 0.
        lines: Those of a mistake in the loss.
        leftover: The networks in which gradients of an earlier step are added.
    """
    x = IMAGES[call]
    case = nets | {"x": x, "points": _draws(call, len(x))}
    loss = LOSSES[step].follow(lines or {}, case)
    parameters = [p for name in HELD[step] for p in nets[name].parameters()]
    gradients = torch.autograd.grad(loss, parameters, allow_unused=True)
    for parameter, gradient in zip(parameters, gradients, strict=True):
        if gradient is not None:
            parameter.data -= RATE * gradient
    for name in {*leftover} & {*HELD[step]}:
        for seed, parameter in enumerate(nets[name].parameters()):
            parameter.data -= RATE * normal(*parameter.shape, seed=seed)
    return loss.item()


_scratch = cache(_small_nets)


def _loaded(weights: dict[str, Tensor]) -> dict[str, nn.Module]:
    """Return the tiny networks with these weights, always the same objects."""
    nets = _scratch()
    for name, net in nets.items():
        nn.utils.vector_to_parameters(weights[name].clone(), net.parameters())
    return nets


def _alike(a: dict[str, Tensor], b: dict[str, Tensor]) -> bool:
    return all(same(a[name], b[name]) for name in NETS)


def judge_step(step: str) -> Callable[[Json], Verdict]:
    """Return the judge of a step: by all networks' weights after each call, then by what came back."""

    def judge(seen: Json) -> Verdict:
        calls = seen["calls"]
        for call in calls:
            if trouble := explain(call["returned"]):
                return trouble
            for name, left in call["left"].items():  # the next call would suffer from it
                if verdict := judge_left(seen["before"][name], left, f"the {name}"):
                    return verdict
        if len(calls) != len(IMAGES) or len(seen["finite"]) != 2:
            raise ValueError("no probe has seen these: of no calls, all would be right")
        if verdict := _judge_weights(step, calls):
            return verdict
        for n, call in enumerate(calls):
            stepped = _of(call["calls"], "step")
            others = _and_so_on(name for name in stepped if name != step)
            if others:
                id = "more-optimizers" if step in stepped else "other-optimizer"
                expected = f"in call {n + 1}, a step of the optimizer {step!r}"
                return wrong(id, expected, f"steps of: {', '.join(stepped)}", other=others)
            if step == "discriminate" and "encoder" in _of(call["calls"], "backward"):
                expected = "gradients in the discriminator alone"
                got = "the right weights, but new gradients in the encoder too"
                return wrong("no-detach", expected, got)
            if call["changed"]:
                got = "the right weights, but other images than before"
                return wrong("in-place", f"in call {n + 1}, x as it was", got)
        if verdict := _judge_losses(step, calls):
            return verdict
        if not all(seen["finite"]):
            expected = f"a finite loss and finite weights where the logits are near ±{LARGE:.0f}"
            return wrong(
                "not-finite", expected, "the right weights for small logits, but infinity or NaN for these"
            )
        return right()

    return judge


def _judge_weights(step: str, calls: list[Json]) -> Verdict | None:
    nets = _small_nets()
    for n, call in enumerate(calls):
        before = _flats(nets)
        _move(step, nets, n)
        weights = {name: numbers(seen) for name, seen in call["weights"].items()}
        if _alike(weights, _flats(nets)):
            continue
        expected = f"in call {n + 1}, {_say_moves(before, _flats(nets))}"
        got = _say_moves(before, weights, _flats(nets))
        id, more = _name(step, n, call, before, weights, _flats(nets))
        got += f"; the calls were: {', '.join(call['calls']) or 'none'}"
        if id in ("no-prior", "prior-reused", "number-of-draws"):
            expected = f"in call {n + 1}, {N_IMAGES[n]} points of the prior"
            asked = [say(seen) for seen in call["asked"]]
            got = f"`prior` called with {' and '.join(asked)}" if asked else "no call"
        return wrong(id, expected, got, **more)
    return None


def _say_moves(
    before: dict[str, Tensor], after: dict[str, Tensor], wanted: dict[str, Tensor] | None = None
) -> str:
    """Say how far each network has moved, and, given `wanted`, whether in the right direction."""
    said = []
    for name in NETS:
        move = after[name].double() - before[name].double()
        length = move.norm().item()
        text = f"{name} moves by {length:.4f}" if length else f"{name} stays"
        if wanted and length:
            to = wanted[name].double() - before[name].double()
            cosine = F.cosine_similarity(move, to, dim=0).item()
            if to.any() and cosine < 0.9999:
                turned = "the opposite" if cosine < -0.9999 else "another"
                text += f" in {turned} direction"
        said.append(text)
    return ", ".join(said)


def _of(calls: list[str], kind: str) -> list[str]:
    """Return the owners of all calls of a kind, in order."""
    return [call.split()[1] for call in calls if call.split()[0] == kind]


def _and_so_on(names: Iterable[str]) -> str:
    return " and ".join(dict.fromkeys(names))


def _name(
    step: str,
    n: int,
    call: Json,
    before: dict[str, Tensor],
    weights: dict[str, Tensor],
    wanted: dict[str, Tensor],
) -> tuple[str, Json]:
    """Return the diagnosis of the weights after call n, and the values for its text."""
    calls = call["calls"]
    stepped, cleared = (_of(calls, kind) for kind in ("step", "zero_grad"))
    others = [name for name in stepped if name != step]
    words = {"other": _and_so_on(others), "n": N_IMAGES[n]}
    id = _name_calls(step, call, _alike(weights, before))
    if not id and step == "discriminate":
        asked = [seen.get("value") for seen in call["asked"]]
        id = first(
            {
                "prior-reused": not asked and n,
                "no-prior": not asked,
                "number-of-draws": any(a != N_IMAGES[n] for a in asked),
            }
        )
    if id:
        return id, words
    fits = lambda *way: _alike(weights, _after(step, n, before, *way))  # noqa: E731
    for id, lines in LOSSES[step].mistaken():
        if fits(lines):
            return id, words
    held = {*HELD[step]} - {net for name in cleared for net in HELD.get(name, (name,))}
    if held and fits(None, held):
        return ("cleared-other", {"other": _and_so_on(cleared)}) if cleared else ("no-zero-grad", words)
    if fits(None, HELD[step]):
        return "cleared-after", words
    move, right_move = (
        torch.cat([after[name].double() - before[name].double() for name in NETS])
        for after in (weights, wanted)
    )
    ratio = (move.norm() / right_move.norm()).item()
    if same(move, ratio * right_move):
        return "scaled", {"ratio": f"{ratio:.3g}"}
    return "other-weights", words


def _name_calls(step: str, call: Json, still: bool) -> str | None:
    """Return what the order of the calls tells about wrong weights, or None."""
    calls = call["calls"]
    backward = [k for k, c in enumerate(calls) if c.startswith("backward")]
    start, end = (backward[0], backward[-1]) if backward else (0, 0)
    steps = [k for k, c in enumerate(calls) if c == f"step {step}"]
    cleared = [k for k, name in enumerate(calls) if name in {f"zero_grad {n}" for n in (step, *HELD[step])}]
    others = {*_of(calls, "step")} - {step}
    return first(
        {
            "nothing": still and not calls,
            "no-backward": not backward,
            "no-step": still and not (steps or others),
            "other-optimizer": others and not steps,
            "more-optimizers": others,
            "step-too-early": steps and steps[-1] < start,
            "two-updates": len(steps) > 1 and any(steps[0] < k < steps[-1] for k in backward),
            "two-steps": len(steps) > 1,
            "cleared-between": any(start < k < end for k in cleared),
            "zero-grad-too-late": still and any(end < k < steps[-1] for k in cleared if steps),
            "codes-detached": step != "discriminate" and "backward encoder" not in calls,
        }
    )


def _after(step: str, n: int, before: dict[str, Tensor], *way: Any) -> dict[str, Tensor]:
    """Return the weights after call n, made with a mistake; the arguments are those of `_move`."""
    nets = _loaded(before)
    _move(step, nets, n, *way)
    return _flats(nets)


def _judge_losses(step: str, calls: list[Json]) -> Verdict | None:
    nets = _small_nets()
    for n, call in enumerate(calls):
        returned = call["returned"]
        loss = _move(step, nets, n)
        expected = f"in call {n + 1}, the loss {loss:.4f}, as a float"
        if returned["type"] == "NoneType":
            return wrong("none", expected, "None")
        if "shape" in returned:
            if returned["requires_grad"]:
                got = f"{say(returned)} and remembers how it was computed"
                return wrong("graph-kept", expected, got)
            return wrong("loss-tensor", expected, say(returned))
        value = returned.get("value")
        if returned["type"] != "float" and not isinstance(value, float):
            return wrong("no-loss", expected, say(returned))
        if not math.isclose(float(value), loss, rel_tol=1e-3):
            return wrong("other-loss", expected, say(returned))
    return None


check = Assignment(
    "aae",
    networks=(probe_networks, judge_networks),
    optimizers=(probe_optimizers, judge_optimizers),
    reconstruct=(probe_step, judge_step("reconstruct")),
    discriminate=(probe_discriminate, judge_step("discriminate")),
    regularize=(probe_step, judge_step("regularize")),
    result=(probe_accuracy, judge_accuracy(SOLUTION_SCORES)),
)
