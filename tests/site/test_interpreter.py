"""The page's interpreter gives the numbers of torch, or the site is not built."""

import base64
import copy
import math

import numpy as np
import pytest
import torch
from course import live
from course.nodejs import run_in_node
from sphinx.errors import ExtensionError
from torch import nn
from torch.nn import functional as F

from helpers.live import export, pack

ASSETS = live.INTERPRETER.parent


class Function(nn.Module):
    def __init__(self, function, *layers):
        super().__init__()
        self.function, self.layers = function, nn.ModuleList(layers)

    def forward(self, x):
        return self.function(x, *self.layers)


class Attention(nn.Module):
    """A Transformer's block on patches, with a learned token in front."""

    def __init__(self, D=12, h=3):
        super().__init__()
        self.patches, self.token = nn.Conv2d(1, D, 4, stride=4), nn.Parameter(torch.randn(1, 1, D))
        self.qkv, self.norm, self.out, self.h = nn.Linear(D, 3 * D), nn.LayerNorm(D), nn.Linear(D, 5), h

    def forward(self, x):
        x = self.patches(x).flatten(2).transpose(1, 2)  # (B, T, D)
        x = torch.cat([self.token.expand(len(x), -1, -1), x], dim=1)
        B, T, D = x.shape
        q, k, v = self.qkv(self.norm(x)).reshape(B, T, 3, self.h, D // self.h).permute(2, 0, 3, 1, 4)
        weights = (q @ k.transpose(-2, -1) / math.sqrt(D / self.h)).softmax(dim=-1)
        return self.out(x + (weights @ v).transpose(1, 2).reshape(B, T, D))[:, 0]


def lstm_last(x, lstm, out):
    return out(lstm(x.squeeze(1))[0][:, -1])


def lstm_of_layers(x, lstm, out):
    states = x.new_ones(3, len(x), 6), torch.arange(18.0).view(3, 1, 6) / 18
    return out(lstm(x[:, 0], states)[0][:, -1])


def masked_attention(x, out):
    """Four heads whose rows look at themselves and at those before."""
    heads = x.reshape(len(x), 8, 4, 2).transpose(1, 2)
    found = F.scaled_dot_product_attention(heads, heads, heads, torch.ones(8, 8).tril().bool(), scale=0.5)
    return out(found.transpose(1, 2).reshape(len(x), 8, 8))[:, 5]


torch.manual_seed(0)
NETWORKS = {
    "perceptron": nn.Sequential(nn.Flatten(), nn.Linear(64, 9), nn.Tanh(), nn.Linear(9, 5, bias=False)),
    "cnn": nn.Sequential(
        *(nn.Conv2d(1, 4, 3, stride=2, padding=1), nn.BatchNorm2d(4), nn.ReLU()),
        *(nn.Conv2d(4, 6, (3, 1), padding=(1, 0)), nn.MaxPool2d(3, 2, 1), nn.Dropout()),
        *(nn.Flatten(), nn.Linear(24, 5)),
    ),
    "global average": nn.Sequential(nn.Conv2d(1, 5, 3), nn.GELU(), nn.AdaptiveAvgPool2d(1), nn.Flatten()),
    "lstm": Function(lstm_last, nn.LSTM(8, 6, batch_first=True), nn.Linear(6, 5)),
    "lstm over columns": Function(lambda x, lstm: lstm(x[0].permute(2, 0, 1))[0][-1], nn.LSTM(8, 5)),
    "lstm of three layers": Function(lstm_of_layers, nn.LSTM(8, 6, 3, batch_first=True), nn.Linear(6, 5)),
    "attention": Attention(),
    "attention by torch": Function(masked_attention, nn.Linear(8, 5)),
    "moves": Function(lambda x: F.pad(x.flip(-1), (1, 0, 0, 2)).roll(3, -2)[..., 2:, 1:6].mean(dim=(1, 2))),
    "broadcast": Function(lambda x: ((x - x.mean(dim=3, keepdim=True)) / 3 * x[:, :, :1]).sigmoid()[:, 0, 1]),
    "one matrix for all": Function(lambda x: (x @ torch.ones(8, 5)).softmax(dim=-1)[:, 0, 2]),
}


@pytest.fixture(scope="module")
def content():
    """A figure's content, with networks whose batch norms have seen data."""
    images = torch.randn(40, 1, 8, 8)
    NETWORKS["cnn"].train()(images)
    models = [{"name": name, **export(network, images)} for name, network in NETWORKS.items()]
    return {"models": models, "examples": pack(images)}


def test_the_interpreter_runs_networks_as_torch_does(content):
    sent = live.checked(content)
    assert [model["name"] for model in sent] == list(NETWORKS)
    assert not any("expected" in model for model in sent)


@pytest.mark.parametrize("name", [name for name, network in NETWORKS.items() if list(network.parameters())])
def test_a_wrong_weight_fails_the_build(content, name):
    (model,) = copy.deepcopy([model for model in content["models"] if model["name"] == name])
    weight = model["weights"][-1]
    numbers = live.unpacked(weight) + (np.arange(math.prod(weight["shape"])) == 0).reshape(weight["shape"])
    weight["float32"] = base64.b64encode(numbers.astype("<f4").tobytes()).decode()
    with pytest.raises(ExtensionError, match=f"does not run the network '{name}' as torch does"):
        live.checked({**content, "models": [model]})


def test_weights_that_eight_bits_do_not_hold_fail_the_build():
    # The answer hangs on a small difference between weights beside one that is large.
    network = nn.Linear(256, 2, bias=False)
    with torch.no_grad():
        network.weight[:] = torch.randn(2, 256) / 1000
        network.weight[:, 0] = 1000
    examples = torch.randn(40, 256) * (torch.arange(256) > 0)
    content = {"models": [{"name": "fine", **export(network, examples)}], "examples": pack(examples)}
    with pytest.raises(ExtensionError, match="'fine' gives the same answer for only"):
        live.checked(content)


def test_a_figure_may_say_how_far_eight_bits_may_move_a_number():
    network = nn.Sequential(nn.Linear(2, 256), nn.Tanh(), nn.Linear(256, 20), nn.Sigmoid())
    examples = torch.randn(40, 2)
    content = {"models": [{"name": "decoder", **export(network, examples)}], "examples": pack(examples)}
    assert live.checked(copy.deepcopy({**content, "tolerance": 0.02}))
    with pytest.raises(ExtensionError, match="outputs of the network 'decoder' are off by"):
        live.checked({**content, "tolerance": 1e-6})


def test_eight_bits_are_off_by_at_most_half_a_step_of_their_row():
    weight = torch.randn(20, 30) * torch.logspace(-3, 3, 20)[:, None]
    weight[3] = 0
    read = "require(data.interpreter); return Array.from(live.unpack(data.packed).data);"
    short = live.eight_bits(pack(weight))
    given = run_in_node(read, {"interpreter": str(live.INTERPRETER), "packed": short})
    off = np.abs(np.array(given).reshape(20, 30) - weight.numpy())
    assert (off <= weight.abs().amax(dim=1, keepdim=True).numpy() / 127 * 0.501).all()


def in_node(kind, script, data):
    """Run a script in Node that uses the functions of one kind of figure."""
    head = "require(data.interpreter); live.kinds = {}; require(data.kind);"
    paths = {"interpreter": str(live.INTERPRETER), "kind": str(ASSETS / f"live-{kind}.js")}
    return run_in_node(head + script, {**paths, **data})


def test_the_page_trains_as_adam_in_torch():
    torch.manual_seed(0)
    model = nn.Sequential(nn.Linear(1, 16), nn.ReLU(), nn.Linear(16, 1)).double()
    x = torch.linspace(-1, 1, 50).double()
    y = torch.sin(4 * x)
    start = torch.cat([p.detach().flatten() for p in model.parameters()])
    train = "return Array.from([...live.curve.train(data.start, data.x, data.y, data)].at(-1));"
    given = {"start": start.tolist(), "x": x.tolist(), "y": y.tolist(), "lr": 0.01, "steps": 200}
    trained = in_node("fit-curve", train, given)
    optimizer = torch.optim.Adam(model.parameters(), lr=0.01)
    schedule = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, 200)
    for _ in range(200):
        loss = F.mse_loss(model(x[:, None])[:, 0], y)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        schedule.step()
    expected = torch.cat([p.detach().flatten() for p in model.parameters()])
    assert torch.allclose(torch.tensor(trained).double(), expected, atol=1e-6)
    assert not torch.allclose(start, expected, atol=1e-2)


