"""Checks for the assignment on attention; their texts are in `attention.toml`."""

from collections.abc import Iterable, Sequence
from itertools import permutations
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from helpers.checks.core import Assignment
from helpers.checks.models import Rule
from helpers.checks.twins import Case, Twin, call, judge_random
from helpers.checks.values import Json, attempt, clean_state, make_model, normal, probe_accuracy
from helpers.checks.verdicts import Verdict, expect_model, judge_accuracy, right, wrong

# The solution's validation accuracy, seeds 0 to 4.
SOLUTION_SCORES = {"digits": (0.9667, 0.9750, 0.9708, 0.9625, 0.9667)}


# --- Task 1: attention

CAUSAL = torch.ones(4, 4, dtype=torch.bool).tril()
SOME = torch.tensor([[1, 0, 1, 0, 1], [0, 1, 1, 0, 0], [1, 1, 0, 1, 0]]).bool()
PADDING = torch.tensor([[1, 1, 1, 0, 0], [1, 1, 0, 1, 1]]).bool()[:, None, None]


def _attention_case(q: Sequence[int], M: int, V: int, mask: Tensor | None) -> Case:
    *more, _, D = q
    shapes = {"q": q, "k": (*more, M, D), "v": (*more, M, V)}
    tensors = {key: normal(*shapes[key], seed=n) for n, key in enumerate(shapes)}
    return tensors | {"mask": mask}


ATTENTION_CASES = [
    _attention_case((2, 3, 4), 5, 6, None),
    # If all sizes are the same, the wrong axis gives numbers instead of an exception.
    _attention_case((3, 3, 3, 3), 3, 3, None),
    _attention_case((2, 3, 4), 5, 6, SOME),
    _attention_case((2, 3, 4, 5), 4, 6, CAUSAL),
    _attention_case((2, 4, 6, 3), 5, 2, PADDING),
]


def twin_attention(q: Tensor, k: Tensor, v: Tensor, mask: Tensor | None) -> list[Tensor]:
    """Return output and weights of torch's own attention; its output for identity values is the weights."""
    eye = torch.eye(k.shape[-2]).expand(*k.shape[:-1], -1)
    return [F.scaled_dot_product_attention(q, k, values, mask) for values in (v, eye)]


ATTENTION: Rule = {
    "keys": "k.transpose(-2, -1)",
    "scores": "q @ keys",
    "scaled": "scores / q.shape[-1] ** 0.5",
    "masked": "scaled if mask is None else scaled.masked_fill(~mask, -1e999)",
    "weights": "masked.softmax(-1)",
    "mixed": "weights @ v",
    "returned": "mixed, weights",
}


def _masked(formula: str) -> Rule:
    return {"masked": f"scaled if mask is None else {formula}"}


