"""Checks for the assignment on convolutional networks; texts and mistakes are in `cnn.toml`."""

from collections.abc import Callable, Iterator
from itertools import permutations, product
from typing import Any, NamedTuple

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from helpers.checks.classes import Model
from helpers.checks.core import Assignment
from helpers.checks.functions import Function
from helpers.checks.layers import (
    ACTIVATIONS,
    Activations,
    dense_sizes,
    judge_bias,
    judge_dense,
    judge_registered,
    judge_rows,
    say_sizes,
    sizes_of,
)
from helpers.checks.rules import load_rule, regrouped
from helpers.checks.updates import LOSSES, SGD, Loss, descend, judge_left, name_update, state_of
from helpers.checks.values import (
    Json,
    agree,
    attempt,
    clean_state,
    describe,
    describe_parts,
    normal,
    number,
    numbers,
    probe_accuracy,
    same,
    say,
    say_numbers,
)
from helpers.checks.verdicts import Verdict, explain, judge_accuracy, right, wrong

# The solution's validation accuracy, from seed 0 on.
SOLUTION_SCORES = {
    "mnist-5k": (0.97901, 0.96852, 0.97151, 0.97451, 0.96852),
    "digits": (0.9083, 0.9125, 0.9208, 0.9292, 0.9083),
}


# --- Task 1: the size of the output

ARGUMENTS = "size", "kernel_size", "stride", "padding", "dilation"
SIZE_DEFAULTS = {"stride": 1, "padding": 0, "dilation": 1}
SIZE_CASES = [
    (10, 3),  # the others at their defaults
    (8, 3, 1, 1, 1),
    (28, 5, 2, 2, 1),
    (7, 3, 2, 0, 1),
    (9, 4, 3, 1, 1),
    (16, 3, 1, 2, 2),
    (33, 4, 3, 5, 2),
    (25, 2, 4, 3, 6),
    (40, 7, 5, 4, 3),
]


def _size(size, kernel_size, stride, padding, dilation):
    span = dilation * (kernel_size - 1) + 1
    padded = size + 2 * padding
    steps = (padded - span) // stride
    return steps + 1


GROUPED = [
    *regrouped("steps = (padded - span) // stride"),
    *regrouped("steps = (size + 2 * padding - dilation * (kernel_size - 1) - 1) // stride"),
]
sizes = load_rule("cnn", "size", _size, {"precedence": GROUPED})


def size_case(values: tuple[int, ...]) -> dict[str, int]:
    """Return the arguments of a case by name, with the defaults of those left out."""
    given = dict(zip(ARGUMENTS, values, strict=False))
    return given | {name: value for name, value in SIZE_DEFAULTS.items() if name not in given}


def twin_size(size: int, kernel_size: int, **settings: int) -> int:
    """Return the length of the output of torch's own convolution."""
    x, kernel = torch.zeros(1, 1, size), torch.zeros(1, 1, kernel_size)
    return F.conv1d(x, kernel, **settings).shape[-1]


def probe_size(answer: Any) -> Json:
    """Ask for the size of the output in each case."""
    asked = [attempt(answer, *case) for case in SIZE_CASES]
    return {"sizes": [seen | describe_parts(value) for value, seen in asked]}


def judge_size(seen: Json) -> Verdict:
    """Judge the numbers first, then their type."""
    for size in seen["sizes"]:
        if trouble := explain(size):
            return trouble
    cases = [size_case(values) for values in SIZE_CASES]
    wanted = [twin_size(**case) for case in cases]
    answers = [number(size["parts"][0] if _is_pair(size) else size) for size in seen["sizes"]]
    answers = [a if isinstance(a, int | float) else None for a in answers]
    types = [size["type"] == "int" for size in seen["sizes"]]
    bad = [n for n in range(len(cases)) if answers[n] != wanted[n]]
    bad = bad or [n for n, is_int in enumerate(types) if not is_int]
    if not bad:
        return right()
    n = bad[0]
    asked = ", ".join(f"{key}={value}" for key, value in cases[n].items())
    expected, got = f"for {asked}: {wanted[n]}, as an int", say(seen["sizes"][n])
    if seen["sizes"][n]["type"] == "NoneType":
        return wrong("none", expected, got)
    if answers == wanted:
        return wrong("no-int", expected, got)
    for id, lines in sizes.mistaken():
        if all(agree(a, sizes.follow(lines, case)) for a, case in zip(answers, cases, strict=True)):
            return wrong(id, expected, got)
    return wrong("another-size", expected, got)


