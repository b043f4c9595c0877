"""Checks for the assignment on the adversarial autoencoder; their texts are in `aae.toml`."""

import math
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from itertools import chain, product
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from helpers.checks.core import Assignment
from helpers.checks.models import (
    ACTIVATIONS,
    SGD,
    dense_sizes,
    give_weights,
    judge_bias,
    judge_registered,
    look_at_linear,
    say_sizes,
    sizes_of,
)
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
    say_row,
)
from helpers.checks.verdicts import (
    Verdict,
    expect_values,
    explain,
    judge_accuracy,
    name_mistake,
    right,
    wrong,
)

# The solution's score: ten seeds (0 to 9), as it varies more than an accuracy does. In all ten, images were
# explained well enough, so the score is the match of the codes.
SOLUTION_SCORES = {"digits": (0.948, 0.928, 0.957, 0.931, 0.916, 0.920, 0.951, 0.905, 0.934, 0.939)}
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

XDIM, HDIM, ZDIM = SIZES = 12, 7, 3
OTHER_SIZES = 10, 6, 4
Widths = dict[str, tuple[int, ...]]


def _widths(xdim: int, hdim: int, zdim: int) -> Widths:
    """Return the widths of each network's columns."""
    return {
        "encoder": (xdim, hdim, zdim),
        "decoder": (zdim, hdim, xdim),
        "discriminator": (zdim, hdim, hdim, 1),
    }


WIDTHS, OTHER_WIDTHS = _widths(*SIZES), _widths(*OTHER_SIZES)
INPUTS = {name: normal(6, WIDTHS[name][0], seed=1) for name in NETS}
OTHER_INPUTS = {name: normal(6, OTHER_WIDTHS[name][0]) for name in NETS}


@clean_state()
def _twin_layers(name: str) -> list[nn.Linear]:
    """Return torch's own layers of a network, always with the same weights."""
    layers = [nn.Linear(*pair).requires_grad_(False) for pair in dense_sizes(*WIDTHS[name])]
    for layer in layers:
        layer.weight *= 2  # so that mistakes show in the first two digits
    return layers


def _parameters(net: Any) -> list[int]:
    return [id(parameter) for parameter in net.parameters()]


def probe_networks(answer: Any) -> Json:
    """Make networks of two sizes, look at their layers, and run the first with the twins' weights."""
    returned, seen = attempt(answer, *SIZES)
    nets = _take(returned, NETS)
    others = _take(attempt(answer, *OTHER_SIZES)[0], NETS) or {}
    held = {n: attempt(_parameters, net)[0] for n, net in (nets or {}).items()}
    looks = {}
    for name, net in (nets or {}).items():
        x, other_x = INPUTS[name], OTHER_INPUTS[name]
        layers, looked_at = attempt(look_at_linear, net, x)
        looks[name] = {
            **describe(net),
            "is_module": attempt(isinstance, net, nn.Module)[0],
            "looked_at": looked_at,
            "layers": layers,
            "other_layers": attempt(look_at_linear, others.get(name), other_x)[0],
            "shares": [
                other for other in NETS if other != name and {*(held[name] or [])} & {*(held[other] or [])}
            ],
        }
    for name, net in (nets or {}).items():
        attempt(give_weights, net, _twin_layers(name), INPUTS[name])
        looks[name]["output"] = attempt(net, INPUTS[name])[1]
        looks[name]["again"] = attempt(net, INPUTS[name])[1]
    return {"returned": seen, "nets": looks if nets else None}


def judge_networks(seen: Json) -> Verdict:
    """Judge what came back, then each network's layers, then its outputs."""
    expected = f"a dict with a network for each of {', '.join(map(repr, NETS))}"
    nets = seen["nets"]
    if verdict := _judge_dict(seen["returned"], nets, NETS, expected):
        return verdict
    for name, net in nets.items():
        if not net["is_module"]:
            return wrong("no-network", expected, f"under {name!r}, {say(net)}")
        if trouble := explain(net["looked_at"]):
            return trouble
    for judge in (_judge_layers, _judge_output):
        for name, net in nets.items():
            if verdict := judge(name, net):
                return verdict
    return right()


