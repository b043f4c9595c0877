"""The engine for classes of models: give each a twin's weights, and judge layers, then `forward`."""

import copy
import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
import torch
from torch import Tensor, nn

from helpers.checks.functions import Function, Watch, call, judge_random, varies
from helpers.checks.values import Json, describe, make_model, safely
from helpers.checks.verdicts import Verdict, expect_model, explain, right, wrong

# What judges may ask about a layer, by its kind.
FACTS = {
    nn.Linear: ("in_features", "out_features"),
    nn.Conv2d: (
        *("in_channels", "out_channels", "kernel_size", "stride", "padding"),
        *("dilation", "groups", "padding_mode"),
    ),
    nn.LayerNorm: ("normalized_shape", "elementwise_affine"),
    nn.MultiheadAttention: ("embed_dim", "num_heads", "dropout", "batch_first"),
    nn.RNNBase: (
        *("input_size", "hidden_size", "num_layers", "batch_first"),
        *("dropout", "bidirectional", "proj_size"),
    ),
    nn.RNNCellBase: ("input_size", "hidden_size"),
}


class Pair(NamedTuple):
    """A learner's parameter, or some of its rows, and the twin's parameter that is the same."""

    twin: str
    name: str
    parameter: nn.Parameter
    rows: slice = slice(None)


Parts = list[tuple[str, nn.Module]]  # layers by name


def layers_of(
    model: nn.Module, kinds: tuple[type[nn.Module], ...], case: dict[str, Any]
) -> tuple[Parts, Json]:
    """Return a model's layers of some kinds, and what a call says about them.

    The layers are in the order called (as registered, if any is not called). Those inside another one of
    these kinds do not count.
    """
    found: Parts = []
    inside: set[nn.Module] = set()
    for name, module in model.named_modules():
        if isinstance(module, kinds) and module not in inside:
            found.append((name, module))
            inside |= {*module.modules()}
    called: list[nn.Module] = []
    received: list[Json] = []

    def record(module: nn.Module, given: tuple[Any, ...]) -> None:
        called.append(module)
        received.append(describe(given[0]) if given else {})

    hooks = [module.register_forward_pre_hook(record) for _, module in found]
    with Watch() as watch:
        given = (value.clone() if isinstance(value, Tensor) else value for value in case.values())
        _, returned = safely(model, *given)
    for hook in hooks:
        hook.remove()
    names = {module: name for name, module in found}
    once = list(dict.fromkeys(called))
    if {*once} == {*names}:
        found = [(names[module], module) for module in once]
    repeated = len(once) < len(called) and "raised" not in returned
    return found, {"repeated": repeated, "received": received[:1], "used": watch.used[:200]}


def look(model: nn.Module, layers: Parts) -> Json:
    """Describe a model's layers, and whatever else it holds."""
    own = {id(parameter) for _, layer in layers for parameter in layer.parameters()}
    more = [(name, p) for name, p in model.named_parameters() if id(p) not in own]
    plain = [(name, value) for name, value in vars(model).items() if isinstance(value, Tensor)]
    fixed = [*model.named_buffers(), *plain, *((name, p) for name, p in more if not p.requires_grad)]
    return {
        "layers": [{"name": name} | _look_at(layer) for name, layer in layers],
        "more": [[name, list(p.shape)] for name, p in more if p.requires_grad],
        "fixed": [[name, list(value.shape)] for name, value in fixed],
        "constant": [[name, p.numel()] for name, p in more if (p == p.flatten()[:1]).all()],
        "frozen": [name for name, p in model.named_parameters() if id(p) in own and not p.requires_grad],
        "lists": [
            name
            for name, value in vars(model).items()
            if not name.startswith("_")
            and isinstance(value, list | tuple | dict)
            and any(isinstance(one, nn.Module | nn.Parameter) for one in _values(value))
        ],
        "modules": sorted({type(module).__name__ for module in model.modules()}),
    }