def _is_pair(size: Json) -> bool:
    """Return whether the same number came twice: for both sides of an image."""
    return len(size["parts"]) == 2 and size["parts"][0] == size["parts"][1]


# --- Task 2: the convolutions


class Stage(NamedTuple):
    """The settings of one stage of a feature extractor."""

    channels: int
    kernel_size: int
    stride: int
    padding: int
    pool: bool


# The two models share no number, and no stage has one twice.
CHANNELS, OTHER_CHANNELS = 2, 6
STAGES = Stage(5, 3, 2, 1, True), Stage(4, 5, 1, 3, False), Stage(7, 2, 3, 1, True)
OTHER_STAGES = Stage(11, 8, 5, 4, False), Stage(9, 10, 4, 6, True)
NAMES = "in_channels", "out_channels", "kernel_size", "stride", "padding"
DEFAULTS = {"dilation": 1, "groups": 1, "padding_mode": "zeros"}
Table = list[tuple[Any, ...]]  # a row per convolution, its numbers in the order of NAMES


def _table(in_channels: int, stages: tuple[Stage, ...]) -> Table:
    ins = in_channels, *(stage.channels for stage in stages)
    return [(before, *stage[:4]) for before, stage in zip(ins, stages, strict=False)]


WANTED = _table(CHANNELS, STAGES), _table(OTHER_CHANNELS, OTHER_STAGES)


EXTRACTORS = [
    (CHANNELS, [tuple(stage) for stage in STAGES]),
    (OTHER_CHANNELS, [tuple(stage) for stage in OTHER_STAGES]),
    (1, [(16, 5, 2, 2, False), (32, 3, 1, 1, True)]),
]
IMAGES = [normal(2, 2, 53, 49), normal(1, 6, 36, 40), normal(1, 1, 28, 28)]


class TwinFeatures(nn.Sequential):
    """Torch's own layers, one after the other."""

    def __init__(self, in_channels: int, stages: list[tuple[int, int, int, int, bool]]) -> None:
        super().__init__()
        self.pools = [stage[-1] for stage in stages]
        for channels, kernel_size, stride, padding, pool in stages:
            self.append(nn.Conv2d(in_channels, channels, kernel_size, stride, padding))
            self.append(nn.ReLU())
            if pool:
                self.append(nn.MaxPool2d(2))
            in_channels = channels


def _halve(x):
    return F.max_pool2d(x, 2)


def _follow(convolutions, x, order, pools, bends, steps):
    for conv, pool, bend in zip(convolutions, pools, bends, strict=True):
        wanted = {"conv": True, "act": bend, "pool": pool}
        for name in order:
            if wanted[name]:
                x = conv(x) if name == "conv" else steps[name](x)
    return x


def _features(self, x):
    convolutions = [layer for layer in self if isinstance(layer, nn.Conv2d)]
    n = len(convolutions)
    order = ("conv", "act", "pool")
    pools = self.pools
    bends = [True] * n
    act = F.relu
    window = _halve
    maps = _follow(convolutions, x, order, pools, bends, {"act": act, "pool": window})
    return maps


with clean_state():
    TWIN_FEATURES = [TwinFeatures(*size) for size in EXTRACTORS]

maps = Function(
    ("maps",),
    [{"x": x} for x in IMAGES],
    TWIN_FEATURES,
    load_rule(
        "cnn", "features", _features, {"other-activation": [f"act = F.{name}" for name in ACTIVATIONS[1:]]}
    ),
    of=[0, 1, 2],
)


def _square(value: Any) -> Any:
    """Collapse two equal numbers into one: a square kernel's side, for example."""
    return value[0] if isinstance(value, list) and len({*map(str, value)}) == 1 else value


def _rows(layers: Json | None) -> Table:
    return [tuple(_square(layer[name]) for name in NAMES) for layer in (layers["layers"] if layers else [])]


def _say_row_of(table: Table, n: int) -> str:
    if n >= len(table):
        return f"{len(table)} convolutions"
    ins, outs, *others = table[n]
    named = (f"{k} {v}" for k, v in zip(NAMES[2:], others, strict=True))
    return f"convolution {n + 1} from {ins} to {outs} channels, {', '.join(named)}"


