"""What probes and judges of models share: layers in order, rows of numbers, updates, steps by hand."""

import json
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import chain, combinations, pairwise, product
from types import CodeType
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from helpers.checks.values import (
    Json,
    attempt,
    describe_parts,
    make_model,
    numbers,
    same,
    say,
    say_numbers,
    say_row,
)
from helpers.checks.verdicts import Verdict, explain, right, wrong

ACTIVATIONS = (*("relu", "tanh", "sigmoid", "gelu"), *("silu", "elu", "leaky_relu", "softplus"))
Sizes = list[list[int]]  # inputs and outputs of each layer


# --- Layers


def in_order(model: nn.Module, kind: type[nn.Module] | tuple[type[nn.Module], ...], x: Tensor) -> list[Any]:
    """Return a model's layers of a kind, in the order called for x (as registered, if any is not called)."""
    layers = [module for module in model.modules() if isinstance(module, kind)]
    called: list[nn.Module] = []
    hooks = [layer.register_forward_hook(lambda layer, *_: called.append(layer)) for layer in layers]
    attempt(model, x)
    for hook in hooks:
        hook.remove()
    return called if {*map(id, called)} == {*map(id, layers)} else layers


def look_at_layers(model: nn.Module, kind: type[nn.Module], x: Tensor, facts: Sequence[str]) -> Json:
    """Return these facts about a model's layers of a kind, and what else the model holds."""
    layers = in_order(model, kind, x)
    own = {id(parameter) for layer in layers for parameter in layer.parameters()}
    seen = {
        "layers": [
            {name: getattr(layer, name) for name in facts} | {"bias": layer.bias is not None}
            for layer in layers
        ],
        "repeated": len({*map(id, layers)}) < len(layers),
        "lists": [
            name
            for name, value in vars(model).items()
            if not name.startswith("_") and isinstance(value, list | tuple | dict)
        ],
        "others": sorted(name for name, value in model.named_parameters() if id(value) not in own),
    }
    return json.loads(json.dumps(seen, default=str))


def look_at_linear(model: nn.Module, x: Tensor) -> Json:
    """Return what `judge_dense` needs."""
    return look_at_layers(model, nn.Linear, x, ("in_features", "out_features"))


def give_weights(model: nn.Module, twins: Sequence[nn.Module], x: Tensor) -> None:
    """Copy the weights of the twin's layers into the model's layers of the same kind, in the order called."""
    for kind in {type(twin) for twin in twins}:
        layers = dict.fromkeys(in_order(model, kind, x))  # each once
        of_kind = [twin for twin in twins if type(twin) is kind]
        for layer, twin in zip(layers, of_kind, strict=True):
            layer.load_state_dict(twin.state_dict())


def probe_model(
    answer: Any,
    arguments: Sequence[Any],
    other_arguments: Sequence[Any],
    look: Callable[[nn.Module, Tensor], Json],
    twins: Sequence[nn.Module],
    x: Tensor,
    other_x: Tensor,
) -> tuple[Any, Json]:
    """Make two models of different sizes, look at their layers, and give the first the twin's weights.

    Args:
        answer: The learner's class.
        arguments: Arguments for the first model.
        other_arguments: Arguments for the second model, which reveals hard-coded sizes.
        look: Looks at the layers of a model, given an input; for instance `look_at_linear`.
        twins: The twin's layers, in the order called.
        x: Inputs for the first model.
        other_x: Inputs for the second model.

    Returns:
        The first model, and what `expect_model` and the judges of layers need.
    """
    model, made = make_model(answer, *arguments)
    other, _ = attempt(answer, *other_arguments)
    layers, looked_at = attempt(look, model, x)
    attempt(give_weights, model, twins, x)  # if this fails, the layers show why
    return model, {
        "model": made,
        "looked_at": looked_at,
        "layers": layers,
        "other_layers": attempt(look, other, other_x)[0],
    }


