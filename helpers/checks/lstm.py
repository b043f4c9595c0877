"""Checks for the assignment on the LSTM; their texts are in `lstm.toml`."""

from collections.abc import Iterator
from functools import cache
from itertools import permutations
from typing import Any, NamedTuple

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from helpers.checks.core import Assignment
from helpers.checks.models import ACTIVATIONS, Rule, Step, in_order, judge_bias, judge_registered, probe_model
from helpers.checks.values import (
    Json,
    attempt,
    clean_state,
    describe_parts,
    normal,
    numbers,
    probe_accuracy,
    same,
    say,
    say_row,
)
from helpers.checks.verdicts import (
    Verdict,
    expect_logits,
    expect_model,
    explain,
    judge_accuracy,
    name_mistake,
    right,
    wrong,
)

# The solution's validation accuracy, seeds 0 to 4.
SOLUTION_SCORES = {"digits": (0.9750, 0.9875, 0.9917, 0.9750, 0.9833)}


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
    first, second = shapes[:2]
    if len(first) == len(second) == 3:
        for id, axis in (("fixed-batch", 1), ("fixed-layers", 0), ("fixed-width", 2)):
            if first[axis] == second[axis]:
                return id
    return "shape"


# --- Task 2: the classifier

# The two models share no number, and neither uses one twice.
XDIM, HDIM, N_LAYER, YDIM = SIZES = 4, 7, 2, 3
OTHER_SIZES = 9, 11, 5, 8
SEQUENCES, OTHER_SEQUENCES = normal(6, 5, XDIM, seed=1), normal(10, 6, OTHER_SIZES[0])
ONE_SEQUENCE = normal(1, 9, XDIM, seed=2)
LAYERS = nn.RNNBase, nn.RNNCellBase, nn.Linear
NAMES = "input_size", "hidden_size", "num_layers"
DEFAULTS = {"dropout": 0.0, "bidirectional": False, "proj_size": 0}


@clean_state()
def _twins() -> list[nn.Module]:
    """Return torch's own layers, always with the same weights."""
    twins = [nn.LSTM(*SIZES[:3], batch_first=True), nn.Linear(HDIM, YDIM)]
    for parameter in [p for twin in twins for p in twin.parameters()]:
        parameter.requires_grad_(False)
        parameter *= 2.5  # so that mistakes show in the first two digits
    return twins


def _look(model: nn.Module, x: Tensor) -> Json:
    """Return what `judge_layers` needs about recurrent and linear layers, each once."""
    layers = list(dict.fromkeys(in_order(model, LAYERS, x)))
    own = {id(parameter) for layer in layers for parameter in layer.parameters()}
    facts = (*NAMES, "batch_first", *DEFAULTS, "in_features", "out_features")
    return {
        "layers": [
            {
                "kind": type(layer).__name__,
                "bias": layer.bias is not None and layer.bias is not False,
                **{name: getattr(layer, name) for name in facts if hasattr(layer, name)},
            }
            for layer in layers
        ],
        "repeated": False,
        "lists": [
            name
            for name, value in vars(model).items()
            if not name.startswith("_")
            and isinstance(value, list | tuple | dict)
            and any(isinstance(one, nn.Module) for one in _values(value))
        ],
        "others": sorted(name for name, value in model.named_parameters() if id(value) not in own),
    }


def _values(value: Any) -> list[Any]:
    return list(value.values() if isinstance(value, dict) else value)


@clean_state()
def _run(model: Any, seed: int = 0) -> Json:
    torch.default_generator.manual_seed(seed)
    return attempt(model, SEQUENCES)[1]


def probe_classifier(answer: Any) -> Json:
    """Make two different models, look at their layers, and run one with the twin's weights."""
    model, seen = probe_model(answer, SIZES, OTHER_SIZES, _look, _twins(), SEQUENCES, OTHER_SEQUENCES)
    return seen | {
        "logits": _run(model),
        "again": _run(model),
        "other_seed": _run(model, seed=1),
        "one": attempt(model, ONE_SEQUENCE)[1],
        "elsewhere": attempt(lambda: model.to("meta")(SEQUENCES.to("meta")))[1],
    }


def judge_classifier(seen: Json) -> Verdict:
    """Judge the layers first, then what `forward` does with them."""
    return (
        expect_model(seen["model"])
        or explain(seen["looked_at"])
        or _judge_layers(seen["layers"], seen["other_layers"])
        or _judge_repeats(seen)
        or _judge_logits(seen)
        or _judge_one(seen["one"])
        or explain(seen["elsewhere"])
        or right()
    )


def _parts(layers: Json | None) -> tuple[list[Json], list[Json]]:
    """Return the recurrent and the linear layers."""
    all_layers = layers["layers"] if layers else []
    linear = [layer for layer in all_layers if layer["kind"] == "Linear"]
    return [layer for layer in all_layers if layer not in linear], linear


