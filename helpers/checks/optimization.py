"""Checks for the assignment on optimization; their texts, and the mistakes, are in `optimization.toml`."""

from collections.abc import Mapping
from typing import Any

import torch
from torch import Tensor, nn

from helpers.checks.classes import Model
from helpers.checks.core import Assignment
from helpers.checks.functions import Case, Function
from helpers.checks.layers import Activations, dense_sizes, judge_dense
from helpers.checks.rules import load_rule, regrouped
from helpers.checks.updates import judge_left, judge_made, judge_settings, look_at_optimizers, state_of
from helpers.checks.values import (
    Json,
    attempt,
    clean_state,
    describe,
    normal,
    numbers,
    probe_score,
    same,
    say,
    say_numbers,
)
from helpers.checks.verdicts import Verdict, explain, first, judge_score, right, wrong

# Fraction of the wave's variance explained by Adam's network in the solution, seeds 0 to 4.
SOLUTION_SCORES = (0.99996, 0.9995, 0.9999, 0.9996, 0.9952)


# --- Task 1: the network

SIZES = [(5, [7, 4, 6], 3), (9, [8, 2], 11), (1, [64, 64], 1)]  # xdim, hdims, ydim


def _twin_network(*widths: int) -> nn.Sequential:
    layers = [layer for pair in dense_sizes(*widths) for layer in (nn.Linear(*pair), nn.Tanh())]
    return nn.Sequential(*layers[:-1])


with clean_state():
    NETWORKS = [_twin_network(xdim, *hdims, ydim) for xdim, hdims, ydim in SIZES]

forward = Function(
    ("predictions",),
    [{"x": normal(6, xdim)} for xdim, _, _ in SIZES],
    NETWORKS,
    Activations(4, "tanh"),
    of=[0, 1, 2],
)


def _judge_layers(looked: list[Json | None]) -> Verdict | None:
    sizes = [dense_sizes(xdim, *hdims, ydim) for xdim, hdims, ydim in SIZES[:2]]
    return judge_dense(*looked[:2], *sizes, "xdim {}, hdims {}, ydim {}".format(*SIZES[0]))


network = Model(SIZES, forward, (nn.Linear,), _judge_layers)


# --- Task 2: the optimizers

NAMES = "SGD", "momentum", "Adam"
LR = 0.037  # a value nobody would hard-code
OWN = {name: name for name in ("dampening", "nesterov")} | {
    "momentum": "momentum-value",
    "weight_decay": "weight-decay",
}


@clean_state()
def _small_models() -> dict[str, nn.Module]:
    """Return three small models, always with the same weights."""
    return {name: nn.Linear(3, 2) for name in NAMES}


def _twin_optimizers(models: Mapping[str, nn.Module]) -> dict[str, torch.optim.Optimizer]:
    return {
        "SGD": torch.optim.SGD(models["SGD"].parameters(), LR),
        "momentum": torch.optim.SGD(models["momentum"].parameters(), LR, momentum=0.9),
        "Adam": torch.optim.Adam(models["Adam"].parameters(), LR),
    }


def _move(optimizer: Any, model: nn.Module) -> Json:
    """Return a model's weights after three steps with fixed gradients."""
    for seed in range(3):
        for parameter in model.parameters():
            parameter.grad = normal(*parameter.shape, seed=seed)
        optimizer.step()
    return describe(torch.cat([p.detach().flatten() for p in model.parameters()]))


def probe_optimizers(answer: Any) -> Json:
    """Look at the three optimizers, then let each take some steps."""
    models = _small_models()
    returned, seen = attempt(answer, dict(models), LR)
    left = {name: state_of(model) for name, model in models.items()}
    is_dict = attempt(isinstance, returned, Mapping)[0]
    made = attempt(lambda: {name: returned.get(name) for name in NAMES})[0] if is_dict else None
    looks = look_at_optimizers(made or {}, models)
    for name, optimizer in (made or {}).items():
        looks[name]["weights"] = attempt(_move, optimizer, models[name])[0]
    return {"returned": seen, "optimizers": looks, "left": left}