ATTENTION_MISTAKES: dict[str, list[Rule]] = {
    "not-transposed": [{"keys": "k"}],
    "reshaped": [{"keys": "k.reshape(*k.shape[:-2], k.shape[-1], k.shape[-2])"}],
    "transposed-axes": [
        *({"keys": f"k.transpose({a}, {b})"} for a, b in ((0, 1), (1, 2))),
        *({"keys": f"k.transpose({a}, -1)"} for a in (0, 1)),
        *({"keys": f"k.transpose({a}, -2)"} for a in (0, 1)),
        {"keys": "k.permute(2, 1, 0) if k.dim() == 3 else k.permute(3, 2, 1, 0)"},
    ],
    "roles-exchanged": [{"scores": "k @ q.transpose(-2, -1)"}],
    "one-of-two": [{"scores": "q @ q.transpose(-2, -1)"}, {"scores": "k @ k.transpose(-2, -1)"}],
    "no-scale": [{"scaled": "scores"}],
    "scale-no-root": [{"scaled": "scores / q.shape[-1]"}],
    "scale-multiplied": [{"scaled": "scores * q.shape[-1] ** 0.5"}, {"scaled": "scores * q.shape[-1]"}],
    "scale-other-size": [
        {"scaled": f"scores / {x}.shape[{n}] ** 0.5"}
        for x, n in (("k", -2), ("v", -1), ("q", -2), ("q", 1), ("q", 0), ("q", 2))
    ],
    "scale-after": [
        {"scaled": "scores", "weights": "masked.softmax(-1) / q.shape[-1] ** 0.5"},
        {"scaled": "scores", "mixed": "weights @ v / q.shape[-1] ** 0.5"},
    ],
    "no-mask": [{"masked": "scaled"}],
    "mask-inverted": [_masked("scaled.masked_fill(mask, -1e999)"), _masked("scaled.masked_fill(mask, -1e9)")],
    "mask-zero": [_masked("scaled.masked_fill(~mask, 0)"), _masked("scaled.masked_fill(mask, 0)")],
    "mask-added": [_masked("scaled + mask")],
    "mask-positive": [_masked("scaled.masked_fill(~mask, 1e9)"), _masked("scaled.masked_fill(~mask, 1e999)")],
    "mask-weak": [_masked(f"scaled.masked_fill(~mask, {n})") for n in (-1, -2, -5, -10)],
    "mask-after": [
        {"masked": "scaled", "weights": f"scaled.softmax(-1) if mask is None else scaled.softmax(-1).{fill}"}
        for fill in ("masked_fill(~mask, 0)", "masked_fill(~mask, -1e999)")
    ],
    "softmax-over-queries": [{"weights": "masked.softmax(-2)"}],
    "softmax-axis": [{"weights": f"masked.softmax({n})"} for n in (0, 1, 2)],
    "softmax-of-all": [{"weights": "masked.flatten().softmax(0).view_as(masked)"}],
    "softmax-twice": [{"weights": "masked.softmax(-1).softmax(-1)"}],
    "no-softmax": [{"weights": "masked"}],
    "no-exponential": [{"weights": "masked / masked.sum(-1, keepdim=True)"}],
    "other-function": [
        {"weights": f"masked.{name}"}
        for name in ("sigmoid()", "log_softmax(-1)", "exp()", "relu()", "tanh()")
    ],
    "no-values": [{"mixed": "weights"}],
    "other-values": [{"mixed": "weights @ k"}, {"mixed": "weights @ q"}],
    "product-by-element": [{"mixed": "weights * v"}],
    "weights-turned": [{"mixed": "weights.transpose(-2, -1) @ v"}, {"mixed": "v @ weights"}],
    "scores-mixed": [{"mixed": "masked @ v"}],
    "exchanged": [{"returned": "weights, mixed"}],
    "scores-returned": [{"returned": f"mixed, {name}"} for name in ("masked", "scaled", "scores")],
    "not-a-number": [_masked("scaled + (~mask) * -1e999")],
}

attention = Twin(
    ("output", "weights"),
    ATTENTION_CASES,
    [twin_attention(**case) for case in ATTENTION_CASES],
    ATTENTION,
    ATTENTION_MISTAKES,
    [{}] * len(ATTENTION_CASES),
)


def _once_more(function: Any, case: Case, calls: Sequence[Json]) -> bool:
    """Return whether a second call gives a different result."""
    return call(function, case)["parts"] != calls[0]["parts"]


def probe_attention(answer: Any) -> Json:
    """Call the function in all cases, and again in the first."""
    calls = [call(answer, case) for case in ATTENTION_CASES]
    return {"calls": calls, "random": _once_more(answer, ATTENTION_CASES[0], calls)}


def judge_attention(seen: Json) -> Verdict:
    """Judge the shapes and numbers, and that they are the same every time."""
    return judge_random(seen) or attention.judge(seen["calls"]) or right()


# --- Tasks 2 and 3: into heads, and back


def _counted(*shape: int) -> Tensor:
    return torch.arange(torch.Size(shape).numel()).view(shape).float()


def _sizes(B: int, N: int, H: int, W: int) -> Case:
    return {"B": B, "N": N, "H": H, "W": W}


HEAD_SIZES = [_sizes(2, 3, 2, 4), _sizes(3, 5, 4, 2), _sizes(1, 2, 3, 5)]
SPLIT_CASES = [{"x": _counted(s["B"], s["N"], s["H"] * s["W"]), "n_heads": s["H"]} for s in HEAD_SIZES]


def twin_split(x: Tensor, n_heads: int) -> Tensor:
    """Return the heads, each cut out of the rows separately."""
    return torch.stack(x.chunk(n_heads, dim=-1), dim=1)


def _orders(formula: str, wanted: tuple[int, ...]) -> list[Rule]:
    """Return a `permute` for every order of axes except the right one."""
    orders = (order for order in permutations(range(4)) if order != wanted)
    return [{"returned": f"({formula.format(order)},)"} for order in orders]


