"""Checks for the assignment on the multi-layer perceptron; texts and mistakes are in `mlp.toml`."""

import re
from collections import OrderedDict
from itertools import chain
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from helpers.checks.classes import Model
from helpers.checks.core import Assignment
from helpers.checks.functions import Function, Watch, call, judge_gradients, judge_random, varies
from helpers.checks.layers import Activations, judge_bias, judge_registered, judge_rows, sizes_of
from helpers.checks.rules import load_rule
from helpers.checks.updates import LOSSES, SGD, Loss, descend, judge_left, name_update, state_of
from helpers.checks.values import (
    Json,
    agree,
    attempt,
    clean_state,
    describe,
    normal,
    number,
    numbers,
    probe_accuracy,
    same,
    say,
    say_row,
)
from helpers.checks.verdicts import Verdict, expect_logits, explain, first, judge_accuracy, right, wrong

# The solution's validation accuracy, from seed 0 on.
SOLUTION_SCORES = {
    "mnist-5k": (0.93853, 0.93703, 0.94003, 0.93403, 0.93703, 0.93253, 0.93703),
    "digits": (0.9667, 0.9708, 0.9667, 0.9708, 0.9708),
}


# --- Task 1: the layers

SIZES = [(12, 7, 5), (9, 4, 3), (784, 256, 10)]  # xdim, hdim, ydim
NAMES = "lin_1", "lin_2"


def _twin_layers(xdim: int, hdim: int, ydim: int) -> nn.Sequential:
    parts = {"lin_1": nn.Linear(xdim, hdim), "relu": nn.ReLU(), "lin_2": nn.Linear(hdim, ydim)}
    return nn.Sequential(OrderedDict(parts))


with clean_state():
    TWINS = [_twin_layers(*size) for size in SIZES]

forward = Function(
    ("logits",),
    [{"x": normal(6, size[0])} for size in SIZES],
    TWINS,
    Activations(2, "relu", logits=True),
    of=[0, 1, 2],
)


def _judge_layers(looked: list[Json | None]) -> Verdict | None:
    layers, other_layers = (
        {**seen, "layers": sorted(seen["layers"], key=_name_of)} if seen else None for seen in looked[:2]
    )
    return _judge_names(layers) or _judge_sizes(layers, other_layers) or judge_bias(layers)


def _name_of(layer: Json) -> str:
    return layer["name"]


def _judge_names(layers: Json) -> Verdict | None:
    names = [layer["name"] for layer in layers["layers"]]
    owners = {name.partition(".")[0] for name in [*names, *(name for name, _ in layers["more"])]}
    expected = "`self.lin_1` and `self.lin_2`, each an `nn.Linear`, and no other layers"
    got = " and ".join(f"`self.{name}`" for name in names) or "no layers"
    id = first(
        {
            "names": names and not owners & {*NAMES},
            "types": owners and not layers["lists"] and not {*NAMES} <= {*names},
            "extra": len(names) > len(NAMES),
        }
    )
    return wrong(id, expected, got) if id else judge_registered(layers, 2, expected, got)


def _judge_sizes(layers: Json, other_layers: Json | None) -> Verdict | None:
    x, h, y = "xdim", "hdim", "ydim"
    names = dict(zip(SIZES[0], (x, h, y), strict=True))
    found, others = ([*chain(*sizes_of(seen))] for seen in (layers, other_layers))
    sizes = [names.get(size, size) for size in found]
    wanted = [x, h, h, y]
    expected, got = ("`lin_1`: {} to {}, `lin_2`: {} to {}".format(*four) for four in (wanted, sizes))
    id = first(
        {
            "hard-coded-size": any(a == b for a, b in zip(found, others, strict=False)),
            "swapped": sizes[:2] == [h, x] or sizes[2:] == [y, h],
            "exchanged": sizes == [h, y, x, h],
            "hidden-ydim": sizes == [x, y, y, y],
            "do-not-fit": sizes[1] != sizes[2],
            "sizes": sizes != wanted,
        }
    )
    return wrong(id, expected, got) if id else None


layers = Model(SIZES, forward, (nn.Linear,), _judge_layers)


# --- Task 2: the prediction

IMAGES = torch.arange(210.0).reshape(7, 2, 3, 5)  # no usual size of image or batch divides 210
ROWS = IMAGES.flatten(1)
LONE = IMAGES[:1, :1]  # one image, one channel
LOGITS = normal(7, 4, seed=30)


class Spy(nn.Module):
    """A model that records its input and returns fixed logits (7, 4). Messages call it Model."""

    def __init__(self, device: str) -> None:
        super().__init__()
        # for answers that ask where the model is
        self.logits = nn.Parameter(LOGITS.to(device))
        self.received: Json | None = None
        self.moved = False

    def forward(self, x: Any) -> Tensor:
        """Record the input, and return the same logits for any."""
        self.received = describe(x)
        return self.logits.to(x.device if isinstance(x, Tensor) else "cpu") * 1

    def to(self, *args: Any, **kwargs: Any) -> nn.Module:
        """Record the call, and make it."""
        self.moved = True
        return super().to(*args, **kwargs)