def judge_optimizers(seen: Json) -> Verdict:
    """Judge what came back, then each optimizer's kind, parameters, settings and steps."""
    expected = f"a dict with an optimizer for each of {', '.join(map(repr, NAMES))}"
    returned, optimizers = seen["returned"], seen["optimizers"]
    if trouble := explain(returned):
        return trouble
    if not optimizers:
        return wrong("none" if returned["type"] == "NoneType" else "no-dict", expected, say(returned))
    missing = [name for name, optimizer in optimizers.items() if optimizer["type"] == "NoneType"]
    if missing:
        return wrong("names", expected, f"nothing called {' or '.join(missing)}")
    return (
        judge_made(optimizers, expected)
        or _judge_kinds(optimizers)
        or _judge_holds(optimizers)
        or judge_settings(optimizers, _twin_optimizers(_small_models()), OWN)
        or _judge_left(seen["left"])
        or _judge_steps(optimizers)
        or right()
    )


def _judge_kinds(optimizers: Json) -> Verdict | None:
    kinds = {}
    for name, optimizer in optimizers.items():
        momentum = any(group.get("momentum", {}).get("value") for group in optimizer["look"]["groups"])
        kind = optimizer["type"]
        kinds[name] = f"{kind} with momentum" if kind == "SGD" and momentum else kind
    wanted = dict(zip(NAMES, ("SGD", "SGD with momentum", "Adam"), strict=True))
    if kinds == wanted:
        return None
    name = next(name for name in NAMES if kinds[name] != wanted[name])
    id = first(
        {
            "optimizers-exchanged": sorted(kinds.values()) == sorted(wanted.values()),
            "sgd-with-momentum": (name, kinds[name]) == ("SGD", "SGD with momentum"),
            "no-momentum": (name, kinds[name]) == ("momentum", "SGD"),
            "kind": True,
        }
    )
    expected, got = (", ".join(f"{name}: {kind}" for name, kind in all.items()) for all in (wanted, kinds))
    return wrong(id, expected, got, name=name)


def _judge_holds(optimizers: Json) -> Verdict | None:
    n_weights = len(list(_small_models()["SGD"].parameters()))
    holds = {name: optimizer["look"]["holds"] for name, optimizer in optimizers.items()}
    all_held = {model for held in holds.values() for model in held}
    for name, held in holds.items():
        id = first(
            {
                "copies": "a copy" in held,
                "one-model": name not in held and len(all_held) == 1,
                "other-model": name not in held,
                "all-models": len(held) > 1,
                "some-parameters": len(held.get(name, ())) != n_weights,
            }
        )
        if id:
            expected = f"the {name!r} optimizer to hold all parameters of models[{name!r}]"
            said = [f"{', '.join(filter(None, keys))} of {model}" for model, keys in held.items()]
            return wrong(id, expected, f"it holds {'; '.join(said) or 'none'}", name=name)
    return None


def _judge_left(left: Json) -> Verdict | None:
    verdicts = (
        judge_left(state_of(model), left[name], f"models[{name!r}]")
        for name, model in _small_models().items()
    )
    return next(filter(None, verdicts), None)


def _judge_steps(optimizers: Json) -> Verdict | None:
    models = _small_models()
    for name, twin in _twin_optimizers(models).items():
        wanted = numbers(_move(twin, models[name]))
        seen = optimizers[name]["weights"]
        weights = numbers(seen) if seen else torch.empty(0)
        if not same(weights, wanted):
            expected = f"after three steps, weights {say_numbers(wanted)}"
            return wrong("other-steps", expected, say_numbers(weights) or "an error in `step`", name=name)
    return None


# --- Tasks 3 and 4: one step by hand


def _momentum(w, g, v, lr, beta):
    new_v = beta * v + g
    new_w = w - lr * new_v
    return new_w, new_v


def _adam(w, g, m, v, t, lr, beta1, beta2, eps):
    new_m = beta1 * m + (1 - beta1) * g
    new_v = beta2 * v + (1 - beta2) * g**2
    m_hat = new_m / (1 - beta1**t)
    v_hat = new_v / (1 - beta2**t)
    step = lr * m_hat / (v_hat**0.5 + eps)
    new_w = w - step
    return new_w, new_m, new_v