SPLIT: Rule = {"cut": "x.reshape(B, N, H, W)", "returned": "(cut.permute(0, 2, 1, 3),)"}
SPLIT_MISTAKES: dict[str, list[Rule]] = {
    "not-permuted": [{"returned": "(cut,)"}],
    "only-view": [{"cut": "x.reshape(B, H, N, W)", "returned": "(cut,)"}],
    "head-width": [{"cut": "x.reshape(B, N, W, H)"}, {"cut": "x.reshape(B, W, N, H)", "returned": "(cut,)"}],
    "every-other": [{"cut": "x.reshape(B, N, W, H)", "returned": "(cut.permute(0, 3, 1, 2),)"}],
    "turned": [{"returned": "(cut.permute(0, 2, 3, 1),)"}],
    "heads-first": [
        {"returned": "(cut.permute(2, 0, 1, 3),)"},
        {"returned": "(cut.permute(0, 2, 1, 3).flatten(0, 1),)"},
    ],
    "whole-rows": [{"returned": "(x[:, None].expand(B, H, N, H * W),)"}],
    "order-of-axes": _orders("cut.permute{}", (0, 2, 1, 3)),
}

split = Twin(
    ("heads",),
    SPLIT_CASES,
    [[twin_split(**case)] for case in SPLIT_CASES],
    SPLIT,
    SPLIT_MISTAKES,
    HEAD_SIZES,
    form=".0f",
    note="where x counts 0, 1, 2 and so on",
)

MERGE_CASES = [{"heads": twin_split(**case).contiguous()} for case in SPLIT_CASES]
MERGE: Rule = {"turned": "heads.permute(0, 2, 1, 3)", "returned": "(turned.reshape(B, N, H * W),)"}
MERGE_MISTAKES: dict[str, list[Rule]] = {
    "not-permuted": [{"turned": "heads"}],
    "every-other": [{"turned": "heads.permute(0, 2, 3, 1)"}],
    "not-flattened": [{"returned": "(turned,)"}],
    "averaged": [{"returned": "(heads.mean(1),)"}, {"returned": "(heads.sum(1),)"}],
    "below-each-other": [{"returned": "(heads.flatten(1, 2),)"}],
    "positions-flattened": [{"returned": "(turned.flatten(1),)"}, {"returned": "(heads.flatten(1),)"}],
    "order-of-axes": [
        *_orders("heads.permute{}.reshape(B, N, -1)", (0, 2, 1, 3)),
        *_orders("heads.permute{}.flatten(2)", (0, 2, 1, 3)),
    ],
}
merge = Twin(
    ("rows",),
    MERGE_CASES,
    [[case["x"]] for case in SPLIT_CASES],
    MERGE,
    MERGE_MISTAKES,
    HEAD_SIZES,
    form=".0f",
    note="split from rows that count 0, 1, 2 and so on",
)


def probe_split(answer: Any) -> Json:
    """Cut rows of numbers that count from 0."""
    return {"calls": [call(answer, case) for case in SPLIT_CASES]}


def probe_merge(answer: Any) -> Json:
    """Merge the heads of rows of numbers that count from 0."""
    return {"calls": [call(answer, case) for case in MERGE_CASES]}


def judge_split(seen: Json) -> Verdict:
    """Judge where each number went."""
    return split.judge(seen["calls"]) or right()


def judge_merge(seen: Json) -> Verdict:
    """Judge where each number went."""
    return merge.judge(seen["calls"]) or right()


# --- Task 4: many heads

LAYERS = "to_q", "to_k", "to_v", "to_out"
# Width and number of heads. The two models share no number.
MODEL, OTHER_MODEL = (12, 3), (10, 5)


@clean_state()
def _twin(width: int, n_heads: int) -> nn.MultiheadAttention:
    """Return torch's own layer, always with the same weights."""
    twin = nn.MultiheadAttention(width, n_heads, batch_first=True).eval()
    for parameter in twin.requires_grad_(False).parameters():
        parameter.normal_(std=0.4)  # biases too, which torch sets to zero
    return twin


TWINS = [_twin(*MODEL), _twin(*OTHER_MODEL)]


def _layers(twin: nn.MultiheadAttention) -> list[tuple[Tensor, Tensor]]:
    """Return weight and bias for queries, keys, values and output."""
    pairs = zip(twin.in_proj_weight.chunk(3), twin.in_proj_bias.chunk(3), strict=True)
    return [*pairs, (twin.out_proj.weight, twin.out_proj.bias)]


def _model_case(width: int, B: int, N: int, M: int, mask: Tensor | None) -> Case:
    x = normal(B, N, width, seed=1)
    context = normal(B, M, width, seed=2) if M else x
    return {"x": x, "context": context, "mask": mask}


MODEL_CASES = [
    _model_case(MODEL[0], 2, 4, 0, None),  # self-attention
    _model_case(MODEL[0], 2, 4, 4, CAUSAL),
    _model_case(MODEL[0], 2, 3, 5, None),
    _model_case(MODEL[0], 2, 3, 5, PADDING),
    _model_case(OTHER_MODEL[0], 4, 6, 7, None),
]
OF_TWIN = [0, 0, 0, 0, 1]


