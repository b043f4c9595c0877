"""Checks for the assignment on the LSTM; their texts, and the mistakes, are in `lstm.toml`."""

from itertools import permutations
from typing import Any, NamedTuple

import torch
from torch import Tensor, nn

from helpers.checks.classes import Model
from helpers.checks.core import Assignment
from helpers.checks.functions import Case, Function
from helpers.checks.layers import ACTIVATIONS, judge_bias, judge_registered
from helpers.checks.rules import load_rule, regrouped
from helpers.checks.values import (
    Json,
    attempt,
    clean_state,
    describe_parts,
    make_model,
    normal,
    numbers,
    probe_accuracy,
    say,
    say_row,
)
from helpers.checks.verdicts import Verdict, explain, first, judge_accuracy, right, wrong

# The solution's validation accuracy, from seed 0 on.
SOLUTION_SCORES = {
    "mnist-5k": (0.98051, 0.97001, 0.97451, 0.96852, 0.97601),
    "digits": (0.9417, 0.9500, 0.9208, 0.9333, 0.9417),
}


# --- Task 1: the initial states


class StateCase(NamedTuple):
    """The arguments of a call."""

    B: int
    T: int
    xdim: int
    n_layer: int
    hdim: int
    device: str = "cpu"


# No number appears twice, so every shape shows what it was made from.
STATE_CASES = (StateCase(6, 5, 4, 2, 7), StateCase(9, 8, 12, 3, 11), StateCase(6, 5, 4, 2, 7, "meta"))
STATES = "hidden states", "cell states"


def _shape_mistakes(case: StateCase) -> list[tuple[str, tuple[int, ...]]]:
    """Return the shapes that states may have by mistake, each with its diagnosis."""
    B, T, xdim, n, hdim, _ = case
    return [
        ("batch-first-states", (B, n, hdim)),
        ("steps-for-batch", (n, T, hdim)),
        ("width-for-batch", (n, xdim, hdim)),
        ("one-layer", (1, B, hdim)),
        ("layers-left-out", (B, hdim)),
        ("one-sequence", (n, 1, hdim)),
        ("batch-left-out", (n, hdim)),
        ("wide-as-input", (n, B, xdim)),
        ("state-per-step", (n, B, T, hdim)),
        ("state-per-step", (n * T, B, hdim)),
        *(("axes-exchanged", order) for order in permutations((n, B, hdim))),
    ]


def probe_states(answer: Any) -> Json:
    """Ask for the states in each case, the last on a device without numbers."""
    calls = []
    for case in STATE_CASES:
        x = normal(case.B, case.T, case.xdim).to(case.device)
        returned, seen = attempt(answer, x, case.n_layer, case.hdim)
        calls.append({"returned": seen, **describe_parts(returned)})
    return {"calls": calls}


def judge_states(seen: Json) -> Verdict:
    """Judge what came back, then shapes, numbers and devices."""
    calls = list(zip(seen["calls"], STATE_CASES, strict=True))
    for call, case in calls:
        verdict = explain(call["returned"]) or _judge_pair(call, case)
        if verdict:
            return verdict
    shapes = [[part["shape"] for part in call["parts"]] for call, _ in calls]
    for n, name in enumerate(STATES):
        of_name = [parts[n] for parts in shapes]
        for (call, case), shape in zip(calls, of_name, strict=True):
            if verdict := _judge_state(call["parts"][n], case, name, of_name, shape):
                return verdict
    for call, case in calls:
        for name, part in zip(STATES, call["parts"], strict=True):
            if part["device"] != case.device:
                expected = f"{name} on the device of x, here {case.device!r}"
                return wrong("device", expected, f"on {part['device']!r}")
    return right()


def _say_case(case: StateCase) -> str:
    return f"for x of shape {case[:3]}, n_layer = {case.n_layer} and hdim = {case.hdim}:"


