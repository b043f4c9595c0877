"""The figures' style and helpers."""

import re
from pathlib import Path

import matplotlib
import numpy as np
import plotly.graph_objects as go
import plotly.io as pio
import pytest
import torch

matplotlib.use("Agg")
import matplotlib.pyplot as plt

from helpers import interactive, plotting

STYLES = (Path(__file__).parents[2] / "_static" / "course.css").read_text(encoding="utf-8")


@pytest.fixture(autouse=True)
def style():
    with plt.rc_context():
        plotting.use_style()
        interactive.use_style()
        yield
        plt.close("all")
        pio.templates.default = "plotly"


def css_colors(block: int) -> dict[str, str]:
    return dict(re.findall(r"--figure-([\w-]+): (#\w{6});", STYLES.split("}")[block]))


def luminance(color: str) -> float:
    rgb = np.array([int(color[i : i + 2], 16) for i in (1, 3, 5)]) / 255
    linear = np.where(rgb <= 0.04045, rgb / 12.92, ((rgb + 0.055) / 1.055) ** 2.4)
    return float(linear @ [0.2126, 0.7152, 0.0722])


def contrast(one: str, other: str) -> float:
    low, high = sorted([luminance(one), luminance(other)])
    return (high + 0.05) / (low + 0.05)


def test_the_style_sheet_knows_every_color():
    light = {"ink": plotting.INK, "paper": plotting.PAPER, "grid": plotting.GRID, **plotting.COLORS}
    assert css_colors(0) == light
    assert css_colors(1).keys() == light.keys() - {"paper"}  # the dark paper is the page itself


@pytest.mark.parametrize(("block", "theme"), [(0, "light"), (1, "dark")])
def test_labels_can_be_read_in_both_themes(block, theme):
    page = re.search(rf'data-theme="{theme}"\] {{\s+--pst-color-background: (#\w{{6}})', STYLES)[1]
    ink = {name: color for name, color in css_colors(block).items() if name not in ("grid", "paper")}
    assert len(ink) == 6
    assert {name for name, color in ink.items() if contrast(color, page) < 4.5} == set()


def test_the_style_replaces_the_users_own():
    wanted = dict(plt.rcParams)
    plt.rcParams.update({"lines.linestyle": "--", "axes.linewidth": 3, "font.family": "serif"})
    plotting.use_style()
    assert dict(plt.rcParams) == wanted


def test_label_lines_names_each_line_once_and_apart():
    _, ax = plt.subplots()
    for label in ("training", "validation", "_hidden", "test"):
        ax.plot([0, 1], [0, 1], label=label)
    plotting.label_lines(ax)
    labels = {text.get_text(): text for text in ax.texts}
    assert labels.keys() == {"training", "validation", "test"}
    assert labels["training"].get_color() == ax.get_lines()[0].get_color()
    heights = sorted(text.xyann[1] for text in labels.values())
    assert np.diff(heights).min() >= plt.rcParams["font.size"]


def test_label_lines_stays_inside_the_limits():
    _, ax = plt.subplots()
    ax.plot([0, 1, 2], [0, 1, 100], label="leaves")
    ax.plot([0, 2], [50, 50], label="never seen")
    ax.set(ylim=(0, 2))
    plotting.label_lines(ax)
    assert [(text.get_text(), text.xy) for text in ax.texts] == [("leaves", (1, 1))]


def test_plain_ticks_are_all_that_a_short_logarithmic_axis_shows():
    fig, ax = plt.subplots()
    ax.loglog([3, 60], [0.02, 0.5])
    others = ax.get_yticks()
    plotting.plain_ticks(ax, x=(3, 10, 60))
    fig.canvas.draw()
    assert [tick.get_text() for tick in ax.get_xticklabels()] == ["3", "10", "60"]
    assert list(ax.get_xticks()) == [3, 10, 60]
    assert len(ax.get_xticks(minor=True)) == 0
    np.testing.assert_array_equal(ax.get_yticks(), others)
    plotting.plain_ticks(ax, y=np.array([0.05, 0.1]))
    assert [tick.get_text() for tick in ax.get_yticklabels()] == ["0.05", "0.1"]


