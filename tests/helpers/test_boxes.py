"""What `helpers.boxes` draws, and where."""

import matplotlib
import pytest
import torch

matplotlib.use("Agg")
import matplotlib.pyplot as plt
from matplotlib.colors import to_hex

from helpers.boxes import draw_boxes, image_axes
from helpers.plotting import COLORS, use_style


@pytest.fixture(autouse=True)
def style():
    with plt.rc_context():
        use_style()
        yield
        plt.close("all")


def test_images_are_shown_in_pixels():
    axes = image_axes(torch.rand(5, 1, 20, 30), titles=range(5), columns=3)
    assert len(axes) == 5 and len(plt.gcf().axes) == 6
    assert axes[4].get_title(loc="left") == "4"
    for ax in plt.gcf().axes:
        assert not ax.axison
    (shown,) = axes[0].get_images()
    assert list(shown.get_extent()) == [0, 30, 20, 0]
    assert axes[0].get_xlim() == (0, 30) and axes[0].get_ylim() == (20, 0)
    assert plt.gcf().get_figwidth() <= 6


def test_colours_are_shown():
    (ax,) = image_axes(torch.rand(1, 3, 8, 8))
    assert ax.get_images()[0].get_array().shape == (8, 8, 3)


def test_boxes_and_names():
    (ax,) = image_axes(torch.zeros(1, 1, 64, 64))
    draw_boxes(ax, torch.tensor([[1.0, 2, 11, 32], [5, 5, 6, 7]]), ["a", 7], linestyle="--")
    first, second = ax.patches
    assert (first.get_xy(), first.get_width(), first.get_height()) == ((1, 2), 10, 30)
    assert (second.get_xy(), second.get_width(), second.get_height()) == ((5, 5), 1, 2)
    assert to_hex(first.get_edgecolor()) == COLORS["orange"]
    assert first.get_linestyle() == "--" and not first.get_fill()
    assert [text.get_text() for text in ax.texts] == ["a", "7"]
    draw_boxes(ax, torch.zeros(0, 4))
    assert len(ax.patches) == 2


def test_wrong_arguments():
    with pytest.raises(ValueError, match="images must be"):
        image_axes(torch.zeros(2, 2, 8, 8))
    with pytest.raises(ValueError, match="images must be"):
        image_axes(torch.zeros(0, 1, 8, 8))
    with pytest.raises(ValueError, match="2 titles for 1 images"):
        image_axes(torch.zeros(1, 1, 8, 8), titles=["a", "b"])
    (ax,) = image_axes(torch.zeros(1, 1, 8, 8))
    with pytest.raises(ValueError, match="1 names for 2 boxes"):
        draw_boxes(ax, torch.zeros(2, 4), ["a"])
