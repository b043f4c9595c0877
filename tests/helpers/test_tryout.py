"""What a learner has trained is shown in a live figure, or a sentence says why not."""

import warnings

import matplotlib.pyplot as plt
import pytest
import torch
from torch import nn

from helpers import live, tryout
from helpers.data import ImageData, Split

LABELS = torch.arange(10).repeat(12)


def data(*shape: int) -> ImageData:
    part = Split(torch.rand(len(LABELS), *shape, generator=torch.Generator().manual_seed(0)), LABELS)
    return ImageData("some", part, part, part, tuple("0123456789"))


@pytest.fixture
def shown(monkeypatch: pytest.MonkeyPatch) -> list[dict]:
    bundles = []
    monkeypatch.setattr(live, "publish_display_data", bundles.append)
    return bundles


def test_networks_are_shown_and_stay_as_they_were(shown, capsys):
    model = nn.Sequential(nn.Flatten(), nn.Linear(784, 10)).train()
    tryout.draw_digit({"Yours": model}, data(1, 28, 28))
    (bundle,) = shown
    content = bundle[live.MIME]
    assert content["kind"] == "draw-digit"
    assert content["tensors"]["images"]["shape"] == [10, 1, 28, 28]
    assert content["models"][0]["parameters"] == 7850
    assert model.training and next(model.parameters()).requires_grad
    assert capsys.readouterr().out == ""
    assert plt.get_fignums() == []


def test_a_notebook_gets_all_that_the_figure_needs(shown):
    tryout.decode_digit(nn.Sequential(nn.Linear(2, 784), nn.Sigmoid()), torch.rand(120, 2), data(1, 28, 28))
    page = shown[0]["text/html"]
    assert page.startswith("<iframe srcdoc=")
    for part in ("live.compile =", "kinds[&quot;decode-digit&quot;]", "--figure-blue", "live.data.alone ="):
        assert part in page
    assert " src=" not in page and " href=" not in page.replace("xlink:href=", "")


class Sorts(nn.Module):
    def forward(self, x):
        return x.flatten(1).sort(dim=1).values[:, :10]


class Asks(nn.Module):
    def forward(self, x):
        return x.flatten(1)[:, :10] if x.sum() > 3 else x.flatten(1)[:, 10:20]


class Fails(nn.Module):
    def forward(self, x):
        raise KeyError("nothing")


@pytest.mark.parametrize(
    ("model", "shape", "reason"),
    [
        (nn.Flatten(), (1, 8, 8), "(1, 8, 8)"),
        (nn.Flatten(), (3, 28, 28), "(3, 28, 28)"),
        (Sorts(), (1, 28, 28), "aten.sort"),
        (Asks(), (1, 28, 28), "interpreter does not understand"),
        (Fails(), (1, 28, 28), "interpreter does not understand"),
        (None, (1, 28, 28), "interpreter does not understand"),
    ],
)
def test_whatever_goes_wrong_is_said_in_one_line(model, shape, reason, shown, capsys):
    with warnings.catch_warnings(action="error"):
        tryout.draw_digit({"Yours": model}, data(*shape))
    said, complaints = capsys.readouterr()
    assert said.count("\n") == 1 and said.startswith("There is no live figure here: ") and reason in said
    assert complaints == "" and shown == [] and plt.get_fignums() == []


def test_a_map_needs_codes_of_two_numbers(shown, capsys):
    decoder = nn.Sequential(nn.Linear(3, 784), nn.Sigmoid())
    tryout.decode_digit(decoder, torch.rand(120, 3), data(1, 28, 28))
    assert "codes of two numbers" in capsys.readouterr().out and shown == []