Spy.__name__ = "Model"


def _predict_on(device: str, answer: Any, images: Tensor = IMAGES) -> Json:
    model = Spy(device)
    before = state_of(model)
    case = {"model": model, "x": images, "device": torch.device(device)}
    seen = call(answer, case, {"logits": (model.logits, slice(None))})
    seen |= {"received": model.received, "moved": model.moved, "states": [before, state_of(model)]}
    return seen | {"varies": varies(answer, case, seen)}


def probe_predict(answer: Any) -> Json:
    """Predict on the CPU, on the pretend device `meta` (tensors without numbers), and for a lone image."""
    seen = {device: _predict_on(device, answer) for device in ("cpu", "meta")}
    return seen | {"lone": _predict_on("cpu", answer, LONE)}


def judge_predict(seen: Json) -> Verdict:
    """Judge the model's input, what came back and how, and on which device each was."""
    cpu, meta = seen["cpu"], seen["meta"]
    return (
        _judge_view(cpu["returned"].get("raised", ""))
        or explain(cpu["returned"])
        or _judge_input(cpu["received"])
        or judge_left(*cpu["states"], "the model")
        or judge_random(cpu)
        or expect_logits(cpu["returned"], LOGITS)
        or judge_gradients(cpu, {"logits": normal(*LOGITS.shape, seed=90).double()}, {})
        or _judge_device(meta)
        or _judge_lone(seen["lone"])
        or right()
    )


def _judge_view(raised: str) -> Verdict | None:
    match = re.search(r"shape '\[(?P<batch>-?\d+), (?P<pixels>-?\d+)\]' is invalid", raised)
    if not match:
        return None
    id = "hard-coded-batch" if match["pixels"] == "-1" else "hard-coded-pixels"
    expected = f"a shape that fits images of shape {tuple(IMAGES.shape)}"
    return wrong(id, expected, f"the shape ({match['batch']}, {match['pixels']})", **match.groupdict())


def _judge_input(received: Json | None) -> Verdict | None:
    expected = f"the model to be given a tensor of shape {tuple(ROWS.shape)}: a row per image"
    if not received:
        return wrong("no-model", expected, "a model that was not called")
    return judge_rows(received, IMAGES, expected)


def _judge_lone(seen: Json) -> Verdict | None:
    if trouble := explain(seen["returned"]):
        return trouble
    expected = f"for one image of shape {tuple(LONE.shape)}, one row: {tuple(LONE.flatten(1).shape)}"
    received = seen["received"] or {}
    if received.get("shape") == list(LONE.flatten(1).shape):
        return None
    return wrong("lone-image", expected, say(received) if received else "a model that was not called")


def _judge_device(seen: Json) -> Verdict | None:
    received, returned = seen["received"], seen["returned"]
    expected = "the batch and its logits on `device`, here the pretend device `meta`"
    if received and received["device"] != "meta":
        id = "no-gpu" if received["device"] != "cpu" else "model-moved" if seen["moved"] else "not-moved"
        return wrong(id, expected, f"a batch on {received['device']}")
    if returned.get("device", "meta") != "meta" or "out of meta tensor" in returned.get("raised", ""):
        return wrong("moved-back", expected, "logits that went on to the CPU")
    return explain(returned)


# --- Task 3: counting


def _table(n: int, seed: int) -> dict[str, Tensor]:
    """Return logits (n, n) and labels (n,), the predicted ones for about half of the rows.

    There are as many rows as columns, so that most mistakes give a number instead of an exception.
    """
    logits = (6 * normal(n, n, seed=seed)).round() / 2
    others = normal(n, n, seed=seed + 50).argmax(1)
    return {"logits": logits, "y": torch.where(normal(n, seed=seed + 100) > 0, logits.argmax(1), others)}


COUNT_CASES = [_table(n, 13947 + k) for k, n in enumerate((8, 8, 12, 5))]
COUNTS = [int((case["logits"].argmax(1) == case["y"]).sum()) for case in COUNT_CASES]


def _count(logits, y):
    predicted = logits.argmax(1)
    hits = predicted == y
    return hits.sum().item()


MEANS = [
    f"return {whole}(hits.float().mean().item() * {n})"
    for n in (8, 10, 16, 32, 64, 128, 256, 512)
    for whole in ("", "round")
]
counting = load_rule("mlp", "count", _count, {"hard-coded-batch": MEANS})


def probe_count(answer: Any) -> Json:
    """Count in every table."""
    return {
        "counts": [attempt(answer, *(value.clone() for value in case.values()))[1] for case in COUNT_CASES]
    }


