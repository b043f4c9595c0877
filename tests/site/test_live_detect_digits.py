"""The live figure of a detector makes boxes, thins them out and grades them as the chapter does."""

import pytest
import torch
from course import live
from course.nodejs import run_in_node
from torch.nn import functional as F
from torchvision import ops

from helpers.scenes import Scenes
from tests.pages.test_twins import some_boxes, take

CELL = (15.0, 20.0)
FILES = [str(live.INTERPRETER), str(live.INTERPRETER.parent / "live-detect-digits.js")]
HEAD = "globalThis.live = { kinds: {} }; data.files.forEach(require); "
page = take("detection", "to_boxes", "grade", "cell_of", "make_anchors", SIZE=64, K=3, device="cpu")


def in_page(script: str, **data):
    return run_in_node(HEAD + script, {"files": FILES, **data})


def detections(n: int, ties: bool = False) -> dict[str, torch.Tensor]:
    """Return n detections of one image; with ties, many of their scores and overlaps are equal."""
    torch.manual_seed(n)
    scores = torch.randint(1, 5, (n,)) / 4 if ties else torch.rand(n).clamp(min=0.01)
    return {"boxes": some_boxes(n, step=4 * ties), "labels": torch.randint(3, (n,)), "scores": scores}


def sent(found: dict[str, torch.Tensor]) -> list[dict]:
    parts = zip(*(found[name].tolist() for name in ("boxes", "labels", "scores")), strict=True)
    return [dict(zip(("box", "label", "score", "at"), (*one, i), strict=True)) for i, one in enumerate(parts)]


def test_outputs_become_boxes_and_scores():
    torch.manual_seed(0)
    out = 3 * torch.randn(64, 1 + 4 + 3)
    script = "return live.detection.decode(Float32Array.from(data.out), data.cell);"
    found = in_page(script, out=out.flatten().tolist(), cell=CELL)
    expected = page.to_boxes(out[:, 1:5], page.make_anchors([CELL[1]], CELL[0] / CELL[1]))
    assert torch.allclose(torch.tensor([one["box"] for one in found]), expected, atol=1e-3)
    scores = out[:, :1].sigmoid() * out[:, 5:].softmax(dim=1)
    assert torch.allclose(torch.tensor([one["scores"] for one in found]), scores, atol=1e-5)
    centres = torch.tensor([one["cell"] for one in found])
    assert page.cell_of(torch.cat([centres - 2, centres + 2], dim=1)).tolist() == list(range(64))


@pytest.mark.parametrize("limit", [0.0, 0.25, 0.4, 0.9])
@pytest.mark.parametrize("n, ties", [(0, False), (1, False), (120, False), (120, True)])
def test_nms_is_torchvisions(n: int, ties: bool, limit: float):
    found = detections(n, ties)
    script = "return live.detection.nms(data.found, data.limit).map(({ at }) => at);"
    kept = torch.zeros(n, dtype=torch.bool)
    for k in range(3):
        of = (found["labels"] == k).nonzero().flatten()
        kept[of[ops.nms(found["boxes"][of], found["scores"][of], limit)]] = True
    order = found["scores"].argsort(descending=True, stable=True)
    assert in_page(script, found=sent(found), limit=limit) == order[kept[order]].tolist()


@pytest.mark.parametrize("ties", [False, True])
def test_precision_and_recall_are_the_chapters(ties: bool):
    torch.manual_seed(1)
    boxes = torch.stack([some_boxes(40, step=4)[torch.randperm(40)[:6]] for _ in range(8)])
    scenes = Scenes(torch.zeros(8, 1, 64, 64), boxes, torch.randint(-1, 3, (8, 6)), torch.zeros(8, 64, 64))
    found = []
    for i in range(8):
        one = detections(30 + i, ties)
        one["boxes"][:6] = boxes[i]
        keep = ops.nms(one["boxes"], one["scores"], 1.0)  # sorts
        found.append({name: values[keep] for name, values in one.items()})
    table, n_true = page.grade(found, scenes)
    truth = [zip(*(part.tolist() for part in scenes.objects(i)), strict=True) for i in range(8)]
    given = [
        {"found": sent(one), "truth": [{"box": box, "label": label} for box, label in boxes]}
        for one, boxes in zip(found, truth, strict=True)
    ]
    script = (
        "const result = live.detection.grade(data.scenes, 1); "
        "return [result.total, ...data.least.map((least) => live.detection.count(result, least))];"
    )
    least = [0.05, 0.3, 0.5, 0.8]
    total, *counts = in_page(script, scenes=given, least=least)
    assert total == n_true.sum() > 0
    for limit, (right, wrong) in zip(least, counts, strict=True):
        shown = table["score"] >= limit
        assert right == (table["right"] & shown).sum()
        assert right + wrong == shown.sum()
    assert counts[0][0] > 0


def test_digits_are_enlarged_as_in_torch():
    torch.manual_seed(2)
    glyph, x, y, size = torch.rand(28, 28), 30.0, 21.5, 35.0
    script = (
        "const ink = live.detection.ink({ side: 28, pixels: data.pixels }, data.digit); "
        "return [Array.from(ink), live.detection.centre(ink), live.detection.centre(new Float32Array(4096))];"
    )
    digit = {"x": x, "y": y, "size": size}
    ink, centre, nothing = in_page(script, pixels=glyph.flatten().tolist(), digit=digit)
    scale = 64 / size
    theta = torch.tensor([[[scale, 0, scale * (1 - x / 32)], [0, scale, scale * (1 - y / 32)]]])
    grid = F.affine_grid(theta, [1, 1, 64, 64], align_corners=False)
    expected = F.grid_sample(glyph[None, None], grid, align_corners=False)[0, 0]
    assert torch.allclose(torch.tensor(ink).view(64, 64), expected, atol=1e-4)
    rows, columns = (expected > 0.35).nonzero().T
    middle = [(columns.min() + columns.max() + 1) / 2, (rows.min() + rows.max() + 1) / 2]
    assert centre == [value.item() for value in middle] and nothing is None
