"""Checks for the assignment on attention; their texts, and the mistakes, are in `attention.toml`."""

from collections.abc import Iterator, Sequence
from itertools import permutations

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from helpers.checks.classes import Model, Pair, Parts, pair_in_order, say_layers
from helpers.checks.core import Assignment
from helpers.checks.functions import Case, Function
from helpers.checks.rules import load_rule
from helpers.checks.values import Json, clean_state, normal, probe_accuracy
from helpers.checks.verdicts import Verdict, judge_accuracy, wrong

# The solution's validation accuracy, seeds 0 to 4.
SOLUTION_SCORES = {
    "mnist-5k": (0.9385, 0.9475, 0.9400, 0.9400, 0.9370),
    "digits": (0.9667, 0.9750, 0.9708, 0.9625, 0.9667),
}


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


def twin_attention(q: Tensor, k: Tensor, v: Tensor, mask: Tensor | None) -> tuple[Tensor, ...]:
    """Return output and weights of torch's own attention; its output for identity values is the weights."""
    eye = torch.eye(k.shape[-2]).expand(*k.shape[:-1], -1)
    return tuple(F.scaled_dot_product_attention(q, k, values, mask) for values in (v, eye))


def _attention(q, k, v, mask):
    keys = k.transpose(-2, -1)
    scores = q @ keys
    scaled = scores / q.shape[-1] ** 0.5
    masked = scaled if mask is None else scaled.masked_fill(~mask, -torch.inf)
    weights = masked.softmax(-1)
    mixed = weights @ v
    return mixed, weights


def _refill(scaled: Tensor, mask: Tensor, seen: Tensor) -> Tensor:
    """Return scores, masked by the negative number that was used for these weights, whatever it is."""
    shifts = seen.log() - scaled  # the same number for all keys that a query may see
    highest = shifts.masked_fill(~mask, -torch.inf).amax(-1, keepdim=True)
    fill = (seen.log() - highest).masked_select(~mask).median()
    return scaled.masked_fill(~mask, fill.clamp(max=0))


attention = Function(
    ("output", "weights"),
    ATTENTION_CASES,
    [twin_attention],
    load_rule("attention", "attention", _attention),
    learns=1,
)


# --- Tasks 2 and 3: into heads, and back


def _counted(*shape: int) -> Tensor:
    return torch.arange(torch.Size(shape).numel()).view(shape).float()


HEAD_SIZES = [(2, 3, 2, 4), (3, 5, 4, 2), (1, 2, 3, 5)]  # B, N, H, W
SPLIT_CASES = [{"x": _counted(B, N, H * W), "n_heads": H} for B, N, H, W in HEAD_SIZES]


def twin_split(x: Tensor, n_heads: int) -> Tensor:
    """Return the heads, each cut out of the rows separately."""
    return torch.stack(x.chunk(n_heads, dim=-1), dim=1)


def twin_merge(heads: Tensor) -> Tensor:
    """Return the rows of all heads side by side."""
    return torch.cat(heads.unbind(1), dim=-1)


def _split(x, n_heads):
    B, N, D = x.shape
    H = n_heads
    W = D // H
    cut = x.reshape(B, N, H, W)
    return cut.permute(0, 2, 1, 3)


def _merge(heads):
    B, H, N, W = heads.shape
    turned = heads.permute(0, 2, 1, 3)
    return turned.reshape(B, N, H * W)


def _orders(line: str) -> list[str]:
    """Return a line with every order of axes but the right one."""
    return [line.format(order) for order in permutations(range(4)) if order != (0, 2, 1, 3)]


split = Function(
    ("heads",),
    SPLIT_CASES,
    [twin_split],
    load_rule("attention", "split", _split, {"order-of-axes": _orders("return cut.permute{}")}),
    form=".0f",
    note="where x counts 0, 1, 2 and so on",
)
merge = Function(
    ("rows",),
    [{"heads": twin_split(**case).contiguous()} for case in SPLIT_CASES],
    [twin_merge],
    load_rule(
        "attention",
        "merge",
        _merge,
        {
            "order-of-axes": [
                *_orders("return heads.permute{}.reshape(B, N, -1)"),
                *_orders("return heads.permute{}.flatten(2)"),
            ]
        },
    ),
    form=".0f",
    note="split from rows that count 0, 1, 2 and so on",
)


# --- Task 4: many heads

LAYERS = "to_q", "to_k", "to_v", "to_out"
SIZES = [
    (12, 3),
    (10, 5),
    (48, 4),
]  # width and heads; the first two share no number, the last is the notebook's