def _judge_layers(name: str, net: Json) -> Verdict | None:
    layers, wanted = net["layers"], dense_sizes(*WIDTHS[name])
    sizes, other_sizes = sizes_of(layers), sizes_of(net["other_layers"])
    x, h, z = SIZES
    given = f"for xdim {x}, hdim {h}, zdim {z}, {name}"
    expected, got = f"{given}: {say_sizes(wanted)}", f"{name}: {say_sizes(sizes)}"
    if verdict := judge_registered(layers, len(wanted), expected, got):
        return verdict
    if net["shares"]:
        shared = f"layers that {name} and {' and '.join(net['shares'])} share"
        return wrong("shared-layers", "own layers for each network", shared)
    others_wanted = dense_sizes(*OTHER_WIDTHS[name])
    if sizes == wanted and other_sizes == others_wanted:
        return judge_bias(layers)
    first, last = (sizes[0][0], sizes[-1][1]) if sizes else (0, 0)
    # The discriminator's last size is the same in both models.
    pairs = zip(chain(*sizes), chain(*other_sizes), strict=False)
    pairs = list(pairs)[:-1] if name == "discriminator" else pairs
    repeated = any(one == other for one, other in pairs)
    mistakes = {
        "hard-coded-size": repeated,
        "exchanged": sizes == dense_sizes(*WIDTHS[name][::-1]),
        "sizes-swapped": sizes == [pair[::-1] for pair in wanted],
        "variational": name == "encoder" and last == 2 * z,
        "sees-images": name == "discriminator" and first == x,
        "two-logits": name == "discriminator" and last == 2,
        "logit-per-number": name == "discriminator" and last in (z, x),
        "shallow": name == "discriminator" and sizes == dense_sizes(z, h, 1),
        "no-last-layer": sizes == wanted[:-1],
        "layer-sizes": True,
    }
    id = next(id for id, applies in mistakes.items() if applies)
    return wrong(id, expected, got, name=name)


def net_mistakes(name: str) -> Iterator[tuple[str, Tensor, Json]]:
    """Yield the outputs of a network for every choice of activations and their places."""
    layers, x = _twin_layers(name), INPUTS[name]
    wanted = "relu", "sigmoid" if name == "decoder" else None
    ends: dict[str | None, Callable[[Tensor], Tensor]] = {act: getattr(F, act) for act in ACTIVATIONS}
    ends |= {None: lambda h: h, "softmax": lambda h: h.softmax(dim=1)}
    ends |= {"log_softmax": lambda h: h.log_softmax(dim=1)}
    for act in ("relu", None, *ACTIVATIONS):
        for places in product((True, False), repeat=len(layers) - 1):
            h = layers[0](x)
            for place, layer in zip(places, layers[1:], strict=True):
                h = layer(ends[act](h) if place else h)
            for end, function in ends.items():
                whole = all(places)
                if (act, end) == wanted and whole:
                    continue
                if "softmax" in str(end) and not (act == "relu" and whole):
                    continue  # a softmax over one logit is always 1
                id = "other-activation"
                if act is None or not any(places):
                    id = "no-activation"
                elif not whole:
                    id = "activation-missing"
                elif act == "relu":
                    id = {
                        "encoder": "codes-squashed",
                        "decoder": "decoder-end" if end else "decoder-no-sigmoid",
                        "discriminator": "logit-squashed",
                    }[name]
                shown = end if id in ("codes-squashed", "logit-squashed") else act
                shown = end if id == "decoder-end" else shown
                yield id, function(h), {"name": shown or "none"}
    if name == "decoder":
        h = layers[1](layers[0](x).relu()).sigmoid()
        yield "decoder-end", h.sigmoid(), {"name": "sigmoid, twice"}