def _judge_convolutions(looked: list[Json | None]) -> Verdict | None:
    layers, other_layers = looked[:2]
    tables = _rows(layers), _rows(other_layers)
    wanted = WANTED
    # Show the learner the first wrong convolution.
    which = 0 if tables[0] != wanted[0] else 1
    rows = zip(tables[which], wanted[which], strict=False)
    n = next((n for n, pair in enumerate(rows) if pair[0] != pair[1]), len(tables[which]))
    n = min(n, len(wanted[which]) - 1)
    stage = tuple((STAGES, OTHER_STAGES)[which][n])
    expected = f"for stage {n + 1}, {stage}: {_say_row_of(wanted[which], n)}"
    got = _say_row_of(tables[which], n) if tables[which] else "no convolutions"
    if verdict := judge_registered(layers, len(STAGES), expected, got):
        return verdict
    if id := _wrong_table(*tables):
        return wrong(id, expected, got)
    for layer in layers["layers"]:
        for name, value in DEFAULTS.items():
            if _square(layer[name]) != value:
                got = f"{name} = {_square(layer[name])}"
                return wrong("settings", f"{name} = {value}", got, name=name)
    return judge_bias(layers)


def _exchanged(order: tuple[int, ...]) -> str:
    """Return the diagnosis of arguments in the wrong order."""
    moved = {n for n, m in enumerate(order) if n != m}
    ids = {
        "channels-swapped": {0, 1},
        "kernel-and-stride": {2, 3},
        "stride-and-padding": {3, 4},
        "arguments-exchanged": moved,
    }
    return next(id for id, pair in ids.items() if pair == moved)