def _values(value: Any) -> list[Any]:
    return list(value.values() if isinstance(value, dict) else value)


def _look_at(layer: nn.Module) -> Json:
    kind, facts = next((kind, facts) for kind, facts in FACTS.items() if isinstance(layer, kind))
    bias = "in_proj_bias" if kind is nn.MultiheadAttention else "bias"
    seen = {
        "kind": type(layer).__name__,
        **{name: getattr(layer, name) for name in facts},
        "bias": getattr(layer, bias) is not None and getattr(layer, bias) is not False,
    }
    return json.loads(json.dumps(seen, default=lambda x: x.item() if isinstance(x, np.generic) else str(x)))


def pair_in_order(model: nn.Module, layers: Parts, twin: nn.Module, twin_layers: Parts) -> list[Pair]:
    """Pair the layers of each kind in their order, and all other parameters by their sizes.

    Raises:
        ValueError: The layers are not those of the twin.
    """
    names = {id(p): name for name, p in model.named_parameters()}
    pairs = []
    for kind in FACTS:
        mine, theirs = ([one for one in parts if isinstance(one[1], kind)] for parts in (layers, twin_layers))
        for (_, layer), (prefix, other) in zip(mine, theirs, strict=True):
            own = dict(layer.named_parameters())
            if {*own} != {key for key, _ in other.named_parameters()}:
                raise ValueError("a layer with other parameters")
            pairs += [Pair(f"{prefix}.{key}".strip("."), names[id(p)], p) for key, p in own.items()]
    paired = {id(pair.parameter) for pair in pairs}
    keys = {pair.twin for pair in pairs}
    rest = [p for p in model.parameters() if id(p) not in paired]
    others = [(key, p) for key, p in twin.named_parameters() if key not in keys]
    rest, others = sorted(rest, key=torch.numel), sorted(others, key=lambda item: item[1].numel())
    more = zip(rest, others, strict=True)
    return pairs + [Pair(key, names[id(p)], p) for p, (key, _) in more]


