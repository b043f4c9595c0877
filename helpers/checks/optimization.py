"""Checks for the assignment on optimization; their texts are in `optimization.toml`."""

import math
from collections.abc import Mapping
from typing import Any

import torch
from torch import Tensor, nn

from helpers.checks.core import Assignment
from helpers.checks.models import (
    Rule,
    Step,
    activation_mistakes,
    dense_sizes,
    judge_dense,
    look_at_linear,
    probe_model,
)
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
    say_row,
)
from helpers.checks.verdicts import (
    Verdict,
    expect_model,
    expect_values,
    explain,
    judge_score,
    name_mistake,
    right,
    wrong,
)

# Fraction of the wave's variance explained by Adam's network in the solution, seeds 0 to 4.
SOLUTION_SCORES = (0.99996, 0.9995, 0.9999, 0.9996, 0.9952)

# --- Task 1: the network

XDIM, HDIMS, YDIM = SIZES = 5, (7, 4, 6), 3
OTHER_SIZES = 9, (8, 2), 11
INPUT, OTHER_INPUT = normal(6, XDIM), normal(6, OTHER_SIZES[0])
WANTED_SIZES = dense_sizes(XDIM, *HDIMS, YDIM)
OTHER_WANTED_SIZES = dense_sizes(OTHER_SIZES[0], *OTHER_SIZES[1], OTHER_SIZES[2])


@clean_state()
def _twin_layers() -> list[nn.Linear]:
    """Return torch's own layers, always with the same weights."""
    return [nn.Linear(*pair).requires_grad_(False) for pair in WANTED_SIZES]


def probe_network(answer: Any) -> Json:
    """Make networks of two sizes, look at their layers, and run the first with the twin's weights."""
    hdims = list(HDIMS)
    model, seen = probe_model(
        answer,
        (XDIM, hdims, YDIM),
        (OTHER_SIZES[0], list(OTHER_SIZES[1]), OTHER_SIZES[2]),
        look_at_linear,
        _twin_layers(),
        INPUT,
        OTHER_INPUT,
    )
    return seen | {"hdims": describe(hdims), "output": attempt(model, INPUT)[1]}


def judge_network(seen: Json) -> Verdict:
    """Judge the layers first, then what `forward` does with them."""
    return (
        expect_model(seen["model"])
        or explain(seen["looked_at"])
        or judge_dense(
            seen["layers"],
            seen["other_layers"],
            WANTED_SIZES,
            OTHER_WANTED_SIZES,
            f"xdim {XDIM}, hdims {list(HDIMS)}, ydim {YDIM}",
        )
        or _judge_hdims(seen["hdims"])
        or _judge_forward(seen["output"])
        or right()
    )


def _judge_hdims(seen: Json) -> Verdict | None:
    expected = f"{list(HDIMS)} as before"
    if seen != describe(list(HDIMS)):
        return wrong("hdims-changed", expected, say(seen))
    return None


def _judge_forward(seen: Json) -> Verdict | None:
    wanted = INPUT
    for n, layer in enumerate(_twin_layers()):
        wanted = layer(torch.tanh(wanted) if n else wanted)
    expected = f"numbers of shape {tuple(wanted.shape)}, {say_row(wanted)}"
    verdict = expect_values(seen, wanted, expected)
    return name_mistake(verdict, seen, activation_mistakes(_twin_layers(), INPUT, "tanh"))


# --- Task 2: the optimizers

NAMES = "SGD", "momentum", "Adam"
LR = 0.037  # a value nobody would hard-code
WANTED = {
    "SGD": {"momentum": 0, "dampening": 0, "nesterov": False, "weight_decay": 0},
    "momentum": {"momentum": 0.9, "dampening": 0, "nesterov": False, "weight_decay": 0},
    "Adam": {"betas": "(0.9, 0.999)", "eps": 1e-8, "amsgrad": False, "weight_decay": 0},
}


@clean_state()
def _small_models() -> dict[str, nn.Module]:
    """Return three small models, always with the same weights."""
    return {name: nn.Linear(3, 2) for name in NAMES}


