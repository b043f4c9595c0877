"""What the chapters write by hand, compared with its twin on unusual inputs.

The definitions are taken from the notebooks: nothing is trained, and no other cell runs. To add a case, add
a line to the table above a test.
"""

import ast
import contextlib
import importlib
import io
import itertools
import math
import re
from collections import Counter
from collections.abc import Callable
from copy import deepcopy
from functools import cache
from pathlib import Path
from types import SimpleNamespace

import nbformat
import numpy as np
import pytest
import squarify
import torch
from numpy.polynomial.legendre import legvander
from sklearn.ensemble import AdaBoostClassifier
from sklearn.linear_model import Ridge
from sklearn.metrics import f1_score, jaccard_score
from sklearn.model_selection import KFold
from sklearn.tree import DecisionTreeClassifier
from torch import Tensor, nn
from torch.distributions import Bernoulli, Normal, kl_divergence
from torch.nn import functional as F
from torch.utils.flop_counter import FlopCounterMode
from torchvision import ops
from torchvision.models import densenet, resnet
from torchvision.transforms import v2

from helpers.data import Split
from helpers.samples import ReferenceClassifier
from helpers.scenes import Scenes, make_scenes
from helpers.seq2seq import (
    END,
    ENGLISH,
    KOREAN,
    START,
    EncoderDecoder,
    english,
    korean,
    make_pairs,
    translate,
)
from helpers.training import evaluate, fit

ROOT = Path(__file__).parents[2]


@cache
def statements(chapter: str) -> dict[str, ast.stmt]:
    """Return where a chapter first defines each name: an import, a definition, or an uppercase constant."""
    found: dict[str, ast.stmt] = {}
    for cell in nbformat.read(ROOT / "chapters" / f"{chapter}.ipynb", as_version=4).cells:
        for node in ast.parse(cell.source).body if cell.cell_type == "code" else ():
            match node:
                case ast.Import(names=names):
                    for name in names:
                        found.setdefault(name.asname or name.name.split(".")[0], ast.Import([name]))
                case ast.ImportFrom(module, names, level):
                    for name in names:
                        found.setdefault(name.asname or name.name, ast.ImportFrom(module, [name], level))
                case ast.FunctionDef(name) | ast.ClassDef(name):
                    found.setdefault(name, node)
                case ast.Assign([ast.Name(name)]) if name.isupper():
                    found.setdefault(name, node)
    return found


def take(chapter: str, *wanted: str, **given: object) -> SimpleNamespace:
    """Return a chapter's definitions and what they need; names computed by cells must be given."""
    found, space = statements(chapter), dict(given)

    def add(name: str) -> None:
        if name in space or name not in found:
            return
        space[name] = None  # being defined: a function may call itself
        inside = list(ast.walk(found[name]))
        names = [node for node in inside if isinstance(node, ast.Name)]
        own = {node.arg for node in inside if isinstance(node, ast.arg)}
        own |= {node.id for node in names if isinstance(node.ctx, ast.Store)}
        for node in names:
            if node.id not in own:
                add(node.id)
        module = ast.fix_missing_locations(ast.Module([found[name]], []))
        exec(compile(module, f"{chapter}.ipynb", "exec"), space)

    for name in wanted:
        add(name)
    return SimpleNamespace(**{name: space[name] for name in wanted})


def each(names: str, cases: dict[str, object]) -> pytest.MarkDecorator:
    """Run a test once per line of a table."""
    return pytest.mark.parametrize(names, cases.values(), ids=cases)


def same(ours: object, twin: object, tolerance: float = 1e-5) -> None:
    torch.testing.assert_close(ours, twin, rtol=tolerance, atol=tolerance, equal_nan=True)


def rand(*shape: int) -> Tensor:
    """Return normal random numbers, always the same for a shape."""
    return torch.randn(*shape, generator=torch.Generator().manual_seed(7 + sum(shape)))


def whole(*shape: int, below: int) -> Tensor:
    return torch.randint(below, shape, generator=torch.Generator().manual_seed(7 + sum(shape)))


def boxes_at(*rows: tuple[float, ...]) -> Tensor:
    return torch.tensor(rows, dtype=torch.float32).view(-1, 4)


def some_boxes(n: int, step: float = 0) -> Tensor:
    """Return n boxes in 64 by 64 pixels; with a step, at its multiples, so that overlaps are often equal."""
    random = torch.rand(n, 4, generator=torch.Generator().manual_seed(n))
    random = (random * 40 / step).round() * step if step else random * 40
    return torch.cat([random[:, :2], random[:, :2] + 4 + random[:, 2:] / 2], dim=1)


# Detection
DETECTION = "iou", "nms", "pool_region", "grade", "mean_ap", "TEN", "coco_mean", "coco_map"
detection = take("detection", *DETECTION, K=3, STRIDE=4, device="cpu")
NONE = boxes_at()
FLAT = boxes_at((1, 1, 1, 1), (0, 0, 2, 2), (3, 3, 3, 5), (1, 1, 1, 1))  # three without an area


@each(
    "a, b",
    {
        "none": (NONE, NONE),
        "none on one side": (NONE, some_boxes(3)),
        "normalised, very small": (some_boxes(5) * 1e-6, some_boxes(4) * 1e-6),
        "very large": (some_boxes(5) * 1e10, some_boxes(4) * 1e10),
        "float64": (some_boxes(5).double(), some_boxes(4).double()),
        "whole numbers": (some_boxes(5).long(), some_boxes(4).long()),
        "upside down": (some_boxes(5)[:, [2, 3, 0, 1]], some_boxes(4)),
    },
)
def test_iou(a: Tensor, b: Tensor) -> None:
    same(detection.iou(a, b), ops.box_iou(a, b))


def test_iou_without_an_area() -> None:
    same(detection.iou(FLAT, FLAT), ops.box_iou(FLAT, FLAT).nan_to_num())
    assert detection.iou(some_boxes(6).view(2, 3, 4), some_boxes(2).view(2, 1, 4)).shape == (2, 3, 1)


@each(
    "boxes, scores, limit",
    {
        "none": (NONE, torch.zeros(0), 0.5),
        "one": (some_boxes(1), torch.ones(1), 0.5),
        "equal scores": (some_boxes(200), whole(200, below=5) / 5, 0.3),
        "all scores equal": (some_boxes(50), torch.zeros(50), 0.5),
        "equal boxes": (some_boxes(1).repeat(5, 1), torch.ones(5), 0.5),
        "no area": (FLAT, rand(4), 0.0),
        "limit 0": (some_boxes(50), rand(50), 0.0),
        "limit 1": (some_boxes(2).repeat(3, 1), rand(6), 1.0),
        "float64": (some_boxes(50).double(), rand(50).double(), 0.4),
        **{
            f"IoU is {k} / 20": (boxes_at((0, 0, 20, 1), (0, 0, k, 1)), torch.tensor([0.9, 0.8]), k / 20)
            for k in range(1, 20)
        },
    },
)
def test_nms(boxes: Tensor, scores: Tensor, limit: float) -> None:
    same(detection.nms(boxes, scores, limit), ops.nms(boxes, scores, limit))