def _judge_output(name: str, net: Json) -> Verdict | None:
    wanted = INPUTS[name]
    for n, layer in enumerate(_twin_layers(name)):
        wanted = layer(wanted.relu() if n else wanted)
    wanted = wanted.sigmoid() if name == "decoder" else wanted
    expected = f"{name}: numbers of shape {tuple(wanted.shape)}, {say_row(wanted)}"
    verdict = expect_values(net["output"], wanted, expected)
    if verdict and verdict.id == "numbers":
        rows = [say_row(numbers(net[key])) for key in ("output", "again")]
        if rows[0] != rows[1]:
            got = f"{rows[0]}; when asked again, {rows[1]}"
            return wrong("random", f"{name}: the same numbers for the same rows", got)
    if verdict and verdict.id == "shape":
        ids = {"decoder": "decoder-shape", "discriminator": "logit-axis"}
        verdict = wrong(ids.get(name, "shape"), verdict.expected, verdict.got)
    return name_mistake(verdict, net["output"], net_mistakes(name))


# --- Task 2: the optimizers

LR = 0.037  # a value nobody would hard-code
HELD = {"reconstruct": {"encoder", "decoder"}, "discriminate": {"discriminator"}, "regularize": {"encoder"}}


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


def _look(optimizer: Any, nets: dict[str, nn.Module]) -> Json:
    """Return an optimizer's parameters and settings."""
    owners = {id(p): name for name in NETS for p in nets[name].parameters()}
    groups = optimizer.param_groups
    held = {id(p) for group in groups for p in group["params"]}
    names = [owners.get(p, "another network") for p in held]
    settings = {
        str(key): describe(value) for group in groups[::-1] for key, value in group.items() if key != "params"
    }
    return {
        "holds": {name: names.count(name) for name in sorted({*names})},
        "lrs": [describe(group["lr"]) for group in groups],
        "settings": settings,
    }


def probe_optimizers(answer: Any) -> Json:
    """Look at the three optimizers."""
    nets = _small_nets()
    returned, seen = attempt(answer, dict(nets), LR)
    optimizers = _take(returned, STEPS)
    looks = {}
    for name, optimizer in (optimizers or {}).items():
        looks[name] = {
            **describe(optimizer),
            "is_optimizer": attempt(isinstance, optimizer, torch.optim.Optimizer)[0],
            "look": attempt(_look, optimizer, nets)[0],
            "same_as": [n for n in STEPS if optimizers[n] is optimizer],
        }
    return {"returned": seen, "optimizers": looks if optimizers else None}


def judge_optimizers(seen: Json) -> Verdict:
    """Judge what came back, then each optimizer's kind, parameters and settings."""
    expected = f"a dict with an optimizer for each of {', '.join(map(repr, STEPS))}"
    optimizers = seen["optimizers"]
    if verdict := _judge_dict(seen["returned"], optimizers, STEPS, expected):
        return verdict
    for name, optimizer in optimizers.items():
        if not (optimizer["is_optimizer"] and optimizer["look"]):
            got = f"under {name!r}, {say(optimizer)}"
            return wrong("no-optimizer", expected, got)
        if len(optimizer["same_as"]) > 1:
            got = f"one and the same for {' and '.join(optimizer['same_as'])}"
            return wrong("shared", "three optimizers", got)
    for name, optimizer in optimizers.items():
        if optimizer["type"] != "Adam":
            got = f"{name!r}: {optimizer['type']}"
            return wrong("kind", f"{name!r}: Adam", got)
    return _judge_holds(optimizers) or _judge_settings(optimizers) or right()


def _judge_holds(optimizers: Json) -> Verdict | None:
    counts = {name: len(list(net.parameters())) for name, net in _small_nets().items()}
    all_held = {name: {*o["look"]["holds"]} for name, o in optimizers.items()}
    exchanged = sorted(map(sorted, all_held.values())) == sorted(map(sorted, HELD.values()))
    for name in STEPS:
        holds, wanted = optimizers[name]["look"]["holds"], HELD[name]
        held = all_held[name]
        expected = f"{name!r} to move {_and(sorted(wanted))}"
        got = f"{name!r} moves {_and(sorted(held)) or 'nothing'}"
        mistakes = {
            "optimizers-exchanged": exchanged and held != wanted,
            "moves-everything": held == {*NETS},
            "no-encoder": name == "reconstruct" and held == {"decoder"},
            "no-decoder": name == "reconstruct" and held == {"encoder"},
            "codes-moved": name == "discriminate" and held > wanted,
            "referee-moved": name == "regularize" and "discriminator" in held,
            "decoder-moved": name == "regularize" and "decoder" in held,
            "other-networks": held != wanted,
            "some-parameters": any(holds.get(n) != counts[n] for n in wanted),
        }
        for id, applies in mistakes.items():
            if applies:
                if id == "some-parameters":
                    expected = f"{expected}: all parameter tensors"
                    got = ", ".join(f"{n} of {net}" for net, n in holds.items())
                return wrong(id, expected, got, name=name)
    return None


