"""The live figure of patches arranges them as torch does."""

import pytest
import torch
from course import live
from course.nodejs import run_in_node
from torch.nn import functional as F

FILE = str(live.INTERPRETER.parent / "live-blacken-patches.js")
SCRIPT = """
globalThis.live = { kinds: {} };
require(data.file);
let at = 0;
return {
  image: Array.from(live.patches.arrange(data.image, data.n, data.order, data.black)),
  order: live.patches.shuffle(data.randoms.length + 1, () => data.randoms[at++]),
};
"""


def in_page(image: torch.Tensor, n: int, order: list[int], black: list[bool], randoms: list[float]) -> dict:
    given = {"image": image.flatten().tolist(), "n": n, "order": order, "black": black, "randoms": randoms}
    return run_in_node(SCRIPT, {"file": FILE, **given})


@pytest.mark.parametrize("n", [1, 2, 4, 7, 28])
def test_patches_are_arranged_as_torch_does(n: int):
    torch.manual_seed(n)
    image, order, black = torch.rand(1, 1, 28, 28), torch.randperm(n * n), torch.rand(n * n) < 0.3
    patches = F.unfold(image, 28 // n, stride=28 // n)[:, :, order] * ~black  # (1, pixels, n * n)
    expected = F.fold(patches, 28, 28 // n, stride=28 // n).flatten()
    found = in_page(image, n, order.tolist(), black.tolist(), [])["image"]
    assert torch.allclose(torch.tensor(found, dtype=torch.float32), expected, atol=1e-6)


def test_all_orders_can_come():
    image = torch.zeros(28, 28)
    orders = {
        tuple(in_page(image, 1, [0], [False], [a, b])["order"]) for a in (0, 0.4, 0.99) for b in (0, 0.6)
    }
    assert len(orders) == 6
    assert all(sorted(order) == [0, 1, 2] for order in orders)