@pytest.mark.parametrize("C", [1, 3])
def test_image_grid_keeps_every_pixel(C):
    images = torch.rand(5, C, 4, 6)
    plotting.image_grid(images, titles=torch.arange(5), columns=3)
    ax = plt.gca()
    canvas = ax.get_images()[0].get_array()
    shown = canvas[canvas[..., 3] == 1]
    assert shown.shape == (5 * 4 * 6, 4)
    np.testing.assert_allclose(
        np.sort(shown[:, :3].sum(0)), np.sort(images.expand(5, 3, 4, 6).sum((0, 2, 3))), rtol=1e-5
    )
    assert [text.get_text() for text in ax.texts] == ["0", "1", "2", "3", "4"]


def test_image_grid_says_what_it_needs():
    with pytest.raises(ValueError, match=r"\(N, 1 or 3, H, W\), not \(8, 8\)"):
        plotting.image_grid(torch.zeros(8, 8))
    with pytest.raises(ValueError, match="3 titles for 2 images"):
        plotting.image_grid(torch.zeros(2, 1, 8, 8), titles=["a", "b", "c"])


def test_count_matrix_shows_counts_and_no_zeros():
    plotting.count_matrix(torch.tensor([[9, 1], [0, 7]]), ["cat", "dog"], x_title="predicted", y_title="true")
    ax = plt.gca()
    assert {(text.get_position(), text.get_text()) for text in ax.texts} == {
        ((0, 0), "9"),
        ((1, 0), "1"),
        ((1, 1), "7"),
    }
    assert [tick.get_text() for tick in ax.get_yticklabels()] == ["cat", "dog"]
    assert ax.get_ylim()[0] > ax.get_ylim()[1]  # the first row is on top
    with pytest.raises(ValueError, match=r"\(3, 3\) for 3 names, not \(2, 2\)"):
        plotting.count_matrix(torch.ones(2, 2), ["a", "b", "c"], "x", "y")


def test_slider_figure_moves_only_what_changes():
    data = go.Scatter(y=[1, 2])
    steps = {n: [go.Scatter(y=[n, n])] for n in (1, 2, 4)}
    figure = interactive.slider_figure(steps, "Units", fixed=[data], start=1, yaxis_range=[0, 5])
    assert [tuple(trace.y) for trace in figure.data] == [(1, 2), (2, 2)]
    assert [frame.name for frame in figure.frames] == ["1", "2", "4"]
    assert {tuple(frame.traces) for frame in figure.frames} == {(1,)}
    slider = figure.layout.sliders[0]
    assert (slider.active, slider.currentvalue.prefix) == (1, "Units: ")
    assert [list(step.args[0]) for step in slider.steps] == [["1"], ["2"], ["4"]]
    assert tuple(figure.layout.yaxis.range) == (0, 5)


def test_slider_figure_chooses_one_of_the_traces_by_a_menu():
    steps = {n: {"up": go.Scatter(y=[0, n]), "down": go.Scatter(y=[0, -n])} for n in (1, 2)}
    figure = interactive.slider_figure(steps, "Units", fixed=[go.Scatter(y=[0, 0])], choose="Way", chosen=1)
    assert [trace.visible for trace in figure.data] == [None, False, True]
    (menu,) = figure.layout.updatemenus
    assert (menu.name, menu.active) == ("Way", 1)
    assert [button.label for button in menu.buttons] == ["up", "down"]
    assert menu.buttons[0].args == ({"visible": [True, False]}, (1, 2))


@pytest.mark.parametrize("steps", [{}, {1: [], 2: [go.Scatter()]}])
def test_slider_figure_refuses_uneven_steps(steps):
    with pytest.raises(ValueError, match="the same number of traces in each"):
        interactive.slider_figure(steps, "Units")


def test_plotly_figures_take_the_style():
    template = go.Figure().layout.template.layout
    assert template.font.color == plotting.INK
    assert list(template.colorway) == list(plotting.COLORS.values())
