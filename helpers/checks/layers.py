"""Judges of layers that several assignments ask for, and of the rows that they are given."""

from itertools import chain, pairwise, product
from typing import Any

from torch import Tensor, nn
from torch.nn import functional as F

from helpers.checks.values import Json, numbers, same, say, say_row
from helpers.checks.verdicts import Verdict, first, wrong

ACTIVATIONS = (*("relu", "tanh", "sigmoid", "gelu"), *("silu", "elu", "leaky_relu", "softplus"))
Sizes = list[list[int]]  # inputs and outputs of each layer


def judge_registered(layers: Json, n_wanted: int, expected: str, got: str) -> Verdict | None:
    """Return the verdict on layers that are missing, shared or of another kind; None if there are none."""
    n_layers = len(layers["layers"])
    if n_layers < n_wanted and layers["lists"]:
        got = f"{got}, and a list or dict, `self.{layers['lists'][0]}`"
        return wrong("list", expected, got)
    if layers["more"]:
        got = f"also {', '.join(f'`{name}`' for name, _ in layers['more'])}"
        return wrong("extra" if n_layers else "no-layers", expected, got)
    if not n_layers:
        made = "uniform_" in layers["used"]
        return wrong("made-in-forward" if made else "local", expected, got)
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
    """Return the sizes of the linear layers seen by `classes.look`."""
    seen = layers["layers"] if layers else []
    return [[layer["in_features"], layer["out_features"]] for layer in seen if "in_features" in layer]


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
    positions = [tuple(range(start, start + n_hidden)) for start in (0, 1)]
    mistakes = {
        "positions-for-widths": outs[:n_hidden] in positions,
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
    return first(mistakes)


# What may stand after the last layer by mistake, and the diagnosis where the outputs are logits.
ENDS = {name: getattr(F, name) for name in ACTIVATIONS} | {
    "softmax": lambda h: h.softmax(-1),
    "softmax-over-batch": lambda h: h.softmax(0),
    "log_softmax": lambda h: h.log_softmax(-1),
    "classes": lambda h: h.argmax(-1),
}
OF_LOGITS = {name: name for name in ("softmax", "softmax-over-batch", "sigmoid", "classes")} | {
    "log_softmax": "log-softmax"
}


class Activations:
    """The rule of linear layers, one after the other, and activations that mistakes put in other places.

    It follows the linear layers of a twin, in order. A mistake is another activation, other places before the
    layers, other functions at the end, or fewer layers.

    Args:
        n_layers: How many layers the first twin has.
        activation: Name of the activation between them, in `torch.nn.functional`.
        end: Name of the one after the last layer, if there is one.
        logits: Whether the outputs are logits, which mistakes turn into something else.
    """

    styles = ({},)

    def __init__(self, n_layers: int, activation: str, end: str = "", logits: bool = False) -> None:
        right, nowhere = (False, *[True] * (n_layers - 1)), (False,) * n_layers
        self.right = {"name": activation, "places": right, "end": end, "n_layers": n_layers}
        self.of_logits = OF_LOGITS if logits else {}
        ways = [(activation, right, last, n_layers) for last in (*ENDS, f"{end} {end}".strip())]
        ways += [(activation, nowhere, last, n_layers) for last in self.of_logits if last not in ACTIVATIONS]
        for name in (activation, *ACTIVATIONS):
            for places in product((False, True), repeat=n_layers):
                ways += [(name, places, last, n_layers) for last in (end, "", name)]
        ways += [(activation, right, last, n) for n in range(1, n_layers) for last in ("", activation)]
        self.mistakes: dict[str, list[dict[str, Any]]] = {}
        for way in ways:
            change = dict(zip(self.right, way, strict=True))
            if change != self.right:
                self.mistakes.setdefault(self._id(**change), []).append(change)

    def _id(self, name: str, places: tuple[bool, ...], end: str, n_layers: int) -> str:
        between, same_end = places == self.right["places"], end in ("", self.right["end"])
        of_logits = self.of_logits.get(end)
        return first(
            {
                "unused-layer": n_layers < self.right["n_layers"],
                of_logits: of_logits
                and name == self.right["name"]
                and (between or not (any(places) or end in ACTIVATIONS)),
                "other-activation": between and end == self.right["end"],
                "end-missing": between and not end,
                "activation-last": between,
                "no-activation": same_end and not any(places),
                "activation-missing": same_end and not places[0],
                "activation-elsewhere": True,
            }
        )

    def mistaken(self) -> list[tuple[str, dict[str, Any]]]:
        """Return each mistake, with its diagnosis."""
        return [(id, change) for id, some in self.mistakes.items() for change in some]

    def follow(self, changed: dict[str, Any], case: dict[str, Any]) -> Tensor:
        """Return the output of the twin's layers with these activations."""
        twin, *_, h = case.values()
        name, places, last, n_layers = (self.right | changed).values()
        layers = [layer for layer in twin.modules() if isinstance(layer, nn.Linear)]
        for before, layer in zip(places, layers[:n_layers], strict=False):
            h = layer(getattr(F, name)(h) if before else h)
        for end in last.split():
            h = ENDS[end](h)
        return h


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