def test_the_network_through_kinks_passes_through_them():
    ends = [[-1.0, 0.3], [-0.2, 1.0], [0.1, -2.0], [1.0, 0.5]]
    given = {"ends": ends, "x": [-1.5, -1, -0.6, -0.2, 0.1, 1]}
    values = in_node("fit-curve", "return live.curve.run(live.curve.through(data.ends), data.x);", given)
    assert values == pytest.approx([0.3, 0.3, 0.65, 1.0, -2.0, 0.5])


@pytest.mark.parametrize(
    "strokes",
    [
        [[[2, 2], [2, 26]]],
        [[[20, 20], [25, 22], [21, 27]]],
        [[[3, 3], [9, 3]], [[6, 3], [6, 5]]],
        [[[14, 14]]],
    ],
)
def test_a_drawing_gets_the_size_and_place_of_mnist(strokes):
    image = np.array(
        in_node("draw-digit", "return Array.from(live.digit(data.strokes));", {"strokes": strokes})
    )
    image = image.reshape(28, 28)
    rows, columns = np.indices((28, 28)) + 0.5
    assert (image * rows).sum() / image.sum() == pytest.approx(14, abs=0.1)
    assert (image * columns).sum() / image.sum() == pytest.approx(14, abs=0.1)
    inked = [np.flatnonzero(image.max(axis=axis) > 0.5) for axis in (0, 1)]
    longer = max(places[-1] - places[0] + 1 for places in inked)
    assert longer <= 21 and (longer >= 19 or len(strokes[0]) == 1)
    assert image.min() == 0 and image.max() == 1


def test_without_strokes_the_image_is_empty():
    assert not any(in_node("draw-digit", "return Array.from(live.digit([]));", {}))