def _judge_pair(call: Json, case: StateCase) -> Verdict | None:
    """Return None for two tensors, otherwise the verdict."""
    shape = case.n_layer, case.B, case.hdim
    expected = f"{_say_case(case)} two tensors of shape {shape}"
    returned = call["returned"]
    if returned["type"] == "NoneType":
        return wrong("none", expected, "None")
    if "shape" in returned:
        return wrong("one-tensor", expected, say(returned))
    if not call["several"]:
        return wrong("no-pair", expected, say(returned))
    if len(call["parts"]) != len(STATES):
        return wrong("number-of-states", expected, f"{len(call['parts'])} values")
    for name, part in zip(STATES, call["parts"], strict=True):
        if "shape" not in part:
            return wrong("no-tensors", expected, f"as {name}, {say(part)}")
    return None


def _judge_state(
    part: Json, case: StateCase, name: str, shapes: list[list[int]], shape: list[int]
) -> Verdict | None:
    wanted = [case.n_layer, case.B, case.hdim]
    expected = f"{_say_case(case)} {name}, zeros of shape {tuple(wanted)}"
    got = say(part)
    if shape != wanted:
        return wrong(_name_shape(shapes), expected, got)
    if part["dtype"] != "float32":
        return wrong("dtype", expected, got)
    values = numbers(part)
    if case.device == "cpu" and values.any():
        got = f"{got}, {say_row(values[0])}"
        return wrong("random" if values.std() else "not-zero", expected, got)
    return None


def _name_shape(shapes: list[list[int]]) -> str:
    """Return the diagnosis of the shapes in all calls, some of which are wrong."""
    tables = zip(*map(_shape_mistakes, STATE_CASES), strict=True)
    for table in tables:
        if [list(shape) for _, shape in table] == shapes:
            return table[0][0]
    one, two = shapes[:2]
    fixed = {
        id: len(one) == len(two) == 3 and one[axis] == two[axis]
        for id, axis in (("fixed-batch", 1), ("fixed-layers", 0), ("fixed-width", 2))
    }
    return first(fixed | {"shape": True})


# --- Task 2: the classifier

# xdim, hdim, n_layer, ydim: the first two share no number, the last are the notebook's
SIZES = [(4, 7, 2, 3), (9, 11, 5, 8), (28, 64, 2, 10)]
NAMES = "input_size", "hidden_size", "num_layers"
DEFAULTS = {"dropout": 0.0, "bidirectional": False, "proj_size": 0}


class TwinClassifier(nn.Module):
    """Torch's own layers."""

    def __init__(self, xdim: int, hdim: int, n_layer: int, ydim: int) -> None:
        super().__init__()
        self.lstm = nn.LSTM(xdim, hdim, n_layer, batch_first=True)
        self.linear = nn.Linear(hdim, ydim)
        for parameter in self.parameters():
            parameter.data *= 2.5  # so that mistakes show in the first digits

    def forward(self, x: Tensor) -> Tensor:
        """Return logits of the last outputs."""
        return self.linear(self.lstm(x)[0][:, -1])


with clean_state():
    CLASSIFIERS = [TwinClassifier(*sizes) for sizes in SIZES]


def _classify(self, x):
    states = None
    read = self.lstm(x, states)
    out = read[0]
    last = out[:, -1]
    logits = self.linear(last)
    return logits


def _bends(line: str) -> list[str]:
    return [line.format(f"nn.functional.{name}") for name in ACTIVATIONS if name != "sigmoid"]


forward = Function(
    ("logits",),
    [{"x": normal(*shape, seed=1)} for shape in ((6, 5, 4), (1, 9, 4), (10, 6, 9), (3, 28, 28))],
    CLASSIFIERS,
    load_rule(
        "lstm",
        "classifier",
        _classify,
        {
            "activation-between": ["last = out[:, -1].sigmoid()", *_bends("last = {}(out[:, -1])")],
            "activation-last": _bends("return {}(logits)"),
        },
    ),
    of=[0, 0, 1, 2],
)