@each(
    "shape, boxes",
    {
        "any": ((16, 16), some_boxes(12)),
        "not square": ((5, 16), some_boxes(12)),
        "one pixel": ((1, 1), some_boxes(3)),
        "halves": ((16, 16), some_boxes(12, step=2)),
        "over the left and upper edge": ((16, 16), some_boxes(12, step=2) - 20),
        "below on the right": ((4, 4), some_boxes(5) + 100),
        "on the left": ((16, 16), some_boxes(5) - torch.tensor([100, 0, 100, 0])),
        "no area": ((16, 16), FLAT * 4),
        "upside down": ((16, 16), some_boxes(12)[:, [2, 3, 0, 1]]),
    },
)
@pytest.mark.parametrize("n", [1, 3, 4])
def test_pool_region(shape: tuple[int, int], boxes: Tensor, n: int) -> None:
    feature_map = rand(2, *shape) - 5
    ours = torch.stack([detection.pool_region(feature_map, box, n) for box in boxes])
    same(ours, ops.roi_pool(feature_map[None], [boxes], n, spatial_scale=1 / 4))


def judged(*rows: tuple[float, ...]) -> dict[str, Tensor]:
    """Return the detections of one image, each from (x1, y1, x2, y2, class, score)."""
    table = torch.tensor(rows, dtype=torch.float32).view(-1, 6)
    return {"boxes": table[:, :4], "labels": table[:, 4].long(), "scores": table[:, 5]}


A, B, BETWEEN = (0, 0, 10, 10), (4, 0, 14, 10), (2, 0, 12, 10)  # the last overlaps both by 2/3


@each(
    "truth, found, expected",
    {
        "one class of three": ([[(*A, 0)]], [judged((*A, 0, 0.9), (*A, 2, 0.8))], 1.0),
        "one found, one not": ([[(*A, 0), (*A, 2)]], [judged((*A, 0, 0.9), (*A, 1, 0.8))], 0.5),
        "no detection": ([[(*A, 0)]], [judged()], 0.0),
        "no truth": ([[]], [judged((*A, 0, 0.9))], math.nan),
        "an empty scene": ([[], [(*A, 1)]], [judged((*A, 1, 0.9)), judged((*A, 1, 0.8))], 0.5),
        "equal overlaps": ([[(*A, 0), (*B, 0)]], [judged((*BETWEEN, 0, 0.9), (*A, 0, 0.8))], 1.0),
        "the better is listed last": ([[(*A, 0)]], [judged((*BETWEEN, 0, 0.5), (*A, 0, 0.6))], 1.0),
        "equal scores": ([[(*A, 0)]], [judged((*B, 0, 0.5), (*A, 0, 0.5), (*A, 0, 0.5))], 0.5),
    },
)
def test_average_precision(truth: list, found: list, expected: float) -> None:
    M = max(map(len, truth)) or 1
    rows = torch.tensor([[*scene, *[(0, 0, 0, 0, -1)] * (M - len(scene))] for scene in truth]).view(-1, M, 5)
    blank = torch.zeros(len(truth), 64, 64)
    scenes = Scenes(blank[:, None], rows[..., :4].float(), rows[..., 4].long(), blank.long())
    table = detection.grade(found, scenes)
    same(detection.mean_ap(*table), expected)
    with pytest.warns(RuntimeWarning) if math.isnan(expected) else contextlib.nullcontext():
        same(detection.coco_map(found, scenes), expected)
    with pytest.warns(RuntimeWarning) if math.isnan(expected) else contextlib.nullcontext():
        same(detection.coco_mean(found, scenes), detection.coco_map(found, scenes, detection.TEN))


@pytest.mark.parametrize("seed", range(6))
def test_average_precision_at_random(seed: int) -> None:
    torch.manual_seed(seed)
    labels = torch.randint(-1, 2, (4, 3))  # nothing of the third class
    boxes = torch.stack([some_boxes(4, step=2)[torch.randperm(4)[:3]] for _ in range(4)])
    scenes = Scenes(torch.zeros(4, 1, 64, 64), boxes, labels, torch.zeros(4, 64, 64).long())
    found = [
        {
            "boxes": boxes[i][torch.randint(3, (9,))] + torch.randint(-1, 2, (9, 4)),
            "labels": torch.randint(3, (9,)),
            "scores": torch.randint(4, (9,)) / 4,
        }
        for i in range(4)
    ]
    for threshold in (0.3, *detection.TEN):
        ours = detection.mean_ap(*detection.grade(found, scenes, threshold))
        same(ours, detection.coco_map(found, scenes, [threshold]))
    same(detection.coco_mean(found, scenes), detection.coco_map(found, scenes, detection.TEN))


# Attention
attend = take(
    "transformer",
    *("attention", "attention_in_chunks", "sinusoidal", "MultiHead", "copy_attention", "EncoderBlock"),
    *("DecoderBlock", "copy_block", "Cached", "Transformer", "AttentivePair", "OneHot", "Softly", "OnePass"),
)
models = take(
    "transformer-models",
    *("Block", "sinusoids", "Encoder", "BERT", "join", "learn_merges", "cut"),
    **{"T": 4, "V": 9, "K": 3, "PAD": 0},
)
SCATTERED = whole(5, 7, below=2).bool()
SCATTERED[2] = False  # this query may look nowhere


@each(
    "q, k, v, mask, tolerance",
    {
        "a query that looks nowhere": (rand(2, 3, 5, 8), rand(2, 3, 7, 8), rand(2, 3, 7, 4), SCATTERED, 1e-5),
        "all masked": (rand(5, 8), rand(7, 8), rand(7, 8), torch.zeros(5, 7).bool(), 1e-5),
        "no key": (rand(1, 5, 8), rand(1, 0, 8), rand(1, 0, 8), None, 1e-5),
        "no query": (rand(1, 0, 8), rand(1, 7, 8), rand(1, 7, 8), None, 1e-5),
        "no example": (rand(0, 5, 8), rand(0, 7, 8), rand(0, 7, 8), None, 1e-5),
        "one of each": (rand(1, 1, 1), rand(1, 1, 1), rand(1, 1, 1), torch.ones(1, 1).bool(), 1e-5),
        "large": (rand(5, 8) * 1e4, rand(7, 8) * 1e4, rand(7, 8), None, 1e-5),
        "float64": (rand(5, 8).double(), rand(7, 8).double(), rand(7, 8).double(), SCATTERED, 1e-12),
        "bfloat16": (rand(5, 8).bfloat16(), rand(7, 8).bfloat16(), rand(7, 8).bfloat16(), SCATTERED, 2e-2),
    },
)
def test_attention(q: Tensor, k: Tensor, v: Tensor, mask: Tensor | None, tolerance: float) -> None:
    trusted = F.scaled_dot_product_attention(q, k, v, attn_mask=mask)
    output, weights = attend.attention(q, k, v, mask)
    same(output, trusted, tolerance)
    assert not weights.isnan().any()
    if mask is None and k.shape[-2]:
        for size in (1, 3, 7, 64):
            same(attend.attention_in_chunks(q, k, v, size), trusted, tolerance)