def twin_heads(n: int, x: Tensor, context: Tensor, mask: Tensor | None) -> list[Tensor]:
    """Return output and weights of torch's own layer. Its mask is True where a query may *not* look."""
    twin = TWINS[n]
    if mask is not None:  # one for each head of each example
        mask = ~mask.expand(len(x), twin.num_heads, x.shape[1], context.shape[1]).flatten(0, 1)
    return list(twin(x, context, context, attn_mask=mask, average_attn_weights=False))


HEADS: Rule = {
    "q": "to_q(x)",
    "k": "to_k(context)",
    "v": "to_v(context)",
    "parts": "(split(q), split(k), split(v))",
    "used": "mask",
    "heads": "attend(*parts, used)",
    "merged": "merge(heads[0])",
    "mixed": "to_out(merged)",
    "weights": "heads[1]",
    "returned": "mixed, weights",
}
INPUTS = {"q": "x", "k": "context", "v": "context"}


def _exchanged() -> Iterable[Rule]:
    """Return the lines that exchange layers."""
    for order in permutations("qkv"):
        if "".join(order) != "qkv":
            yield {a: f"to_{b}({INPUTS[a]})" for a, b in zip("qkv", order, strict=True)}
    for b in "qkv":
        for some in ("qk", "kv", "qv", "qkv"):
            if b in some:
                yield {a: f"to_{b}({INPUTS[a]})" for a in some if a != b}


HEADS_MISTAKES: dict[str, list[Rule]] = {
    "model-width": [{"heads": "attend(*parts, used, width ** -0.5)"}],
    "scale-twice": [
        {"heads": "attend(*parts, used, 1 / (width // n_heads))"},
        {"heads": "attend(*parts, used, (width // n_heads * width) ** -0.5)"},
    ],
    "no-scale": [{"heads": "attend(*parts, used, 1)"}],
    "one-head": [
        {"parts": "(q, k, v)", "merged": "heads[0]"},
        {"parts": "(q, k, v)", "merged": "heads[0]", "weights": "heads[1][:, None]"},
        {"parts": "(q[:, None], k[:, None], v[:, None])"},
    ],
    "positions-mixed": [
        {"parts": "(view(q), view(k), view(v))"},
        {"parts": "(view(q), view(k), view(v))", "merged": "heads[0].reshape(x.shape)"},
    ],
    "among-heads": [
        {"parts": "(cut(q), cut(k), cut(v))", "merged": "heads[0].reshape(*heads[0].shape[:2], width)"}
    ],
    "merged-too-early": [{"merged": "heads[0].reshape(x.shape)"}],
    "no-output-layer": [{"mixed": "merged"}],
    "output-layer-twice": [{"mixed": "to_out(to_out(merged))"}],
    "residual": [{"mixed": "to_out(merged) + x"}],
    "not-projected": [{a: INPUTS[a] for a in some} for some in ("qkv", "qk", "kv", "q", "k", "v")],
    "layers-exchanged": list(_exchanged()),
    "context-ignored": [{"k": "to_k(x)", "v": "to_v(x)"}],
    "one-source": [
        {"k": "to_k(x)"},
        {"v": "to_v(x)"},
        {"q": "to_q(context)"},
        {"q": "to_q(context)", "k": "to_k(x)", "v": "to_v(x)"},
        {"q": "to_q(context)", "k": "to_k(x)"},
        {"q": "to_q(context)", "v": "to_v(x)"},
    ],
    "mask-not-passed": [{"used": "None"}],
    "mask-inverted": [
        {"used": "None if mask is None else ~mask", "heads": f"attend(*parts, used{x})"}
        for x in ("", ", None, -1e9")
    ],
    "weights-averaged": [
        {"weights": "heads[1].mean(1)"},
        {"weights": "heads[1].sum(1)"},
        {"weights": "heads[1][:, 0]"},
    ],
    "exchanged": [{"returned": "weights, mixed"}],
}