MOMENTUM_LINES = [*regrouped("new_w = w - lr * new_v"), *regrouped("new_w = w - lr * (beta * v + g)")]
CORRECTIONS = [regrouped(f"{one}_hat = new_{one} / (1 - beta{n} ** t)") for n, one in enumerate("mv", 1)]
ADAM_LINES = [
    *regrouped("new_m = beta1 * m + (1 - beta1) * g"),
    *regrouped("new_v = beta2 * v + (1 - beta2) * g ** 2"),
    *("; ".join(pair) for pair in zip(*CORRECTIONS, strict=True)),
    *(line for lines in CORRECTIONS for line in lines),
    *regrouped("new_w = w - lr * m_hat / (v_hat ** 0.5 + eps)"),
]


def _case(state: str, seed: int, *shape: int, **settings: float) -> Case:
    """Return a step's arguments; with seed 0 it is the first step, whose state is zero."""
    case: Case = {name: normal(*shape, seed=seed + 40 + k) for k, name in enumerate(f"wg{state}")}
    for name in state:
        case[name] *= min(seed, 1)
    return case | settings


MOMENTUM_CASES = [
    _case("v", 0, 3, lr=0.1, beta=0.9),
    _case("v", 10, 3, lr=0.5, beta=0.9),
    _case("v", 20, 2, 2, lr=0.2, beta=0.6),
]
ADAM_CASES = [
    _case("mv", 0, 3, t=1, lr=0.1, beta1=0.9, beta2=0.999, eps=1e-8),
    _case("mv", 10, 3, t=2, lr=0.5, beta1=0.9, beta2=0.999, eps=0.2),
    _case("mv", 20, 2, 2, t=7, lr=0.2, beta1=0.8, beta2=0.95, eps=0.1),
]
ADAM_CASES[0]["g"][-1] = 0  # so only epsilon prevents 0 / 0
for _adam_case in ADAM_CASES:
    _adam_case["v"] **= 2  # an average of squares


def _twin_momentum(w: Tensor, g: Tensor, v: Tensor, lr: float, beta: float) -> tuple[Tensor, ...]:
    weights = nn.Parameter(w.detach().clone())
    optimizer = torch.optim.SGD([weights], lr=lr, momentum=beta)
    optimizer.state[weights]["momentum_buffer"] = v.clone()
    weights.grad = g.clone()
    optimizer.step()
    return weights.detach(), optimizer.state[weights]["momentum_buffer"]


def _twin_adam(
    w: Tensor, g: Tensor, m: Tensor, v: Tensor, t: int, lr: float, beta1: float, beta2: float, eps: float
) -> tuple[Tensor, ...]:
    weights = nn.Parameter(w.detach().clone())
    optimizer = torch.optim.Adam([weights], lr=lr, betas=(beta1, beta2), eps=eps)
    state = {"exp_avg": m.clone(), "exp_avg_sq": v.clone()}
    optimizer.state[weights].update(step=torch.tensor(t - 1.0), **state)
    weights.grad = g.clone()
    optimizer.step()
    return weights.detach(), *(optimizer.state[weights][name] for name in state)


momentum = Function(
    ("new w", "new v"),
    MOMENTUM_CASES,
    [_twin_momentum],
    load_rule("optimization", "momentum", _momentum, {"precedence": MOMENTUM_LINES}),
    learns=0,
)
adam = Function(
    ("new w", "new m", "new v"),
    ADAM_CASES,
    [_twin_adam],
    load_rule("optimization", "adam", _adam, {"precedence": ADAM_LINES}),
    learns=0,
    form=".4f",
)

check = Assignment(
    "optimization",
    network=(network.probe, network.judge),
    optimizers=(probe_optimizers, judge_optimizers),
    momentum=(momentum.probe, momentum.judge),
    adam=(adam.probe, adam.judge),
    result=(probe_score, judge_score(SOLUTION_SCORES)),
)
