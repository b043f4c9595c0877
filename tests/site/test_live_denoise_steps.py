"""The live figure of a diffusion model finds the right frame, and reads its class as torch does."""

import torch
from course import live
from course.nodejs import run_in_node

from helpers.live import pack

SCRIPT = """
globalThis.live = { kinds: {} };
require(data.interpreter);
require(data.file);
const frames = live.unpack(data.frames);
return {
  frames: data.asked.map(([i, n]) => Array.from(live.frame(frames, i, n))),
  read: data.shares.map(live.read),
};
"""


def test_frames_and_classes_are_those_of_torch() -> None:
    torch.manual_seed(0)
    frames = torch.randint(256, (5, 3, 4, 6), dtype=torch.uint8)
    shares = torch.randn(20, 10).softmax(dim=1)
    asked = [(i, n) for i in range(5) for n in range(3)]
    found = run_in_node(
        SCRIPT,
        {
            "interpreter": str(live.INTERPRETER),
            "file": str(live.INTERPRETER.parent / "live-denoise-steps.js"),
            "frames": pack(frames),
            "asked": asked,
            "shares": shares.tolist(),
        },
    )
    assert found["frames"] == [frames[i, n].flatten().tolist() for i, n in asked]
    most, classes = shares.max(dim=1)
    percents = [round(100 * share) for share in most.tolist()]
    assert found["read"] == [list(pair) for pair in zip(classes.tolist(), percents, strict=True)]