def _say_layer(layer: Json) -> str:
    if layer["kind"] == "Linear":
        return f"Linear from {layer['in_features']} to {layer['out_features']}"
    sizes = f"{layer['kind']} from {layer['input_size']} to {layer['hidden_size']}"
    n = layer.get("num_layers", 1)
    return f"{sizes}, {n} layer{'s' if n != 1 else ''}"


def _judge_layers(layers: Json, other_layers: Json | None) -> Verdict | None:
    """Return None if the layers of two models are right, otherwise the verdict."""
    all_said = [_say_layers(sizes, seen) for sizes, seen in ((SIZES, layers), (OTHER_SIZES, other_layers))]
    expected, got = all_said[0]
    if verdict := judge_registered(layers, 2, expected, got) or _judge_kinds(layers, expected, got):
        return verdict
    if id := _wrong_sizes(layers, other_layers):
        # Show the learner the first wrong model.
        expected, got = next((pair for pair in all_said if not pair[0].endswith(pair[1])), all_said[0])
        return wrong(id, expected, got)
    for layer in layers["layers"]:
        for name, value in DEFAULTS.items():
            if layer.get(name, value) != value:
                got = f"{name} = {layer[name]}"
                return wrong("settings", f"{name} = {value}", got, name=name)
    return judge_bias(layers)


def _say_layers(sizes: tuple[int, ...], seen: Json | None) -> tuple[str, str]:
    """Put the wanted layers and those of a model into words."""
    xdim, hdim, n_layer, ydim = sizes
    lstm = dict(zip(NAMES, sizes, strict=False), kind="LSTM")
    linear = {"kind": "Linear", "in_features": hdim, "out_features": ydim}
    named = f"xdim {xdim}, hdim {hdim}, n_layer {n_layer}, ydim {ydim}"
    wanted = "; ".join(map(_say_layer, (lstm, linear)))
    recurrent, others = _parts(seen)
    got = "; ".join(map(_say_layer, recurrent + others))
    return f"for {named}: {wanted}", got or "no layers"


def _judge_kinds(layers: Json, expected: str, got: str) -> Verdict | None:
    recurrent, linear = _parts(layers)
    kinds = [layer["kind"] for layer in recurrent]
    cells = [kind for kind in kinds if kind.endswith("Cell")]
    others = [kind for kind in kinds if kind != "LSTM"]
    mistakes = {
        "no-lstm": not recurrent,
        "cells": cells,
        "other-recurrent": others,
        "several-lstms": len(recurrent) > 1,
        "no-linear": not linear,
        "several-linear": len(linear) > 1,
    }
    for id, applies in mistakes.items():
        if applies:
            return wrong(id, expected, got, name=[*others, ""][0])
    return None


def _wrong_sizes(layers: Json, other_layers: Json | None) -> str | None:
    """Return the diagnosis of two models' layer sizes, or None if they are right."""
    tables, pairs = [], []
    for seen in (layers, other_layers):
        recurrent, linear = _parts(seen)
        if len(recurrent) != 1 or len(linear) != 1:
            return "lstm-sizes"
        tables.append(tuple(recurrent[0].get(name) for name in NAMES))
        pairs.append((linear[0]["in_features"], linear[0]["out_features"]))
    both = SIZES, OTHER_SIZES
    if id := _wrong_lstm(tables, [sizes[:3] for sizes in both]):
        return id
    if pairs == [(hdim, ydim) for _, hdim, _, ydim in both]:
        return None
    mistakes = {
        "sizes-swapped": [(ydim, hdim) for _, hdim, _, ydim in both],
        "linear-from-input": [(xdim, ydim) for xdim, _, _, ydim in both],
        "linear-of-layers": [(n * hdim, ydim) for _, hdim, n, ydim in both],
        "linear-to-state": [(hdim, hdim) for _, hdim, _, _ in both],
    }
    for id, wanted in mistakes.items():
        if pairs == wanted:
            return id
    shared = any(one == two for one, two in zip(*pairs, strict=True))
    return "hard-coded-size" if shared else "linear-sizes"


def _wrong_lstm(tables: list[tuple[Any, ...]], wanted: list[tuple[int, ...]]) -> str | None:
    if tables == wanted:
        return None
    for order in permutations(range(len(NAMES))):
        if tables == [tuple(sizes[n] for n in order) for sizes in wanted]:
            return "sizes-exchanged"
    if all(table[2] == 1 for table in tables):
        return "layers-not-passed"
    shared = any(one == two for one, two in zip(*tables, strict=True))
    return "hard-coded-size" if shared else "lstm-sizes"


