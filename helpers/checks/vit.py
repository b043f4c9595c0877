"""Checks for the assignment on the Vision Transformer; their texts are in `vit.toml`."""

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import torch
from einops import rearrange
from torch import Tensor, nn
from torch.nn import functional as F

from helpers.checks.core import Assignment
from helpers.checks.models import Rule
from helpers.checks.twins import Case, Twin, call, judge_random
from helpers.checks.values import Json, attempt, clean_state, make_model, normal, probe_accuracy
from helpers.checks.verdicts import Verdict, expect_model, judge_accuracy, right, wrong

# The solution's validation accuracy, seeds 0 to 4.
SOLUTION_SCORES = {"digits": (0.9750, 0.9792, 0.9625, 0.9667, 0.9833)}

ACTIVATED = ("relu()", "tanh()", "sigmoid()")


# --- Task 1: patches


class Size(NamedTuple):
    """Sizes of images, and of the patches they are cut into."""

    B: int
    C: int
    H: int
    W: int
    side: int


def _images(size: Size) -> Tensor:
    """Return images whose pixels are numbered from 0."""
    shape = size[:4]
    return torch.arange(torch.Size(shape).numel()).view(shape).float()


# No image is square, so that swapping rows and columns shows.
PATCH_SIZES = [Size(2, 3, 4, 6, 2), Size(3, 1, 6, 4, 2), Size(2, 2, 3, 9, 3)]
PATCH_CASES = [{"images": _images(s), "side": s.side} for s in PATCH_SIZES]


def twin_patches(images: Tensor, side: int) -> Tensor:
    """Return patches as torch cuts them for convolutions."""
    return F.unfold(images, side, stride=side).mT


PATCHES: Rule = {
    "cut": "'b c (h p) (w q)'",
    "places": "'(h w)'",
    "pixels": "'(c p q)'",
    "returned": "(rearrange(images, cut + '->b' + places + pixels, p=side, q=side),)",
}


def _rearranged(images: str, *patterns: str, sizes: str = "p=side, q=side") -> list:
    return [{"returned": f"(rearrange({images}, '{pattern}', {sizes}),)"} for pattern in patterns]


CUT = "b c (h p) (w q) -> "
PATCHES_MISTAKES: dict[str, list[Rule]] = {
    "column-by-column": [{"places": "'(w h)'"}],
    "turned-inside": [{"pixels": "'(c q p)'"}],
    "channels-inside": [{"pixels": f"'({order})'"} for order in ("p q c", "p c q", "q p c", "q c p")],
    "image-turned": [{"cut": "'b c (w q) (h p)'"}],
    "scattered": [{"cut": f"'b c {cut}'"} for cut in ("(p h) (q w)", "(p h) (w q)", "(h p) (q w)")],
    "grid-kept": [{"places": f"' {order} '"} for order in ("h w", "w h")],
    "patch-kept": [{"pixels": f"' {order}'"} for order in ("c p q", "c (p q)", "p q c", "(p q) c")],
    "only-view": [
        {"returned": "(images.reshape(images.shape[0], -1, images.shape[1] * side**2),)"},
        {"returned": "(images.reshape(images.shape[0], images.shape[1] * side**2, -1).mT,)"},
    ],
    "whole-image": [
        {"returned": f"(images.{rows},)"}
        for rows in ("flatten(1)", "flatten(1)[:, None]", "flatten(2)", "flatten()")
    ],
    "pixels-as-patches": [
        {"returned": "(images.flatten(2).mT,)"},
        {"returned": "(images.permute(0, 2, 3, 1).flatten(2),)"},
        {"returned": "(images.flatten(1, 2),)"},
    ],
    "channels-as-patches": _rearranged(
        "images", f"{CUT}b (c h w) (p q)", f"{CUT}b (h w c) (p q)", f"{CUT}b c (h w) (p q)"
    ),
    "channels-lost": _rearranged("images[:, 0]", "b (h p) (w q) -> b (h w) (p q)")
    + _rearranged("images.mean(1)", "b (h p) (w q) -> b (h w) (p q)"),
    "axes-exchanged": _rearranged("images", f"{CUT}b (c p q) (h w)"),
    "batch-mixed": _rearranged("images", f"{CUT}(b h w) (c p q)", f"{CUT}(h w) b (c p q)"),
    "grid-for-side": _rearranged("images", f"{CUT}b (h w) (c p q)", sizes="h=side, w=side"),
    "overlapping": [{"returned": "(unfold(images, side).mT,)"}],
}

