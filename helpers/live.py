"""Figures that answer to the reader's hand: networks that the page itself runs, without a kernel.

`show` writes a trained network down as a short list of operations with its weights. The site's interpreter
(`_ext/course/assets/interpreter.js`) runs them; the site is not built unless it gives the same numbers as
torch. In print, without scripts, and in Jupyter unless asked for, a still picture stands in the figure's
place.
"""

import base64
import html
import inspect
import io
import json
import math
import operator
import warnings
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, NoReturn

import matplotlib.pyplot as plt
import numpy as np
import torch
from IPython.display import publish_display_data
from matplotlib.figure import Figure
from torch import Tensor, nn
from torch.export.graph_signature import InputKind
from torch.fx import Node

MIME = "application/vnd.week.live+json"
aten = torch.ops.aten
# Where scripts and styles are: in the project's folders, or else installed beside this module.
FOLDERS = [
    Path(__file__).parents[1] / name
    for name in ("_ext/course/assets", "_static", "helpers/scripts", "helpers/styles")
]
STYLES = "course.css", "components.css"
SCRIPTS = "keep.js", "live.js", "interpreter.js"


def show(
    kind: str,
    still: Figure,
    models: Mapping[str, nn.Module] | None = None,
    examples: Tensor | None = None,
    look: Mapping[str, str] | None = None,
    *,
    tolerance: float | None = None,
    alone: bool = False,
    **data: Any,
) -> None:
    """Show a live figure: its still picture in a notebook, the figure itself on the site.

    Args:
        kind: Which figure, the name of a script `_ext/course/assets/live-KIND.js`.
        still: What stands in its place where there are no scripts; closed, so that it is shown once.
        models: By name, networks that the page runs on one example at a time; left in evaluation mode.
        examples: Inputs (N, ...) of all networks on which the page must give the numbers that torch gives.
        look: For each network, the name of a module whose output the figure can show, such as "layers.0".
        tolerance: How far the eight bits a weight that the page is sent may move an output; without it, they
            must leave the largest output where it is on nearly all examples.
        alone: Whether a notebook shows the figure itself, too: with all scripts in its output.
        **data: What else the script needs. Tensors are loaded with the networks, when the reader touches the
            figure; all else is on the page from the start.

    Raises:
        ValueError: A network has an operation that the page cannot run; the message names it.
    """
    svg = io.StringIO()
    still.savefig(svg, format="svg")
    plt.close(still)
    graphs = [
        {"name": name, **export(model, examples, (look or {}).get(name))}
        for name, model in (models or {}).items()
    ]
    tensors = {name: pack(value) for name, value in data.items() if isinstance(value, Tensor)}
    about = {name: value for name, value in data.items() if name not in tensors}
    content = {"kind": kind, "models": graphs, "tensors": tensors, "about": about, "still": svg.getvalue()}
    if graphs:
        content["examples"] = pack(examples)
    if tolerance is not None:
        content["tolerance"] = tolerance
    bundle = {MIME: content, "image/svg+xml": svg.getvalue()}
    publish_display_data({**bundle, "text/html": page(content)} if alone else bundle)


def page(content: dict[str, Any]) -> str:
    """Return a figure as a page of its own in an `<iframe>`, which needs no other file.

    Args:
        content: What `show` puts out for the site.
    """
    sent = {"models": [{**model, "expected": None} for model in content["models"]], **content["tensors"]}
    models = [{name: model[name] for name in ("name", "parameters")} for model in content["models"]]
    about = json.dumps({"models": models, **content["about"]}).replace("</", r"<\/")
    scripts = [_file(name) for name in (*SCRIPTS, f"live-{content['kind']}.js")]
    scripts += [f"live.data.alone = {json.dumps(sent)};", FIT]
    tags = "".join(f"<script>{script}</script>" for script in [STORAGE, *scripts])
    text = (
        '<!doctype html><html lang="en" data-theme="light"><meta charset="utf-8"><title>Live figure</title>'
        f"<style>{''.join(map(_file, STYLES))}{STYLE}</style>"
        f'<div class="live" data-kind="{content["kind"]}" data-source="alone">'
        f'<div class="still">{content["still"]}</div><script type="application/json">{about}</script></div>'
        f"{tags}"
    )
    return (
        f'<iframe srcdoc="{html.escape(text)}" title="Live figure" width="100%" height="480" '
        'style="border: 0; max-width: 54rem"></iframe>'
    )