def _heads_scope(n: int) -> Case:
    (width, n_heads), layers = (MODEL, OTHER_MODEL)[n], _layers(TWINS[n])

    def attend(
        q: Tensor,
        k: Tensor,
        v: Tensor,
        mask: Tensor | None,
        scale: float | None = None,
        fill: float = -torch.inf,
    ) -> tuple[Tensor, Tensor]:
        scores = q @ k.mT * (q.shape[-1] ** -0.5 if scale is None else scale)
        scores = scores if mask is None else scores.masked_fill(~mask, fill)
        return scores.softmax(-1) @ v, scores.softmax(-1)

    def view(x: Tensor) -> Tensor:
        return x.reshape(len(x), n_heads, -1, width // n_heads)

    def cut(x: Tensor) -> Tensor:
        return x.reshape(*x.shape[:2], n_heads, width // n_heads)

    return {
        **{"width": width, "n_heads": n_heads, "attend": attend, "view": view},
        **{"cut": cut, "split": lambda x: cut(x).transpose(1, 2)},
        "merge": lambda heads: heads.transpose(1, 2).flatten(2),
        **{name: lambda x, pair=pair: F.linear(x, *pair) for name, pair in zip(LAYERS, layers, strict=True)},
    }


many_heads = Twin(
    ("output", "weights"),
    MODEL_CASES,
    [twin_heads(n, **case) for n, case in zip(OF_TWIN, MODEL_CASES, strict=True)],
    HEADS,
    HEADS_MISTAKES,
    [_heads_scope(n) for n in OF_TWIN],
)


def _take_weights(model: nn.Module, twin: nn.MultiheadAttention) -> bool:
    """Give the layers torch's weights; return whether they are the layers of the task.

    Other names are fine if the order is the same, and the first three may be one layer, as in torch.
    """
    layers = [layer for layer in model.modules() if isinstance(layer, nn.Linear)]
    if all(isinstance(getattr(model, name, None), nn.Linear) for name in LAYERS):
        named = [getattr(model, name) for name in LAYERS]
        layers = named if {*map(id, named)} == {*map(id, layers)} else layers
    pairs = _layers(twin)
    if len(layers) == 2:
        pairs = [(twin.in_proj_weight, twin.in_proj_bias), pairs[-1]]
    given = [parameter for layer in layers for parameter in layer.parameters()]
    wanted = [parameter.shape for pair in pairs for parameter in pair]
    n_all = len(list(model.parameters()))
    if [parameter.shape for parameter in given] != wanted or len(given) < n_all:
        return False
    with torch.no_grad():
        for layer, (weight, bias) in zip(layers, pairs, strict=True):
            layer.weight.copy_(weight)
            layer.bias.copy_(bias)
    return True


def _say_layers(model: nn.Module) -> str:
    shapes = (f"{name} {tuple(p.shape)}" for name, p in model.named_parameters())
    return ", ".join(shapes) or "no parameters"


def probe_heads(answer: Any) -> Json:
    """Make models of two sizes, give them the weights of torch's layers, and call them in all cases."""
    made = [make_model(answer, *sizes) for sizes in (MODEL, OTHER_MODEL)]
    models = [model for model, _ in made]
    taken = [
        attempt(_take_weights, model, twin)[0] is True for model, twin in zip(models, TWINS, strict=True)
    ]
    n_bad = taken.index(False) if False in taken else 0
    for model in models:
        attempt(lambda model=model: model.eval())
    pairs = list(zip(OF_TWIN, MODEL_CASES, strict=True))
    calls = [call(models[n], case) for n, case in pairs] if all(taken) else []
    return {
        "models": [seen for _, seen in made],
        "taken": taken,
        "parameters": attempt(_say_layers, models[n_bad])[1],
        "calls": calls,
        "random": bool(calls) and _once_more(models[0], MODEL_CASES[0], calls),
    }


def judge_heads(seen: Json) -> Verdict:
    """Judge the layers first, then what `forward` does with them."""
    for n, model in enumerate(seen["models"]):
        if verdict := expect_model(model):
            return verdict
        if not seen["taken"][n]:
            width, n_heads = (MODEL, OTHER_MODEL)[n]
            four = f"four linear layers with bias, {width} to {width}"
            expected = f"for width {width} and {n_heads} heads: {four}"
            return wrong("layers", expected, str(seen["parameters"].get("value")))
    return judge_random(seen) or _judge_other(seen["calls"]) or many_heads.judge(seen["calls"]) or right()


def _judge_other(calls: list[Json]) -> Verdict | None:
    """Return the verdict on a class that is right only for the first model, otherwise None."""
    *first, other = calls
    if any("raised" in seen["returned"] for seen in first) or many_heads.judge(first):
        return None
    verdict = many_heads.judge(calls)
    if not verdict or verdict.outcome == "not attempted":
        return None
    width, n_heads = OTHER_MODEL
    expected = f"the right output for width {width} and {n_heads} heads too"
    return wrong("hard-coded", expected, other["returned"].get("raised") or verdict.got)


check = Assignment(
    "attention",
    attention=(probe_attention, judge_attention),
    split=(probe_split, judge_split),
    merge=(probe_merge, judge_merge),
    heads=(probe_heads, judge_heads),
    result=(probe_accuracy, judge_accuracy(SOLUTION_SCORES)),
)