patches = Twin(
    ("patches",),
    PATCH_CASES,
    [[twin_patches(**case)] for case in PATCH_CASES],
    PATCHES,
    PATCHES_MISTAKES,
    [{"rearrange": rearrange, "unfold": F.unfold}] * len(PATCH_CASES),
    form=".0f",
    note="whose pixels count 0, 1, 2 and so on",
)


def probe_patches(answer: Any) -> Json:
    """Cut images whose pixels are numbered from 0."""
    return {"calls": [call(answer, case) for case in PATCH_CASES]}


def judge_patches(seen: Json) -> Verdict:
    """Judge where each pixel went."""
    return patches.judge(seen["calls"]) or right()


# --- What the models are made of


def look(model: nn.Module, x: Tensor) -> tuple[list[nn.Module], Json]:
    """Return a model's layers in the order called for x, and what judges need."""
    inside = {
        id(part)
        for layer in model.modules()
        if isinstance(layer, nn.MultiheadAttention)
        for part in [*layer.modules()][1:]
    }
    layers = [
        layer
        for layer in model.modules()
        if isinstance(layer, nn.Linear | nn.LayerNorm | nn.MultiheadAttention) and id(layer) not in inside
    ]
    called: list[nn.Module] = []
    hooks = [layer.register_forward_hook(lambda layer, *_: called.append(layer)) for layer in layers]
    attempt(model, x)
    for hook in hooks:
        hook.remove()
    once = list(dict.fromkeys(called))
    layers = once if {*map(id, once)} == {*map(id, layers)} else layers
    own = {id(p) for layer in layers for p in layer.parameters()}
    more = [(key, p) for key, p in model.named_parameters() if id(p) not in own]
    plain = [(key, value) for key, value in vars(model).items() if isinstance(value, Tensor)]
    fixed = [*model.named_buffers(), *plain, *((k, p) for k, p in more if not p.requires_grad)]
    return layers, {
        "layers": [_look_at_layer(layer) for layer in layers],
        "repeated": len(once) < len(called),
        "more": [[key, list(p.shape)] for key, p in more if p.requires_grad],
        "fixed": [[key, list(value.shape)] for key, value in fixed],
        "lists": [
            key
            for key, value in vars(model).items()
            if not key.startswith("_")
            and isinstance(value, list | tuple)
            and any(isinstance(one, nn.Module) for one in value)
        ],
        "batch_norm": any(isinstance(m, nn.BatchNorm1d) for m in model.modules()),
    }


def _look_at_layer(layer: nn.Module) -> Json:
    if isinstance(layer, nn.Linear):
        sizes = [layer.in_features, layer.out_features]
        return {"kind": "Linear", "sizes": sizes, "bias": layer.bias is not None}
    if isinstance(layer, nn.LayerNorm):
        sizes = list(layer.normalized_shape)
        return {"kind": "LayerNorm", "sizes": sizes, "bias": layer.bias is not None}
    sizes = [layer.embed_dim, layer.num_heads]
    bias = layer.in_proj_bias is not None
    return {"kind": "MultiheadAttention", "sizes": sizes, "bias": bias}


def _of_kind(seen: Json, kind: str) -> list[list[int]]:
    return [layer["sizes"] for layer in seen["layers"] if layer["kind"] == kind]


def _say_layers(seen: Json) -> str:
    """Put all that a model is made of into words."""
    said: list[str] = []
    for layer in seen["layers"]:
        a, b = [*layer["sizes"], 0][:2]
        said.append(
            {
                "Linear": f"Linear {a} to {b}",
                "LayerNorm": f"LayerNorm of {a}",
                "MultiheadAttention": f"MultiheadAttention of width {a}, {b} heads",
            }[layer["kind"]]
        )
    said += [f"`{key}` {tuple(shape)}" for key, shape in seen["more"]]
    return ", ".join(said) or "nothing that can be trained"


def give(layers: Sequence[nn.Module], twins: Sequence[nn.Module]) -> bool:
    """Give layers the weights of twins, kind by kind and in order; return whether they fit."""
    for kind in (nn.Linear, nn.LayerNorm, nn.MultiheadAttention):
        mine, theirs = ([m for m in some if isinstance(m, kind)] for some in (layers, twins))
        if len(mine) != len(theirs):
            return False
        for one, two in zip(mine, theirs, strict=True):
            one.load_state_dict(two.state_dict())
    return True