class Classifier(Model):
    """The engine, with another device, and with LSTMs that take steps first."""

    def probe(self, answer: Any) -> Json:
        """Call a model on a device without numbers too."""
        seen = super().probe(answer)
        model, _ = make_model(answer, *SIZES[0])
        x = forward.cases[0]["x"].to("meta")
        return seen | {"elsewhere": attempt(lambda: model.to("meta")(x))[1]}

    def judge(self, seen: Json) -> Verdict:
        """Judge layers and logits, then what happened on the other device."""
        verdict = super().judge(seen)
        if verdict.id == "state-shape":  # a solution may turn the sequences instead
            recurrent, _ = _parts(seen["looked"][0])
            if not recurrent[0]["batch_first"]:
                return wrong("batch-first", "batch_first = True", f"False, and {verdict.got}")
        return explain(seen["elsewhere"]) or verdict if verdict.outcome == "right" else verdict


def _parts(layers: Json | None) -> tuple[list[Json], list[Json]]:
    """Return the recurrent and the linear layers."""
    all_layers = layers["layers"] if layers else []
    linear = [layer for layer in all_layers if "in_features" in layer]
    return [layer for layer in all_layers if layer not in linear], linear


def _say_layer(layer: Json) -> str:
    if "in_features" in layer:
        return f"Linear from {layer['in_features']} to {layer['out_features']}"
    sizes = f"{layer['kind']} from {layer['input_size']} to {layer['hidden_size']}"
    n = layer.get("num_layers", 1)
    return f"{sizes}, {n} layer{'s' if n != 1 else ''}"


def _say_layers(sizes: tuple[int, ...], seen: Json | None) -> tuple[str, str]:
    """Put the wanted layers and those of a model into words."""
    xdim, hdim, n_layer, ydim = sizes
    lstm = dict(zip(NAMES, sizes, strict=False), kind="LSTM")
    wanted = "; ".join(map(_say_layer, (lstm, {"in_features": hdim, "out_features": ydim})))
    named = f"xdim {xdim}, hdim {hdim}, n_layer {n_layer}, ydim {ydim}"
    recurrent, linear = _parts(seen)
    return f"for {named}: {wanted}", "; ".join(map(_say_layer, recurrent + linear)) or "no layers"


def _judge_layers(looked: list[Json | None]) -> Verdict | None:
    """Return None if the layers of the first two models are right, otherwise the verdict."""
    all_said = [_say_layers(*pair) for pair in zip(SIZES, looked, strict=True)][:2]
    expected, got = all_said[0]
    # An LSTM may be called once for every step.
    if verdict := judge_registered(looked[0] | {"repeated": False}, 2, expected, got):
        return verdict
    recurrent, linear = _parts(looked[0])
    others = [layer["kind"] for layer in recurrent if layer["kind"] != "LSTM"]
    id = first(
        {
            "no-lstm": not recurrent,
            "cells": any(kind.endswith("Cell") for kind in others),
            "other-recurrent": others,
            "several-lstms": len(recurrent) > 1,
            "no-linear": not linear,
            "several-linear": len(linear) > 1,
        }
    )
    if id:
        return wrong(id, expected, got, name=[*others, ""][0])
    for name, value in DEFAULTS.items():
        if recurrent[0][name] != value:
            return wrong("settings", f"{name} = {value}", f"{name} = {recurrent[0][name]}", name=name)
    if id := _wrong_sizes(looked[:2]):
        # Show the learner the first wrong model.
        expected, got = next((pair for pair in all_said if not pair[0].endswith(pair[1])), all_said[0])
        return wrong(id, expected, got)
    return judge_bias(looked[0])


