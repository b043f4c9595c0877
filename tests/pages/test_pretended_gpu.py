"""The pretended GPU refuses what a GPU refuses, and nothing else."""

from copy import deepcopy

import numpy as np
import pytest
import torch
from pretended_gpu import pretended_gpu
from torch import nn
from torch.nn import functional as F
from torch.nn.utils.rnn import pack_padded_sequence as pack

NAMES = {"deepcopy": deepcopy, "np": np, "torch": torch, "nn": nn, "F": F, "pack": pack}


@pytest.fixture
def tensors():
    """Names for the expressions below: `a` and its indices `i` are on the GPU, `b` and `j` on the CPU."""
    with pretended_gpu():
        a, i = torch.arange(12.0, device="cuda").view(3, 4), torch.tensor([0, 1], device="cuda")
        net = nn.Linear(4, 2).to("cuda")
        yield NAMES | {"a": a, "b": a.cpu(), "i": i, "j": i.cpu(), "g": torch.Generator(), "net": net}


@pytest.mark.parametrize(
    ("expression", "device"),
    [
        ("a + torch.tensor(1.0)", "cuda"),
        ("a[j]", "cuda"),
        ("a[i]", "cuda"),
        ("a.cpu()[j]", "cpu"),
        ("torch.tensor([1.0], device='cuda')", "cuda"),
        ("torch.tensor([a[0, 0], a[0, 1]])", "cpu"),
        ("torch.zeros_like(a)", "cuda"),
        ("torch.randn(3, device='cuda')", "cuda"),
        ("b.to(a)", "cuda"),
        ("a.to(b)", "cpu"),
        ("a.double()", "cuda"),
        ("a.flatten(1).mean(dim=0)", "cuda"),
        ("b.copy_(a)", "cpu"),
        ("deepcopy(net).weight", "cuda"),
        ("net(a)", "cuda"),
        ("nn.LazyLinear(2).to('cuda')(a)", "cuda"),
        ("nn.GRU(4, 4).to('cuda')(a)[0]", "cuda"),
        ("pack(a[..., None], j.new_tensor([4, 3, 2]), True).data", "cuda"),
        ("F.one_hot(i)", "cuda"),
        ("a.quantile(0.5)", "cuda"),
        ("torch.distributions.Normal(a, 1.0).sample()", "cuda"),
    ],
)
def test_an_operation_has_a_device(expression, device, tensors):
    assert eval(expression, tensors).device.type == device


@pytest.mark.parametrize(
    "expression",
    [
        "a + b",
        "a @ b.T",
        "b[i]",
        "b.index_fill_(0, i, 0.0)",
        "b.add_(a)",
        "torch.tensor(0.0).add_(a.sum())",
        "torch.cat([a, b])",
        "torch.stack([a[0, 0], torch.tensor(1.0)])",
        "torch.where(a > 0, b, 0.0)",
        "a.gather(0, j[None])",
        "F.embedding(j, a)",
        "F.cross_entropy(a, torch.zeros(3).long())",
        "net(b)",
        "pack(a[..., None], a[:, 0].long() + 1, True, False)",
        "torch.randn(3, device='cuda', generator=g)",
        "torch.multinomial(a, 1, generator=g)",
        "a.numpy()",
        "np.asarray(a)",
    ],
)
def test_what_a_gpu_refuses(expression, tensors):
    with pytest.raises((RuntimeError, TypeError), match="device"):
        eval(expression, tensors)


def test_gradients_come_back_to_their_parameters(tensors):
    x = torch.ones(4, requires_grad=True)
    model = nn.Linear(4, 1)
    optimizer = torch.optim.Adam(model.parameters(), fused=True)
    model.to("cuda")(x.to("cuda")).backward()
    optimizer.step()
    assert torch.equal(x.grad.isfinite(), torch.ones(4, dtype=torch.bool))
    assert {p.device.type for p in model.parameters()} == {"cuda"}
    assert {p.grad.device.type for p in model.parameters()} == {"cuda"}