# What the site's theme would do.
STYLE = """
body {
  margin: 0 0.5rem;
  overflow: hidden;
  background: var(--pst-color-background);
  color: var(--pst-color-text-base);
  font-family: var(--pst-font-family-base);
}
.visually-hidden {
  position: absolute;
  width: 1px;
  height: 1px;
  overflow: hidden;
  clip-path: inset(50%);
}
"""
# Where a page may store nothing, it does without; and its frame is as high as what is in it.
STORAGE = "try { localStorage; } catch { Object.defineProperty(window, 'localStorage', { value: {} }); }"
FIT = """
new ResizeObserver(() => {
  try {
    frameElement.style.height = `${document.body.offsetHeight + 24}px`;
  } catch {}
}).observe(document.body);
"""


def _file(name: str) -> str:
    """Return the text of a script or a style sheet."""
    return next(folder / name for folder in FOLDERS if (folder / name).is_file()).read_text("utf-8")


def pack(values: Tensor) -> dict[str, Any]:
    """Return a tensor as `shape` and base64 text: `uint8` if it is of that type, else `float32`."""
    name = "uint8" if values.dtype == torch.uint8 else "float32"
    array = values.detach().cpu().numpy().astype(np.dtype(name).newbyteorder("<"))
    return {"shape": list(values.shape), name: base64.b64encode(array.tobytes()).decode()}


@torch.no_grad()
def export(model: nn.Module, examples: Tensor, look: str | None = None) -> dict[str, Any]:
    """Write a network down for the page.

    Args:
        model: Takes one example (1, ...) of a fixed shape and returns one tensor; left in evaluation mode.
        examples: Inputs (N, ...).
        look: The name of a module whose output is wanted too.

    Returns:
        The number of `parameters`; the packed `weights`; the `nodes`, each with an `op`, its `inputs`, the
        `shape` of its result and the op's settings; which of them is the `output` (and the `look`); and the
        outputs that torch `expected` for the examples, (N, ...). An input is 0 for the example, n for the
        result of the n-th node, -n for the n-th weight.

    Raises:
        ValueError: The page cannot run one of its operations, or `look` names no module.
    """
    with warnings.catch_warnings():  # export copies an LSTM's list of weights, and warns of its own copy
        warnings.filterwarnings("ignore", "The tensor attributes .*_flat_weights", UserWarning)
        program = torch.export.export(model.eval(), (examples[:1],), strict=False)
        program = program.run_decompositions(DECOMPOSED)
    graph = _Graph(program, examples[:1])
    looked = {} if look is None else {"look": graph.output_of(look)}
    return {
        "parameters": sum(p.numel() for p in model.parameters()),
        "weights": [pack(weight) for weight in graph.weights],
        "nodes": graph.nodes,
        "output": graph.output,
        "expected": pack(torch.cat([model(example[None]) for example in examples])),
        **looked,
    }