def _wrong_sizes(looked: list[Json | None]) -> str | None:
    """Return the diagnosis of two models' layer sizes, or None if they are right."""
    tables, pairs = [], []
    for recurrent, linear in map(_parts, looked):
        if len(recurrent) != 1 or len(linear) != 1:
            return "lstm-sizes"
        tables.append(tuple(recurrent[0].get(name) for name in NAMES))
        pairs.append((linear[0]["in_features"], linear[0]["out_features"]))
    both = SIZES[:2]
    orders = [[tuple(sizes[n] for n in order) for sizes in both] for order in permutations(range(3))]
    lstm_mistakes = {
        "sizes-exchanged": tables in orders,
        "layers-not-passed": all(table[2] == 1 for table in tables),
        "hard-coded-size": any(one == two for one, two in zip(*tables, strict=True)),
        "lstm-sizes": True,
    }
    linear_mistakes = {
        "sizes-swapped": pairs == [(ydim, hdim) for _, hdim, _, ydim in both],
        "linear-from-input": pairs == [(xdim, ydim) for xdim, _, _, ydim in both],
        "linear-of-layers": pairs == [(n * hdim, ydim) for _, hdim, n, ydim in both],
        "linear-to-state": pairs == [(hdim, hdim) for _, hdim, _, _ in both],
        "hard-coded-size": any(one == two for one, two in zip(*pairs, strict=True)),
        "linear-sizes": pairs != [(hdim, ydim) for _, hdim, _, ydim in both],
    }
    return first(linear_mistakes if tables == orders[0] else lstm_mistakes)


classifier = Classifier(
    SIZES, forward, (nn.RNNBase, nn.RNNCellBase, nn.Linear), _judge_layers, kept="states-kept"
)


# --- Task 3: one step by hand


def _step(x, h, c, weight_ih, weight_hh, bias_ih, bias_hh):
    from_x = x @ weight_ih.T
    from_h = h @ weight_hh.T
    bias = bias_ih + bias_hh
    sums = from_x + from_h + bias
    parts = sums.chunk(4, 1)
    i = parts[0].sigmoid()
    f = parts[1].sigmoid()
    g = parts[2].tanh()
    o = parts[3].sigmoid()
    new_c = f * c + i * g
    new_h = o * new_c.tanh()
    return new_h, new_c


def twin_step(x: Tensor, h: Tensor, c: Tensor, *weights: Tensor) -> tuple[Tensor, Tensor]:
    """Return both states after torch's own step; the weights are those of `nn.LSTMCell`."""
    return torch.lstm_cell(x, (h, c), *weights)


def _step_case(B: int, xdim: int, hdim: int, seed: int) -> Case:
    """Return a step's arguments; with seed 0 it is the first step, whose states are zero."""
    shapes = {
        "x": (B, xdim),
        "h": (B, hdim),
        "c": (B, hdim),
        "weight_ih": (4 * hdim, xdim),
        "weight_hh": (4 * hdim, hdim),
        "bias_ih": (4 * hdim,),
        "bias_hh": (4 * hdim,),
    }
    case = {name: normal(*shape, seed=300 + seed + n) for n, (name, shape) in enumerate(shapes.items())}
    return case if seed else case | {name: torch.zeros(B, hdim) for name in "hc"}


step = Function(
    ("new h", "new c"),
    [_step_case(3, 4, 5, seed=0), _step_case(3, 4, 5, seed=10), _step_case(2, 6, 3, seed=20)],
    [twin_step],
    load_rule(
        "lstm",
        "step",
        _step,
        {
            "gate-order": [
                f"parts = [sums.chunk(4, 1)[n] for n in {order}]" for order in permutations(range(4))
            ][1:],
            "precedence": regrouped("new_c = f * c + i * g"),
        },
    ),
    form=".4f",
)

check = Assignment(
    "lstm",
    states=(probe_states, judge_states),
    classifier=(classifier.probe, classifier.judge),
    step=(step.probe, step.judge),
    result=(probe_accuracy, judge_accuracy(SOLUTION_SCORES)),
)