@dataclass
class Model:
    """What a class of models should hold, and what its `forward` should return.

    Attributes:
        sizes: The arguments of each model: the first is told about, the second shares no number with it, the
            third has the sizes of the notebook.
        forward: What the models return; its twins are torch modules of these sizes.
        kinds: The kinds of layers to look at.
        judge_layers: Takes what `look` has seen of each model, None if it could not be made.
        pair: Pairs a model's parameters with those of its twin.
        kept: The diagnosis of results that depend on earlier calls.
        may_drop: Whether the task leaves dropout free: models are judged in evaluation mode.
    """

    sizes: Sequence[tuple[Any, ...]]
    forward: Function
    kinds: tuple[type[nn.Module], ...]
    judge_layers: Callable[[list[Json | None]], Verdict | None]
    pair: Callable[[nn.Module, Parts, nn.Module, Parts], list[Pair]] = pair_in_order
    kept: str = "random"
    may_drop: bool = False

    def probe(self, answer: Any) -> Json:
        """Make a model of each size, look at it, give it its twin's weights, and call it in its cases."""
        made, looked, models, pairs = [], [], [], []
        for n, size in enumerate(self.sizes):
            arguments = copy.deepcopy(size)
            model, seen = make_model(answer, *arguments)
            if self.may_drop:
                safely(lambda model=model: model.eval())
            taken, looked_at = safely(self._prepare, model, n)
            look, paired = taken or (None, None)
            made.append(seen | {"looked_at": looked_at, "changed": arguments != size})
            looked.append(look)
            models.append(model)
            pairs.append(paired)
        forward, calls, varying = self.forward, [], ""
        if all(paired is not None for paired in pairs):
            for n, case in zip(forward.of, forward.cases, strict=True):
                leaves = {pair.twin: (pair.parameter, pair.rows) for pair in pairs[n]}
                calls.append(call(models[n], case, leaves, forward.learns))
            varying = varies(models[0], forward.cases[0], calls[0])
            if not varying:
                safely(models[0].eval)
                varying = varies(models[0], forward.cases[0], calls[0])
        names = [{pair.twin: pair.name for pair in paired or []} for paired in pairs]
        return {"models": made, "looked": looked, "names": names, "calls": calls, "varies": varying}

    def _prepare(self, model: nn.Module, n: int) -> tuple[Json, list[Pair] | None]:
        """Look at a model, and give it the twin's weights; no pairs if they do not fit."""
        forward = self.forward
        case = forward.cases[list(forward.of).index(n)]
        layers, called = layers_of(model, self.kinds, case)
        twin = forward.twins[n]
        seen = look(model, layers) | called
        pairs, _ = safely(self._give, model, layers, twin, layers_of(twin, self.kinds, case)[0])
        return seen | {"taken": pairs is not None}, pairs

    def _give(self, model: nn.Module, layers: Parts, twin: nn.Module, twin_layers: Parts) -> list[Pair]:
        pairs = self.pair(model, layers, twin, twin_layers)
        values = dict(twin.named_parameters())
        with torch.no_grad():
            for pair in pairs:
                part = pair.parameter[pair.rows]
                part.copy_(values[pair.twin].reshape(part.shape))
        return pairs

    def judge(self, seen: Json) -> Verdict:
        """Judge the layers first, then what `forward` does with them."""
        first, *others = seen["models"]
        if verdict := expect_model(first) or explain(first["looked_at"]):
            return verdict
        if verdict := self.judge_layers(seen["looked"]):
            return verdict
        for made in others:
            if verdict := expect_model(made) or explain(made["looked_at"]):
                return verdict
        if any(made["changed"] for made in seen["models"]):
            return wrong("arguments-changed", "the arguments as they were", "a list that has changed")
        frozen = seen["looked"][0]["frozen"]
        if frozen:
            said = ", ".join(f"`{name}`" for name in frozen)
            return wrong("frozen", "parameters that are trained", f"`requires_grad` is False for {said}")
        if not seen["calls"]:
            return wrong("layers", "the layers of the task, and no others", say_layers(seen["looked"][0]))
        calls = self.forward.all_of(seen["calls"])
        return judge_random(seen, self.kept) or self._judge_calls(calls, seen["names"]) or right()

    def _judge_calls(self, calls: list[Json], names: list[dict[str, str]]) -> Verdict | None:
        """Return None if all calls are right. What only the first model does right has a name of its own."""
        of = list(self.forward.of)
        verdict = self.forward.judge_calls(calls, names)
        if not verdict or verdict.outcome == "not attempted" or verdict.id in ("cut", "other-gradient"):
            return verdict
        if self.forward.judge_calls(calls[: of.index(1)], names):
            return verdict
        n = 1 if self.forward.judge_calls(calls[: of.index(2)], names) else 2
        expected = f"the right numbers from a model of other sizes too: {self.sizes[n]}"
        return wrong("hard-coded" if n == 1 else "own-sizes", expected, verdict.got or "an exception")


def say_layers(seen: Json | None) -> str:
    """Put all that a model is made of into words."""
    said = []
    for layer in (seen or {"layers": []})["layers"]:
        kind = layer["kind"]
        if kind == "LayerNorm":
            said.append(f"LayerNorm of {', '.join(map(str, layer['normalized_shape']))}")
        elif kind == "MultiheadAttention":
            said.append(f"MultiheadAttention of width {layer['embed_dim']}, {layer['num_heads']} heads")
        else:
            sizes = [value for value in layer.values() if isinstance(value, int) and value is not True]
            said.append(f"{kind} {sizes[0]} to {sizes[1]}")
    said += [f"`{name}` {tuple(shape)}" for name, shape in (seen or {"more": []})["more"]]
    return ", ".join(said) or "nothing that can be trained"