def judge_registered(layers: Json, n_wanted: int, expected: str, got: str) -> Verdict | None:
    """Return the verdict on layers that are missing, shared or of another kind; None if there are none."""
    n_layers = len(layers["layers"])
    if n_layers < n_wanted and layers["lists"]:
        got = f"{got}, and a list or dict, `self.{layers['lists'][0]}`"
        return wrong("list", expected, got)
    if layers["others"]:
        got = f"also {', '.join(f'`{name}`' for name in layers['others'])}"
        return wrong("extra" if n_layers else "no-layers", expected, got)
    if not n_layers:
        return wrong("local", expected, got)
    if layers["repeated"]:
        return wrong("repeated", expected, f"{got}: a layer that is called twice")
    return None


def judge_bias(layers: Json) -> Verdict | None:
    """Return None if every layer has a bias, otherwise the verdict."""
    without = [n for n, layer in enumerate(layers["layers"], 1) if not layer["bias"]]
    if not without:
        return None
    got = f"none in layer {' and '.join(map(str, without))}"
    return wrong("no-bias", "a bias in every layer", got)


# --- Linear layers, one after the other


def dense_sizes(*widths: int) -> Sizes:
    """Return the sizes of the layers that connect these widths."""
    return [list(pair) for pair in pairwise(widths)]


def say_sizes(sizes: Sizes) -> str:
    """Put the sizes of layers into words."""
    return ", ".join(f"{before} to {after}" for before, after in sizes) or "no layers"


def sizes_of(layers: Json | None) -> Sizes:
    """Return the sizes of the linear layers seen by `look_at_linear`."""
    seen = layers["layers"] if layers else []
    return [[layer["in_features"], layer["out_features"]] for layer in seen]


def judge_dense(
    layers: Json, other_layers: Json | None, wanted: Sizes, others: Sizes, given: str
) -> Verdict | None:
    """Return None if the linear layers of two models are right, otherwise the verdict.

    Args:
        layers: Those of the first model.
        other_layers: Those of the second, or None if it could not be made.
        wanted: The right sizes for the first model.
        others: The right sizes for the second, with no number in common with the first.
        given: The arguments of the first model, in words.
    """
    sizes, other_sizes = sizes_of(layers), sizes_of(other_layers)
    expected, got = f"for {given}: {say_sizes(wanted)}", say_sizes(sizes)
    if verdict := judge_registered(layers, len(wanted), expected, got):
        return verdict
    if id := _wrong_sizes(sizes, other_sizes, wanted, others):
        return wrong(id, expected, got)
    return judge_bias(layers)


def _wrong_sizes(sizes: Sizes, others: Sizes, wanted: Sizes, others_wanted: Sizes) -> str | None:
    """Return the diagnosis of two networks' sizes, or None if they are right."""
    if sizes == wanted and others == others_wanted:
        return None
    n_hidden = len(wanted) - 1
    (ins_wanted, after), (ins, outs) = (zip(*pairs, strict=True) for pairs in (wanted, sizes))
    mistakes = {
        "hard-coded-size": {*chain(*sizes)} & {*chain(*others)},
        "no-output-layer": sizes == wanted[:-1],
        "output-layer-in-loop": len(sizes) == 2 * n_hidden,
        "one-hidden-layer": len(sizes) <= 2,
        "sizes-swapped": sizes == [pair[::-1] for pair in wanted],
        "not-updated": outs == after and ins[:n_hidden] == (ins_wanted[0],) * n_hidden,
        "updated-too-early": ins[:n_hidden] == outs[:n_hidden] == after[:n_hidden],
        "last-layer": sizes[:-1] == wanted[:-1],
        "sizes": True,
    }
    return next(id for id, applies in mistakes.items() if applies)


