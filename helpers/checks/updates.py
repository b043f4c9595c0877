"""What tasks that train a model share: its optimizer, a trusted step, and what is left behind."""

import math
import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from helpers.checks.values import Json, attempt, describe, number, same, say
from helpers.checks.verdicts import Verdict, first, wrong


class SGD(torch.optim.SGD):
    """An optimizer that records its calls. Messages show its name."""

    def __init__(self, model: nn.Module, lr: float) -> None:
        super().__init__(model.parameters(), lr=lr)
        self.calls: list[str] = []

    def zero_grad(self, set_to_none: bool = True) -> None:
        """Record the call, and make it."""
        self.calls.append("zero_grad")
        super().zero_grad(set_to_none)

    def step(self, closure: Any = None) -> Any:
        """Record the call, and make it."""
        self.calls.append("step")
        return super().step(closure)


def descend(model: nn.Module, loss: Tensor, lr: float) -> None:
    """Take one step of gradient descent without touching `.grad`."""
    parameters = list(model.parameters())
    gradients = torch.autograd.grad(loss, parameters)
    for parameter, gradient in zip(parameters, gradients, strict=True):
        parameter.data -= lr * gradient


Loss = Callable[[Tensor, Tensor], Tensor]
# What may be made of logits and labels, instead of their mean cross-entropy.
LOSSES: list[tuple[str, Loss]] = [
    ("softmax-before-loss", lambda z, y: F.cross_entropy(z.softmax(dim=1), y)),
    ("softmax-before-loss", lambda z, y: F.cross_entropy(z.softmax(dim=0), y)),
    ("relu-before-loss", lambda z, y: F.cross_entropy(z.relu(), y)),
    ("sigmoid-before-loss", lambda z, y: F.cross_entropy(z.sigmoid(), y)),
    ("summed-loss", lambda z, y: F.cross_entropy(z, y, reduction="sum")),
    ("nll-loss", F.nll_loss),
    ("uphill", lambda z, y: -F.cross_entropy(z, y)),
    ("squared-error", lambda z, y: F.mse_loss(z, F.one_hot(y, z.shape[1]).float())),
    ("squared-error", lambda z, y: F.mse_loss(z.softmax(dim=1), F.one_hot(y, z.shape[1]).float())),
]


def name_update(
    calls: Sequence[str],
    still: bool,
    is_first: bool,
    used: Sequence[str] = (),
    moved: tuple[Tensor, Tensor] | None = None,
) -> str | None:
    """Return the diagnosis of an update that leaves the wrong weights.

    Args:
        calls: Names of the calls made: `backward` (through the loss), and the optimizer's.
        still: Whether the weights are unchanged.
        is_first: Whether the first update is already wrong.
        used: Names of the functions of torch that were used, as far as they are known.
        moved: How far the weights have moved, and should have.
    """
    story = " ".join(calls)
    backward = calls.count("backward")
    move, wanted = moved or (torch.zeros(()), torch.ones(()))
    return first(
        {
            "nothing": still and not calls and "backward" not in used,
            "other-loss": not backward and "backward" in used,
            "no-backward": not backward,
            "no-step": still and "step" not in calls,
            "uphill": same(move, -wanted),
            "two-backwards": backward > 1 and not re.search("backward.*zero_grad.*backward", story),
            "no-zero-grad": not is_first and "zero_grad" not in calls,
            "step-too-early": "step" in calls and not re.search("backward.*step", story),
            "zero-grad-too-late": re.search("backward.*zero_grad.*step", story),
            "two-steps": calls.count("step") > 1,
            "other-weights": True,
        }
    )


def state_of(model: nn.Module) -> Json:
    """Return what a call may leave behind in a model: frozen parameters, its mode, its hooks."""
    hooks = "_forward_hooks", "_forward_pre_hooks", "_backward_hooks", "_backward_pre_hooks"
    return {
        "frozen": [name for name, p in model.named_parameters() if not p.requires_grad],
        "modes": [module.training for module in model.modules()],
        "hooks": sum(len(getattr(module, name)) for module in model.modules() for name in hooks),
    }