class _Graph:
    """The operations of an exported network; those on weights alone are done in advance."""

    def __init__(self, program: torch.export.ExportedProgram, example: Tensor):
        self.weights: list[Tensor] = []
        self.nodes: list[dict[str, Any]] = []
        self.values: dict[Node, Any] = {}  # what each node gives for the example
        self.places: dict[Node, int] = {}  # where the page has it
        depends: set[Node] = set()  # on the input
        specs = {spec.arg.name: spec for spec in program.graph_signature.input_specs}
        for node in program.graph.nodes:
            if node.op == "placeholder" and specs[node.name].kind == InputKind.USER_INPUT:
                self.values[node], self.places[node] = example, 0
                depends.add(node)
            elif node.op == "placeholder":
                target = specs[node.name].target
                known = program.state_dict if target in program.state_dict else program.constants
                self.values[node] = known[target]
            elif node.op == "call_function":
                args, kwargs = torch.fx.map_arg((node.args, node.kwargs), self.values.get)
                self.values[node] = node.target(*args, **kwargs)
                if node.target not in OF_SHAPE and not depends.isdisjoint(node.all_input_nodes):
                    depends.add(node)
                    self.write(node)
            else:
                (result,) = node.args[0]
                self.output = self.place(result)

    def place(self, value: Any) -> int:
        """Return where the page has a value, which may be a node, or a number or tensor that is a weight."""
        if isinstance(value, Node) and value in self.places:
            return self.places[value]
        weight = self.values[value] if isinstance(value, Node) else value
        self.weights.append(torch.as_tensor(weight, dtype=torch.float32))
        place = -len(self.weights)
        if isinstance(value, Node):
            self.places[value] = place
        return place

    def add(self, op: str, inputs: Sequence[Any], shape: Sequence[int], **settings: Any) -> int:
        """Add an operation; return where its result is."""
        places = [self.place(value) for value in inputs if value is not None]
        self.nodes.append({"op": op, "inputs": places, "shape": list(shape), **settings})
        return len(self.nodes)

    def write(self, node: Node) -> None:
        """Add the operations of a node that depends on the input."""
        if not isinstance(self.values[node], Tensor):
            return  # several results: whoever takes one of them asks for it
        source, which = _taken(node)
        writer = WRITERS.get(source.target)
        if not writer or which:
            self.places[node] = self.move(node)
            return
        try:
            inspect.signature(writer).bind(self, node, *source.args, **source.kwargs)
        except TypeError:
            self.refuse(source)
        op, inputs, settings = writer(self, node, *source.args, **source.kwargs)
        self.places[node] = self.add(op, inputs, self.values[node].shape, **settings)

    def refuse(self, node: Node) -> NoReturn:
        """Say which operation the page cannot run."""
        known = [str(self.values[value].shape) if value in self.values else str(value) for value in node.args]
        raise ValueError(
            f"The page cannot run {node.target}({', '.join(known)}) of this network. Write the network"
            " without it, or add it to helpers/live.py and to _ext/course/assets/interpreter.js."
        )

    def move(self, node: Node) -> int:
        """Add an operation that only moves numbers; which is found out by moving 1, 2, 3, ..., and noise."""
        source, which = _taken(node)
        sources = list(dict.fromkeys(source.all_input_nodes))
        sizes = [self.values[source].numel() for source in sources]
        total = sum(sizes)

        def moved(numbers: Tensor) -> Tensor:
            parts = zip(sources, numbers.split(sizes), strict=True)
            inputs = {node: part.reshape(self.values[node].shape) for node, part in parts}
            args, kwargs = torch.fx.map_arg((source.args, source.kwargs), inputs.__getitem__)
            result = source.target(*args, **kwargs)
            return result if which is None else result[which]

        noise = torch.randn(total, generator=torch.Generator().manual_seed(0)).double()
        try:
            index = moved(torch.arange(1, total + 1).double())
            same = torch.cat([torch.zeros(1).double(), noise])[index.long()].equal(moved(noise))
        except (RuntimeError, IndexError, TypeError):
            same = False
        if not same:
            self.refuse(source)
        index = index.long() - 1  # -1: a zero, from outside
        if len(sources) == 1 and index.flatten().equal(torch.arange(total)):
            return self.add("reshape", sources, index.shape)
        return self.add("gather", sources, index.shape, **_shortest(index))

    def output_of(self, module: str) -> int:
        """Return where the output of a module is."""
        for node in reversed(self.places):
            stack = node.meta.get("nn_module_stack", {}).values()
            if module in (path for path, _ in stack) and self.places[node] > 0:
                return self.places[node]
        raise ValueError(f"The network has no module {module!r} to look at.")


def _taken(node: Node) -> tuple[Node, int | None]:
    """Return the operation behind a node and, if that gives several results, which of them it takes."""
    return (node.args[0], node.args[1]) if node.target is operator.getitem else (node, None)


def _shortest(index: Tensor) -> dict[str, Any]:
    """Describe where each number comes from: by strides and an offset if possible, else one by one."""
    offset = index.flatten()[0].item()
    steps = [index.select(d, min(1, n - 1)).flatten()[0].item() for d, n in enumerate(index.shape)]
    strides = [step - offset for step in steps]
    if np.array_equal(offset + np.tensordot(strides, np.indices(index.shape), 1), index):
        return {"strides": strides, "offset": offset}
    return {"index": index.flatten().tolist()}


# How each operation is written down: from the graph, the node, and the node's own arguments, to the op's
# name, its inputs, and its settings. An argument that is not listed is one that the page does not know.
Written = tuple[str, list[Any], dict[str, Any]]


def _linear(graph, node, x, weight, bias=None) -> Written:
    return "linear", [x, weight, bias], {}