def activation_mistakes(
    layers: Sequence[nn.Module], x: Tensor, activation: str
) -> Iterator[tuple[str, Tensor, Json]]:
    """Yield the output for every activation in every choice of places: before each layer, and at the end."""
    wanted = (False, *[True] * (len(layers) - 1), False)
    for name in (activation, *ACTIVATIONS):
        for places in product((False, True), repeat=len(layers) + 1):
            h = x
            for before, layer in zip(places, layers, strict=False):
                h = layer(getattr(F, name)(h) if before else h)
            h = getattr(F, name)(h) if places[-1] else h
            ids = {
                "other-activation": places == wanted,
                "no-activation": not any(places),
                "activation-last": places == (*wanted[:-1], True),
                "activation-missing": not (places[0] or places[-1]),
                "activation-elsewhere": True,
            }
            if (name, places) != (activation, wanted):
                id = next(id for id, applies in ids.items() if applies)
                yield id, h, {"name": name}


# --- Rows of numbers


def judge_rows(received: Json, images: Tensor, expected: str) -> Verdict | None:
    """Return None for one row of numbers per image, otherwise the verdict.

    Args:
        received: What a linear layer, or a model that starts with one, was given.
        images: (B, C, H, W).
        expected: The rows, in words.
    """
    B, C, H, W = images.shape
    rows = images.flatten(1)
    mistakes = {
        "no-flatten": [[B, C, H, W]],
        "batch-flattened": [[B * C * H * W], [1, B * C * H * W]],
        "transposed": [[C * H * W, B]],
        "axis-left": [[B, C, H * W], [B, C * H, W], [B * C, H * W]],
    }
    for id, shapes in mistakes.items():
        if received.get("shape") in shapes:
            return wrong(id, expected, say(received))
    if received.get("shape") != list(rows.shape):
        return wrong("input-shape", expected, say(received))
    if not same(numbers(received), rows):
        expected, got = say_row(rows), say_row(numbers(received))
        return wrong("pixels-mixed", f"rows of pixels, {expected}", got)
    return None


# --- Updates


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


def name_update(calls: Sequence[str], still: bool, is_first: bool) -> str:
    """Return the diagnosis of an update that leaves the wrong weights.

    Args:
        calls: Names of the calls made: `backward`, and the optimizer's.
        still: Whether the weights are unchanged.
        is_first: Whether the first update is already wrong.
    """
    story = " ".join(calls)
    mistakes = {
        "nothing": still and not calls,
        "no-backward": "backward" not in calls,
        "no-step": still and "step" not in calls,
        "no-zero-grad": not is_first and "zero_grad" not in calls,
        "step-too-early": "step" in calls and not re.search("backward.*step", story),
        "zero-grad-too-late": re.search("backward.*zero_grad.*step", story),
        "two-steps": calls.count("step") > 1,
        "other-weights": True,
    }
    return next(id for id, applies in mistakes.items() if applies)


# --- Rules

# A rule is a list of lines, each a name and its formula. A mistake replaces some of the lines. Rules are used
# to name the mistake after the twin has shown that the numbers are wrong.
Rule = dict[str, str]


@cache
def _compiled(formula: str) -> CodeType:
    return compile(formula, "<formula>", "eval")


def follow(rule: Rule, case: dict[str, Any]) -> Any:
    """Compute the lines of a rule in order; return the value of `returned`."""
    scope = dict(case)
    for name, formula in rule.items():
        scope[name] = eval(_compiled(formula), {"__builtins__": {"abs": abs, "round": round}}, scope)
    return scope["returned"]


def mistaken(rule: Rule, mistakes: dict[str, list[Rule]]) -> Iterator[tuple[str, Rule]]:
    """Yield the rule with each mistake, then with each pair of mistakes that change different lines."""
    single = [(id, changes) for id, rules in mistakes.items() for changes in rules]
    pairs = [
        (id, one | two)
        for (id, one), (other, two) in combinations(single, 2)
        if id != other and not one.keys() & two.keys()
    ]
    for id, changes in single + pairs:
        settings = {name: changes[name] for name in changes if name not in rule}
        yield id, settings | rule | changes