def judge_count(seen: Json) -> Verdict:
    """Judge the numbers first, then their type."""
    for counted in seen["counts"]:
        if trouble := explain(counted):
            return trouble
    counts = [number(counted) for counted in seen["counts"]]
    # Show the learner the first wrong count.
    n = next((n for n, count in enumerate(counts) if count != COUNTS[n]), 0)
    counted = seen["counts"][n]
    id = first(
        {
            "none": counted["type"] == "NoneType",
            "bool": isinstance(counts[n], bool),
            "not-summed": counted.get("shape"),
            "tensor": counts == COUNTS and "shape" in counted,
            "no-int": counts == COUNTS and counted["type"] != "int",
        }
    )
    if counts == COUNTS and not id:
        return right()
    expected = f"{COUNTS[n]} of {len(COUNT_CASES[n]['y'])} predictions, as an int"
    return wrong(id or _name_count(counts) or "another-number", expected, say(counted))


def _name_count(counts: list[Any]) -> str | None:
    for id, ways in counting.mistakes.items():
        for lines in ways:
            if all(map(agree, counts, [counting.follow(lines, case) for case in COUNT_CASES])):
                return id
    return None


# --- Task 4: the update

LR = 0.1
BATCHES = [
    (normal(B, 3, seed=seed), normal(B, 4, seed=seed + 10).argmax(1)) for seed, B in enumerate((6, 5, 7))
]


@clean_state()
def _linear() -> nn.Linear:
    """Return a small model, always with the same weights."""
    return nn.Linear(3, 4)


def probe_update(answer: Any) -> Json:
    """Update a small model three times. Record its weights and the value after each, and the last calls."""
    model = _linear()
    before = state_of(model)
    optimizer = SGD(model, LR)
    weights, values = [], []
    for x, y in BATCHES:
        optimizer.calls = []
        logits = model(x)
        logits.register_hook(lambda _: optimizer.calls.append("backward"))
        with Watch() as watch:
            _, returned = attempt(answer, optimizer, logits, y.clone())
        weights.append(describe(model.weight))
        values.append(returned)
        if "raised" in returned or state_of(model)["frozen"]:
            break
    return {
        "values": values,
        "weights": weights,
        "calls": optimizer.calls,
        "used": watch.used[:200],
        "states": [before, state_of(model)],
    }


def _twin(loss_function: Loss = F.cross_entropy) -> tuple[list[Tensor], list[float]]:
    """Return the weights before and after each update, without touching `.grad`, and the losses."""
    model = _linear()
    weights, losses = [model.weight.detach().clone()], []
    for x, y in BATCHES:
        loss = loss_function(model(x), y)
        descend(model, loss, LR)
        weights.append(model.weight.detach().clone())
        losses.append(loss.item())
    return weights, losses


def judge_update(seen: Json) -> Verdict:
    """Judge by the weights after each update, then the values; the calls only help to name the mistake."""
    if trouble := explain(seen["values"][-1]) or judge_left(*seen["states"], "the model"):
        return trouble
    twin, losses = _twin()
    weights = [twin[0], *map(numbers, seen["weights"])]
    bad = [n for n in range(1, len(twin)) if not same(weights[n], twin[n])]
    if not bad:
        return _judge_losses(seen["values"], losses) or right()
    n, calls = bad[0], seen["calls"]
    still = same(weights[n], twin[n - 1])
    moved = weights[n] - twin[n - 1], twin[n] - twin[n - 1]
    losses_of_others = (id for id, other in LOSSES if same(weights[-1], _twin(other)[0][-1]))
    id = next(losses_of_others, None) or name_update(calls, still, n == 1, seen["used"], moved)
    expected = f"after update {n}, these weights: {say_row(twin[n])}"
    return wrong(id, expected, f"{say_row(weights[n])}; the calls were: {', '.join(calls) or 'none'}")


def _judge_losses(values: list[Json], losses: list[float]) -> Verdict | None:
    expected = f"the loss of the batch as a plain number, {losses[0]:.4f}"
    got = [number(value) for value in values]
    lengths = [len(y) for _, y in BATCHES]
    id = first(
        {
            "none": values[0]["type"] == "NoneType",
            "loss-tensor": "shape" in values[0],
            "": all(map(agree, got, losses)),
            "loss-summed": all(map(agree, got, [loss * B for loss, B in zip(losses, lengths, strict=True)])),
            "other-value": True,
        }
    )
    return wrong(id, expected, say(values[0])) if id else None


check = Assignment(
    "mlp",
    layers=(layers.probe, layers.judge),
    predict=(probe_predict, judge_predict),
    count=(probe_count, judge_count),
    update=(probe_update, judge_update),
    result=(probe_accuracy, judge_accuracy(SOLUTION_SCORES)),
)
