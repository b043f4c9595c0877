"""The figure of the transposed convolution computes what torch computes."""

import torch
from course import live
from course.nodejs import run_in_node
from torch import Tensor
from torch.nn import functional as F

torch.manual_seed(0)
CASES = [(k, s, p) for k in (1, 2, 3, 5) for s in (1, 2, 3) for p in range(min(k, 3))]
PAINT = """
const { paint, cut, convolve } = live.transposed;
return data.cases.map(({ x, weight, stride, padding }) => {
  const output = cut(paint(x, weight, stride).sum, padding);
  return [output, convolve(output, weight, stride, padding)];
});
"""


def in_node(script: str, **data):
    kind = live.INTERPRETER.parent / "live-transposed-convolution.js"
    head = "globalThis.live = { kinds: {} }; require(data.kind);"
    return run_in_node(head + script, {"kind": str(kind), **data})


def test_there_and_back_are_torchs():
    cases = [(torch.randn(3, 4), torch.randn(k, k), {"stride": s, "padding": p}) for k, s, p in CASES]
    sent = [{"x": x.tolist(), "weight": w.tolist(), **settings} for x, w, settings in cases]
    found = in_node(PAINT, cases=sent)
    for (x, weight, settings), (output, back) in zip(cases, found, strict=True):
        there = F.conv_transpose2d(x[None, None], weight[None, None], **settings)
        assert torch.allclose(torch.tensor(output), there[0, 0], atol=1e-4), settings
        again = F.conv2d(there, weight[None, None], **settings)
        assert again.shape[2:] == x.shape
        assert torch.allclose(torch.tensor(back), again[0, 0], atol=1e-4), settings


def test_some_of_the_stamps():
    x, weight = torch.rand(2, 2), torch.rand(3, 3)
    script = "return live.transposed.paint(data.x, data.weight, 2, 2);"
    found = in_node(script, x=x.tolist(), weight=weight.tolist())
    first_row = torch.stack([x[0], torch.zeros(2)])
    expected = F.conv_transpose2d(first_row[None, None], weight[None, None], stride=2)[0, 0]
    assert torch.allclose(torch.tensor(found["sum"]), expected, atol=1e-5)
    assert found["counts"][0] == [1, 1, 2, 1, 1] and found["counts"][4] == [0] * 5


def off(x: Tensor, k: int, stride: int) -> float:
    back = "convolve(paint(data.x, data.weight, data.stride).sum, data.weight, data.stride, 0)"
    script = f"const {{ paint, convolve, off }} = live.transposed; return off({back}, data.x);"
    return in_node(script, x=x.tolist(), weight=torch.rand(k, k).tolist(), stride=stride)


def test_only_stamps_that_do_not_overlap_can_be_read_back():
    x = torch.randn(3, 3)
    assert off(x, 2, 2) < 1e-6 and off(x, 2, 3) < 1e-6
    assert off(x, 3, 2) > 0.05


def test_the_pyramid_enlarges_bilinearly():
    x = torch.randn(6, 6)
    script = "const { paint, cut, kernels } = live.transposed;"
    script += "return cut(paint(data.x, kernels.pyramid(4), 2).sum, 1);"
    ours = torch.tensor(in_node(script, x=x.tolist()))
    twin = F.interpolate(x[None, None], scale_factor=2, mode="bilinear")[0, 0]
    assert torch.allclose(ours[2:-2, 2:-2], twin[2:-2, 2:-2], atol=1e-5)
