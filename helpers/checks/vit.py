"""Checks for the assignment on the Vision Transformer; their texts, and the mistakes, are in `vit.toml`."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from functools import partial
from itertools import permutations
from typing import Any

import torch
from einops import rearrange
from torch import Tensor, nn
from torch.nn import functional as F

from helpers.checks.classes import Model, Pair, Parts, pair_in_order, say_layers
from helpers.checks.core import Assignment
from helpers.checks.functions import Function
from helpers.checks.layers import ACTIVATIONS, sizes_of
from helpers.checks.rules import load_rule
from helpers.checks.values import Json, clean_state, normal, probe_accuracy
from helpers.checks.verdicts import Verdict, first, judge_accuracy, wrong

# The solution's validation accuracy, seeds 0 to 4.
SOLUTION_SCORES = {
    "mnist-5k": (0.9505, 0.9475, 0.9550, 0.9535, 0.9550),
    "digits": (0.9792, 0.9833, 0.9542, 0.9417, 0.9708),
}

KINDS = nn.Linear, nn.LayerNorm, nn.MultiheadAttention


# --- Task 1: patches


def _images(*shape: int) -> Tensor:
    """Return images whose pixels are numbered from 0."""
    return torch.arange(torch.Size(shape).numel()).view(shape).float()


# No image but the notebook's is square, so that swapping rows and columns shows.
PATCH_CASES = [
    {"images": _images(*shape), "side": side}
    for *shape, side in ((2, 3, 4, 6, 2), (3, 1, 6, 4, 2), (2, 2, 3, 9, 3), (2, 1, 8, 8, 2))
]


def twin_patches(images: Tensor, side: int) -> Tensor:
    """Return patches as torch cuts them for convolutions."""
    return F.unfold(images, side, stride=side).mT


def _patches(images, side):
    cut = "b c (h p) (w q)"
    places = "(h w)"
    pixels = "(c p q)"
    rows = rearrange(images, f"{cut} -> b {places} {pixels}", p=side, q=side)
    return rows


def _orders() -> Iterator[str]:
    """Yield the lines that put the axes together in another order, with its own shape or the right one."""
    for order in permutations("hwcpq"):
        if order != tuple("hwcpq"):
            lines = "places = '({} {})'; pixels = '({} {} {})'".format(*order)
            yield lines
            yield f"{lines}; return rows.reshape(twin_patches(images, side).shape)"


patches = Function(
    ("patches",),
    PATCH_CASES,
    [twin_patches],
    load_rule("vit", "patches", _patches, {"order-of-axes": _orders()}),
    form=".0f",
    note="whose pixels count 0, 1, 2 and so on",
)


# --- What the models are made of


@clean_state()
def _twins(kind: Callable[..., nn.Module], sizes: Iterable[tuple[Any, ...]]) -> list[nn.Module]:
    """Return a twin of each size. All weights are random, even those that torch sets to zero."""
    twins = [kind(*size) for size in sizes]
    for twin in twins:
        for parameter in twin.parameters():
            parameter.data.normal_(std=0.5)
    return twins


def _of_each(
    judge: Callable[..., Verdict | None], sizes: Sequence[tuple[Any, ...]]
) -> Callable[[list[Json | None]], Verdict | None]:
    """Return the judge of all models' layers, of one that takes what was seen of a model, and its size.

    What is wrong with a later model alone comes from sizes that are written as numbers.
    """

    def judge_layers(looked: list[Json | None]) -> Verdict | None:
        for n, (seen, size) in enumerate(zip(looked, sizes, strict=True)):
            verdict = judge(seen, *size) if seen else None
            if verdict:
                return replace(verdict, id="hard-coded") if n else verdict
        return None

    return judge_layers


def _norms(seen: Json) -> list[list[int]]:
    return [layer["normalized_shape"] for layer in seen["layers"] if "normalized_shape" in layer]


def _heads(seen: Json) -> list[list[int]]:
    return [[layer["embed_dim"], layer["num_heads"]] for layer in seen["layers"] if "embed_dim" in layer]


# --- Task 2: tokens

# Patches, numbers of a patch, width: the first two share no number, nor any product of numbers; the last is
# the notebook's. So with all models below.
TOKEN_SIZES = [(6, 5, 8), (4, 9, 7), (16, 49, 48)]
OF_TOKENS = [0, 0, 1, 2]
TOKEN_CASES = [
    {"patches": normal(B, *TOKEN_SIZES[n][:2], seed=B)} for n, B in zip(OF_TOKENS, (3, 1, 2, 2), strict=True)
]


class TwinTokens(nn.Module):
    """Tokens, made position by position."""

    def __init__(self, n_patches: int, patch_dim: int, width: int) -> None:
        super().__init__()
        self.embed = nn.Linear(patch_dim, width)
        self.class_token = nn.Parameter(torch.zeros(width))
        self.positions = nn.Parameter(torch.zeros(n_patches + 1, width))

    def forward(self, patches: Tensor) -> Tensor:
        """Take patches (B, N, patch_dim), return tokens (B, N + 1, width)."""
        rows = [self.class_token.expand(len(patches), -1), *map(self.embed, patches.unbind(1))]
        return torch.stack([row + place for row, place in zip(rows, self.positions, strict=True)], dim=1)


def _tokens(self, patches):
    rows = self.embed(patches)
    first = self.class_token.expand_as(rows[:, :1])
    tokens = torch.cat([first, rows], 1)
    return tokens + self.positions


def _activated(line: str, other: str = "") -> list[str]:
    """Return a line with each activation but one."""
    return [line.format(f"F.{name}") for name in ACTIVATIONS if name != other]


def _judge_token_layers(seen: Json, n_patches: int, patch_dim: int, width: int) -> Verdict | None:
    linear = sizes_of(seen)
    counts = sorted(torch.Size(shape).numel() for _, shape in seen["more"])
    fixed = [torch.Size(shape).numel() for _, shape in seen["fixed"]]
    token, place = width, (n_patches + 1) * width
    left = [count for count in counts if count not in (token, place)]
    id = first(
        {
            "list": seen["lists"] and (not linear or len(counts) < 2),
            "made-in-forward": not linear and "uniform_" in seen["used"],
            "no-linear": not linear,
            "extra": [patch_dim, width] in linear
            and (len(seen["layers"]) > 1 or ({token, place} <= {*counts} and len(counts) > 2)),
            "linear-sizes": linear != [[patch_dim, width]],
            "class-token-fixed": token not in counts and token in fixed,
            "positions-fixed": place not in counts and {place, n_patches * width} & {*fixed},
            "positions-of-patches": place not in counts and n_patches * width in left,
            "position-numbers": place not in counts and n_patches + 1 in left,
            "one-position": place not in counts and counts.count(token) > 1,
            "class-token-per-patch": token not in counts
            and (n_patches * width in left or counts.count(place) > 1),
            "class-token-missing": token not in counts and not left,
            "positions-missing": place not in counts and not left,
            "vectors": counts != [token, place],
            "no-bias": not all(layer["bias"] for layer in seen["layers"]),
            "constant": place in dict(seen["constant"]).values(),
        }
    )
    if not id:
        return None
    expected = (
        f"for n_patches {n_patches}, patch_dim {patch_dim}, width {width}: Linear {patch_dim} to {width}, "
        f"a class token of {width} numbers, and positions, {n_patches + 1} of {width} numbers each"
    )
    said = [f"not trained: `{key}` {tuple(shape)}" for key, shape in seen["fixed"]]
    said += [f"a list or dict, `self.{name}`" for name in seen["lists"]]
    said += [f"`{key}` with the same number everywhere" for key, _ in seen["constant"]]
    return wrong(id, expected, "; ".join([say_layers(seen), *said]))


tokens = Model(
    TOKEN_SIZES,
    Function(
        ("tokens",),
        TOKEN_CASES,
        _twins(TwinTokens, TOKEN_SIZES),
        load_rule(
            "vit",
            "tokens",
            _tokens,
            {
                "activation": [
                    *_activated("rows = {}(self.embed(patches))"),
                    *_activated("return {}(tokens + self.positions)"),
                ]
            },
        ),
        of=OF_TOKENS,
    ),
    KINDS,
    _of_each(_judge_token_layers, TOKEN_SIZES),
    may_drop=True,
)


# --- Task 3: the block

BLOCK_SIZES = [(8, 2, 12), (6, 3, 10), (48, 4, 96)]  # width, heads, hidden
OF_BLOCK = [0, 0, 0, 1, 2]
BLOCK_CASES = [
    {"x": normal(B, N, BLOCK_SIZES[n][0], seed=B)}
    for n, (B, N) in zip(OF_BLOCK, ((3, 5), (4, 4), (1, 3), (2, 4), (2, 17)), strict=True)
]

TwinBlock = partial(
    nn.TransformerEncoderLayer, dropout=0.0, activation="gelu", batch_first=True, norm_first=True
)


def _attend(self, q, k, v, mask=None):
    return self.self_attn(q, k, v, attn_mask=mask)[0]


def _network(self, x):
    return self.linear2(F.gelu(self.linear1(x)))


def _block(self, x):
    rows = self.norm1(x)
    found = _attend(self, rows, rows, rows)
    after = x + found
    normed = self.norm2(after)
    wide = self.linear1(normed)
    bent = F.gelu(wide)
    made = self.linear2(bent)
    return after + made


def _judge_block_layers(seen: Json, width: int, n_heads: int, hidden: int) -> Verdict | None:
    norms, heads, linear = _norms(seen), _heads(seen), sizes_of(seen)
    n_linear = len(linear)
    id = first(
        {
            "list": seen["lists"] and len(seen["layers"]) < 5,
            "made-in-forward": len(seen["layers"]) < 5 and "uniform_" in seen["used"],
            "batch-norm": "BatchNorm1d" in seen["modules"],
            "no-attention-layer": not heads,
            "number-of-norms": len(norms) != 2,
            "no-hidden-layer": n_linear < 2 or linear == [[width, width]] * n_linear,
            "number-of-layers": n_linear > 2 or len(heads) > 1,
            "sizes-swapped": linear == [[hidden, width], [width, hidden]],
            "norm-sizes": norms != [[width]] * 2,
            "norm-fixed": not all(layer.get("elementwise_affine", True) for layer in seen["layers"]),
            "number-of-heads": heads != [[width, n_heads]],
            "hidden-sizes": linear != [[width, hidden], [hidden, width]],
            "no-bias": not all(layer["bias"] for layer in seen["layers"]),
            "extra": seen["more"],
        }
    )
    if not id:
        return None
    expected = (
        f"for width {width}, n_heads {n_heads}, hidden {hidden}: two LayerNorms of {width}, "
        f"MultiheadAttention of width {width}, {n_heads} heads, Linear {width} to {hidden}, "
        f"Linear {hidden} to {width}"
    )
    return wrong(id, expected, say_layers(seen))


QUERIES = [
    f"found = _attend(self, {', '.join(parts)})"
    for parts in (
        *(("rows", "x", "x"), ("x", "rows", "rows"), ("rows", "rows", "x")),
        *(("x", "x", "rows"), ("rows", "x", "rows"), ("x", "rows", "x")),
    )
]
block = Model(
    BLOCK_SIZES,
    Function(
        ("rows",),
        BLOCK_CASES,
        _twins(TwinBlock, BLOCK_SIZES),
        load_rule(
            "vit",
            "block",
            _block,
            {
                "queries-only": QUERIES,
                "other-activation": [*_activated("bent = {}(wide)", "gelu"), "bent = wide.softmax(-1)"],
            },
        ),
        of=OF_BLOCK,
    ),
    KINDS,
    _of_each(_judge_block_layers, BLOCK_SIZES),
)


# --- Task 4: the whole model

# Shape of an image, side of a patch, width, heads, blocks, classes.
VIT_SIZES = [((2, 4, 6), 2, 8, 2, 3, 5), ((1, 6, 3), 3, 6, 3, 2, 4), ((1, 28, 28), 7, 48, 4, 2, 10)]
OF_VIT = [0, 0, 1, 2]
VIT_CASES = [
    {"images": normal(B, *VIT_SIZES[n][0], seed=B)} for n, B in zip(OF_VIT, (3, 1, 2, 2), strict=True)
]


class TwinViT(nn.Module):
    """A Vision Transformer of torch's own blocks."""

    def __init__(
        self, shape: tuple[int, int, int], side: int, width: int, n_heads: int, n_blocks: int, n_classes: int
    ) -> None:
        super().__init__()
        C, H, W = shape
        self.side = side
        self.tokens = TwinTokens(H // side * (W // side), C * side**2, width)
        self.blocks = nn.Sequential(*(TwinBlock(width, n_heads, 2 * width) for _ in range(n_blocks)))
        self.norm = nn.LayerNorm(width)
        self.head = nn.Linear(width, n_classes)

    def forward(self, images: Tensor) -> Tensor:
        """Take images (B, C, H, W), return logits (B, n_classes)."""
        x = self.blocks(self.tokens(twin_patches(images, self.side)))
        return self.head(self.norm(x))[:, 0]


def _run(blocks, x, change):
    """Run the blocks, where what a block gives is changed on the way, given what went in."""
    for one in blocks:
        x = change(x, one(x))
    return x


def _vit(self, images):
    patches = twin_patches(images, self.side)
    start = self.tokens(patches)
    z = self.blocks(start)
    normed = self.norm(z)
    row = normed[:, 0]
    return self.head(row)


def _means() -> Iterator[str]:
    """Yield the lines that read all tokens, or all patches, at once."""
    for part in ("", "[:, 1:]"):
        for name in ("mean(1)", "sum(1)", "amax(1)"):
            yield f"row = normed{part}.{name}"
            yield f"normed = self.norm(z{part}.{name}); row = normed"


def pair_vit(model: nn.Module, layers: Parts, twin: nn.Module, twin_layers: Parts) -> list[Pair]:
    """Pair in order, but the norm outside the blocks last, as it may be called too early by mistake."""
    blocks = [
        {*module.modules()}
        for module in [*model.modules()][1:]
        if sum(isinstance(one, nn.MultiheadAttention) for one in module.modules()) == 1
    ]
    of_blocks = set().union(*blocks)
    layers = sorted(layers, key=lambda part: isinstance(part[1], nn.LayerNorm) and part[1] not in of_blocks)
    return pair_in_order(model, layers, twin, twin_layers)


def _judge_vit_layers(
    seen: Json, shape: Sequence[int], side: int, width: int, n_heads: int, n_blocks: int, n_classes: int
) -> Verdict | None:
    C, H, W = shape
    n_tokens = H // side * (W // side) + 1
    norms, heads, linear = _norms(seen), _heads(seen), sizes_of(seen)
    wide = [[width, 2 * width], [2 * width, width]]
    of_blocks = [sizes for sizes in linear if sizes in wide]
    # Everything besides the embedding and the blocks.
    rest = [sizes for sizes in linear if sizes not in wide]
    rest = rest[1:] if rest[:1] == [[C * side**2, width]] else rest
    id = first(
        {
            "list": seen["lists"] and len(heads) < n_blocks,
            "made-in-forward": len(heads) < n_blocks and "uniform_" in seen["used"],
            "no-blocks": not heads,
            "shared-blocks": len(heads) == 1 and seen["repeated"],
            "number-of-blocks": len(heads) != n_blocks,
            "block-sizes": heads != [[width, n_heads]] * n_blocks or len(of_blocks) != 2 * n_blocks,
            "no-norm-layer": len(norms) == 2 * n_blocks,
            "layers": norms != [[width]] * (2 * n_blocks + 1) or len(rest) > 1,
            "no-head-layer": not rest,
            "head-of-all-tokens": rest == [[n_tokens * width, n_classes]],
            "sizes-swapped": rest == [[n_classes, width]],
            "hard-coded-size": rest and rest[0][0] == width and rest[0][1] != n_classes,
            "head-sizes": rest != [[width, n_classes]],
            "no-bias": not all(layer["bias"] for layer in seen["layers"]),
            "extra": len(seen["more"]) > 2,
        }
    )
    if not id:
        return None
    expected = (
        f"for width {width}, n_blocks {n_blocks}, n_classes {n_classes}: the tokens, {n_blocks} blocks, "
        f"then LayerNorm of {width} and Linear {width} to {n_classes}"
    )
    got = f"{len(heads)} block{'s' if len(heads) != 1 else ''} that can be trained"
    got += "".join(f"; a list or dict, `self.{name}`" for name in seen["lists"])
    last = say_layers({"layers": seen["layers"][-2:], "more": seen["more"][2:]})
    return wrong(id, expected, f"{got}; at the end {last}")


vit = Model(
    VIT_SIZES,
    Function(
        ("logits",),
        VIT_CASES,
        _twins(TwinViT, VIT_SIZES),
        load_rule(
            "vit",
            "vit",
            _vit,
            {
                "mean-of-tokens": _means(),
                "activation-last": _activated("return {}(self.head(row))", "sigmoid"),
                "activation-before": _activated("return self.head({}(row))"),
            },
        ),
        of=OF_VIT,
    ),
    KINDS,
    _of_each(_judge_vit_layers, VIT_SIZES),
    pair_vit,
    may_drop=True,
)

check = Assignment(
    "vit",
    patches=(patches.probe, patches.judge),
    tokens=(tokens.probe, tokens.judge),
    block=(block.probe, block.judge),
    vit=(vit.probe, vit.judge),
    result=(probe_accuracy, judge_accuracy(SOLUTION_SCORES)),
)
