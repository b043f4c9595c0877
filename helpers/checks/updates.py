"""What tasks that train a model share: a spy on its optimizer, a trusted step, and what is left behind."""

import re
from collections.abc import Sequence
from typing import Any

import torch
from torch import Tensor, nn

from helpers.checks.values import Json, same
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