def _random(*twins: nn.Module) -> None:
    """Randomize all weights, including the biases that torch sets to zero."""
    for twin in twins:
        for parameter in twin.eval().requires_grad_(False).parameters():
            parameter.normal_(std=0.5)


def _probe_models(
    answer: Any,
    sizes: Sequence[Any],
    cases: Sequence[Case],
    of_model: Sequence[int],
    take: Callable[[nn.Module, int, Tensor], Json],
) -> Json:
    """Make a model of each size, give it its twin's weights, and call it in its cases."""
    made = [make_model(answer, *size) for size in sizes]
    models = [model for model, _ in made]
    looked = []
    for n, model in enumerate(models):
        attempt(lambda model=model: model.eval())
        x = next(iter(cases[of_model.index(n)].values())).clone()
        looked.append(attempt(take, model, n, x)[0])
    taken = all(seen and seen["taken"] for seen in looked)
    pairs = list(zip(of_model, cases, strict=True))
    calls = [call(models[n], case) for n, case in pairs] if taken else []
    again = call(models[0], cases[0])["returned"] if calls else None
    return {
        "models": [seen for _, seen in made],
        "looked": looked,
        "calls": calls,
        "random": bool(calls) and again != calls[0]["returned"],
    }


def _judge_models(
    seen: Json, twin: Twin, of_model: Sequence[int], judge_layers: Callable[[Json, int], Verdict | None]
) -> Verdict:
    """Judge the layers first, then what `forward` does with them."""
    for n, (model, looked) in enumerate(zip(seen["models"], seen["looked"], strict=True)):
        if verdict := expect_model(model):
            return verdict
        if looked is None:
            return wrong("layers", "a model that can be looked at", "something else")
        if verdict := judge_layers(looked, n):
            return verdict
    calls = seen["calls"]
    if not calls:
        return wrong("layers", "the layers of the task", _say_layers(seen["looked"][0]))
    return judge_random(seen) or _judge_other(calls, twin, of_model) or twin.judge(calls) or right()


def _judge_other(calls: list[Json], twin: Twin, of_model: Sequence[int]) -> Verdict | None:
    """Return the verdict on a class that is right only for the first model, otherwise None."""
    first = [seen for seen, n in zip(calls, of_model, strict=True) if n == 0]
    if any("raised" in seen["returned"] for seen in first) or twin.judge(first):
        return None
    verdict = twin.judge(calls)
    if not verdict or verdict.outcome == "not attempted":
        return None
    expected = "the right numbers from a model of other sizes too"
    return wrong("hard-coded", expected, verdict.got or "an exception")


# --- Task 2: tokens


class TokenSize(NamedTuple):
    """Arguments of the class; the two sizes share no number, nor any product of numbers."""

    n_patches: int
    patch_dim: int
    width: int


TOKEN_SIZES = [TokenSize(6, 5, 8), TokenSize(4, 9, 7)]
TOKEN_CASES = [
    {"patches": normal(B, TOKEN_SIZES[n].n_patches, TOKEN_SIZES[n].patch_dim, seed=B)}
    for n, B in ((0, 3), (0, 1), (1, 2))
]
OF_TOKENS = [0, 0, 1]


@clean_state()
def _twin_tokens(n: int) -> tuple[nn.Linear, Tensor, Tensor]:
    """Return a linear layer, a class token and positions, always the same."""
    size = TOKEN_SIZES[n]
    linear = nn.Linear(size.patch_dim, size.width)
    _random(linear)
    return linear, torch.randn(size.width), torch.randn(size.n_patches + 1, size.width)


TOKEN_TWINS = [_twin_tokens(n) for n in (0, 1)]


def twin_tokens(patches: Tensor, linear: nn.Linear, class_token: Tensor, positions: Tensor) -> Tensor:
    """Return tokens, written row by row and position by position."""
    out = patches.new_empty(len(patches), len(positions), len(class_token))
    for n, position in enumerate(positions):
        out[:, n] = (class_token if n == 0 else linear(patches[:, n - 1])) + position
    return out