class TwinHeads(nn.Module):
    """Torch's own attention with many heads, on four separate layers."""

    def __init__(self, width: int, n_heads: int) -> None:
        super().__init__()
        self.width, self.n_heads = width, n_heads
        for name in LAYERS:
            layer = nn.Linear(width, width)
            for parameter in layer.parameters():
                parameter.data.normal_(std=0.4)
            setattr(self, name, layer)

    def forward(self, x: Tensor, context: Tensor, mask: Tensor | None) -> tuple[Tensor, Tensor]:
        """Return output and weights. Torch's mask is True where a query may *not* look."""
        if mask is not None:  # one for each head of each example
            mask = ~mask.expand(len(x), self.n_heads, x.shape[1], context.shape[1]).flatten(0, 1)
        q, k, v, out = (getattr(self, name) for name in LAYERS)
        output, weights = F.multi_head_attention_forward(
            *(rows.transpose(0, 1) for rows in (x, context, context)),
            *(self.width, self.n_heads),
            None,
            torch.cat([q.bias, k.bias, v.bias]),
            *(None, None, False, 0.0, out.weight, out.bias),
            attn_mask=mask,
            use_separate_proj_weight=True,
            q_proj_weight=q.weight,
            k_proj_weight=k.weight,
            v_proj_weight=v.weight,
            average_attn_weights=False,
        )
        return output.transpose(0, 1), weights


with clean_state():
    TWINS = [TwinHeads(*size) for size in SIZES]


def _heads_case(width: int, B: int, N: int, M: int, mask: Tensor | None) -> Case:
    x = normal(B, N, width, seed=1)
    context = normal(B, M, width, seed=2) if M else x
    return {"x": x, "context": context, "mask": mask}


HEADS_CASES = [
    _heads_case(12, 2, 4, 0, None),  # self-attention
    _heads_case(12, 2, 4, 4, CAUSAL),
    _heads_case(12, 2, 3, 5, None),
    _heads_case(12, 2, 3, 5, PADDING),
    _heads_case(10, 4, 6, 7, None),
    _heads_case(48, 2, 4, 4, CAUSAL),
]


def _attend(q, k, v, mask, scale=None, fill=-torch.inf):
    scores = q @ k.mT * (q.shape[-1] ** -0.5 if scale is None else scale)
    scores = scores if mask is None else scores.masked_fill(~mask, fill)
    return scores.softmax(-1) @ v, scores.softmax(-1)


def _cut(x, H):
    return x.reshape(*x.shape[:2], H, -1)


def _view(x, H):
    return x.reshape(len(x), H, x.shape[1], -1)


def _heads(self, x, context, mask):
    q = self.to_q(x)
    k = self.to_k(context)
    v = self.to_v(context)
    H = self.n_heads
    parts = _split(q, H), _split(k, H), _split(v, H)
    used = mask
    heads = _attend(*parts, used)
    merged = _merge(heads[0])
    mixed = self.to_out(merged)
    weights = heads[1]
    return mixed, weights


INPUTS = {"q": "x", "k": "context", "v": "context"}


def _exchanged() -> Iterator[str]:
    """Yield the lines that exchange layers, or use one for two."""
    for order in permutations("qkv"):
        if "".join(order) != "qkv":
            yield "; ".join(f"{a} = self.to_{b}({INPUTS[a]})" for a, b in zip("qkv", order, strict=True))
    for b in "qkv":
        for some in ("qk", "kv", "qv", "qkv"):
            if b in some:
                yield "; ".join(f"{a} = self.to_{b}({INPUTS[a]})" for a in some if a != b)


heads = Function(
    ("output", "weights"),
    HEADS_CASES,
    TWINS,
    load_rule("attention", "heads", _heads, {"layers-exchanged": _exchanged()}),
    of=[0, 0, 0, 0, 1, 2],
    learns=1,
)


def pair_heads(model: nn.Module, layers: Parts, twin: nn.Module, twin_layers: Parts) -> list[Pair]:
    """Pair by name, or else in order; the first three layers may be one, as in torch."""
    if len(layers) == 2:
        (name, together), (last, out) = layers
        width = together.in_features
        rows = [slice(n * width, (n + 1) * width) for n in range(3)]
        pairs = [
            Pair(f"{key}.{kind}", f"{name}.{kind}", getattr(together, kind), part)
            for key, part in zip(LAYERS, rows, strict=False)
            for kind in ("weight", "bias")
        ]
        return pairs + [
            Pair(f"to_out.{kind}", f"{last}.{kind}", getattr(out, kind)) for kind in ("weight", "bias")
        ]
    place = {name: n for n, name in enumerate(LAYERS)}
    if {name for name, _ in layers} == {*LAYERS}:
        layers = sorted(layers, key=lambda part: place[part[0]])
    else:  # as registered
        order = [name for name, _ in model.named_modules()]
        layers = sorted(layers, key=lambda part: order.index(part[0]))
    return pair_in_order(model, layers, twin, sorted(twin_layers, key=lambda part: place[part[0]]))


def _judge_layers(looked: list[Json | None]) -> Verdict | None:
    for (width, n_heads), seen in zip(SIZES, looked, strict=True):
        if seen and not seen["taken"]:
            four = f"four linear layers with bias, {width} to {width}"
            return wrong("layers", f"for width {width} and {n_heads} heads: {four}", say_layers(seen))
    return None


many_heads = Model(SIZES, heads, (nn.Linear,), _judge_layers, pair_heads, may_drop=True)

check = Assignment(
    "attention",
    attention=(attention.probe, attention.judge),
    split=(split.probe, split.judge),
    merge=(merge.probe, merge.judge),
    heads=(many_heads.probe, many_heads.judge),
    result=(probe_accuracy, judge_accuracy(SOLUTION_SCORES)),
)