def _and(names: Sequence[str]) -> str:
    return " and ".join(f"the {name}" for name in names)


def _judge_settings(optimizers: Json) -> Verdict | None:
    for name, optimizer in optimizers.items():
        look = optimizer["look"]
        for seen in look["lrs"]:
            lr = _float(seen)
            if lr is None or not math.isclose(lr, LR, rel_tol=1e-6):
                id = "no-lr" if lr == 1e-3 else "other-lr"
                return wrong(id, f"{name!r} with lr = {LR}", f"lr = {lr}", name=name)
        for key, wanted in (("weight_decay", 0), ("eps", 1e-8)):
            value = _float(look["settings"].get(key, {}))
            if value is not None and not math.isclose(value, wanted):
                expected, got = f"{name!r} with {key} = {wanted}", f"{key} = {value}"
                return wrong("settings", expected, got, name=name, key=key)
    return None


def _float(seen: Json) -> Any:
    value = seen.get("value", (seen.get("numbers") or [None])[0])
    return value if isinstance(value, int | float) else None


# --- Tasks 3 to 5: the three steps

RATE = 1.0  # learning rate of the check's own optimizers
N_IMAGES = 7, 7, 4  # per call
IMAGES = [normal(n, 6, seed=20 + k).sigmoid() for k, n in enumerate(N_IMAGES)]
bce = F.binary_cross_entropy_with_logits


class _Log(list):
    """Records an optimizer's calls in a story shared by all optimizers."""

    def __init__(self, name: str, story: list[str]) -> None:
        super().__init__()
        self.name, self.story = name, story

    def append(self, call: str) -> None:
        self.story.append(f"{call} {self.name}")


def _draws(call: int, n: int) -> Tensor:
    """Return points from the prior, different in every call."""
    return 2 * normal(n, 2, seed=70 + call).sigmoid() - 1


def _flat(net: nn.Module) -> Tensor:
    return torch.cat([p.detach().flatten() for p in net.parameters()])


def _flats(nets: dict[str, nn.Module]) -> dict[str, Tensor]:
    return {name: _flat(net) for name, net in nets.items()}


def _probe_step(answer: Any, with_prior: bool) -> Json:
    """Call a step three times. Record the weights after each, the optimizers' calls, and what came back."""
    nets = _small_nets()
    story: list[str] = []
    optimizers = {}
    for name in STEPS:
        moved = nn.ModuleList([nets[net] for net in NETS if net in HELD[name]])
        optimizers[name] = SGD(moved, RATE)
        optimizers[name].calls = _Log(name, story)
    for name, net in nets.items():
        for parameter in net.parameters():
            parameter.register_hook(lambda _, name=name: _note(story, name))
    calls = []
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
            }
        )
        if "raised" in returned:
            break
    return {"calls": calls}


def _note(story: list[str], name: str) -> None:
    if f"backward {name}" not in story:
        story.append(f"backward {name}")


def probe_step(answer: Any) -> Json:
    """Call a step that takes networks, optimizers and images."""
    return _probe_step(answer, with_prior=False)


def probe_discriminate(answer: Any) -> Json:
    """Call the step that also takes the prior."""
    return _probe_step(answer, with_prior=True)


# The loss of each step, from networks e, d and c, images x and points p; then the losses of mistakes.
Loss = Callable[[nn.Module, nn.Module, nn.Module, Tensor, Tensor], Tensor]


def _ones(a: Tensor) -> Tensor:
    return bce(a, torch.ones_like(a))


def _zeros(a: Tensor) -> Tensor:
    return bce(a, torch.zeros_like(a))