def _matmul(graph, node, x, y) -> Written:
    first, second = graph.values[x].shape[:-2], graph.values[y].shape[:-2]
    if second and first != second:
        graph.refuse(node)
    return "matmul", [x, y], {}


def _conv2d(graph, node, x, weight, bias=None, stride=1, padding=0) -> Written:
    return "conv2d", [x, weight, bias], {"stride": _pair(stride), "padding": _pair(padding)}


def _max_pool2d(graph, node, x, kernel_size, stride=(), padding=0) -> Written:
    kernel = _pair(kernel_size)
    return "max_pool2d", [x], {"kernel": kernel, "stride": _pair(stride or kernel), "padding": _pair(padding)}


def _global_avg_pool2d(graph, node, x, output_size) -> Written:
    if _pair(output_size) != [1, 1]:
        graph.refuse(node)
    return _mean(graph, node, x, [-1, -2], True)


def _mean(graph, node, x, dims, keepdim=False) -> Written:
    n = graph.values[x].dim()
    return "mean", [x], {"dims": [dim % n for dim in dims]}


def _softmax(graph, node, x, dim) -> Written:
    if dim % graph.values[x].dim() != graph.values[x].dim() - 1:
        graph.refuse(node)
    return "softmax", [x], {}


def _layer_norm(graph, node, x, normalized_shape, weight, bias, eps=1e-5, cudnn=True) -> Written:
    return "layer_norm", [x, weight, bias], {"size": math.prod(normalized_shape), "eps": eps}


def _batch_norm(graph, node, x, weight, bias, mean, var, momentum, eps) -> Written:
    weight, bias, mean, var = (graph.values[value] for value in (weight, bias, mean, var))
    scale = weight / (var + eps).sqrt()
    columns = [len(scale)] + [1] * (graph.values[x].dim() - 2)
    return "affine", [x, scale.reshape(columns), (bias - mean * scale).reshape(columns)], {}


def _lstm(
    graph, node, x, hx, params, has_biases, num_layers, dropout, train, bidirectional, *rest
) -> Written:
    if len(params) != 4 * num_layers or bidirectional:  # without biases there are two for each layer
        graph.refuse(node)
    return "lstm", [x, *hx, *params], {}


def _elementwise(name: str) -> Callable[..., Written]:
    return lambda graph, node, *inputs: (name, list(inputs), {})


def _pair(value: int | Sequence[int]) -> list[int]:
    return [value, value] if isinstance(value, int) else [value[0], value[-1]]


def _attention(
    q, k, v, attn_mask=None, dropout_p=0.0, is_causal=False, scale=None, enable_gqa=False
) -> Tensor:
    """Attention in steps that the page knows. It has no infinity: what a query may not look at gets -1e9."""
    if is_causal or enable_gqa:
        raise ValueError("The page cannot run attention with is_causal or enable_gqa; pass a mask.")
    scores = q @ k.transpose(-2, -1) * (q.shape[-1] ** -0.5 if scale is None else scale)
    if attn_mask is not None:
        hidden = attn_mask.logical_not() * -1e9 if attn_mask.dtype == torch.bool else attn_mask
        scores = scores + hidden
    return scores.softmax(dim=-1) @ v


DECOMPOSED = {aten.scaled_dot_product_attention.default: _attention}
# These give the same, whatever numbers they are given.
OF_SHAPE = {
    getattr(aten, name).default
    for name in ("new_zeros", "new_ones", "new_full", "zeros_like", "ones_like", "full_like")
}
WRITERS = {
    aten.linear.default: _linear,
    aten.matmul.default: _matmul,
    aten.bmm.default: _matmul,
    aten.conv2d.default: _conv2d,
    aten.max_pool2d.default: _max_pool2d,
    aten.adaptive_avg_pool2d.default: _global_avg_pool2d,
    aten.mean.dim: _mean,
    aten.softmax.int: _softmax,
    aten.layer_norm.default: _layer_norm,
    aten._native_batch_norm_legit_no_training.default: _batch_norm,
    aten.lstm.input: _lstm,
    **{getattr(aten, name).default: _elementwise(name) for name in ("relu", "tanh", "sigmoid", "gelu")},
    **{getattr(aten, name).Tensor: _elementwise(name) for name in ("add", "sub", "mul", "div")},
}