def _judge_repeats(seen: Json) -> Verdict | None:
    """Return the verdict on logits that depend on chance, or on what was read earlier."""
    runs = [seen[name] for name in ("logits", "again", "other_seed")]
    if not all("numbers" in run for run in runs):
        return None
    if any(numbers(run).isnan().any() for run in runs):
        return None
    expected = "the same logits for the same sequences"
    for other, id in ((runs[1], "states-kept"), (runs[2], "states-random")):
        if other["shape"] != runs[0]["shape"] or not same(numbers(other), numbers(runs[0])):
            rows = [say_row(numbers(run)) for run in (runs[0], other)]
            return wrong(id, expected, f"{rows[0]}; when asked again, {rows[1]}")
    return None


@cache
def _wanted() -> tuple[Tensor, ...]:
    """Return the twin's outputs, final states and logits."""
    lstm, linear = _twins()
    out, (h, c) = lstm(SEQUENCES)
    return out, h, c, linear(out[:, -1])


def read_mistakes() -> Iterator[tuple[str, Tensor, Json]]:
    """Yield the logits for every mistake in `forward`."""
    lstm, linear = _twins()
    out, h, c, logits = _wanted()
    ones = torch.ones_like(h)
    last = out[:, -1]
    states = {
        "first-step": [out[:, 0]],
        "step-before": [out[:, -2]],
        "all-steps": [out.mean(dim=1), out.sum(dim=1), out.amax(dim=1)],
        "last-sequence": [out[-1], out[-1:], out[-1:, -1:]],
        "axis-left": [out[:, -1:], h[-1:]],
        "every-step": [out],
        "first-layer": [h[0]],
        "every-layer": [h, h.transpose(0, 1), h.mean(dim=0), h.sum(dim=0)],
        "last-of-states": [h[:, -1]],
        "cell-state": [c[-1], c[0], c],
        "one-row": [lstm(SEQUENCES[:, -1:])[0][:, -1]],
        "states-not-zero": [lstm(SEQUENCES, (ones, ones))[0][:, -1]],
    }
    for id, tensors in states.items():
        for state in tensors:
            yield id, linear(state), {}
    yield "no-linear-used", last, {}
    yield "no-linear-used", out, {}
    for name in ACTIVATIONS:
        bend = getattr(F, name)
        yield "activation-between", linear(bend(last)), {"name": name}
        yield "activation-last", bend(logits), {"name": name}


def _judge_logits(seen: Json) -> Verdict | None:
    wanted = _wanted()[-1]
    verdict = expect_logits(seen["logits"], wanted)
    recurrent, _ = _parts(seen["layers"])
    # A solution may transpose the sequences instead.
    if verdict and verdict.outcome != "not attempted" and verdict.id != "no-graph":
        steps_first = not recurrent[0].get("batch_first", True)
        if steps_first and verdict.id in _OF_ORDER:
            expected = f"logits of shape {tuple(wanted.shape)}, {say_row(wanted)}"
            got = verdict.got or "an error"
            return wrong("batch-first", expected, f"{got}; batch_first = False")
    return name_mistake(verdict, seen["logits"], read_mistakes())


# What a forgotten `batch_first` can lead to.
_OF_ORDER = "numbers", "shape", "state-shape", "state-axes"


def _judge_one(seen: Json) -> Verdict | None:
    """Return the verdict on the logits for a batch of one sequence, of a different length."""
    lstm, linear = _twins()
    wanted = linear(lstm(ONE_SEQUENCE)[0][:, -1])
    expected = f"for one sequence of {ONE_SEQUENCE.shape[1]} steps, logits of shape {tuple(wanted.shape)}"
    expected = f"{expected}, {say_row(wanted)}"
    if trouble := explain(seen):
        return trouble
    if seen.get("shape") != list(wanted.shape):
        return wrong("squeezed", expected, say(seen))
    if not same(numbers(seen), wanted):
        got = f"{say(seen)}, {say_row(numbers(seen))}"
        return wrong("other-length", expected, got)
    return None


# --- Task 3: one step by hand

STEP: Rule = {
    "from_x": "x @ weight_ih.T",
    "from_h": "h @ weight_hh.T",
    "bias": "bias_ih + bias_hh",
    "sums": "from_x + from_h + bias",
    "parts": "sums.chunk(4, 1)",
    "order": "0, 1, 2, 3",
    "i": "parts[order[0]].sigmoid()",
    "f": "parts[order[1]].sigmoid()",
    "g": "parts[order[2]].tanh()",
    "o": "parts[order[3]].sigmoid()",
    "new_c": "f * c + i * g",
    "new_h": "o * new_c.tanh()",
    "returned": "new_h, new_c",
}


