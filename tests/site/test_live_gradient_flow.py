"""The figure on the gradient by layer gives what autograd gives, and draws the weights it says it draws."""

from itertools import pairwise

import numpy as np
import pytest
import torch
from course import live
from course.nodejs import run_in_node
from torch import Tensor, nn
from torch.nn import functional as F

ACTIVATIONS = {"sigmoid": torch.sigmoid, "tanh": torch.tanh, "relu": torch.relu}


def in_node(script: str, **data):
    assets = live.INTERPRETER.parent
    head = "require(data.interpreter); live.kinds = {}; require(data.kind);"
    paths = {"interpreter": str(live.INTERPRETER), "kind": str(assets / "live-gradient-flow.js")}
    return run_in_node(head + script, {**paths, **data})


def by_autograd(x: Tensor, y: Tensor, layers: list[nn.Linear], activation: str, norm: bool, skip: bool):
    """Return the loss, and the gradient's norm and the values' spread by layer."""
    h, spreads = x, []
    for i, layer in enumerate(layers[:-1]):
        z = layer(h)
        if norm:
            z = F.batch_norm(z, None, None, training=True)
        out = ACTIVATIONS[activation](z)
        h = h + out if skip and i > 0 else out
        spreads.append(h.std(dim=0).mean().item())
    loss = F.cross_entropy(layers[-1](h), y)
    gradients = torch.autograd.grad(loss, [layer.weight for layer in layers[:-1]])
    return loss.item(), [g.norm().item() for g in gradients], spreads


@pytest.mark.parametrize("activation", ACTIVATIONS)
@pytest.mark.parametrize("norm", [False, True])
@pytest.mark.parametrize("skip", [False, True])
@pytest.mark.parametrize("widths", [[5, 4, 3], [7, 6, 6, 6, 6, 6, 4]])
def test_gradients_are_autograds(activation: str, norm: bool, skip: bool, widths: list[int]):
    torch.manual_seed(0)
    x, y = torch.randn(9, widths[0]).double(), torch.randint(widths[-1], (9,))
    layers = [nn.Linear(n, m).double() for n, m in pairwise(widths)]
    script = """const packed = ([w, b]) => ({ w: Float64Array.from(w), b: Float64Array.from(b) });
        const layers = data.layers.map(packed);
        return live.stack.run(Float64Array.from(data.x), data.y, layers, data.settings);"""
    found = in_node(
        script,
        x=x.flatten().tolist(),
        y=y.tolist(),
        layers=[[layer.weight.flatten().tolist(), layer.bias.tolist()] for layer in layers],
        settings={"activation": activation, "norm": norm, "skip": skip},
    )
    loss, gradients, spreads = by_autograd(x, y, layers, activation, norm, skip)
    assert found["loss"] == pytest.approx(loss, rel=1e-9)
    assert found["gradients"] == pytest.approx(gradients, rel=1e-6)
    assert found["spreads"] == pytest.approx(spreads, rel=1e-9)


@pytest.mark.parametrize("start, std", {"linear": (1 / 300) ** 0.5, "glorot": 0.1, "he": 0.02**0.5}.items())
def test_weights_have_the_spread_that_the_rule_says(start: str, std: float):
    script = """return data.depths.map((depth) =>
        live.stack.draw(3, Array(depth + 1).fill(100), data.start, 2).map(({ w, b }) => [[...w], [...b]]));"""
    short, long = in_node(script, start=start, depths=[2, 3])
    for (w, b), (same, _) in zip(short, long, strict=False):
        assert np.std(w) == pytest.approx(2 * std, rel=0.03) and abs(np.mean(w)) < 0.1 * std
        assert np.std(b) == pytest.approx(std if start == "linear" else 0, rel=0.3)
        assert w == same
    assert short[0][0] != short[1][0]