def _halves(real: Callable[[Tensor], Tensor], fake: Callable[[Tensor], Tensor]) -> Loss:
    return lambda e, d, c, x, p: real(c(p)) + fake(c(e(x).detach()))


def _codes(loss: Callable[[Tensor], Tensor]) -> Loss:
    return lambda e, d, c, x, p: loss(c(e(x)))


def _pixels(loss: Callable[[Tensor, Tensor], Tensor]) -> Loss:
    return lambda e, d, c, x, p: loss(d(e(x)), x)


LOSSES: dict[str, Loss] = {
    "reconstruct": _pixels(F.mse_loss),
    "discriminate": _halves(_ones, _zeros),
    "regularize": _codes(_ones),
}
MISTAKES: dict[str, list[tuple[str, Loss]]] = {
    "reconstruct": [
        ("sigmoid-twice", _pixels(lambda r, x: F.mse_loss(r.sigmoid(), x))),
        ("sigmoid-twice", _pixels(bce)),
        ("cross-entropy", _pixels(F.binary_cross_entropy)),
        ("absolute", _pixels(F.l1_loss)),
        ("summed", _pixels(lambda r, x: F.mse_loss(r, x, reduction="sum"))),
        ("summed", _pixels(lambda r, x: (r - x).square().sum(dim=1).mean())),
        ("root", _pixels(lambda r, x: F.mse_loss(r, x).sqrt())),
        ("uphill", _pixels(lambda r, x: -F.mse_loss(r, x))),
    ],
    "discriminate": [
        ("labels-swapped", _halves(_zeros, _ones)),
        ("labels-all-one", _halves(_ones, _ones)),
        ("labels-all-zero", _halves(_zeros, _zeros)),
        ("only-prior", _halves(_ones, lambda b: 0 * b.sum())),
        ("only-codes", _halves(lambda a: 0 * a.sum(), _zeros)),
        ("minus-between", _halves(_ones, lambda b: -_zeros(b))),
        ("minus-between", _halves(lambda a: -_ones(a), _zeros)),
        ("uphill", _halves(lambda a: -_ones(a), lambda b: -_zeros(b))),
        ("sigmoid-twice", _halves(lambda a: _ones(a.sigmoid()), lambda b: _zeros(b.sigmoid()))),
        ("squares", _halves(lambda a: (a - 1).square().mean(), lambda b: b.square().mean())),
        (
            "squares",
            _halves(lambda a: (a.sigmoid() - 1).square().mean(), lambda b: b.sigmoid().square().mean()),
        ),
        ("softmax-of-one", _halves(lambda a: 0 * a.sum(), lambda b: 0 * b.sum())),
        ("summed", _halves(lambda a: len(a) * _ones(a), lambda b: len(b) * _zeros(b))),
        ("raw-logits", _halves(lambda a: -a.mean(), lambda b: b.mean())),
    ],
    "regularize": [
        ("label-zero", _codes(_zeros)),
        ("saturating", _codes(lambda b: -_zeros(b))),
        ("uphill", _codes(lambda b: -_ones(b))),
        ("sigmoid-twice", _codes(lambda b: _ones(b.sigmoid()))),
        ("squares", _codes(lambda b: (b - 1).square().mean())),
        ("squares", _codes(lambda b: (b.sigmoid() - 1).square().mean())),
        ("softmax-of-one", _codes(lambda b: 0 * b.sum())),
        ("summed", _codes(lambda b: len(b) * _ones(b))),
        ("raw-logits", _codes(lambda b: -b.mean())),
    ],
}
# A mean over both halves at once is as good as the sum of two means.
FACTORS = {"reconstruct": (1.0,), "discriminate": (1.0, 0.5), "regularize": (1.0,)}