def _twin_optimizers(models: dict[str, nn.Module]) -> dict[str, torch.optim.Optimizer]:
    weights = [list(model.parameters()) for model in models.values()]
    return {
        "SGD": torch.optim.SGD(weights[0], LR),
        "momentum": torch.optim.SGD(weights[1], LR, momentum=0.9),
        "Adam": torch.optim.Adam(weights[2], LR),
    }


def _look(optimizer: Any, models: dict[str, nn.Module]) -> Json:
    """Return an optimizer's parameters and settings."""
    owners = {id(p): name for name in NAMES for p in models[name].parameters()}
    groups = optimizer.param_groups
    held = {id(p) for group in groups for p in group["params"]}
    held_names = [owners.get(p, "another model") for p in held]
    settings = {key: value for key, value in groups[0].items() if key != "params"}
    return {
        "holds": {name: held_names.count(name) for name in sorted({*held_names})},
        "settings": {str(key): describe(value) for key, value in settings.items()},
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
    is_dict = attempt(isinstance, returned, Mapping)[0]
    made = attempt(lambda: [returned.get(name) for name in NAMES])[0] if is_dict else []
    optimizers = dict(zip(NAMES, made or [], strict=False))
    looks = {}
    for name, optimizer in optimizers.items():
        looks[name] = {
            "described": describe(optimizer),
            "is_optimizer": attempt(isinstance, optimizer, torch.optim.Optimizer)[0],
            "look": attempt(_look, optimizer, models)[0],
            "same_as": [other for other in NAMES if optimizers[other] is optimizer],
        }
    for name, optimizer in optimizers.items():
        looks[name]["weights"] = attempt(_move, optimizer, models[name])[0]
    return {"returned": seen, "is_dict": bool(is_dict), "optimizers": looks}


def judge_optimizers(seen: Json) -> Verdict:
    """Judge what came back, then each optimizer's kind, parameters, settings and steps."""
    expected = f"a dict with an optimizer for each of {', '.join(map(repr, NAMES))}"
    returned, optimizers = seen["returned"], seen["optimizers"]
    if trouble := explain(returned):
        return trouble
    if returned["type"] == "NoneType":
        return wrong("none", expected, "None")
    if not seen["is_dict"] or not optimizers:
        return wrong("no-dict", expected, say(returned))
    missing = [n for n, o in optimizers.items() if o["described"]["type"] == "NoneType"]
    if missing:
        return wrong("names", expected, f"nothing called {' or '.join(missing)}")
    for name, optimizer in optimizers.items():
        if not (optimizer["is_optimizer"] and optimizer["look"]):
            got = f"under {name!r}, {say(optimizer['described'])}"
            return wrong("no-optimizer", expected, got)
    return (
        _judge_kinds(optimizers)
        or _judge_holds(optimizers)
        or _judge_settings(optimizers)
        or _judge_steps(optimizers)
        or right()
    )


def _judge_kinds(optimizers: Json) -> Verdict | None:
    for optimizer in optimizers.values():
        if len(optimizer["same_as"]) > 1:
            got = f"one and the same for {' and '.join(optimizer['same_as'])}"
            return wrong("shared", "three optimizers", got)
    kinds = {}
    for name, optimizer in optimizers.items():
        kind = optimizer["described"]["type"]
        momentum = optimizer["look"]["settings"].get("momentum", {}).get("value")
        kinds[name] = f"{kind} with momentum" if kind == "SGD" and momentum else kind
    wanted = dict(zip(NAMES, ("SGD", "SGD with momentum", "Adam"), strict=True))
    expected, got = (
        ", ".join(f"{name}: {kind}" for name, kind in all_kinds.items()) for all_kinds in (wanted, kinds)
    )
    if kinds == wanted:
        return None
    if sorted(kinds.values()) == sorted(wanted.values()):
        return wrong("optimizers-exchanged", expected, got)
    ids = {"SGD": "sgd-with-momentum", "momentum": "no-momentum"}
    name = next(name for name in NAMES if kinds[name] != wanted[name])
    id = ids.get(name, "kind") if kinds[name].startswith("SGD") else "kind"
    return wrong(id, expected, got, name=name)


def _judge_holds(optimizers: Json) -> Verdict | None:
    n_weights = len(list(_small_models()["SGD"].parameters()))
    holds = {name: optimizer["look"]["holds"] for name, optimizer in optimizers.items()}
    all_held = {model for held in holds.values() for model in held}
    for name, held in holds.items():
        expected = f"the {name!r} optimizer to hold all parameters of models[{name!r}]"
        numbers_held = [f"{n} of {model}" for model, n in held.items()]
        got = f"parameter tensors: {', '.join(numbers_held) or 'none'}"
        mistakes = {
            "one-model": name not in held and len(all_held) == 1,
            "other-model": name not in held,
            "all-models": len(held) > 1,
            "some-parameters": held.get(name) != n_weights,
        }
        for id, applies in mistakes.items():
            if applies:
                return wrong(id, expected, got, name=name)
    return None


def _judge_settings(optimizers: Json) -> Verdict | None:
    for name, optimizer in optimizers.items():
        settings = optimizer["look"]["settings"]
        for key, value in {"lr": LR, **WANTED[name]}.items():
            seen = settings.get(key, {})
            found = seen.get("value", seen.get("shown", seen.get("numbers", [None])))
            found = found[0] if isinstance(found, list) else found
            if found is None or _equal(found, value):
                continue
            own = {"lr": "no-lr" if found == 1e-3 else "other-lr"}
            own |= {"momentum": "momentum-value", "weight_decay": "weight-decay"}
            id = own.get(key, key if name == "momentum" else "settings")
            expected = f"the {name!r} optimizer with {key} = {value}"
            got = f"{key} = {found}"
            return wrong(id, expected, got, name=name, key=key)
    return None


def _equal(found: Any, wanted: Any) -> bool:
    """Return whether a setting is right; a number may come as a float32 tensor."""
    if isinstance(found, int | float) and not isinstance(wanted, str):
        return math.isclose(found, wanted, rel_tol=1e-6)
    return found == wanted


def _judge_steps(optimizers: Json) -> Verdict | None:
    models = _small_models()
    for name, twin in _twin_optimizers(models).items():
        wanted = numbers(_move(twin, models[name]))
        seen = optimizers[name]["weights"]
        weights = numbers(seen) if seen else torch.empty(0)
        if not same(weights, wanted):
            expected = f"after three steps, weights {say_numbers(wanted)}"
            got = say_numbers(weights) or "an error in `step`"
            return wrong("other-steps", expected, got, name=name)
    return None


# --- Tasks 3 and 4: one step by hand

MOMENTUM: Rule = {"new_v": "beta * v + g", "new_w": "w - lr * new_v", "returned": "new_w, new_v"}
MOMENTUM_MISTAKES: dict[str, list[Rule]] = {
    "exchanged": [{"returned": "new_v, new_w"}],
    "v-not-returned": [{"returned": "new_w, v"}, {"returned": "new_w, g"}],
    "w-not-moved": [{"returned": "w, new_v"}],
    "lr-inside": [
        {"new_v": "beta * v + lr * g", "new_w": "w - new_v"},
        {"new_v": "beta * v - lr * g", "new_w": "w + new_v"},
    ],
    "lr-twice": [{"new_v": "beta * v + lr * g"}],
    "uphill": [{"new_w": "w + lr * new_v"}, {"new_v": "beta * v + lr * g", "new_w": "w + new_v"}],
    "velocity-sign": [{"new_v": "beta * v - g"}],
    "velocity-downhill": [{"new_v": "beta * v - g", "new_w": "w + lr * new_v"}],
    "step-no-lr": [{"new_w": "w - new_v"}],
    "dampening": [{"new_v": "beta * v + (1 - beta) * g"}],
    "nesterov": [{"new_w": "w - lr * (g + beta * new_v)"}],
    "no-beta": [{"new_v": "v + g"}],
    "beta-on-gradient": [{"new_v": "v + beta * g"}, {"new_v": "(1 - beta) * v + beta * g"}],
    "beta-on-both": [{"new_v": "beta * (v + g)"}],
    "no-memory": [{"new_v": "g"}, {"new_v": "beta * g"}, {"new_v": "(1 - beta) * g"}],
    "plain-step": [{"new_w": "w - lr * g"}],
    "old-velocity": [{"new_w": "w - lr * v"}],
    "fixed-setting": [{"beta": "0.9"}, *({"lr": lr} for lr in ("0.1", "0.01", "0.001"))],
}
ADAM: Rule = {
    "new_m": "beta1 * m + (1 - beta1) * g",
    "new_v": "beta2 * v + (1 - beta2) * g**2",
    "m_hat": "new_m / (1 - beta1**t)",
    "v_hat": "new_v / (1 - beta2**t)",
    "step": "lr * m_hat / (v_hat**0.5 + eps)",
    "new_w": "w - step",
    "returned": "new_w, new_m, new_v",
}
ADAM_MISTAKES: dict[str, list[Rule]] = {
    "exchanged": [{"returned": "new_w, new_v, new_m"}, {"returned": "new_m, new_v, new_w"}],
    "corrected-returned": [
        {"returned": "new_w, m_hat, v_hat"},
        {"returned": "new_w, m_hat, new_v"},
        {"returned": "new_w, new_m, v_hat"},
    ],
    "state-not-returned": [
        {"returned": "new_w, m, v"},
        {"returned": "new_w, m, new_v"},
        {"returned": "new_w, new_m, v"},
    ],
    "w-not-moved": [{"returned": "w, new_m, new_v"}],
    "uphill": [{"new_w": "w + step"}],
    "step-no-lr": [{"step": "m_hat / (v_hat**0.5 + eps)"}],
    "no-correction": [{"m_hat": "new_m", "v_hat": "new_v"}],
    "half-corrected": [{"m_hat": "new_m"}, {"v_hat": "new_v"}],
    "correction-no-power": [
        {"m_hat": "new_m / (1 - beta1)", "v_hat": "new_v / (1 - beta2)"},
        {"m_hat": "new_m / (1 - beta1)"},
        {"v_hat": "new_v / (1 - beta2)"},
    ],
    "correction-power": [
        {"m_hat": f"new_m / {one}", "v_hat": f"new_v / {two}"}
        for one, two in (
            ("(1 - beta1 ** (t - 1))", "(1 - beta2 ** (t - 1))"),
            ("(1 - beta1 ** (t + 1))", "(1 - beta2 ** (t + 1))"),
            ("(1 - beta1 ** 2)", "(1 - beta2 ** 2)"),
            ("(1 - beta1 * t)", "(1 - beta2 * t)"),
            ("(1 - beta1) ** t", "(1 - beta2) ** t"),
        )
    ],
    "correction-multiplied": [
        {"m_hat": "new_m * (1 - beta1**t)", "v_hat": "new_v * (1 - beta2**t)"},
        {"m_hat": "new_m / beta1**t", "v_hat": "new_v / beta2**t"},
    ],
    "correction-other-beta": [
        {"m_hat": "new_m / (1 - beta2**t)", "v_hat": "new_v / (1 - beta1**t)"},
        {"v_hat": "new_v / (1 - beta1**t)"},
        {"m_hat": "new_m / (1 - beta2**t)"},
    ],
    "betas-exchanged": [
        {"other": "beta1", "beta1": "beta2", "beta2": "other"},
        {"new_m": "beta2 * m + (1 - beta2) * g", "new_v": "beta1 * v + (1 - beta1) * g**2"},
    ],
    "averages-turned": [
        {"new_m": "(1 - beta1) * m + beta1 * g", "new_v": "(1 - beta2) * v + beta2 * g**2"},
        {"new_m": "(1 - beta1) * m + beta1 * g"},
        {"new_v": "(1 - beta2) * v + beta2 * g**2"},
    ],
    "no-average": [
        {"new_m": "beta1 * m + g", "new_v": "beta2 * v + g**2"},
        {"new_m": "beta1 * m + g"},
        {"new_v": "beta2 * v + g**2"},
    ],
    "no-memory": [
        {"new_m": "(1 - beta1) * g", "new_v": "(1 - beta2) * g**2"},
        {"new_m": "(1 - beta1) * g"},
        {"new_v": "(1 - beta2) * g**2"},
        {"new_m": "g", "new_v": "g**2"},
    ],
    "no-square": [{"new_v": "beta2 * v + (1 - beta2) * g"}, {"new_v": "beta2 * v + (1 - beta2) * abs(g)"}],
    "square-of-all": [
        {"new_v": "(beta2 * v + (1 - beta2) * g) ** 2"},
        {"new_v": "beta2 * v + ((1 - beta2) * g) ** 2"},
        {"new_v": "beta2 * v + (1 - beta2) * (g**2).sum()"},
        {"new_v": "beta2 * v + (1 - beta2) * (g**2).mean()"},
        {"new_v": "beta2 * v**2 + (1 - beta2) * g**2"},
    ],
    "m-squared": [{"new_v": "beta2 * v + (1 - beta2) * new_m**2"}],
    "no-root": [{"step": "lr * m_hat / (v_hat + eps)"}],
    "eps-inside": [{"step": "lr * m_hat / (v_hat + eps) ** 0.5"}],
    "no-eps": [{"step": "lr * m_hat / v_hat**0.5"}],
    "eps-precedence": [{"step": "lr * m_hat / v_hat**0.5 + eps"}],
    "eps-before-correction": [
        {"step": "lr * (1 - beta2**t) ** 0.5 / (1 - beta1**t) * new_m / (new_v**0.5 + eps)"}
    ],
    "gradient-step": [{"step": "lr * g / (v_hat**0.5 + eps)"}, {"step": "lr * g / (new_v**0.5 + eps)"}],
    "m-and-v-exchanged": [{"step": "lr * v_hat / (m_hat**0.5 + eps)"}],
    "old-averages": [
        {"m_hat": "m / (1 - beta1**t)", "v_hat": "v / (1 - beta2**t)"},
        {"m_hat": "m / (1 - beta1**t)"},
        {"v_hat": "v / (1 - beta2**t)"},
        {"m_hat": "m", "v_hat": "v"},
    ],
    "fixed-setting": [
        {"beta1": "0.9", "beta2": "0.999", "eps": "1e-8"},
        {"beta1": "0.9", "beta2": "0.999"},
        {"eps": "1e-8"},
        *({"lr": lr} for lr in ("0.1", "0.01", "0.001")),
    ],
}


def _case(state: str, seed: int, *shape: int, **settings: float) -> dict[str, Any]:
    """Return a step's arguments; with seed 0 it is the first step, whose state is zero."""
    case: dict[str, Any] = {name: normal(*shape, seed=seed + 40 + k) for k, name in enumerate(f"wg{state}")}
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


def _twin_momentum(w: Tensor, g: Tensor, v: Tensor, lr: float, beta: float) -> list[Tensor]:
    weights = nn.Parameter(w.clone())
    optimizer = torch.optim.SGD([weights], lr=lr, momentum=beta)
    optimizer.state[weights]["momentum_buffer"] = v.clone()
    weights.grad = g.clone()
    optimizer.step()
    return [weights.detach(), optimizer.state[weights]["momentum_buffer"]]


def _twin_adam(
    w: Tensor, g: Tensor, m: Tensor, v: Tensor, t: int, lr: float, beta1: float, beta2: float, eps: float
) -> list[Tensor]:
    weights = nn.Parameter(w.clone())
    optimizer = torch.optim.Adam([weights], lr=lr, betas=(beta1, beta2), eps=eps)
    state = {"exp_avg": m.clone(), "exp_avg_sq": v.clone()}
    optimizer.state[weights].update(step=torch.tensor(t - 1.0), **state)
    weights.grad = g.clone()
    optimizer.step()
    return [weights.detach(), *(optimizer.state[weights][name] for name in state)]


momentum = Step(MOMENTUM_CASES, "wv", _twin_momentum, MOMENTUM, MOMENTUM_MISTAKES)
adam = Step(ADAM_CASES, "wmv", _twin_adam, ADAM, ADAM_MISTAKES)

check = Assignment(
    "optimization",
    network=(probe_network, judge_network),
    optimizers=(probe_optimizers, judge_optimizers),
    momentum=(momentum.probe, momentum.judge),
    adam=(adam.probe, adam.judge),
    result=(probe_score, judge_score(SOLUTION_SCORES)),
)
