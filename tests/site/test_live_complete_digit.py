"""The live figure that completes digits draws what torch draws with the same random numbers."""

import pytest
import torch
from course import live
from course.nodejs import run_in_node
from torch import Tensor, nn

from helpers.live import export, pack
from helpers.pixels import OnePixel

SIDE, N, HALF = 28, 784, 392
SCRIPT = """
globalThis.live = { kinds: {} };
require(data.interpreter);
require(data.file);
const { network, table, complete, nats } = live.completion;
const tensor = (name) => live.unpack(data[name]).data;
const model = data.graph
  ? network(live.compile(data.graph), data.layers, data.width)
  : table(data.before ? tensor("before") : [], tensor("shares"));
let at = 0;
const randoms = tensor("randoms");
return complete(model, tensor("given"), 2, () => randoms[at++]).map((one) => ({
  image: Array.from(one.image),
  ink: Array.from(one.ink),
  nats: nats(one, data.half, one.image.length),
}));
"""


class MaskedConv(nn.Conv2d):
    def __init__(self, n_in: int, n_out: int, size: int, centre: int):
        super().__init__(n_in, n_out, size, padding=size // 2)
        mask = torch.ones(size * size)
        mask[size * size // 2 + centre :] = 0
        self.register_buffer("mask", mask.view(size, size))

    def forward(self, x: Tensor) -> Tensor:
        return nn.functional.conv2d(x, self.weight * self.mask, self.bias, padding=self.padding)


class PixelCNN(nn.Module):
    """A small one, of the chapter's form."""

    def __init__(self, width: int, depth: int):
        super().__init__()
        self.look = MaskedConv(1, width, 7, 0)
        self.position = nn.Parameter(torch.randn(width, SIDE, SIDE))
        self.layers = nn.ModuleList(MaskedConv(width, width, 3, 1) for _ in range(depth))
        self.out = nn.Conv2d(width, 1, 1)
        self.b = nn.Parameter(torch.randn(N))

    def forward(self, x: Tensor) -> Tensor:  # (B, N)
        h = self.look(x.view(-1, 1, SIDE, SIDE)) + self.position
        for layer in self.layers:
            h = h + layer(h.relu())
        return self.out(h.relu()).flatten(1) + self.b


@pytest.fixture(scope="module")
def given() -> Tensor:
    return torch.rand(N, generator=torch.Generator().manual_seed(0)).round()


def in_page(given: Tensor, randoms: Tensor, **settings: object) -> list[dict]:
    files = {
        "interpreter": str(live.INTERPRETER),
        "file": str(live.INTERPRETER.parent / "live-complete-digit.js"),
    }
    packed = {name: pack(value) if isinstance(value, Tensor) else value for name, value in settings.items()}
    return run_in_node(
        SCRIPT, {**files, "given": pack(given), "randoms": pack(randoms), "half": HALF, **packed}
    )


@torch.no_grad()
def by_torch(model: nn.Module, given: Tensor, randoms: Tensor) -> tuple[Tensor, Tensor]:
    """Return the completed image and the probabilities, (N,) each, one whole pass for each pixel."""
    x = torch.cat([given[:HALF], torch.zeros(HALF)])[None]
    ink = model(x)[0].sigmoid()
    for i in range(HALF, N):
        ink[i] = model(x)[0, i].sigmoid()
        x[0, i] = float(randoms[i - HALF] < ink[i])
    return x[0], ink


def test_a_network_completes_as_in_torch(given: Tensor):
    torch.manual_seed(1)
    cnn = PixelCNN(width=4, depth=2).eval()
    randoms = torch.rand(2 * HALF)
    graph = export(OnePixel(cnn), torch.rand(2, 49 + 2 * 9 * 4 + N))
    found = in_page(given, randoms, graph=graph, layers=2, width=4)
    for one, own in zip(found, randoms.split(HALF), strict=True):
        image, ink = by_torch(cnn, given, own)
        assert one["image"] == image.tolist()
        assert torch.allclose(torch.tensor(one["ink"]), ink, atol=1e-5)
        expected = nn.functional.binary_cross_entropy(ink[HALF:], image[HALF:], reduction="sum")
        assert one["nats"] == pytest.approx(expected.item(), rel=1e-4)


def test_a_table_completes_by_the_pattern_before(given: Tensor):
    """A table that knows the pixel to the left and the one above, with paper outside."""
    i = torch.arange(N)
    before = torch.stack([torch.where(i % SIDE > 0, i - 1, N), torch.where(i >= SIDE, i - SIDE, N)], dim=1)
    shares = torch.randint(256, (N, 4), dtype=torch.uint8, generator=torch.Generator().manual_seed(2))

    class Twin(nn.Module):
        def forward(self, x: Tensor) -> Tensor:  # (1, N)
            left, above = nn.functional.pad(x, (0, 1))[0, before].long().T
            return (shares[i, left + 2 * above] / 255).logit()[None]

    randoms = torch.rand(2 * HALF, generator=torch.Generator().manual_seed(3))
    for one, own in zip(
        in_page(given, randoms, before=before.float(), shares=shares), randoms.split(HALF), strict=True
    ):
        image, ink = by_torch(Twin(), given, own)
        assert one["image"] == image.tolist()
        assert torch.allclose(torch.tensor(one["ink"]), ink, atol=1e-5)


def test_independent_pixels_are_a_table_without_a_pattern(given: Tensor):
    shares = torch.zeros(N, dtype=torch.uint8)
    shares[HALF + 3] = 255
    (one, _) = in_page(given, torch.full((2 * HALF,), 0.5), shares=shares)
    drawn = torch.tensor(one["image"])[HALF:]
    assert drawn.nonzero().flatten().tolist() == [3]