def _move(
    step: str,
    nets: dict[str, nn.Module],
    call: int,
    loss_of: Loss,
    factor: float = 1.0,
    leftover: bool = False,
) -> float:
    """Move the networks by one step, without touching `.grad`. Return the loss."""
    x = IMAGES[call]
    loss = factor * loss_of(*nets.values(), x, _draws(call, len(x)))
    moved = [net for name, net in nets.items() if name in HELD[step]]
    parameters = [p for net in moved for p in net.parameters()]
    left = [normal(*p.shape, seed=seed) for net in moved for seed, p in enumerate(net.parameters())]
    gradients = torch.autograd.grad(loss, parameters, allow_unused=True)
    for parameter, gradient, old in zip(parameters, gradients, left, strict=True):
        for change in (gradient, old if leftover else None):
            if change is not None:
                parameter.data -= RATE * change
    return loss.item()


def _copy(weights: dict[str, Tensor]) -> dict[str, nn.Module]:
    """Return the tiny networks with these weights."""
    nets = _small_nets()
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
        verdicts = {f: _judge_weights(step, calls, f) for f in FACTORS[step]}
        fits = [factor for factor, verdict in verdicts.items() if not verdict]
        if not fits:
            return verdicts[1.0]
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
        return _judge_losses(step, calls, fits[0]) or right()

    return judge


def _judge_weights(step: str, calls: list[Json], factor: float) -> Verdict | None:
    nets = _small_nets()
    for n, call in enumerate(calls):
        before = _flats(nets)
        _move(step, nets, n, LOSSES[step], factor)
        weights = {name: numbers(seen) for name, seen in call["weights"].items()}
        if _alike(weights, _flats(nets)):
            continue
        expected = f"in call {n + 1}, {_say_moves(before, _flats(nets))}"
        got = _say_moves(before, weights, _flats(nets))
        id, more = _name(step, n, call, before, weights)
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
    step: str, n: int, call: Json, before: dict[str, Tensor], weights: dict[str, Tensor]
) -> tuple[str, Json]:
    """Return the diagnosis of the weights after call n, and the values for its text."""
    calls = call["calls"]
    stepped, cleared, backward = (_of(calls, kind) for kind in ("step", "zero_grad", "backward"))
    still = _alike(weights, before)
    places = [k for k, c in enumerate(calls) if c.startswith("backward")]
    first, last = (places[0], places[-1]) if places else (0, 0)
    at = {kind: [k for k, c in enumerate(calls) if c == f"{kind} {step}"] for kind in ("step", "zero_grad")}
    asked = [seen.get("value") for seen in call["asked"]]
    others = [name for name in stepped if name != step]
    mistakes = {
        "nothing": still and not calls,
        "no-backward": not backward,
        "no-step": still and not stepped,
        "other-optimizer": others and step not in stepped,
        "more-optimizers": others,
        "step-too-early": at["step"] and at["step"][-1] < first,
        "zero-grad-too-late": still and any(last < k < at["step"][-1] for k in at["zero_grad"] if at["step"]),
        "two-steps": len(at["step"]) > 1,
        "codes-detached": step != "discriminate" and "encoder" not in backward,
        "prior-reused": step == "discriminate" and not asked and n,
        "no-prior": step == "discriminate" and not asked,
        "number-of-draws": step == "discriminate" and any(a != N_IMAGES[n] for a in asked),
    }
    words = {"other": _and_so_on(others), "n": N_IMAGES[n]}
    for id, applies in mistakes.items():
        if applies:
            return id, words
    for id, loss_of in MISTAKES[step]:
        for factor in (1.0, 0.5):
            nets = _copy(before)
            _move(step, nets, n, loss_of, factor)
            if _alike(weights, _flats(nets)):
                return id, words
    for factor in FACTORS[step]:
        nets = _copy(before)
        _move(step, nets, n, LOSSES[step], factor, leftover=True)
        if _alike(weights, _flats(nets)):
            if step in cleared:
                return "cleared-after", words
            if cleared:
                return "cleared-other", {"other": _and_so_on(cleared)}
            return "no-zero-grad", words
    return "other-weights", words


def _judge_losses(step: str, calls: list[Json], factor: float) -> Verdict | None:
    nets = _small_nets()
    for n, call in enumerate(calls):
        returned = call["returned"]
        loss = _move(step, nets, n, LOSSES[step], factor)
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
        if not any(
            math.isclose(float(value), other / factor * loss, rel_tol=1e-3) for other in FACTORS[step]
        ):
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
