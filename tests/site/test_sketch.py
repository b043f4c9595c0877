"""Still pictures of interactive figures."""

import numpy as np
import plotly.graph_objects as go
import pytest
from course.figures import unpacked
from course.sketch import draw_sunburst, sketch
from matplotlib.figure import Figure

from helpers import plotting

LINE = {"x": [1, 10, 100], "y": [0.5, 2.5, 1.5], "name": "a curve"}


def drawn(*traces: object, **layout: object) -> str | None:
    plotting.use_style()
    figure = go.Figure(traces, layout=layout).to_plotly_json()
    return sketch(unpacked(figure), 400)


def test_a_picture_has_the_lines_the_names_and_the_axes():
    svg = drawn(
        go.Scatter(**LINE, mode="lines", line_color=plotting.COLORS["purple"]),
        go.Scatter(x=[1, 2], y=[1, 1], mode="markers", name="points"),
        xaxis={"title": "steps", "type": "log"},
        yaxis={"title": "error", "range": [0, 7]},
    )
    assert 'viewBox="0 0 266.4 300"' in svg  # points: 3.7 inches, 400 px
    for text in ("a curve", "points", "steps", "error", ">7<"):
        assert text in svg
    assert plotting.COLORS["purple"] in svg


def test_what_is_hidden_is_not_drawn():
    hidden = go.Scatter(x=[1], y=[1], name="hidden", visible=False)
    svg = drawn(go.Scatter(**LINE), hidden, showlegend=True)
    assert "a curve" in svg and "hidden" not in svg


@pytest.mark.parametrize("named", [True, False])
def test_a_polar_picture_has_its_directions(named):
    theta = ["north", "east", "south", "west"] if named else [0, 90, 180, 270]
    around = {"direction": "clockwise", "rotation": 90}
    svg = drawn(
        go.Scatterpolar(r=[1, 2, 3, 2], theta=theta, name="wind", fill="toself"),
        polar={"angularaxis": around, "radialaxis": {"range": [0, 9]}},
        showlegend=True,
    )
    for text in ("wind", ">8<", *(["north", "west"] if named else ["0°", "90°"])):
        assert text in svg


TREE = {
    "labels": ["whole", "large", "small", "within"],
    "parents": ["", "whole", "whole", "large"],
    "values": [100, 99, 1, 99],
    "marker_colors": [plotting.PAPER, *list(plotting.COLORS.values())[:3]],
}


@pytest.mark.parametrize("kind", [go.Sunburst, go.Treemap])
def test_a_hierarchy_is_drawn_with_the_names_that_have_room(kind):
    svg = drawn(kind(**TREE, branchvalues="total"))
    for text in ("whole", "large", "within"):
        assert f">{text}<" in svg
    assert ">small<" not in svg
    for color in list(plotting.COLORS.values())[:3]:
        assert color in svg


def test_the_parts_of_a_sunburst_close_its_rings():
    fig = Figure()
    ax = fig.subplots(subplot_kw={"projection": "polar"})
    tree = go.Sunburst(**TREE, branchvalues="total").to_plotly_json()
    draw_sunburst(ax, tree)
    ends = {}
    for bar in ax.patches:
        ends.setdefault(bar.get_y(), []).append(bar.get_x() + bar.get_width())
    assert [max(ends[level]) for level in (0, 1)] == pytest.approx([2 * np.pi] * 2)
    assert max(ends[2]) == pytest.approx(2 * np.pi * 0.99)


@pytest.mark.parametrize(
    "trace",
    [
        go.Bar(x=[1], y=[1]),
        go.Scatter(**LINE, fill="tozeroy"),
        go.Scatter(**LINE, xaxis="x2"),
        go.Scatter(x=[1, 2]),
        go.Scatterpolar(r=[1, 2], theta=[0, 90], subplot="polar2"),
        go.Sunburst(labels=["a", "b"], parents=["", "a"]),
    ],
)
def test_other_figures_have_none(trace):
    assert drawn(trace) is None