TOKENS: Rule = {
    "rows": "linear(patches)",
    "first": "class_token.expand(B, 1, D)",
    "tokens": "cat([first, rows], 1)",
    "placed": "tokens + positions",
    "returned": "(placed,)",
}
PARTS = "positions[1:]", "positions[:-1]"
TOKENS_MISTAKES: dict[str, list[Rule]] = {
    "class-token-unused": [{"placed": "rows"}, *({"placed": f"rows + {part}"} for part in PARTS)],
    "class-token-last": [{"tokens": "cat([rows, first], 1)"}],
    "class-token-added": [
        {"tokens": "rows + class_token", "placed": placed}
        for placed in ("tokens", *(f"tokens + {part}" for part in PARTS))
    ],
    "one-image": [
        {"first": f"cat([class_token.expand(1, 1, D), {rest}])"}
        for rest in ("class_token.expand(B - 1, 1, D) * 0",)
    ],
    "batch-axis": [
        {"tokens": f"cat([{order}], 0)", "placed": placed}
        for order in ("class_token.expand(1, N, D), rows", "rows, class_token.expand(1, N, D)")
        for placed in ("tokens", *(f"tokens + {part}" for part in PARTS))
    ],
    "width-axis": [{"tokens": "cat([class_token.expand(B, N, D), rows], 2)", "placed": "tokens"}],
    "positions-unused": [{"placed": "tokens"}],
    "positions-early": [{"rows": f"linear(patches) + {part}", "placed": "tokens"} for part in PARTS],
    "positions-concatenated": [
        {"placed": f"cat([tokens, positions.expand(B, N + 1, D)], {axis})"} for axis in (1, 2)
    ],
    "positions-multiplied": [{"placed": "tokens * positions"}],
    "positions-twice": [{"placed": "tokens + positions + positions"}],
    "same-position": [{"placed": f"tokens + positions[{n}]"} for n in ("0", "-1", "1", ":1")],
    "position-per-image": [{"placed": "tokens + positions[:B, None]"}],
    "activation": [
        *({"rows": f"linear(patches).{name}"} for name in ACTIVATED),
        *({"placed": f"(tokens + positions).{name}"} for name in ACTIVATED),
        {"rows": "gelu(linear(patches))"},
    ],
}


def _tokens_scope(n: int, case: Case) -> Case:
    linear, class_token, positions = TOKEN_TWINS[n]
    B, N, _ = case["patches"].shape
    return {
        **{"linear": linear, "class_token": class_token, "positions": positions},
        **{"B": B, "N": N, "D": len(class_token), "cat": torch.cat, "gelu": F.gelu},
    }


tokens = Twin(
    ("tokens",),
    TOKEN_CASES,
    [
        [
            twin_tokens(
                **case, **dict(zip(("linear", "class_token", "positions"), TOKEN_TWINS[n], strict=True))
            )
        ]
        for n, case in zip(OF_TOKENS, TOKEN_CASES, strict=True)
    ],
    TOKENS,
    TOKENS_MISTAKES,
    [_tokens_scope(n, case) for n, case in zip(OF_TOKENS, TOKEN_CASES, strict=True)],
)


def _take_tokens(model: nn.Module, n: int, x: Tensor) -> Json:
    layers, seen = look(model, x)
    linear, *vectors = TOKEN_TWINS[n]
    own = {id(p) for layer in layers for p in layer.parameters()}
    more = [p for p in model.parameters() if id(p) not in own and p.requires_grad]

    def take() -> bool:
        with torch.no_grad():
            for parameter, vector in zip(sorted(more, key=torch.numel), vectors, strict=True):
                parameter.copy_(vector.reshape(parameter.shape))
            return give(layers, [linear])

    return seen | {"taken": attempt(take)[0] is True}


def probe_tokens(answer: Any) -> Json:
    """Make two models, give them the twins' weights, and call them."""
    return _probe_models(answer, TOKEN_SIZES, TOKEN_CASES, OF_TOKENS, _take_tokens)


def _numel(shape: Sequence[int]) -> int:
    return torch.Size(shape).numel()


def _judge_token_layers(seen: Json, n: int) -> Verdict | None:
    size = TOKEN_SIZES[n]
    n_patches, patch_dim, width = size
    expected = (
        f"for n_patches {n_patches}, patch_dim {patch_dim}, width {width}: Linear {patch_dim} to {width}, "
        f"a class token of {width} numbers, and positions, {n_patches + 1} of {width} numbers each"
    )
    linear = _of_kind(seen, "Linear")
    counts = sorted(_numel(shape) for _, shape in seen["more"])
    fixed = [_numel(shape) for _, shape in seen["fixed"]]
    token, place = width, (n_patches + 1) * width
    left = [count for count in counts if count not in (token, place)]
    mistakes = {
        "no-linear": not linear,
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
        "hard-coded": n and not seen["taken"],
    }
    for id, applies in mistakes.items():
        if applies:
            fixed_said = "".join(f"; not trained: `{key}` {tuple(shape)}" for key, shape in seen["fixed"])
            return wrong(id, expected, _say_layers(seen) + fixed_said)
    return None