def _wrong_table(table: Table, other: Table) -> str | None:
    """Return the diagnosis of two extractors' convolutions, or None if they are right."""
    if (table, other) == WANTED:
        return None
    if len(table) != len(STAGES):
        return "one-stage" if len(table) == 1 else "stages"
    for order in permutations(range(len(NAMES))):
        if all(
            seen == [tuple(row[n] for n in order) for row in wanted]
            for seen, wanted in zip((table, other), WANTED, strict=True)
        ):
            return _exchanged(order)
    columns, others = (list(zip(*rows, strict=True)) for rows in (table, other))
    ins, outs, kernels, strides, paddings = columns
    wanted = list(zip(*WANTED[0], strict=True))
    # Right only in the first model: a hard-coded number.
    of_kernel = (
        {tuple(k // 2 for k in kernels), tuple((k - 1) // 2 for k in kernels)}
        if (all(isinstance(k, int) for k in kernels))
        else set()
    )
    mistakes = {
        "channels-not-updated": outs == wanted[1] and {*ins} == {CHANNELS},
        "channels-updated-too-early": ins == outs == wanted[1],
        "no-stride": {*strides} == {1},
        "no-padding": {*paddings} == {0},
        "padding-of-kernel": paddings in of_kernel or {*paddings} == {"same"},
        "hard-coded": any(
            {*map(str, one)} & {*map(str, two)} for one, two in zip(columns, others, strict=False)
        ),
        "channels": (ins, outs) != tuple(wanted[:2]),
        "convolutions": True,
    }
    return next(id for id, applies in mistakes.items() if applies)


features = Model(EXTRACTORS, maps, (nn.Conv2d,), _judge_convolutions)


# --- Task 3: the classifier

SHAPE, HDIMS, YDIM = (3, 2, 4), (7, 5, 6), 13
OTHER_SHAPE, OTHER_HDIMS, OTHER_YDIM = (2, 5, 3), (11, 8), 9
FEATURES, OTHER_FEATURES = normal(6, *SHAPE), normal(6, *OTHER_SHAPE)
DENSE = dense_sizes(FEATURES[0].numel(), *HDIMS, YDIM)
OTHER_DENSE = dense_sizes(OTHER_FEATURES[0].numel(), *OTHER_HDIMS, OTHER_YDIM)
# What may be mistaken for the length of a row.
FLAT_MISTAKES: dict[str, list[Callable[[int, int, int], int]]] = {
    "flat-channels": [lambda C, H, W: C],
    "flat-pixels": [lambda C, H, W: H * W, lambda C, H, W: H, lambda C, H, W: W],
    "flat-part": [lambda C, H, W: C * H, lambda C, H, W: C * W],
    "flat-sum": [lambda C, H, W: C + H + W],
    "flat-batch": [lambda C, H, W: 6 * C * H * W],
}


CLASSIFIERS = [(SHAPE, [*HDIMS], YDIM), (OTHER_SHAPE, [*OTHER_HDIMS], OTHER_YDIM), ((32, 7, 7), [64], 10)]


def _twin_classifier(shape: tuple[int, ...], hdims: list[int], ydim: int) -> nn.Sequential:
    pairs = dense_sizes(torch.Size(shape).numel(), *hdims, ydim)
    layers = [layer for pair in pairs for layer in (nn.Linear(*pair), nn.ReLU())]
    return nn.Sequential(nn.Flatten(), *layers[:-1])


class DenseRule(Activations):
    """The rule of layers that take maps, as rows."""

    def follow(self, changed: dict[str, Any], case: dict[str, Any]) -> Tensor:
        """Return the logits of maps (B, C, H, W)."""
        return super().follow(changed, case | {"x": case["x"].flatten(1)})


with clean_state():
    TWIN_CLASSIFIERS = [_twin_classifier(*size) for size in CLASSIFIERS]

logits = Function(
    ("logits",),
    [{"x": FEATURES}, {"x": OTHER_FEATURES}, {"x": normal(2, 32, 7, 7)}],
    TWIN_CLASSIFIERS,
    DenseRule(4, "relu", logits=True),
    of=[0, 1, 2],
)


def _judge_dense(looked: list[Json | None]) -> Verdict | None:
    """Judge the layers first, then the rows they are given."""
    given = f"shape {SHAPE}, hdims {list(HDIMS)}, ydim {YDIM}"
    first, second = looked[:2]
    verdict = _judge_flat_size(first, second, given) or judge_dense(first, second, DENSE, OTHER_DENSE, given)
    by_chance = any("dropout" in name for name in first["used"])
    if verdict or by_chance or not first["received"]:
        return verdict
    expected = f"the first linear layer to be given rows of shape {tuple(FEATURES.flatten(1).shape)}"
    return judge_rows(first["received"][0], FEATURES, expected)


def _judge_flat_size(layers: Json, other_layers: Json | None, given: str) -> Verdict | None:
    sizes = sizes_of(layers)
    firsts = [table[0][0] for table in (sizes, sizes_of(other_layers)) if table]
    for id, lengths in FLAT_MISTAKES.items():
        if any(firsts == [f(*SHAPE), f(*OTHER_SHAPE)] for f in lengths):
            return wrong(id, f"for {given}: {say_sizes(DENSE)}", say_sizes(sizes))
    return None


classifier = Model(CLASSIFIERS, logits, (nn.Linear,), _judge_dense)


# --- Task 4: an epoch

LR, K = 0.3, 6
# As many examples as classes, so that a maximum along the wrong axis gives a number, not an exception. With
# these seeds, every way of counting gives a different number.
BATCHES = [
    (normal(B, 1, 1, 3, seed=342139 + n), normal(B, K, seed=342149 + n).argmax(dim=1))
    for n, B in enumerate((K, K, 1))
]
LENGTHS = [len(y) for _, y in BATCHES]


class Spy(nn.Module):
    """A model that records what is done with it. Messages show its name."""

    def __init__(self) -> None:
        super().__init__()
        self.events: list[str] = []
        self.modes: list[bool] = []
        self.shapes: list[list[int]] = []
        self.lin = nn.Linear(3, K)

    def train(self, mode: bool = True) -> nn.Module:
        """Record the call, and make it."""
        self.events.append("train" if mode else "eval")
        return super().train(mode)

    def forward(self, x: Tensor) -> Tensor:
        """Record the mode, and the backward pass through these logits."""
        self.modes.append(self.training)
        self.shapes.append([*x.shape])
        logits = self.lin(x.flatten(1))
        if logits.requires_grad:
            logits.register_hook(lambda _: self.events.append("backward"))
        return logits

    def weights(self) -> Tensor:
        """Return a copy of all weights, flattened."""
        return nn.utils.parameters_to_vector(self.parameters()).detach().clone()


Spy.__name__ = "Model"


class Loader:
    """The batches; records the weights when each is fetched. Messages show its name."""

    def __init__(self, model: Spy) -> None:
        self.model = model
        self.weights: list[Tensor] = []

    def __len__(self) -> int:
        return len(BATCHES)

    def __iter__(self) -> Iterator[tuple[Tensor, Tensor]]:
        for x, y in BATCHES:
            self.model.events.append("batch")
            self.weights.append(self.model.weights())
            yield x.clone(), y.clone()


@clean_state()
def _fresh_model() -> Spy:
    return Spy()


def probe_epoch(answer: Any) -> Json:
    """Train a small model for an epoch. Record all calls, the weights along the way, and the result."""
    model = _fresh_model()
    model.eval()
    model.events.clear()
    loader, optimizer = Loader(model), SGD(model, LR)
    optimizer.calls = model.events
    before = state_of(model)
    returned, seen = attempt(answer, model, loader, optimizer)
    is_pair = attempt(lambda: isinstance(returned, tuple | list) and len(returned) == 2)
    return {
        "returned": seen,
        "parts": [describe(returned[n]) for n in (0, 1)] if is_pair[0] else [],
        "events": model.events[:200],
        "modes": model.modes[:50],
        "shapes": model.shapes[:50],
        "weights": [describe(w) for w in (*loader.weights, model.weights())][:50],
        "before": before,
        "after": state_of(model) | {"modes": before["modes"]},  # the task asks for another mode
    }


class Epoch(NamedTuple):
    """What happens in an epoch, batch by batch."""

    weights: list[Tensor]  # one more than batches: the first are from before the epoch
    losses: list[float]
    logits: list[Tensor]
    logits_after: list[Tensor]  # of the same batch, by the weights after its update


def twin_epoch(loss_function: Loss = F.cross_entropy) -> Epoch:
    """Run an epoch without touching `.grad`."""
    model = _fresh_model()
    epoch = Epoch([model.weights()], [], [], [])
    for x, y in BATCHES:
        logits = model(x)
        loss = loss_function(logits, y)
        descend(model, loss, LR)
        epoch.weights.append(model.weights())
        epoch.losses.append(loss.item())
        epoch.logits.append(logits.detach())
        epoch.logits_after.append(model(x).detach())
    return epoch


# What may be added up by mistake, instead of True for each right prediction.
COUNTS: list[tuple[str, Callable[[Tensor, Tensor], Tensor]]] = [
    ("", lambda z, y: z.argmax(dim=1) == y),
    ("wrong-axis", lambda z, y: z.argmax(dim=0) == y),
    ("argmax-of-all", lambda z, y: z.argmax() == y),
    ("errors", lambda z, y: z.argmax(dim=1) != y),
    ("values", lambda z, y: z.max(dim=1).values == y),
    ("every-pair", lambda z, y: z.argmax(dim=1, keepdim=True) == y),
    ("fraction", lambda z, y: (z.argmax(dim=1) == y) / len(y)),
    ("everything", lambda z, y: torch.ones(len(y))),
]


def judge_epoch(seen: Json) -> Verdict:
    """Judge what was done to the model first, then the two numbers that come back."""
    return (
        explain(seen["returned"])
        or _judge_modes(seen["events"], seen["modes"])
        or _judge_shapes(seen["shapes"])
        or _judge_weights(seen["events"], seen["weights"])
        or judge_left(seen["before"], seen["after"], "the model")
        or _judge_parts(seen["returned"], seen["parts"])
        or _judge_numbers(*map(number, seen["parts"]))
        or right()
    )


def _judge_modes(events: list[str], modes: list[bool]) -> Verdict | None:
    if not modes:
        expected = "the model to be called with each batch"
        return wrong("no-model", expected, "a model that was not called")
    if not all(modes):
        id = "eval-mode" if "eval" in events else "no-train-mode"
        got = "a model in evaluation mode"
        return wrong(id, "a model in training mode for every batch", got)
    return None


def _judge_shapes(shapes: list[list[int]]) -> Verdict | None:
    wrong_shapes = [shape for shape in shapes if len(shape) != 4]
    if not wrong_shapes:
        return None
    expected = f"the model to be given images, {tuple(BATCHES[0][0].shape)}"
    return wrong("no-images", expected, f"a tensor of shape {tuple(wrong_shapes[0])}")


def _judge_weights(events: list[str], seen: list[Json]) -> Verdict | None:
    twin, weights = twin_epoch().weights, list(map(numbers, seen))
    if same(weights[-1], twin[-1]):
        return None
    pairs = list(zip(weights, twin, strict=False))
    # The first update after which the weights are wrong.
    n = next((n for n, pair in enumerate(pairs) if not same(*pair)), len(pairs)) - 1
    n = max(0, min(n, len(BATCHES) - 1, len(weights) - 2))
    calls = _calls(events, n)
    expected = f"after update {n + 1}, these weights: {say_numbers(twin[n + 1])}"
    told = ", ".join(calls) or "none"
    got = f"{say_numbers(weights[n + 1])}; the calls for this batch were: {told}"
    return wrong(_name_weights(events, weights, n), expected, got)


def _where(events: list[str], wanted: str) -> list[int]:
    return [k for k, event in enumerate(events) if event == wanted]


def _calls(events: list[str], n: int) -> list[str]:
    """Return the calls between batch n and the next."""
    some = events[slice(*[*_where(events, "batch"), None][n : n + 2])]
    return [call for call in some if call in ("zero_grad", "backward", "step")]


def _name_weights(events: list[str], weights: list[Tensor], n: int) -> str:
    n_batches, n_steps = events.count("batch"), events.count("step")
    if n_batches < len(BATCHES):
        return "one-batch"
    if n_batches > len(BATCHES):
        return "two-epochs"
    for id, loss_function in LOSSES:
        if same(weights[-1], twin_epoch(loss_function).weights[-1]):
            return id
    if n_steps == 1:
        return "one-step"
    zero_grads = _where(events, "zero_grad")
    if zero_grads and max(zero_grads) < events.index("batch"):
        return "zero-grad-once"
    calls = _calls(events, n)
    if n_steps and "step" not in events[: max(_where(events, "batch"))]:
        calls = events  # all batches were fetched at the start
    if "zero_grad" in events and "zero_grad" not in calls:
        calls = ["zero_grad", *calls]  # after the last step
    return name_update(calls, same(weights[n], weights[n + 1]), n == 0)


def _judge_parts(returned: Json, parts: list[Json]) -> Verdict | None:
    expected = "two plain numbers: the mean loss and the accuracy"
    if returned["type"] == "NoneType":
        return wrong("none", expected, "None")
    if not parts:
        return wrong("two-values", expected, say(returned))
    for id, name, part in zip(("loss-tensor", "count-tensor"), ("loss", "accuracy"), parts, strict=True):
        if "shape" in part:
            return wrong(id, expected, f"as {name}, {say(part)}")
        if not isinstance(part.get("value"), int | float):
            return wrong("no-numbers", expected, f"as {name}, {say(part)}")
    return None


def count_by(count: Callable[[Tensor, Tensor], Tensor], epoch: Epoch) -> list[float]:
    """Return what a way of counting finds in each batch."""
    pairs = zip(epoch.logits, BATCHES, strict=True)
    return [count(z, y).sum().item() for z, (_, y) in pairs]


def _judge_numbers(loss: float, accuracy: float) -> Verdict | None:
    epoch = twin_epoch()
    n_total = sum(LENGTHS)
    means, sums = (epoch.losses, [mean * B for mean, B in zip(epoch.losses, LENGTHS, strict=True)])
    totals = {"": n_total, "total-batches": len(BATCHES), "total-last": LENGTHS[-1]}
    totals |= {"total-classes": K * n_total}
    loss_sums = [("", sum(sums)), ("loss-not-weighted", sum(means))]
    loss_sums += [("loss-last", sums[-1]), ("loss-last", means[-1])]
    loss_sums += [("loss-fixed-batch", sum(means) * LENGTHS[0])]
    loss_sums += [("loss-not-weighted", sum(means) / len(means) * n_total)]
    counts = [(id, sum(count_by(count, epoch))) for id, count in COUNTS]
    counts += [("percent", 100 * counts[0][1])]
    counts += [("count-last", count_by(COUNTS[0][1], epoch)[-1])]
    after = epoch._replace(logits=epoch.logits_after)
    counts += [("counted-after", sum(count_by(COUNTS[0][1], after)))]
    wanted = sum(sums) / n_total, counts[0][1] / n_total
    if agree(loss, wanted[0]) and agree(accuracy, wanted[1]):
        return None
    expected = f"loss {wanted[0]:.4f}, accuracy {wanted[1]:.4f}"
    got = f"loss {loss:.4f}, accuracy {accuracy:.4f}"
    if agree(loss, wanted[1]) and agree(accuracy, wanted[0]):
        return wrong("results-exchanged", expected, got)
    for (loss_id, loss_sum), (count_id, n_correct), (total_id, total) in product(
        loss_sums, counts, totals.items()
    ):
        if agree(loss, loss_sum / total) and agree(accuracy, n_correct / total):
            return wrong(loss_id or count_id or total_id, expected, got)
    return wrong("wrong-accuracy" if agree(loss, wanted[0]) else "wrong-loss", expected, got)


check = Assignment(
    "cnn",
    size=(probe_size, judge_size),
    features=(features.probe, features.judge),
    classifier=(classifier.probe, classifier.judge),
    epoch=(probe_epoch, judge_epoch),
    result=(probe_accuracy, judge_accuracy(SOLUTION_SCORES)),
)
