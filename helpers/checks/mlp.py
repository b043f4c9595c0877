"""Checks for the assignment on the multi-layer perceptron; their texts are in `mlp.toml`."""

import re
from collections import OrderedDict
from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from helpers.checks.core import Assignment
from helpers.checks.models import ACTIVATIONS, SGD, descend, judge_rows, name_update
from helpers.checks.values import (
    Json,
    agree,
    attempt,
    clean_state,
    describe,
    make_model,
    normal,
    number,
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
SOLUTION_SCORES = {"digits": (0.9708, 0.9708, 0.9708, 0.9708, 0.9667)}


# --- Task 1: the layers

XDIM, HDIM, YDIM = SIZES = 12, 7, 5
OTHER_SIZES = 9, 4, 3
INPUT = normal(6, XDIM)


@clean_state()
def _twin() -> nn.Sequential:
    """Return torch's own multi-layer perceptron, always with the same weights."""
    layers = {"lin_1": nn.Linear(XDIM, HDIM), "relu": nn.ReLU(), "lin_2": nn.Linear(HDIM, YDIM)}
    return nn.Sequential(OrderedDict(layers)).requires_grad_(False)


def _layers(model: nn.Module) -> Json:
    """Return a model's layers and what else it holds."""
    layers = [getattr(model, name, None) for name in ("lin_1", "lin_2")]
    linear = [layer for layer in layers if isinstance(layer, nn.Linear)]
    return {
        "types": [type(layer).__name__ if layer is not None else "" for layer in layers],
        "linear": len(linear) == 2,
        "sizes": [size for layer in linear for size in (layer.in_features, layer.out_features)],
        "bias": [layer.bias is not None for layer in linear],
        "lists": [name for name, value in vars(model).items() if isinstance(value, list | tuple)],
        "owners": sorted({name.split(".")[0] for name, _ in model.named_parameters()}),
    }


def probe_layers(answer: Any) -> Json:
    """Make models of two sizes, look at their layers, and run the first with the twin's weights."""
    model, made = make_model(answer, *SIZES)
    other, _ = attempt(answer, *OTHER_SIZES)
    layers, looked_at = attempt(_layers, model)
    # If this fails, the layers show why.
    attempt(lambda: model.load_state_dict(_twin().state_dict()))
    return {
        "model": made,
        "looked_at": looked_at,
        "layers": layers,
        "other_layers": attempt(_layers, other)[0],
        "logits": attempt(model, INPUT)[1],
    }


def judge_layers(seen: Json) -> Verdict:
    """Judge the layers first, then what `forward` does with them."""
    return (
        expect_model(seen["model"])
        or explain(seen["looked_at"])
        or _judge_names(seen["layers"])
        or _judge_sizes(seen["layers"], seen["other_layers"])
        or _judge_forward(seen["logits"])
        or right()
    )


def _judge_names(layers: Json) -> Verdict | None:
    expected = "`self.lin_1` and `self.lin_2`, each an `nn.Linear`, and no other layers"
    owners = " and ".join(f"`self.{name}`" for name in layers["owners"])
    if not any(layers["types"]):
        if layers["lists"]:
            return wrong("list", expected, f"a list, `self.{layers['lists'][0]}`")
        return (
            wrong("names", expected, owners)
            if owners
            else wrong("local", expected, "a model without weights")
        )
    if not layers["linear"]:
        one, two = (kind or "nothing" for kind in layers["types"])
        return wrong("types", expected, f"{one} as `self.lin_1`, {two} as `self.lin_2`")
    return wrong("extra", expected, owners) if len(layers["owners"]) > 2 else None


def _judge_sizes(layers: Json, other_layers: Json | None) -> Verdict | None:
    x, h, y = "xdim", "hdim", "ydim"
    names = dict(zip(SIZES, (x, h, y), strict=True))
    sizes = [names.get(size, size) for size in layers["sizes"]]
    wanted = [x, h, h, y]
    expected, got = ("`lin_1`: {} to {}, `lin_2`: {} to {}".format(*four) for four in (wanted, sizes))
    others = other_layers["sizes"] if other_layers else []
    for size, other in zip(layers["sizes"], others, strict=False):
        if size == other:
            return wrong("hard-coded", expected, got, number=size)
    if sizes[:2] == [h, x] or sizes[2:] == [y, h]:
        return wrong("swapped", expected, got)
    if sizes == [h, y, x, h]:
        return wrong("exchanged", expected, got)
    if sizes == [x, y, y, y]:
        return wrong("hidden-ydim", expected, got)
    if sizes != wanted:
        return wrong("do-not-fit" if sizes[1] != sizes[2] else "sizes", expected, got)
    without = [name for name, bias in zip(("`lin_1`", "`lin_2`"), layers["bias"], strict=True) if not bias]
    return wrong("no-bias", "a bias in both layers", f"none in {' and '.join(without)}") if without else None


def _judge_forward(seen: Json) -> Verdict | None:
    lin_1, relu, lin_2 = twin = _twin()
    verdict = expect_logits(seen, twin(INPUT))
    if verdict and seen.get("shape") == [len(INPUT), HDIM]:
        return wrong("one-layer", verdict.expected, verdict.got)
    inside = lin_1(INPUT)  # (6, hdim)
    mistakes = [
        ("no-relu", lin_2(inside), {}),
        ("relu-last", relu(lin_2(inside)), {}),
        ("relu-twice", relu(twin(INPUT)), {}),
        ("relu-first", lin_2(lin_1(relu(INPUT))), {}),
    ]
    for name in ACTIVATIONS:
        other = lin_2(getattr(F, name)(inside))
        mistakes.append(("other-activation", other, {"name": name}))
    return name_mistake(verdict, seen, mistakes)


# --- Task 2: the prediction

B, C, H, W = 7, 2, 3, 5
ROWS = torch.arange(210.0).reshape(B, 30)  # no usual size of image or batch divides 210
LOGITS = normal(B, 4, seed=30)


class Model(nn.Module):
    """A model that records its input and returns fixed logits. Messages show its name."""

    def __init__(self, device: str) -> None:
        super().__init__()
        # for answers that ask where the model is
        self.weight = nn.Parameter(torch.zeros(1, device=device))
        self.received: Json | None = None
        self.moved = False

    def forward(self, x: Any) -> Tensor:
        """Record the input, and return the same logits for any."""
        self.received = describe(x)
        device = x.device if isinstance(x, Tensor) else "cpu"
        # The product has a graph, unless gradients are off.
        return LOGITS.to(device).requires_grad_() * 1

    def to(self, *args: Any, **kwargs: Any) -> nn.Module:
        """Record the call, and make it."""
        self.moved = True
        return super().to(*args, **kwargs)


def probe_predict(answer: Any) -> Json:
    """Predict on the CPU, and on the pretend device `meta`, whose tensors have shapes but no numbers."""
    seen = {}
    for device in ("cpu", "meta"):
        model = Model(device)
        _, returned = attempt(answer, model, ROWS.reshape(B, C, H, W), torch.device(device))
        seen[device] = {"received": model.received, "moved": model.moved, "returned": returned}
    return seen


def judge_predict(seen: Json) -> Verdict:
    """Judge the model's input, what came back, and on which device each was."""
    cpu, meta = seen["cpu"], seen["meta"]
    return (
        _judge_view(cpu["returned"].get("raised", ""))
        or explain(cpu["returned"])
        or _judge_input(cpu["received"])
        or expect_logits(cpu["returned"], LOGITS)
        or _judge_device(**meta)
        or right()
    )


def _judge_view(raised: str) -> Verdict | None:
    match = re.search(r"shape '\[(?P<batch>-?\d+), (?P<pixels>-?\d+)\]' is invalid", raised)
    if not match:
        return None
    id = "hard-coded-batch" if match["pixels"] == "-1" else "hard-coded-pixels"
    expected = f"a shape that fits images of shape {(B, C, H, W)}"
    return wrong(id, expected, f"the shape ({match['batch']}, {match['pixels']})", **match.groupdict())


def _judge_input(received: Json | None) -> Verdict | None:
    expected = f"the model to be given a tensor of shape {tuple(ROWS.shape)}: a row per image"
    if not received:
        return wrong("no-model", expected, "a model that was not called")
    return judge_rows(received, ROWS.reshape(B, C, H, W), expected)


def _judge_device(received: Json | None, moved: bool, returned: Json) -> Verdict | None:
    expected = "the batch and its logits on `device`, here the pretend device `meta`"
    if received and received["device"] != "meta":
        id = "no-gpu" if received["device"] != "cpu" else "model-moved" if moved else "not-moved"
        return wrong(id, expected, f"a batch on {received['device']}")
    if returned.get("device", "meta") != "meta" or "out of meta tensor" in returned.get("raised", ""):
        return wrong("moved-back", expected, "logits that went on to the CPU")
    return explain(returned)


# --- Task 3: counting

# Two tables with as many rows as columns, so that most mistakes give a number instead of an exception, and
# the two numbers reveal which mistake it is. Right predictions are less than 50 % sure.
COUNT_TABLES = (
    (
        (
            (-4, 3, -3, -5, -2, 2),
            (6, 6, 5, -9, 6, 7),
            (-5, 5, -3, -2, 2, -2),
            (3, 2, 4, 7, 3, 8),
            (-1, 3, 3, -4, -1, 5),
            (4, 9, 7, 2, 7, 1),
        ),
        (3, 5, 2, 5, 5, 1),
    ),
    (
        (
            (9, 8, 8, 3, -5, -4),
            (-2, -3, -2, -1, -9, -2),
            (0, 2, 2, 1, 3, 8),
            (-3, -2, 3, 5, -2, 2),
            (3, 6, 2, -5, 1, 7),
            (-5, 7, -3, 4, 2, -1),
        ),
        (0, 3, 4, 0, 1, 0),
    ),
)
N_CORRECT, N_TOTAL = (4, 2), 6
# What may be added up by mistake, instead of True for each right prediction.
MISCOUNTS: tuple[tuple[str, Callable[[Tensor, Tensor], Tensor]], ...] = (
    ("argmax-of-all", lambda logits, y: logits.argmax() == y),
    ("argmin", lambda logits, y: logits.argmin(dim=1) == y),
    ("errors", lambda logits, y: logits.argmax(dim=1) != y),
    ("wrong-axis", lambda logits, y: logits.argmax(dim=0) == y),
    ("values", lambda logits, y: logits.max(dim=1).values == y),
    ("compares-logits", lambda logits, y: logits == y),
    ("compares-logits", lambda logits, y: logits == y[:, None]),
    ("everything", lambda logits, y: torch.ones(len(y))),
    ("every-pair", lambda logits, y: logits.argmax(dim=1, keepdim=True) == y),
    ("return-in-loop", lambda logits, y: (logits.argmax(dim=1) == y)[:1]),
    ("return-in-loop", lambda logits, y: torch.ones(1)),  # at the first right prediction
    ("fraction", lambda logits, y: (logits.argmax(dim=1) == y) / len(y)),
    ("fraction", lambda logits, y: (logits.argmax(dim=1) == y) / len(y) * 100),
)


def _count_tables() -> list[tuple[Tensor, Tensor]]:
    """Return logits (6, 6) and labels (6,) of both tables."""
    return [(torch.tensor(logits).float(), torch.tensor(y)) for logits, y in COUNT_TABLES]


def probe_count(answer: Any) -> Json:
    """Count in both tables, and in the first without its last row, a right prediction."""
    tables = _count_tables()
    logits, y = tables[0]
    return {
        "all": [attempt(answer, logits.clone(), y.clone())[1] for logits, y in tables],
        "rest": attempt(answer, logits[:-1].clone(), y[:-1].clone())[1],
    }


def judge_count(seen: Json) -> Verdict:
    """Judge the numbers first, then their type."""
    for counted in seen["all"]:
        if trouble := explain(counted):
            return trouble
    counts = [number(counted) for counted in seen["all"]]
    # Show the learner the first wrong count.
    n = next((n for n in range(2) if counts[n] != N_CORRECT[n]), 0)
    counted = seen["all"][n]
    expected, got = f"{N_CORRECT[n]} of {N_TOTAL} predictions, as an int", say(counted)
    if counted["type"] == "NoneType":
        return wrong("none", expected, got)
    if isinstance(counts[n], bool):
        return wrong("bool", expected, got)
    if counted.get("shape"):
        return wrong("not-summed", expected, got)
    for id, mistake in MISCOUNTS:
        sums = [mistake(*table).sum().item() for table in _count_tables()]
        if all(map(agree, counts, sums)):
            return wrong(id, expected, got)
    if tuple(counts) != N_CORRECT:
        return wrong("another-number", expected, got)
    if counted["type"] != "int":
        return wrong("tensor" if "shape" in counted else "no-int", expected, got)
    rest = seen["rest"]
    if trouble := explain(rest):
        return trouble
    if rest.get("value") != N_CORRECT[0] - 1:
        return wrong("hard-coded-batch", f"{N_CORRECT[0] - 1} in a table of {N_TOTAL - 1} rows", say(rest))
    return right()


# --- Task 4: the update

LR = 0.1
BATCHES = [(normal(4, 3, seed=seed), normal(4, 2, seed=seed + 10)) for seed in range(3)]


@clean_state()
def _linear() -> nn.Linear:
    """Return a small model, always with the same weights."""
    return nn.Linear(3, 2)


def probe_update(answer: Any) -> Json:
    """Update a small model three times. Record its weights after each, and the calls in the last."""
    model = _linear()
    optimizer = SGD(model, LR)
    weights = []
    for x, y in BATCHES:
        optimizer.calls = []
        loss = F.mse_loss(model(x), y)
        loss.register_hook(lambda _: optimizer.calls.append("backward"))
        _, returned = attempt(answer, optimizer, loss)
        if "raised" in returned:
            break
        weights.append(describe(model.weight))
    return {"returned": returned, "weights": weights, "calls": optimizer.calls}


def _twin_weights() -> list[Tensor]:
    """Return the initial weights and those after each update, without touching `.grad`."""
    model = _linear()
    weights = [model.weight.detach().clone()]
    for x, y in BATCHES:
        descend(model, F.mse_loss(model(x), y), LR)
        weights.append(model.weight.detach().clone())
    return weights


def judge_update(seen: Json) -> Verdict:
    """Judge by the weights after each update; the calls only help to name the mistake."""
    if trouble := explain(seen["returned"]):
        return trouble
    twin = _twin_weights()
    pairs = list(zip(twin[1:], map(numbers, seen["weights"]), strict=True))
    first = next((n for n, pair in enumerate(pairs) if not same(*pair)), None)
    if first is None:
        return right()
    wanted, weights = pairs[first]
    still = same(weights, twin[first])
    calls = seen["calls"]
    id = name_update(calls, still, first == 0)
    expected = f"after update {first + 1}, these weights: {say_row(wanted)}"
    return wrong(id, expected, f"{say_row(weights)}; the calls were: {', '.join(calls) or 'none'}")


check = Assignment(
    "mlp",
    layers=(probe_layers, judge_layers),
    predict=(probe_predict, judge_predict),
    count=(probe_count, judge_count),
    update=(probe_update, judge_update),
    result=(probe_accuracy, judge_accuracy(SOLUTION_SCORES)),
)