def judge_tokens(seen: Json) -> Verdict:
    """Judge what can be learnt first, then what `forward` does with it."""
    return _judge_models(seen, tokens, OF_TOKENS, _judge_token_layers)


# --- Task 3: the block


class BlockSize(NamedTuple):
    """Arguments of the class; the two sizes share no number."""

    width: int
    n_heads: int
    hidden: int


BLOCK_SIZES = [BlockSize(8, 2, 12), BlockSize(6, 3, 10)]
BLOCK_CASES = [
    {"x": normal(B, N, BLOCK_SIZES[n].width, seed=B)}
    for n, B, N in ((0, 3, 5), (0, 4, 4), (0, 1, 3), (1, 2, 4))
]
OF_BLOCK = [0, 0, 0, 1]


def _encoder_layer(size: BlockSize) -> nn.TransformerEncoderLayer:
    return nn.TransformerEncoderLayer(
        *size, dropout=0.0, activation="gelu", batch_first=True, norm_first=True
    )


@clean_state()
def _twin_block(n: int) -> nn.TransformerEncoderLayer:
    """Return torch's own block, always with the same weights."""
    twin = _encoder_layer(BLOCK_SIZES[n])
    _random(twin)
    return twin


BLOCK_TWINS = [_twin_block(n) for n in (0, 1)]


def _parts(twin: nn.TransformerEncoderLayer) -> list[nn.Module]:
    return [twin.norm1, twin.self_attn, twin.norm2, twin.linear1, twin.linear2]


BLOCK: Rule = {
    "rows": "norm1(x)",
    "found": "attend(rows)",
    "after": "x + found",
    "normed": "norm2(after)",
    "bent": "gelu(linear1(normed))",
    "made": "linear2(bent)",
    "y": "after + made",
    "returned": "(y,)",
}
BLOCK_MISTAKES: dict[str, list[Rule]] = {
    "no-first-residual": [{"after": "found"}],
    "no-second-residual": [{"y": "made"}],
    "no-residual": [{"after": "found", "y": "made"}],
    "residual-of-normed": [
        {"after": "rows + found"},
        {"y": "normed + made"},
        {"after": "rows + found", "y": "normed + made"},
    ],
    "residual-of-input": [{"y": "x + made"}],
    "post-norm": [
        {"rows": "x", "after": "norm1(x + found)", "normed": "after", "y": "norm2(after + made)"},
        {"rows": "x", "after": "norm1(x + found)", "normed": "after"},
        {"normed": "after", "y": "norm2(after + made)"},
        {"rows": "x", "after": "norm1(x + found)"},
        {"y": "norm2(after + made)"},
    ],
    "norm-of-part": [
        {"rows": "x", "after": "x + norm1(found)", "normed": "after", "y": "after + norm2(made)"},
        {"rows": "x", "after": "x + norm1(found)"},
        {"normed": "after", "y": "after + norm2(made)"},
    ],
    "no-norm": [{"rows": "x", "normed": "after"}, {"rows": "x"}, {"normed": "after"}],
    "same-norm": [
        {"normed": "norm1(after)"},
        {"rows": "norm2(x)"},
        {"rows": "norm2(x)", "normed": "norm1(after)"},
    ],
    "queries-only": [
        {"found": f"attend({q}, {k}, {v})"}
        for q in ("rows", "x")
        for k in ("rows", "x")
        for v in ("rows", "x")
        if {q, k, v} == {"rows", "x"}
    ],
    "attention-over-batch": [{"found": "attend(rows.transpose(0, 1)).transpose(0, 1)"}],
    "no-activation": [{"bent": "linear1(normed)"}],
    "activation-after": [
        {"bent": "linear1(normed)", "made": "gelu(linear2(bent))"},
        {"made": "gelu(linear2(bent))"},
        {"y": "after + gelu(made)"},
        {"y": "gelu(after + made)"},
    ],
    "other-activation": [
        *({"bent": f"linear1(normed).{name}"} for name in ACTIVATED),
        {"bent": "silu(linear1(normed))"},
    ],
    "no-attention": [{"after": "x"}, {"after": "x + rows"}],
    "no-network": [{"y": "after"}],
    "parallel": [{"normed": "norm2(x)"}],
    "network-of-part": [{"normed": "norm2(found)"}],
    "network-first": [
        {
            # The first norm called is the first norm.
            "rows": "norm2(x + linear2(gelu(linear1(norm1(x)))))",
            "after": "x + linear2(gelu(linear1(norm1(x)))) + found",
            "y": "after",
        }
    ],
    "residual-twice": [{"y": "after + made + x"}, {"after": "x + x + found"}],
}