@dataclass(frozen=True)
class Step:
    """Probe and judge of one step of a rule, written by hand as a function that returns several tensors.

    Attributes:
        cases: The arguments of each call.
        returns: Names of the return values, a letter each; a value precedes those it is computed from.
        twin: Computes the same with torch.
        rule: The right rule.
        mistakes: For each diagnosis, the lines it changes in the rule.
    """

    cases: Sequence[dict[str, Any]]
    returns: str
    twin: Callable[..., list[Tensor]]
    rule: Rule
    mistakes: dict[str, list[Rule]]

    def probe(self, answer: Any) -> Json:
        """Call the function in each case. Record what it returns, and which inputs it changes."""
        calls = []
        for case in self.cases:
            given = {
                name: value.clone() if isinstance(value, Tensor) else value for name, value in case.items()
            }
            returned, seen = attempt(answer, *given.values())
            changed = [
                name
                for name, value in case.items()
                if isinstance(value, Tensor) and not torch.equal(value, given[name])
            ]
            calls.append({"returned": seen, "changed": changed, **describe_parts(returned)})
        return {"calls": calls}

    def judge(self, seen: Json) -> Verdict:
        """Judge the return values, then their numbers, then whether the inputs are unchanged."""
        calls = seen["calls"]
        names = ", ".join(f"new {name}" for name in self.returns)
        twins = [self.twin(**case) for case in self.cases]
        for call, twin in zip(calls, twins, strict=True):
            if trouble := explain(call["returned"]):
                return trouble
            if trouble := self._judge_form(call, tuple(twin[0].shape), names):
                return trouble
        answers = [[numbers(part) for part in call["parts"]] for call in calls]
        for n, (answer, twin) in enumerate(zip(answers, twins, strict=True)):
            right_parts = list(map(same, answer, twin))
            if not all(right_parts):
                id = self._name(answers, n) or "wrong-{}".format(
                    # A wrong state makes everything computed from it wrong too.
                    next(
                        name
                        for name, good in reversed(list(zip(self.returns, right_parts, strict=True)))
                        if not good
                    )
                )
                expected, got = self._say(n, twin, answer)
                return wrong(id, expected, got)
        for n, call in enumerate(calls):
            if call["changed"]:
                expected = f"in call {n + 1}, {names} as new tensors"
                got = f"the right numbers, but {' and '.join(call['changed'])} changed"
                return wrong("in-place", expected, got)
        return right()

    def _judge_form(self, call: Json, shape: tuple[int, ...], names: str) -> Verdict | None:
        returned = call["returned"]
        expected = f"{names}, each a tensor of shape {shape}"
        if returned["type"] == "NoneType":
            return wrong("none", expected, "None")
        if not call["several"]:
            return wrong("one-value", expected, say(returned))
        if len(call["parts"]) != len(self.returns):
            return wrong("number-of-values", expected, f"{len(call['parts'])} values")
        for name, part in zip(self.returns, call["parts"], strict=True):
            if "shape" not in part:
                return wrong("no-tensors", expected, f"as new {name}, {say(part)}")
            if part["shape"] != list(shape):
                return wrong("shape", expected, f"as new {name}, {say(part)}")
        return None

    def _name(self, answers: list[list[Tensor]], first: int) -> str | None:
        """Return the first mistake that gives all these numbers; compare the wrong call `first` first."""
        order = sorted(range(len(self.cases)), key=lambda n: n != first)
        for id, rule in mistaken(self.rule, self.mistakes):
            results = ((answers[n], follow(rule, self.cases[n])) for n in order)
            if all(all(map(_alike, *pair)) for pair in results):
                return id
        return None

    def _say(self, n: int, *values: list[Tensor]) -> Iterator[str]:
        settings = ", ".join(
            f"{name} = {value:g}" for name, value in self.cases[n].items() if not isinstance(value, Tensor)
        )
        starts = f"with {settings}: " if settings else "", ""
        for parts, start in zip(values, starts, strict=True):
            numbers_said = (
                f"new {name} {say_numbers(part, '.4f')}"
                for name, part in zip(self.returns, parts, strict=True)
            )
            yield start + "; ".join(numbers_said)


def _alike(a: Tensor, b: Tensor) -> bool:
    """Return whether numbers agree. Equal nans agree, as mistakes may produce them."""
    return torch.allclose(a, b.double(), rtol=1e-4, atol=1e-5, equal_nan=True)
