"""The still pictures of interactive figures."""

import plotly.graph_objects as go
import pytest
from course.figures import unpacked
from course.sketch import sketch

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


@pytest.mark.parametrize(
    "trace",
    [
        go.Bar(x=[1], y=[1]),
        go.Scatter(**LINE, fill="tozeroy"),
        go.Scatter(**LINE, xaxis="x2"),
        go.Scatter(x=[1, 2]),
    ],
)
def test_other_figures_have_none(trace):
    assert drawn(trace) is None