def _block_scope(n: int) -> Case:
    twin = BLOCK_TWINS[n]

    def attend(q: Tensor, k: Tensor | None = None, v: Tensor | None = None) -> Tensor:
        return twin.self_attn(q, q if k is None else k, q if v is None else v)[0]

    return {
        **{"norm1": twin.norm1, "norm2": twin.norm2, "attend": attend},
        **{"linear1": twin.linear1, "linear2": twin.linear2},
        **{"gelu": F.gelu, "silu": F.silu},
    }


@torch.no_grad()
def _wanted_blocks() -> list[list[Tensor]]:
    pairs = zip(OF_BLOCK, BLOCK_CASES, strict=True)
    return [[BLOCK_TWINS[n](case["x"])] for n, case in pairs]


block = Twin(
    ("rows",), BLOCK_CASES, _wanted_blocks(), BLOCK, BLOCK_MISTAKES, [_block_scope(n) for n in OF_BLOCK]
)


def _take_block(model: nn.Module, n: int, x: Tensor) -> Json:
    layers, seen = look(model, x)
    return seen | {"taken": attempt(give, layers, _parts(BLOCK_TWINS[n]))[0] is True}


def probe_block(answer: Any) -> Json:
    """Make two blocks, give them the weights of torch's blocks, and call them."""
    return _probe_models(answer, BLOCK_SIZES, BLOCK_CASES, OF_BLOCK, _take_block)


def _judge_block_layers(seen: Json, n: int) -> Verdict | None:
    width, n_heads, hidden = BLOCK_SIZES[n]
    expected = (
        f"for width {width}, n_heads {n_heads}, hidden {hidden}: two LayerNorms of {width}, "
        f"MultiheadAttention of width {width}, {n_heads} heads, Linear {width} to {hidden}, "
        f"Linear {hidden} to {width}"
    )
    kinds = "LayerNorm", "MultiheadAttention", "Linear"
    norms, heads, linear = (_of_kind(seen, kind) for kind in kinds)
    n_linear = len(linear)
    mistakes = {
        "list": seen["lists"],
        "batch-norm": seen["batch_norm"],
        "no-attention-layer": not heads,
        "number-of-norms": len(norms) != 2,
        "no-hidden-layer": n_linear < 2 or linear == [[width, width]] * n_linear,
        "number-of-layers": n_linear > 2 or len(heads) > 1,
        "sizes-swapped": linear == [[hidden, width], [width, hidden]],
        "norm-sizes": norms != [[width]] * 2,
        "number-of-heads": heads != [[width, n_heads]],
        "hidden-sizes": linear != [[width, hidden], [hidden, width]],
        "no-bias": not all(layer["bias"] for layer in seen["layers"]),
        "extra": seen["more"],
    }
    for id, applies in mistakes.items():
        if applies:
            return wrong(id, expected, _say_layers(seen))
    return None


def judge_block(seen: Json) -> Verdict:
    """Judge the layers first, then what `forward` does with them."""
    return _judge_models(seen, block, OF_BLOCK, _judge_block_layers)


# --- Task 4: the whole model


class ViTSize(NamedTuple):
    """Arguments of the class."""

    shape: tuple[int, int, int]
    side: int
    width: int
    n_heads: int
    n_blocks: int
    n_classes: int


VIT_SIZES = [ViTSize((2, 4, 6), 2, 8, 2, 3, 5), ViTSize((1, 6, 3), 3, 6, 3, 2, 4)]
VIT_CASES = [{"images": normal(B, *VIT_SIZES[n].shape, seed=B)} for n, B in ((0, 3), (0, 1), (1, 2))]
OF_VIT = [0, 0, 1]