def _line(*names: str, activation: str) -> Rule:
    """Return the lines that give some gates another activation."""
    return {name: f"parts[order[{'ifgo'.index(name)}]]{activation}" for name in names}


TANH, SIGMOID = ".tanh()", ".sigmoid()"
# By the positions of i, f, g and o among the four parts.
ORDERS = {
    (1, 0, 2, 3): "input-and-forget",
    (2, 1, 0, 3): "input-and-candidate",
    (0, 1, 3, 2): "candidate-and-output",
    (0, 3, 2, 1): "forget-and-output",
}
STEP_MISTAKES: dict[str, list[Rule]] = {
    "exchanged": [{"returned": "new_c, new_h"}],
    "cell-not-returned": [{"returned": "new_h, c"}],
    "hidden-not-returned": [{"returned": "h, new_c"}],
    "hidden-twice": [{"returned": "new_h, new_h"}],
    "gates-returned": [{"returned": "o, new_c"}],
    "no-bias": [{"bias": "0"}],
    "one-bias": [{"bias": "bias_ih"}, {"bias": "bias_hh"}],
    "no-x": [{"from_x": "0 * (x @ weight_ih.T)"}],
    "no-h": [{"from_h": "0 * (h @ weight_hh.T)"}],
    "cell-for-hidden": [{"from_h": "c @ weight_hh.T"}],
    "input-and-forget": [{"new_c": "i * c + f * g"}],
    "interleaved": [{"parts": "sums.reshape(*h.shape, 4).unbind(2)"}, {"parts": "sums.reshape(4, *h.shape)"}],
    "candidate-sigmoid": [_line("g", activation=SIGMOID)],
    "gate-tanh": [*(_line(*names, activation=TANH) for names in ("ifo", "i", "f", "o"))],
    "activations-exchanged": [_line(*"ifo", activation=TANH) | _line("g", activation=SIGMOID)],
    "input-and-candidate": [_line("i", activation=TANH) | _line("g", activation=SIGMOID)],
    "no-sigmoid": [*(_line(*names, activation="") for names in ("ifo", "i", "f", "o"))],
    "no-activations": [_line(*"ifgo", activation="")],
    "candidate-raw": [_line("g", activation="")],
    "no-tanh": [{"new_h": "o * new_c"}],
    "output-sigmoid": [{"new_h": "o * new_c.sigmoid()"}],
    "tanh-of-product": [{"new_h": "(o * new_c).tanh()"}],
    "old-cell": [{"new_h": "o * c.tanh()"}],
    "candidate-for-cell": [{"new_h": "o * g"}, {"new_h": "o * g.tanh()"}],
    "no-output-gate": [{"new_h": "new_c.tanh()"}],
    "no-forget-gate": [{"new_c": "c + i * g"}],
    "no-memory": [{"new_c": "i * g"}],
    "no-input-gate": [{"new_c": "f * c + g"}],
    "no-candidate": [{"new_c": "f * c + i"}],
    "coupled": [{"new_c": "f * c + (1 - f) * g"}, {"new_c": "(1 - i) * c + i * g"}],
    "hidden-for-cell": [{"new_c": "f * h + i * g"}],
    "cell-squeezed": [
        {"new_c": "(f * c + i * g).tanh()"},
        {"new_c": "(f * c + i * g).tanh()", "new_h": "o * new_c"},
    ],
    "forget-turned": [{"new_c": "(1 - f) * c + i * g"}],
}
for _order in permutations(range(4)):
    if _order != (0, 1, 2, 3):
        _id = ORDERS.get(_order, "gate-order")
        STEP_MISTAKES.setdefault(_id, []).append({"order": f"{_order}"})


def _step_case(B: int, xdim: int, hdim: int, seed: int) -> dict[str, Any]:
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
    zeros = {} if seed else {name: torch.zeros(B, hdim) for name in "hc"}
    return case | zeros


STEP_CASES = [_step_case(3, 4, 5, seed=0), _step_case(3, 4, 5, seed=10), _step_case(2, 6, 3, seed=20)]


@clean_state()
def _twin_step(x: Tensor, h: Tensor, c: Tensor, weight_ih: Tensor, **others: Tensor) -> list[Tensor]:
    cell = nn.LSTMCell(x.shape[1], h.shape[1])
    cell.load_state_dict({"weight_ih": weight_ih, **others})
    with torch.no_grad():
        return list(cell(x, (h, c)))


step = Step(STEP_CASES, "hc", _twin_step, STEP, STEP_MISTAKES)

check = Assignment(
    "lstm",
    states=(probe_states, judge_states),
    classifier=(probe_classifier, judge_classifier),
    step=(step.probe, step.judge),
    result=(probe_accuracy, judge_accuracy(SOLUTION_SCORES)),
)