@pytest.mark.parametrize(("N", "D"), [(5, 8), (5, 7), (3, 1), (1, 2), (0, 4), (0, 3)])
def test_places(N: int, D: int) -> None:
    if D % 2:
        with pytest.raises(ValueError, match=f"D must be even, not {D}"):
            attend.sinusoidal(N, D)
    angles = [[t / 10000 ** (i // 2 * 2 / D) for i in range(D)] for t in range(N)]
    by_hand = [[math.cos(a) if i % 2 else math.sin(a) for i, a in enumerate(row)] for row in angles]
    expected = torch.tensor(by_hand).view(N, D)
    if D % 2 == 0:
        same(attend.sinusoidal(N, D), expected)
    same(models.sinusoids(N, D), torch.cat([expected[:, ::2], expected[:, 1::2]], dim=1))
    assert models.Encoder(N, D, h=1)(torch.zeros(2, N, D)).shape == (2, N, D)


@each("D, h", {"odd": (63, 3), "one head": (8, 1), "heads of width 1": (8, 8), "one number": (1, 1)})
@pytest.mark.parametrize(("batch", "N", "M"), [(2, 5, 3), (1, 1, 1), (0, 3, 3)])
def test_many_heads(D: int, h: int, batch: int, N: int, M: int) -> None:
    ours, theirs = attend.MultiHead(D, h), nn.MultiheadAttention(D, h, batch_first=True)
    nn.init.normal_(theirs.in_proj_bias)
    attend.copy_attention(ours, theirs)
    x, context = rand(batch, N, D), rand(batch, M, D)
    same(ours(x, context), theirs(x, context, context, need_weights=False)[0])
    nowhere = torch.zeros(N, M, dtype=torch.bool)
    expected = theirs(x, context, context, attn_mask=~nowhere, need_weights=False)[0]
    same(ours(x, context, nowhere), expected)


@each("lengths", {"one word": [1], "one sentence": [4], "two": [5, 2], "padding alone": [3, 0]})
def test_blocks(lengths: list[int]) -> None:
    settings = {"dropout": 0.0, "batch_first": True, "norm_first": True}
    encoder, theirs = attend.EncoderBlock(8, 2, 12), nn.TransformerEncoderLayer(8, 2, 12, **settings)
    decoder, their_decoder = attend.DecoderBlock(8, 2, 12), nn.TransformerDecoderLayer(8, 2, 12, **settings)
    with contextlib.redirect_stdout(io.StringIO()):
        attend.copy_block(encoder, theirs)
        attend.copy_block(decoder, their_decoder)
    x, y = rand(len(lengths), max(lengths), 8), rand(len(lengths), 3, 8)
    real = torch.arange(max(lengths)) < torch.tensor(lengths)[:, None]
    mask, causal = real[:, None, None], torch.ones(3, 3, dtype=torch.bool).tril()
    same(encoder(x, mask), theirs(x, src_key_padding_mask=~real))
    same(decoder(y, x, causal, mask), their_decoder(y, x, tgt_mask=~causal, memory_key_padding_mask=~real))


def test_a_sentence_without_words() -> None:
    assert attend.Transformer(D=66, h=3)(torch.zeros(1, 4).long(), torch.ones(1, 2).long()).isfinite().all()
    assert models.BERT().classify(torch.zeros(2, 4).long()).isfinite().all()


@pytest.mark.parametrize("scale", [None, 0.0])
def test_attention_in_a_recurrent_decoder(scale: float | None) -> None:
    """What is found is computed word by word here, for each sentence without its padding."""
    model, pairs = attend.AttentivePair(8, scale), make_pairs(torch.tensor([5, 12_340_000, 310]))
    logits = model(pairs.source, pairs.target[:, :-1])
    for n, (source, target) in enumerate(zip(pairs.source, pairs.target[:, :-1], strict=True)):
        read, state = model.encoder(model.read_word(source[source != 0])[None])
        for t, word in enumerate(target):
            asks, state = model.decoder(model.write_word(word)[None, None], state)
            scores = [(asks[0, 0] @ key) * (8**-0.5 if scale is None else scale) for key in read[0]]
            found = torch.stack(scores).softmax(dim=0) @ read[0]
            same(logits[n, t], model.score(torch.cat([asks[0, 0], found])))


def test_the_network_for_the_page_sees_what_is_not_hidden() -> None:
    model, pairs = attend.Transformer(D=8, h=2, width=6).eval(), make_pairs(torch.tensor([98_765_432, 310]))
    seen = pairs.source != 0
    seen[:, 1] = False
    expected = model.write(*model.read(pairs.source, seen), pairs.target[:, :16])
    page = attend.OnePass(model, *pairs.source.shape[1:], 16)
    for n, t in ((0, 0), (0, 15), (1, 3)):
        read, written = F.one_hot(pairs.source[n], len(ENGLISH)), F.one_hot(pairs.target[n, :16], len(KOREAN))
        place = F.one_hot(torch.tensor(t), 16)
        row = torch.cat([part.flatten().float() for part in (read, seen[n], written, place)])
        same(page(row[None])[0], expected[n, t])


def test_the_cache_keeps_the_scale() -> None:
    ours, x = attend.MultiHead(8, 2, scale=1.0), rand(1, 3, 8)
    cached = attend.Cached(ours, grows=True)
    in_turn = torch.cat([cached(word, word) for word in x.split(1, dim=1)], dim=1)
    same(in_turn, ours(x, x, torch.ones(3, 3).bool().tril()))


def test_a_block_of_one_word() -> None:
    ours = models.Block(8, 2)
    theirs = nn.TransformerEncoderLayer(8, 2, 32, 0.0, "gelu", batch_first=True, norm_first=True)
    copies = {"self_attn.in_proj_": "qkv.", "self_attn.out_proj": "out", "linear1": "think.0"}
    state = ours.state_dict()
    names = {}
    for name in theirs.state_dict():
        key = name.replace("linear2", "think.2")
        for old, new in copies.items():
            key = key.replace(old, new)
        names[name] = state[key]
    theirs.load_state_dict(names)
    same(ours(rand(1, 1, 8)), theirs(rand(1, 1, 8)))


def merges_of_strings(counts: dict[str, int], num_merges: int) -> tuple[list, dict[str, str]]:
    """Byte-pair encoding another way: a word is a string of its parts, with spaces between them."""
    table, merges = {" ".join(word + "·"): word for word in counts}, []
    for _ in range(num_merges):
        pairs: dict[tuple[str, str], int] = {}
        for spaced, word in table.items():
            parts = spaced.split(" ")
            for i in range(len(parts) - 1):
                pair = parts[i], parts[i + 1]
                pairs[pair] = pairs.get(pair, 0) + counts[word]
        merges.append(sorted(pairs, key=lambda pair: (pairs[pair], pair))[-1])
        whole_parts = re.compile(rf"(?<!\S){re.escape(' '.join(merges[-1]))}(?!\S)")
        joined = "".join(merges[-1])
        table = {whole_parts.sub(lambda _, new=joined: new, spaced): word for spaced, word in table.items()}
    return merges, {word: spaced for spaced, word in table.items()}


@each(
    "text, num_merges",
    {
        "a text": ("the " * 5 + "lower lowest newer newest wider then than there", 25),
        "letters that repeat": ("aaa aaaa aaaaa baaab aab", 8),
        "all pairs tie": ("ab cd ef", 4),
        "one letter": ("a", 1),
        "signs": ("... .*. (a) [b] +.+ \\d \\d", 9),
        "no merge": ("some words", 0),
    },
)
def test_byte_pairs(text: str, num_merges: int) -> None:
    counts = Counter(text.split())
    merges, table = merges_of_strings(counts, num_merges)
    assert models.learn_merges(counts, num_merges) == merges
    for word, spaced in table.items():
        assert models.cut(word, merges) == spaced.split(" ")


# Convolution
convolution = take(
    "convolution",
    *("convolve_by_loops", "conv2d", "our_conv2d", "starts", "output_size", "windows", "receptive_field"),
    *("seen", "multiply_adds"),
)
KERNELS = {
    "a row": (rand(2, 3, 6, 9), rand(4, 3, 1, 5)),
    "a column": (rand(2, 3, 6, 9), rand(4, 3, 4, 1)),
    "not square": (rand(2, 3, 6, 9), rand(4, 3, 2, 3)),
    "as large as the image": (rand(1, 1, 3, 4), rand(1, 1, 3, 4)),
    "one pixel": (rand(1, 1, 1, 1), rand(1, 1, 1, 1)),
    "no image": (rand(0, 3, 6, 9), rand(4, 3, 3, 3)),
    "float64": (rand(2, 3, 6, 6).double(), rand(4, 3, 3, 3).double()),
    "whole numbers": (whole(1, 2, 6, 6, below=9), whole(2, 2, 3, 3, below=9)),
}


@each("x, weight", KERNELS)
def test_convolution(x: Tensor, weight: Tensor) -> None:
    bias = torch.arange(len(weight)).to(weight)
    same(convolution.conv2d(x, weight, bias), F.conv2d(x, weight, bias))
    for image, kernel in itertools.product(x[:, 0], weight[:1, 0]):
        same(
            convolution.convolve_by_loops(image, kernel),
            F.conv2d(image[None, None], kernel[None, None])[0, 0],
        )


def test_convolution_of_whole_numbers_with_others() -> None:
    image, kernel = whole(5, 5, below=9), rand(2, 3)
    theirs = F.conv2d(image[None, None].float(), kernel[None, None])[0, 0]
    same(convolution.convolve_by_loops(image, kernel), theirs)


@each("x, weight", KERNELS)
@each("how", {"far steps": {"stride": 7}, "padding": {"padding": 3}, "gaps": {"dilation": 2, "padding": 4}})
def test_convolution_rule(x: Tensor, weight: Tensor, how: dict[str, int]) -> None:
    theirs = F.conv2d(x, weight, **how)
    same(convolution.our_conv2d(x, weight, **how), theirs)
    for axis in (2, 3):
        rule = x.shape[axis], weight.shape[axis], *({"stride": 1, "padding": 0, "dilation": 1} | how).values()
        assert convolution.output_size(*rule) == len(convolution.starts(*rule)) == theirs.shape[axis]


@pytest.mark.parametrize(("k", "s"), [(1, 1), (1, 3), (2, 3), (3, 1), (4, 4)])
@each("x", {"odd": rand(2, 1, 7, 7), "not square": rand(1, 2, 5, 9), "none": rand(0, 2, 6, 6)})
def test_pooling(x: Tensor, k: int, s: int) -> None:
    same(convolution.windows(x, k, s).amax(dim=-1), F.max_pool2d(x, k, s))
    same(convolution.windows(x.double(), k, s).mean(dim=-1), F.avg_pool2d(x.double(), k, s))


@each(
    "layers",
    {
        "none": [],
        "a point": [(1, 1, 1)],
        "even": [(2, 1, 1), (4, 1, 1)],
        "steps larger than kernels": [(1, 2, 1), (3, 4, 1), (2, 3, 1)],
        "gaps": [(3, 1, 2), (3, 1, 5)],
    },
)
def test_receptive_field(layers: list) -> None:
    columns = (convolution.seen(layers) > 0).any(dim=0).nonzero()
    assert convolution.receptive_field(layers) == columns.max() - columns.min() + 1


@each(
    "model, x",
    {
        "groups": (nn.Conv2d(4, 6, 3, groups=2), rand(2, 4, 5, 7)),
        "a row": (nn.Conv2d(1, 2, (1, 3), stride=2, padding=1), rand(1, 1, 5, 7)),
        "more axes": (nn.Linear(3, 4), rand(2, 5, 3)),
        "twice": (nn.Sequential(*[nn.Linear(3, 3)] * 2), rand(2, 3)),
        "no example": (nn.Linear(3, 4), rand(0, 3)),
    },
)
def test_multiply_adds(model: nn.Module, x: Tensor) -> None:
    with FlopCounterMode(display=False) as judge:
        model(x)
    assert 2 * convolution.multiply_adds(model, x) == judge.get_total_flops()


networks = take("cnn-history", "Residual", "Inception", "DenseLayer", C=1)
googlenet = importlib.import_module("torchvision.models.googlenet")


def projection(n_in: int, n_out: int, stride: int) -> nn.Module:
    return nn.Sequential(nn.Conv2d(n_in, n_out, 1, stride, bias=False), nn.BatchNorm2d(n_out))


@each(
    "ours, theirs",
    {
        "residual": (networks.Residual(8, 8), resnet.BasicBlock(8, 8)),
        "residual, stride 3": (networks.Residual(8, 8, 3), resnet.BasicBlock(8, 8, 3, projection(8, 8, 3))),
        "bottleneck": (networks.Residual(8, 2, bottleneck=True), resnet.Bottleneck(8, 2)),
        "bottleneck, stride 2": (
            networks.Residual(8, 2, 2, bottleneck=True),
            resnet.Bottleneck(8, 2, 2, projection(8, 8, 2)),
        ),
        "inception": (networks.Inception(8, 4, 3, 5, 2, 4, 3), googlenet.Inception(8, 4, 3, 5, 2, 4, 3)),
        "dense": (networks.DenseLayer(8, 4), densenet._DenseLayer(8, 4, 4, 0.0)),
    },
)
@each("shape", {"not square": (2, 8, 5, 7), "one pixel": (1, 8, 1, 1), "none": (0, 8, 4, 4)})
def test_parts_of_networks(ours: nn.Module, theirs: nn.Module, shape: tuple[int, ...]) -> None:
    theirs = theirs.train()
    theirs(rand(9, 8, 4, 4))  # running averages of its own
    ours.load_state_dict(dict(zip(ours.state_dict(), theirs.state_dict().values(), strict=True)))
    x = rand(*shape)
    expected = theirs.eval()(x)
    if isinstance(theirs, densenet._DenseLayer):
        expected = torch.cat([x, expected], dim=1)
    same(ours.eval()(x), expected)


# Segmentation
segmentation = take(
    "segmentation",
    *("count_pixels", "mean_iou", "class_dices", "as_convolution", "dilate", "transposed_convolution"),
    *("pyramid", "enlarge"),
    K=21,
    device="cpu",
)


@each(
    "answer, truth",
    {
        "absent classes": (torch.tensor([[0, 1], [1, 1]]), torch.tensor([[0, 0], [1, 3]])),
        "one pixel": (torch.tensor([[2]]), torch.tensor([[2]])),
        "all wrong": (torch.tensor([1, 1]), torch.tensor([0, 2])),
        "bytes": (torch.tensor([19, 20], dtype=torch.uint8), torch.tensor([19, 19], dtype=torch.uint8)),
    },
)
def test_mean_iou(answer: Tensor, truth: Tensor) -> None:
    ours = segmentation.mean_iou(segmentation.count_pixels(answer, truth))
    same(ours, float(jaccard_score(truth.flatten(), answer.flatten(), average="macro")))


def test_dice() -> None:
    truth, answer = torch.tensor([0, 0, 1, 1, 2]), torch.tensor([0, 1, 1, 1, 0])
    ours = segmentation.class_dices(segmentation.count_pixels(answer, truth))[:3]
    same(ours, torch.tensor(f1_score(truth, answer, average=None)).float())


@pytest.mark.parametrize("dilation", [1, 2, 3])
def test_dilated_convolution(dilation: int) -> None:
    x, weight = rand(2, 3, 9, 11), rand(4, 3, 2, 3)
    ours = F.conv2d(x, segmentation.dilate(weight, dilation))
    same(ours, F.conv2d(x, weight, dilation=dilation))


@each("dense", {"float64": nn.Linear(12, 4).double(), "no bias": nn.Linear(12, 4, bias=False)})
def test_dense_layer_as_convolution(dense: nn.Linear) -> None:
    x = rand(2, 3, 2, 2).to(dense.weight)
    same(segmentation.as_convolution(dense, 3, 2)(x)[:, :, 0, 0], dense(x.flatten(1)))
    same(segmentation.as_convolution(dense, 2, (1, 6))(x.view(2, 2, 1, 6))[:, :, 0, 0], dense(x.flatten(1)))


@each(
    "x, weight, stride, padding",
    {
        "not square": (rand(3, 4, 5), rand(3, 2, 2, 3), 2, 0),
        "a row": (rand(3, 4, 5), rand(3, 2, 1, 3), 1, 0),
        "stride larger than kernel": (rand(1, 2, 3), rand(1, 1, 1, 1), 3, 0),
        "one pixel": (rand(1, 1, 1), rand(1, 1, 1, 1), 1, 0),
        "most padding": (rand(1, 4, 4), rand(1, 1, 3, 3), 1, 2),
        "float64": (rand(2, 2, 2).double(), rand(2, 1, 3, 3).double(), 1, 1),
    },
)
def test_transposed_convolution(x: Tensor, weight: Tensor, stride: int, padding: int) -> None:
    (twin,) = F.conv_transpose2d(x[None], weight, None, stride, padding)
    same(segmentation.transposed_convolution(x, weight, stride, padding), twin)


@pytest.mark.parametrize("factor", [1, 2, 3, 4, 5, 8])
def test_enlarging(factor: int) -> None:
    x = rand(1, 1, 6, 9)
    ours = segmentation.enlarge(factor)(x.expand(-1, 21, -1, -1))[:, :1]
    twin = F.interpolate(x, scale_factor=factor, mode="bilinear")
    inner = (..., slice(factor, -factor), slice(factor, -factor))
    same(ours[inner], twin[inner])
    assert ours.shape == twin.shape


# Multi-layer perceptron
perceptron = take("mlp", "OurLinear", "OurMLP")


@each("x", {"none": rand(0, 3), "one": rand(1, 3), "a row": rand(3), "more axes": rand(2, 4, 3).double()})
def test_linear(x: Tensor) -> None:
    ours, theirs = perceptron.OurLinear(3, 2).to(x.dtype), nn.Linear(3, 2).to(x.dtype)
    theirs.load_state_dict({"weight": ours.W, "bias": ours.b})
    same(ours(x), theirs(x))


@each(
    "x", {"zero": torch.zeros(3, 4).double(), "one": rand(1, 4).double(), "large": rand(3, 4).double() * 1e4}
)
def test_back_propagation(x: Tensor) -> None:
    given = {"x_batch": x, "y_batch": torch.arange(len(x)), "B": len(x), "K": 3}
    mlp = take("mlp", "forward", "backward", **given)
    weights = rand(5, 4).double(), torch.zeros(5).double(), rand(3, 5).double(), torch.zeros(3).double()
    leaves = [w.requires_grad_() for w in weights]
    a, h, z, loss = mlp.forward(*leaves)
    for mine, theirs in zip(mlp.backward(leaves[2], a, h, z), torch.autograd.grad(loss, leaves), strict=True):
        same(mine, theirs, 1e-12)


# Generalization and regularization
general = take("generalization", "folds", "adaboost")
regular = take(
    "regularization", *("ridge", "smooth", "mixup", "cutmix", "OurDropout", "OurBatchNorm"), K=4, H=8, W=8
)


@pytest.mark.parametrize(("n", "k"), [(5, 5), (7, 3), (2, 2)])
def test_folds(n: int, k: int) -> None:
    theirs = [held_out.tolist() for _, held_out in KFold(k).split(np.zeros(n))]
    assert [fold.tolist() for fold in general.folds(n, k)] == theirs


POINTS = rand(40, 2).numpy()


@each(
    "x, y",
    {
        "not separable": (POINTS, np.where(POINTS.sum(axis=1) > 0, 1, -1)),
        "separable": (POINTS, np.where(POINTS[:, 0] > 0, 1, -1)),
        "one class": (POINTS, np.ones(40, dtype=int)),
        "one point": (POINTS[:1], np.array([1])),
        "equal points": (POINTS[[0] * 5], np.array([1, 1, 1, 1, -1])),
    },
)
def test_boosting(x: np.ndarray, y: np.ndarray) -> None:
    stump = DecisionTreeClassifier(max_depth=1, random_state=0)
    twin = AdaBoostClassifier(stump, n_estimators=4, random_state=0).fit(x, y)
    stumps, says = general.adaboost(x, y, 4)
    same([float(say) for say in says[: len(twin)]], twin.estimator_weights_[: len(twin)].tolist())
    assert abs(sum(says[len(twin) :])) < 1e-9
    votes = sum(say * stump.predict(x) for say, stump in zip(says, stumps, strict=True))
    assert (np.sign(votes) == twin.predict(x)).all()


def test_boosting_stops_where_a_stump_is_no_better_than_a_coin() -> None:
    stumps, _ = general.adaboost(np.array([[0, 0], [0, 1], [1, 0], [1, 1]]), np.array([1, -1, -1, 1]), 4)
    assert stumps == []


@pytest.mark.parametrize(("n", "strength"), [(1, 0.1), (3, 1e-3), (30, 1e4)])
def test_ridge(n: int, strength: float) -> None:
    x, y = np.linspace(-1, 1, n), np.arange(n) % 3.0
    twin = Ridge(alpha=strength, fit_intercept=False).fit(legvander(x, 14), y)
    assert np.allclose(regular.ridge(x, y, strength), twin.coef_)


@each(
    "logits, epsilon, tolerance",
    {
        "large": (rand(6, 4) * 1e4, 0.1, 1e-5),
        "large, nothing smoothed": (rand(6, 4) * 1e4, 0.0, 1e-5),
        "all smoothed": (rand(6, 4), 1.0, 1e-5),
        "one": (rand(1, 4), 0.1, 1e-5),
        "none": (rand(0, 4), 0.1, 1e-5),
        "float64": (rand(6, 4).double(), 0.1, 1e-12),
        "float16": (rand(6, 4).half(), 0.1, 1e-2),
    },
)
def test_label_smoothing(logits: Tensor, epsilon: float, tolerance: float) -> None:
    y = torch.arange(len(logits)) % 4
    same(regular.smooth(epsilon)(logits, y), F.cross_entropy(logits, y, label_smoothing=epsilon), tolerance)


@each(
    "x",
    {
        "one": rand(1, 1, 8, 8),
        "not square": rand(3, 1, 8, 12),
        "smaller": rand(3, 1, 5, 4),
        "larger, colour": rand(3, 3, 16, 20),
        "float64": rand(3, 1, 8, 8).double(),
    },
)
@pytest.mark.parametrize("alpha", [1e-3, 1.0, 10.0])
@each("ours, theirs", {"mixup": (regular.mixup, v2.MixUp), "cutmix": (regular.cutmix, v2.CutMix)})
def test_mixing(ours: Callable, theirs: Callable, alpha: float, x: Tensor) -> None:
    y, results = torch.arange(len(x)), []
    for mix in (ours(alpha), theirs(alpha=alpha, num_classes=4)):
        torch.manual_seed(3)
        results.append(mix(x.clone(), y))
    same(*results)


@pytest.mark.parametrize("p", [0, 0.0, 1, 1.0])
def test_dropout_of_nothing_and_of_all(p: float, monkeypatch: pytest.MonkeyPatch) -> None:
    x = rand(2000)
    monkeypatch.setattr(torch, "rand_like", torch.zeros_like)  # rare, but it happens
    same(regular.OurDropout(p)(x), nn.Dropout(p)(x))


@each(
    "theirs, shape",
    {
        "two examples": (nn.BatchNorm1d, (2, 6)),
        "one image": (nn.BatchNorm2d, (1, 6, 3, 4)),
        "one number, twice": (nn.BatchNorm2d, (1, 6, 1, 2)),
        "sequences": (nn.BatchNorm1d, (2, 6, 5)),
    },
)
@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
def test_batch_norm(theirs: type[nn.Module], shape: tuple[int, ...], dtype: torch.dtype) -> None:
    layers = regular.OurBatchNorm(6).to(dtype), theirs(6).to(dtype)
    x = rand(*shape).to(dtype) * 3 + 1
    same(*(layer(x) for layer in layers))
    same(layers[0].mean, layers[1].running_mean)
    same(layers[0].var, layers[1].running_var)
    same(*(layer.eval()(x[:1]) for layer in layers))


# Optimization
RULES = {
    "sgd": torch.optim.SGD,
    "momentum": lambda p, lr: torch.optim.SGD(p, lr, momentum=0.9),
    "nesterov": lambda p, lr: torch.optim.SGD(p, lr, momentum=0.9, nesterov=True),
    "adagrad": torch.optim.Adagrad,
    "rmsprop": torch.optim.RMSprop,
    "adadelta": torch.optim.Adadelta,
    "adam": torch.optim.Adam,
    "adamw": torch.optim.AdamW,
    "adam_l2": lambda p, lr: torch.optim.Adam(p, lr, weight_decay=0.01),
}
rules = take("optimization", *RULES, "train_many", device="cpu", n_pixels=4, n_classes=3)


@each(
    "gradients",
    {
        "zero": torch.zeros(4, 3),
        "zero at first": torch.cat([torch.zeros(2, 3), rand(2, 3)]),
        "zero at last": torch.cat([rand(1, 3), torch.zeros(3, 3)]),
        "one number": rand(4),
        "no weight": rand(4, 0),
        "tiny": rand(4, 3) * 1e-10,
        "huge": rand(4, 3) * 1e25,
        "float64": rand(4, 3).double(),
    },
)
@pytest.mark.parametrize("rule", RULES)
def test_update_rules(rule: str, gradients: Tensor) -> None:
    ours = torch.ones_like(gradients[0])
    theirs, state = nn.Parameter(ours.clone()), {}
    optimizer = RULES[rule]([theirs], lr=0.1)
    for gradient in gradients:
        getattr(rules, rule)(ours, gradient.clone(), state, 0.1)
        theirs.grad = gradient.clone()
        optimizer.step()
    same(ours, theirs.data)


# Recurrent networks
recurrent = take("rnn-lstm", "rnn_step", "lstm_step", "gru_step", "walk", "Unrolled", "translate_by_hand")
STEPS = {"RNN": (nn.RNN, "rnn_step", 1), "LSTM": (nn.LSTM, "lstm_step", 2), "GRU": (nn.GRU, "gru_step", 1)}


@each(
    "x",
    {
        "one step": rand(3, 1, 2),
        "one of all": rand(1, 1, 2),
        "no example": rand(0, 3, 2),
        "no batch": rand(5, 2),
        "large": rand(2, 3, 2) * 1e4,
        "float64": rand(2, 3, 2).double(),
    },
)
@each("kind, step, num_states", STEPS)
def test_recurrent_steps(kind: type[nn.Module], step: str, num_states: int, x: Tensor) -> None:
    twin = kind(2, 4, batch_first=True).to(x.dtype)
    zeros = x.new_zeros(*x.shape[:-2], 4)
    out, _ = recurrent.walk(getattr(recurrent, step), x, (zeros,) * num_states, list(twin.parameters()))
    same(out, twin(x)[0])


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
@pytest.mark.parametrize("T", [1, 4])
def test_unrolled(T: int, dtype: torch.dtype) -> None:
    rnn, x = nn.RNN(2, 3, batch_first=True).to(dtype), rand(2, T, 2).to(dtype)
    same(recurrent.Unrolled(rnn, T)(x), rnn(x)[0][:, -1])


def test_translation_by_hand() -> None:
    model = EncoderDecoder(8, 4)
    source = make_pairs(torch.tensor([1, 99_999_999])).source  # the shortest sentence, much padding
    for end in (0.0, 1e4):  # one that never ends, one that ends at once
        model.score.bias.data[END] = end - 1e3
        for row in source:
            written = recurrent.translate_by_hand(model, row)
            assert written == translate(model, row[None])[0].tolist()
            assert written[0] == START and len(written) == (2 if end else 21)


# Models of images
pixels = take(
    "autoregressive-models",
    *("n_markov", "n_listed", "Table", "nade_naive", "NADE", "MaskedConv", "PixelRNN"),
    side=3,
)


@pytest.mark.parametrize(("n", "k"), [(0, 0), (0, 3), (1, 1), (4, 4), (4, 9)])
def test_counts(n: int, k: int) -> None:
    assert pixels.n_markov(n, k) == pixels.n_listed(n, k)


@pytest.mark.parametrize(("batch", "k"), [(1, 1), (0, 2), (9, 3)])
def test_table(batch: int, k: int) -> None:
    before = torch.stack([torch.randperm(6)[:k] for _ in range(5)])  # 5 pixels; 5 stands for paper
    x = whole(batch, 5, below=2).float()
    table, padded = pixels.Table(before, x).smoothed(3), F.pad(x, (0, 1))
    for one in range(batch):
        alike = (padded[:, before] == padded[one, before]).all(dim=2).float()  # (N, 5)
        expected = ((alike * x).sum(dim=0) + 1.5) / (alike.sum(dim=0) + 3)
        same(table(x[one : one + 1])[0].sigmoid(), expected)


@pytest.mark.parametrize(("batch", "n"), [(1, 1), (0, 5), (3, 5)])
def test_nade(batch: int, n: int) -> None:
    nade, x = pixels.NADE(n, width=3), whole(batch, n, below=2).float()
    nn.init.normal_(nade.W, std=1e3)
    same(nade(x), pixels.nade_naive(x, nade.W, nade.c, nade.V, nade.b))


@pytest.mark.parametrize(("batch", "rows"), [(1, 1), (0, 3), (2, 5)])
def test_row_lstm(batch: int, rows: int) -> None:
    ours, twin = pixels.PixelRNN(4), nn.LSTM(16, 4, batch_first=True)
    weights = torch.eye(16), ours.from_state.weight[:, :, 1], torch.zeros(16), ours.from_state.bias
    twin.load_state_dict(dict(zip(twin.state_dict(), weights, strict=True)))
    gates = rand(batch, 16, rows, 1)
    same(ours.row_lstm(gates).squeeze(3).mT, twin(gates.squeeze(3).mT)[0])


@pytest.mark.parametrize("size", [1, 3, 5])
def test_masked_convolution(size: int) -> None:
    layer, x = pixels.MaskedConv(2, 3, size, 1), rand(1, 2, 4, 6)
    plain = deepcopy(layer)
    plain.weight.data *= plain.mask
    same(layer(x), nn.Conv2d.forward(plain, x))


latent = take(
    "latent-variable-models",
    *("log_coins", "kl_to_prior", "kl_to_fair_coins", "energy_distance", "VAE", "log_ratios"),
    n=4,
    device="cpu",
)
EXTREME = torch.tensor([[1e4, -1e4, 0.0, 1e4]])


@each("logits", {"extreme": EXTREME, "none": rand(0, 4), "one": rand(1, 1), "float64": rand(2, 3).double()})
def test_coins(logits: Tensor) -> None:
    fair = Bernoulli(torch.full_like(logits, 0.5))
    same(latent.kl_to_fair_coins(logits), kl_divergence(Bernoulli(logits=logits), fair).sum(dim=-1))
    for x in (torch.ones_like(logits), torch.zeros_like(logits)):
        same(latent.log_coins(logits, x), Bernoulli(logits=logits).log_prob(x).sum(dim=-1))


@each("mean, log_variance", {"far": (EXTREME, EXTREME / 1e3), "none": (rand(0, 2), rand(0, 2))})
def test_kl_to_prior(mean: Tensor, log_variance: Tensor) -> None:
    q = Normal(mean, (log_variance / 2).exp())
    same(
        latent.kl_to_prior(mean, log_variance),
        kl_divergence(q, Normal(torch.zeros_like(mean), 1.0)).sum(dim=1),
    )


@each("a, b", {"two": (rand(2, 2), rand(2, 2) + 1), "other numbers": (rand(50, 2), rand(9, 2))})
def test_energy_distance(a: Tensor, b: Tensor) -> None:
    def mean(x: Tensor, y: Tensor, pairs: int) -> float:
        return (x[:, None].double() - y.double()).norm(dim=2).sum().item() / pairs

    n, m = len(a), len(b)
    twin = 2 * mean(a, b, n * m) - mean(a, a, n * (n - 1)) - mean(b, b, m * (m - 1))
    same(latent.energy_distance(a, b), twin, 1e-4)


ANGLES = take("diffusion", "equal_angles", device="cpu").equal_angles(50)
diffusion = take(
    "diffusion",
    *("alone", "way_back", "normal_step", "kl_of_step", "kl_at_end", "log_rounding", "equal_ratios"),
    angles=ANGLES,
    device="cpu",
)
STEPS = {"first": (0, 1), "middle": (24, 25), "last": (49, 50), "far": (0, 50)}
SIGNS = {"some": rand(3, 1, 4, 5).sign(), "none": rand(0, 1, 4, 4), "one": rand(1, 1, 1, 1).sign()}


@each("s, t", STEPS)
@each("x", SIGNS)
def test_terms_of_the_diffusion_bound(x: Tensor, s: int, t: int) -> None:
    s, t, x = *ANGLES[[s, t]].double(), x.double()
    z, x_guess = t.cos() * x + t.sin() * rand(*x.shape), 0.9 * x
    q, p = (Normal(*diffusion.way_back(z, image, s, t)) for image in (x, x_guess))
    same(diffusion.kl_of_step(x, x_guess, s, t), kl_divergence(q, p).flatten(1).sum(dim=1))
    end = kl_divergence(Normal(t.cos() * x, t.sin()), Normal(torch.zeros_like(x), 1.0))
    same(diffusion.kl_at_end(x, t), end.flatten(1).sum(dim=1))
    coins = Bernoulli(logits=2 * diffusion.alone(z, t))
    same(diffusion.log_rounding(x, z, t), coins.log_prob((x + 1) / 2).flatten(1).sum(dim=1))


@each("s, t", STEPS)
def test_one_step_back_is_that_of_bayes(s: int, t: int) -> None:
    (s, t), x = ANGLES[[s, t]].double(), rand(3, 1, 4, 5).double().sign()
    z_s = s.cos() * x + s.sin() * rand(*x.shape)
    z_t = t.cos() * x + t.sin() * rand(2, *x.shape)
    twin = diffusion.normal_step(s, t, z_s).log_prob(z_t) + Normal(s.cos() * x, s.sin()).log_prob(z_s)
    twin = twin - Normal(t.cos() * x, t.sin()).log_prob(z_t)
    same(Normal(*diffusion.way_back(z_t, x, s, t)).log_prob(z_s), twin)


@pytest.mark.parametrize("steps", [1, 2, 1000])
def test_equal_ratios(steps: int) -> None:
    angles = diffusion.equal_ratios(steps)
    same(angles[[0, -1]], ANGLES[[0, -1]], 1e-3)
    same(angles.tan().log().diff(), angles.tan().log().diff().mean().expand(steps), 1e-3)


@pytest.mark.parametrize("K", [1, 100, 150])
def test_number_of_draws(K: int) -> None:
    assert latent.log_ratios(latent.VAE(2), torch.ones(3, 4), K).shape == (K, 3)


history = take("history", "nt_xent")


@each(
    "z1, z2, temperature",
    {
        "one pair": (rand(1, 3), rand(1, 3), 0.5),
        "large": (rand(5, 3) * 1e4, rand(5, 3) * 1e4, 0.5),
        "a zero": (torch.zeros(3, 3), rand(3, 3), 0.5),
        "cold": (rand(5, 3).double(), rand(5, 3).double(), 1e-4),
    },
)
def test_contrastive_loss(z1: Tensor, z2: Tensor, temperature: float) -> None:
    z = torch.cat([z1, z2])
    cosines = F.cosine_similarity(z[:, None], z, dim=2).fill_diagonal_(-torch.inf)
    twin = F.cross_entropy(cosines / temperature, torch.arange(len(z)).roll(len(z1)))
    same(history.nt_xent(z1, z2, temperature), twin)


# Visualization
charts = take("visualization", "squarified", "lens", "area_inside", "largest_remainder", "to_polar")


@each(
    "shares, w, h",
    {
        "none": ([], 1, 1),
        "one": ([1], 3, 2),
        "equal, in a square": ([1] * 8, 4, 4),
        "equal, upright": ([1] * 7, 1, 7),
        "one large": ([50, *[1] * 9], 10, 1),
        "all different": (list(range(12, 0, -1)), 2, 3),
    },
)
def test_treemap(shares: list[int], w: int, h: int) -> None:
    sizes = [share * w * h / sum(shares) for share in shares]
    theirs = [(t["x"], t["y"], t["dx"], t["dy"]) for t in squarify.squarify(sizes, 0, 0, w, h)]
    assert np.allclose(charts.squarified(sizes, 0, 0, w, h), theirs)


@pytest.mark.parametrize(
    ("r1", "r2"), [(0.2, 4.1), (4.5, 4.3), (1.0, 1.0), (0.0, 2.0), (0.0, 0.0), (0.3, 0.1)]
)
def test_lens(r1: float, r2: float) -> None:
    inside, outside = abs(r1 - r2), r1 + r2
    whole_disc = math.pi * min(r1, r2) ** 2
    for d in (inside / 2, inside, math.nextafter(inside, 9) if inside else 0.0):
        assert charts.lens(d, r1, r2) == pytest.approx(whole_disc, abs=1e-6)
    for d in (math.nextafter(outside, 0), outside, outside + 1):
        assert charts.lens(d, r1, r2) == pytest.approx(0, abs=1e-6)


@each(
    "r",
    {
        "triangle": np.ones(3),
        "a line": np.ones(2),
        "a point": np.ones(1),
        "many": np.arange(12.0).reshape(3, 4),
    },
)
def test_area_of_polygons(r: np.ndarray) -> None:
    z = r * np.exp(2j * np.pi * np.arange(r.shape[-1]) / r.shape[-1])
    shoelace = (z.conj() * np.roll(z, -1, axis=-1)).imag.sum(axis=-1) / 2
    assert np.allclose(charts.area_inside(r), shoelace)


@each("shares", {"one": [3], "equal": [1, 1, 1], "zeros": [1, 0, 0], "floats": [0.1] * 10, "many": [1] * 150})
def test_largest_remainder(shares: list[float]) -> None:
    ours = charts.largest_remainder(shares)
    assert ours.sum() == 100 and np.abs(ours - 100 * np.array(shares) / sum(shares)).max() < 1


# Inputs out of scope, which raise errors.
LOADER = [(rand(3, 2), torch.zeros(3, dtype=torch.int64))]


def train(train_loader: object, val_loader: object) -> object:
    model = nn.Linear(2, 2)
    return fit(model, train_loader, val_loader, torch.optim.SGD(model.parameters(), 0.1), num_epochs=2)


@each(
    "call, error, message",
    {
        "more folds than points": (lambda: general.folds(3, 5), AssertionError, "a point"),
        "one fold": (lambda: general.folds(3, 1), AssertionError, "a point"),
        "dropout above 1": (lambda: regular.OurDropout(1.5), AssertionError, None),
        "batch norm of one": (lambda: regular.OurBatchNorm(6)(rand(1, 6)), ValueError, "two values"),
        "a batch of more than all": (
            lambda: rules.train_many(rules.sgd, [0.1], [0], rand(3, 4), torch.arange(3), 5, 1),
            AssertionError,
            None,
        ),
        "another length": (lambda: recurrent.Unrolled(nn.RNN(2, 3), 4)(rand(1, 5, 2)), AssertionError, None),
        "even mask": (lambda: pixels.MaskedConv(1, 1, 4, 0), AssertionError, "odd"),
        "one point": (lambda: latent.energy_distance(rand(1, 2), rand(3, 2)), AssertionError, None),
        "one image": (lambda: ReferenceClassifier(torch.ones(1, 4), torch.zeros(1)), ValueError, "images"),
        "no batch": (lambda: evaluate(nn.Linear(2, 2), []), ValueError, "no batch"),
        "nothing to learn from": (lambda: train([], LOADER), ValueError, "no batch"),
        "nothing to judge by": (lambda: train(LOADER, []), ValueError, "no batch"),
        "read only once": (lambda: train(iter(LOADER), LOADER), ValueError, "only once"),
        "zero in words": (lambda: make_pairs(torch.tensor([0])), ValueError, "0 is not from 1"),
        "a billion": (lambda: english(10**9), ValueError, "not from 1 to 999,999,999"),
        "too long": (lambda: korean(10**8), ValueError, "not from 1 to 99,999,999"),
        "no number": (lambda: make_pairs(torch.tensor([])), ValueError, "no number"),
        "no scene": (
            lambda: make_scenes(Split(rand(3, 1, 8, 8), torch.arange(3)), 0),
            ValueError,
            "0 scenes",
        ),
        "no digit": (
            lambda: make_scenes(Split(rand(0, 1, 8, 8), torch.arange(0)), 1),
            ValueError,
            "0 digits",
        ),
    },
)
def test_out_of_scope(call: Callable, error: type[Exception], message: str | None) -> None:
    with pytest.raises(error, match=message):
        call()


def test_what_helpers_take() -> None:
    scenes = make_scenes(Split(rand(3, 1, 8, 8).double().abs(), torch.arange(3)), 1)
    assert scenes.images.dtype == torch.float32
    judge = ReferenceClassifier(torch.ones(4, 4), torch.arange(4))  # all features alike
    assert judge.features(torch.rand(3, 4)).isfinite().all()
