"""The live figure of a decoder names the nearest code, and draws what torch decodes."""

import torch
from course import live
from course.nodejs import run_in_node
from torch import nn

from helpers.live import export

ASSETS = live.INTERPRETER.parent
SCRIPT = """
globalThis.live = { kinds: {} };
require(data.interpreter);
require(data.file);
const run = live.compile(data.model);
return {
  nearest: data.asked.map((z) => live.nearest(data.points, z)),
  cells: data.asked.map((z) => live.cell(8, 1, z)),
  images: data.asked.map((z) => Array.from(run([1, 2], Float32Array.from(z)).output)),
};
"""


def test_points_are_decoded_as_in_torch_and_the_nearest_code_is_found() -> None:
    torch.manual_seed(0)
    decoder = nn.Sequential(nn.Linear(2, 30), nn.ReLU(), nn.Linear(30, 49), nn.Sigmoid())
    points, asked = 2 * torch.rand(50, 2) - 1, 2.4 * torch.rand(20, 2) - 1.2
    found = run_in_node(
        SCRIPT,
        {
            "interpreter": str(live.INTERPRETER),
            "file": str(ASSETS / "live-decode-digit.js"),
            "model": export(decoder, asked),
            "points": points.tolist(),
            "asked": asked.tolist(),
        },
    )
    column, up = ((asked.clamp(-1, 0.9999) + 1) * 4).long().unbind(dim=1)
    assert found["cells"] == torch.stack([7 - up, column], dim=1).tolist()
    assert found["nearest"] == torch.cdist(asked, points).argmin(dim=1).tolist()
    assert torch.allclose(torch.tensor(found["images"]), decoder(asked), atol=1e-5)
