"""The live figure of a kernel computes what torch computes."""

import pytest
import torch
from course import live
from course.nodejs import run_in_node
from scipy import signal
from torch.nn import functional as F

FILE = str(live.INTERPRETER.parent / "live-edit-kernel.js")
SCRIPT = """
globalThis.live = { kinds: {} };
require(data.file);
const { apply, turned, shades } = live.kernel;
const of = (kernel) => Array.from(apply(data.image, data.shape, kernel));
return { out: of(data.kernel), flipped: of(turned(data.kernel)), shades: data.kernels.map(shades) };
"""
SOBEL = [-1, 0, 1, -2, 0, 2, -1, 0, 1]


def in_page(image: torch.Tensor, kernel: torch.Tensor, kernels: list | None = None) -> dict:
    given = {"image": image.flatten().tolist(), "shape": list(image.shape)}
    return run_in_node(
        SCRIPT, {"file": FILE, **given, "kernel": kernel.flatten().tolist(), "kernels": kernels or []}
    )


@pytest.mark.parametrize("shape", [(9, 9), (5, 12), (12, 5), (3, 3), (3, 4)])
def test_the_page_convolves_as_torch_and_scipy_do(shape: tuple[int, int]):
    torch.manual_seed(0)
    image, kernel = torch.rand(shape), torch.randn(3, 3)
    found = in_page(image, kernel)
    expected = F.conv2d(image[None, None], kernel[None, None]).flatten()
    assert torch.allclose(torch.tensor(found["out"]), expected, atol=1e-6)
    flipped = torch.tensor(signal.convolve2d(image, kernel, mode="valid")).flatten()
    assert torch.allclose(torch.tensor(found["flipped"]), flipped, atol=1e-6)


def test_flat_areas_are_grey_where_the_numbers_add_up_to_nothing():
    identity, blur = [0, 0, 0, 0, 1, 0, 0, 0, 0], [1 / 9] * 9
    kernels = [SOBEL, identity, blur, [0] * 9]
    found = in_page(torch.rand(3, 3), torch.zeros(3, 3), kernels)["shades"]
    assert found == [[-2, 2], [0, 1], [0, 1], [0, 1]]