@clean_state()
def _twin_vit(n: int) -> tuple[TokenSize, list[Tensor], list[nn.Module]]:
    """Return the vectors, and the layers in order: linear, blocks, norm, head."""
    (C, H, W), side, width, n_heads, n_blocks, n_classes = VIT_SIZES[n]
    size = TokenSize(H // side * (W // side), C * side**2, width)
    layers = [
        nn.Linear(size.patch_dim, width),
        *(_encoder_layer(BlockSize(width, n_heads, 2 * width)) for _ in range(n_blocks)),
        nn.LayerNorm(width),
        nn.Linear(width, n_classes),
    ]
    _random(*layers)
    return size, [torch.randn(width), torch.randn(size.n_patches + 1, width)], layers


VIT_TWINS = [_twin_vit(n) for n in (0, 1)]

VIT: Rule = {
    "patches": "cut(images)",
    "start": "tokens(patches)",
    "z": "run(start)",
    "normed": "norm(z)",
    "row": "normed[:, 0]",
    "logits": "head(row)",
    "returned": "(logits,)",
}
VIT_MISTAKES: dict[str, list[Rule]] = {
    "last-token": [{"row": "normed[:, -1]"}],
    "first-patch": [{"row": "normed[:, 1]"}],
    "mean-of-tokens": [
        changes
        for part in ("", "[:, 1:]")
        for name in ("mean(1)", "sum(1)", "amax(1)")
        for changes in ({"row": f"normed{part}.{name}"}, {"normed": f"norm(z{part}.{name})", "row": "normed"})
    ],
    "every-token": [{"row": "normed"}, {"row": "normed[:, 1:]"}],
    "axis-kept": [{"row": "normed[:, :1]"}, {"row": "normed[:, -1:]"}],
    "first-image": [{"row": "normed[0]"}, {"row": "normed[0, 0]"}],
    "norm-unused": [{"normed": "z"}],
    "norm-early": [{"start": "norm(tokens(patches))", "normed": "z"}],
    "blocks-unused": [{"z": "start"}],
    "one-block": [{"z": "blocks[0](start)"}],
    "last-block": [{"z": "blocks[-1](start)"}],
    "blocks-residual": [{"z": "run_residual(start)"}],
    "norm-each": [{"z": "run_normed(start)"}, {"z": "run_normed(start)", "normed": "z"}],
    "own-patches": [
        {"patches": "images.reshape(images.shape[0], N, -1)"},
        {"patches": "images.reshape(images.shape[0], -1, N).mT"},
    ],
    "no-head": [{"logits": "row"}],
    "activation-last": [
        *({"logits": f"head(row).{name}"} for name in ("relu()", "tanh()")),
        {"logits": "gelu(head(row))"},
    ],
    "activation-before": [
        *({"logits": f"head(row.{name})"} for name in ACTIVATED),
        {"logits": "head(gelu(row))"},
    ],
    "softmax": [{"logits": "head(row).softmax(-1)"}],
    "softmax-over-batch": [{"logits": "head(row).softmax(0)"}],
    "log-softmax": [{"logits": "head(row).log_softmax(-1)"}],
    "sigmoid": [{"logits": "head(row).sigmoid()"}],
    "classes": [{"logits": "head(row).argmax(-1)"}],
}


def _vit_scope(n: int) -> Case:
    size, vectors, (linear, *blocks, norm, head) = VIT_TWINS[n]

    def run(x: Tensor, extra: Callable[[Tensor, Tensor], Tensor] | None = None) -> Tensor:
        for block in blocks:
            x = extra(x, block(x)) if extra else block(x)
        return x

    return {
        "cut": lambda images: twin_patches(images, VIT_SIZES[n].side),
        "tokens": lambda patches: twin_tokens(patches, linear, *vectors),
        "run": run,
        "run_residual": lambda x: run(x, lambda before, after: before + after),
        "run_normed": lambda x: run(x, lambda _, after: norm(after)),
        **{"blocks": blocks, "norm": norm, "head": head, "gelu": F.gelu},
        "N": size.n_patches,
    }


@torch.no_grad()
def twin_vit(n: int, images: Tensor) -> Tensor:
    """Return the logits of a model made of torch's own layers."""
    _, vectors, (linear, *layers) = VIT_TWINS[n]
    x = twin_tokens(twin_patches(images, VIT_SIZES[n].side), linear, *vectors)
    return nn.Sequential(*layers)(x)[:, 0]


vit = Twin(
    ("logits",),
    VIT_CASES,
    [[twin_vit(n, **case)] for n, case in zip(OF_VIT, VIT_CASES, strict=True)],
    VIT,
    VIT_MISTAKES,
    [_vit_scope(n) for n in OF_VIT],
)


def _take_vit(model: nn.Module, n: int, x: Tensor) -> Json:
    layers, seen = look(model, x)
    _, vectors, twins = VIT_TWINS[n]
    own = {id(p) for layer in layers for p in layer.parameters()}
    more = [p for p in model.parameters() if id(p) not in own]
    flat = [
        part
        for twin in twins
        for part in (_parts(twin) if isinstance(twin, nn.TransformerEncoderLayer) else [twin])
    ]

    # The last norm may be called too early by mistake; the blocks' norms are known by their attention.
    of_blocks = {
        id(part)
        for module in [*model.modules()][1:]
        if sum(isinstance(one, nn.MultiheadAttention) for one in module.modules()) == 1
        for part in module.modules()
    }
    layers = sorted(layers, key=lambda layer: isinstance(layer, nn.LayerNorm) and id(layer) not in of_blocks)

    def take() -> bool:
        with torch.no_grad():
            for p, vector in zip(sorted(more, key=torch.numel), vectors, strict=True):
                p.copy_(vector.reshape(p.shape))
            return give(layers, flat)

    return seen | {"taken": attempt(take)[0] is True}


def probe_vit(answer: Any) -> Json:
    """Make two models, give them the weights of torch's layers, and call them."""
    return _probe_models(answer, VIT_SIZES, VIT_CASES, OF_VIT, _take_vit)


def _judge_vit_layers(seen: Json, n: int) -> Verdict | None:
    size = VIT_SIZES[n]
    width, n_blocks, n_classes = size.width, size.n_blocks, size.n_classes
    n_tokens = VIT_TWINS[n][0].n_patches + 1
    expected = (
        f"for width {width}, n_blocks {n_blocks}, n_classes {n_classes}: the tokens, {n_blocks} blocks, "
        f"then LayerNorm of {width} and Linear {width} to {n_classes}"
    )
    kinds = "LayerNorm", "MultiheadAttention", "Linear"
    norms, heads, linear = (_of_kind(seen, kind) for kind in kinds)
    wide = [[width, 2 * width], [2 * width, width]]
    of_blocks = [sizes for sizes in linear if sizes in wide]
    # Everything besides the embedding and the blocks.
    rest = [sizes for sizes in linear if sizes not in wide]
    rest = rest[1:] if rest and rest[0] == [VIT_TWINS[n][0].patch_dim, width] else rest
    n_found = len(heads)
    mistakes = {
        "list": seen["lists"] and n_found < n_blocks,
        "no-blocks": not n_found,
        "shared-blocks": n_found == 1 and seen["repeated"],
        "number-of-blocks": n_found != n_blocks,
        "block-sizes": heads != [[width, size.n_heads]] * n_blocks or len(of_blocks) != 2 * n_blocks,
        "no-norm-layer": len(norms) == 2 * n_blocks,
        "layers": norms != [[width]] * (2 * n_blocks + 1) or len(rest) > 1,
        "no-head-layer": not rest,
        "head-of-all-tokens": rest == [[n_tokens * width, n_classes]],
        "sizes-swapped": rest == [[n_classes, width]],
        "hard-coded-size": rest and rest[0][0] == width and rest[0][1] != n_classes,
        "head-sizes": rest != [[width, n_classes]],
        "extra": len(seen["more"]) > 2,
    }
    for id, applies in mistakes.items():
        if applies:
            return wrong(id, expected, _say_vit(seen))
    return None


def _say_vit(seen: Json) -> str:
    """Return the number of attention layers, and the last layers."""
    n_found = len(_of_kind(seen, "MultiheadAttention"))
    names = ", ".join(f"`self.{name}`" for name in seen["lists"])
    hidden = f"; a list, {names}" if names else ""
    last = _say_layers({"layers": seen["layers"][-2:], "more": []})
    blocks = f"{n_found} block{'s' if n_found != 1 else ''} that can be trained"
    return f"{blocks}{hidden}; at the end {last}"


def judge_vit(seen: Json) -> Verdict:
    """Judge the layers first, then what `forward` does with them."""
    return _judge_models(seen, vit, OF_VIT, _judge_vit_layers)


check = Assignment(
    "vit",
    patches=(probe_patches, judge_patches),
    tokens=(probe_tokens, judge_tokens),
    block=(probe_block, judge_block),
    vit=(probe_vit, judge_vit),
    result=(probe_accuracy, judge_accuracy(SOLUTION_SCORES)),
)