def judge_left(before: Json, after: Json, name: str) -> Verdict | None:
    """Return None if a model is left as it was, otherwise the verdict.

    Args:
        before: Its `state_of` before the call.
        after: And after it.
        name: The model's, in words.
    """
    frozen = [key for key in after["frozen"] if key not in before["frozen"]]
    if frozen:
        got = f"`requires_grad` is still False for {', '.join(f'`{key}`' for key in frozen)}"
        return wrong("left-frozen", f"{name} as it was", got)
    if after["modes"] != before["modes"]:
        got = f"{name} in {'training' if any(after['modes']) else 'evaluation'} mode"
        return wrong("left-mode", f"{name} in the mode it was in", got)
    if after["hooks"] != before["hooks"]:
        return wrong("left-hooks", f"{name} as it was", f"{name} with other hooks than before")
    return None


# --- Optimizers that an answer makes

SPEED = {"foreach", "fused", "capturable", "differentiable"}  # settings that change no step


def look_at_optimizers(optimizers: Mapping[str, Any], models: Mapping[str, nn.Module]) -> Json:
    """Describe optimizers: whose parameters each holds, by name, and its settings in every group."""
    return {
        name: {
            **describe(optimizer),
            "is_optimizer": attempt(isinstance, optimizer, torch.optim.Optimizer)[0],
            "look": attempt(_look_at, optimizer, models)[0],
            "same_as": [other for other in optimizers if optimizers[other] is optimizer],
        }
        for name, optimizer in optimizers.items()
    }


def _look_at(optimizer: torch.optim.Optimizer, models: Mapping[str, nn.Module]) -> Json:
    owned = [(name, key, p) for name, model in models.items() for key, p in model.named_parameters()]
    holds: dict[str, list[str]] = {}
    for held in (p for group in optimizer.param_groups for p in group["params"]):
        own = [(name, key) for name, key, p in owned if p is held]
        copies = [("a copy", key) for _, key, p in owned if torch.equal(p, held)]
        name, key = [*own, *copies, ("another model", "")][0]
        holds.setdefault(name, []).append(key)
    return {"holds": holds, "groups": [_settings(group) for group in optimizer.param_groups]}


def _settings(group: Mapping[str, Any]) -> Json:
    return {
        key: describe(tuple(value) if isinstance(value, list) else value)
        for key, value in group.items()
        if key not in SPEED | {"params"}
    }


def judge_made(optimizers: Json, expected: str) -> Verdict | None:
    """Return None if all are optimizers, each its own, otherwise the verdict."""
    for name, optimizer in optimizers.items():
        if not (optimizer["is_optimizer"] and optimizer["look"]):
            return wrong("no-optimizer", expected, f"under {name!r}, {say(optimizer)}")
        if len(optimizer["same_as"]) > 1:
            return wrong("shared", expected, f"one and the same for {' and '.join(optimizer['same_as'])}")
    return None


def judge_settings(
    optimizers: Json, twins: Mapping[str, torch.optim.Optimizer], own: Mapping[str, str] | None = None
) -> Verdict | None:
    """Return None if all settings are those of fresh optimizers of torch, otherwise the verdict.

    Args:
        optimizers: What `look_at_optimizers` has seen.
        twins: The fresh ones, with the learning rate that was given.
        own: Diagnoses of settings that have their own, by name of the setting.
    """
    for name, twin in twins.items():
        for group in optimizers[name]["look"]["groups"]:
            for key, seen in _settings(twin.param_groups[0]).items():
                wanted, found = (_value(one) for one in (seen, group.get(key, seen)))
                if _equal(found, wanted):
                    continue
                ids = {"lr": "no-lr" if found == 1e-3 else "other-lr", **(own or {})}
                expected, got = f"the {name!r} optimizer with {key} = {wanted}", f"{key} = {found}"
                return wrong(ids.get(key, "settings"), expected, got, name=name, key=key)
    return None


def _value(seen: Json) -> Any:
    found = number(seen)
    return seen.get("shown") if found is None else found


def _equal(found: Any, wanted: Any) -> bool:
    if isinstance(found, int | float) and isinstance(wanted, int | float):
        return math.isclose(found, wanted, rel_tol=1e-6)  # it may come as a float32 tensor
    return found == wanted
