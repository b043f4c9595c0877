"""Networks are written down for the page, or refused by the name of what it cannot run."""

import base64
import json

import matplotlib.pyplot as plt
import numpy as np
import pytest
import torch
from torch import nn

from helpers import live

IMAGES = torch.rand(3, 1, 8, 8, generator=torch.Generator().manual_seed(0))


class Function(nn.Module):
    def __init__(self, function):
        super().__init__()
        self.function = function

    def forward(self, x):
        return self.function(x)


def test_what_depends_on_weights_alone_is_computed_in_advance():
    class Reparametrized(nn.Module):
        def __init__(self):
            super().__init__()
            self.direction, self.size = nn.Parameter(torch.rand(4, 64)), nn.Parameter(torch.rand(4, 1))

        def forward(self, x):
            return x.flatten(1) @ (self.size * self.direction / self.direction.norm(dim=1, keepdim=True)).T

    graph = live.export(Reparametrized(), IMAGES)
    assert [node["op"] for node in graph["nodes"]] == ["reshape", "matmul"]
    assert len(graph["weights"]) == 1
    assert graph["parameters"] == 4 * 64 + 4


@pytest.mark.parametrize(
    ("function", "op"),
    [
        (lambda x: x.sort(dim=-1).values, "sort"),
        (lambda x: x.clamp(min=0.5), "clamp"),
        (lambda x: x.softmax(dim=1), "softmax"),
        (lambda x: nn.functional.conv2d(x, torch.ones(1, 1, 2, 2), dilation=2), "conv2d"),
        (lambda x: nn.functional.gelu(x, approximate="tanh"), "gelu"),
        (lambda x: x.cumsum(dim=2), "cumsum"),
    ],
)
def test_what_the_page_cannot_run_is_refused_by_name(function, op):
    with pytest.raises(ValueError, match=rf"The page cannot run aten\.{op}"):
        live.export(Function(function), IMAGES)


def test_a_recurrent_network_gives_no_warning(recwarn):
    model = nn.Sequential(
        Function(lambda x: x.squeeze(1)), nn.LSTM(8, 4, batch_first=True), Function(lambda x: x[0])
    )
    live.export(model, IMAGES)
    assert not recwarn.list


def test_the_output_of_a_module_can_be_looked_at():
    model = nn.Sequential(nn.Conv2d(1, 2, 3), nn.ReLU(), nn.Flatten(), nn.Linear(72, 3))
    graph = live.export(model, IMAGES, look="0")
    assert graph["nodes"][graph["look"] - 1]["op"] == "conv2d"
    with pytest.raises(ValueError, match="no module 'seven'"):
        live.export(model, IMAGES, look="seven")


def test_a_figure_has_a_picture_for_the_notebook_and_keeps_the_order_of_its_networks(monkeypatch):
    shown = []
    monkeypatch.setattr(live, "publish_display_data", shown.append)
    figure, _ = plt.subplots()
    models = {name: nn.Sequential(nn.Flatten(), nn.Linear(64, 2)).train() for name in ("b", "a")}
    live.show("draw-digit", figure, models, IMAGES, grey=torch.tensor([0, 255], dtype=torch.uint8), title="x")
    (bundle,) = shown
    assert bundle["image/svg+xml"].startswith("<?xml")
    content = json.loads(json.dumps(bundle[live.MIME], sort_keys=True))
    assert [model["name"] for model in content["models"]] == ["b", "a"]
    assert content["tensors"]["grey"] == {"shape": [2], "uint8": base64.b64encode(bytes([0, 255])).decode()}
    assert content["about"] == {"title": "x"}
    numbers = np.frombuffer(base64.b64decode(content["examples"]["float32"]), "<f4")
    assert np.array_equal(numbers, IMAGES.flatten())
    assert not plt.fignum_exists(figure.number)
    assert not any(model.training for model in models.values())
