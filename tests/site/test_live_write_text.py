"""The live figure that writes draws each character as torch would, from the same random numbers."""

import pytest
import torch
from course import live
from course.nodejs import run_in_node
from torch import nn
from torch.nn import functional as F

from helpers.live import export

FILE = str(live.INTERPRETER.parent / "live-write-text.js")
SCRIPT = """
require(data.interpreter);
live.kinds = {};
require(data.file);
const { next, pick, random } = live.writer;
const run = live.compile(data.model);
const places = data.places;
const given = next(run, data.length, data.size, places, data.temperature);
const probabilities = Array.from(given);
const drawn = data.randoms.map((u) => pick(given, u));
const randoms = Array.from({ length: 4000 }, (_, i) => random(3, i));
return { probabilities, drawn, randoms, other: random(4, 0) };
"""
LENGTH, SIZE = 6, 5


class Causal(nn.Module):
    """A network whose logits at each place depend on that place and those before it."""

    def __init__(self):
        super().__init__()
        self.register_buffer("mask", torch.ones(LENGTH, LENGTH).tril().bool())
        self.out = nn.Linear(SIZE, SIZE)

    def forward(self, x):  # (B, LENGTH, SIZE)
        return self.out(F.scaled_dot_product_attention(x, x, x, attn_mask=self.mask))


@pytest.mark.parametrize("places", [[3], [1, 4, 0], [0, 1, 2, 3, 4, 0, 1, 2]])
@pytest.mark.parametrize("temperature", [0.2, 1.0, 2.0])
def test_the_page_draws_as_torch_does(places: list[int], temperature: float):
    torch.manual_seed(0)
    network = Causal()
    x = F.one_hot(torch.tensor(places[1 - LENGTH :]), SIZE).float()  # what it reads
    padded = F.pad(x, (0, 0, 0, LENGTH - len(x)))[None]
    randoms = torch.linspace(0, 0.999, 50)
    found = run_in_node(
        SCRIPT,
        {
            **{"interpreter": str(live.INTERPRETER), "file": FILE, "model": export(network, padded)},
            **{"places": places, "length": LENGTH, "size": SIZE, "temperature": temperature},
            "randoms": randoms.tolist(),
        },
    )
    p = (network(padded)[0, len(x) - 1] / temperature).softmax(dim=0)
    assert torch.allclose(torch.tensor(found["probabilities"]), p, atol=1e-5)
    ends = p.cumsum(dim=0)
    clear = (ends[None] - randoms[:, None]).abs().amin(dim=1) > 1e-4  # not at a border
    expected = torch.searchsorted(ends, randoms, right=True)
    assert torch.tensor(found["drawn"])[clear].equal(expected[clear])
    # The numbers are spread evenly, and another seed gives others.
    numbers = torch.tensor(found["randoms"])
    assert torch.histc(numbers, 10, 0, 1).sub(400).abs().max() < 80
    assert found["other"] not in found["randoms"]
