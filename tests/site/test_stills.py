"""Still pictures of interactive figures."""

import re

import plotly.graph_objects as go
import pytest
from bs4 import BeautifulSoup
from course import figures, stills

from helpers import interactive, plotting

HEIGHT = 400
LINE = {"x": [1, 2, 3], "y": [1, 3, 2]}


def drawn(*traces: object, **layout: object) -> BeautifulSoup | None:
    interactive.use_style()
    figure = figures.unpacked(go.Figure(traces, layout=layout).to_plotly_json())
    svg = stills.still(figure, HEIGHT, list(figures.SCRIPTS)[-1])
    return svg and BeautifulSoup(svg, "html.parser")


def texts(svg: BeautifulSoup) -> set[str]:
    return {text.get_text() for text in svg.find_all("text")}


def marks(svg: BeautifulSoup, color: str) -> tuple[int, int]:
    """Count lines and points of a colour."""
    lines = svg.select(f'path[style*="stroke: {color}"]')
    points = svg.select(f'path[style*="fill: {color}"]')
    return len(lines), len(points)


def test_lines_are_lines_and_points_are_points():
    blue, red = "#0000ff", "#ff0000"
    svg = drawn(
        go.Scatter(**LINE, mode="lines", line_color=blue),
        go.Scatter(**LINE, mode="markers", marker_color=red),
    )
    legend = 1  # each name has its sign
    assert marks(svg, blue) == (1 + legend, 0)
    assert marks(svg, red) == (0, 3 + legend)


def test_a_line_has_its_gaps():
    svg = drawn(go.Scatter(x=[1, 2, 3, 4], y=[1, 2, None, 4], mode="lines+markers", line_color="#0000ff"))
    lines = svg.select('path[style*="stroke: #0000ff"][style*="fill: none"]')
    assert "".join(line["d"] for line in lines).count("L") == 1  # from the first point to the second
    assert marks(svg, "#0000ff")[1] == 3


def test_what_is_hidden_is_not_drawn():
    hidden = go.Scatter(**LINE, name="hidden", visible=False, line_color="#ff0000")
    svg = drawn(go.Scatter(**LINE, name="seen"), hidden, showlegend=True)
    assert "seen" in texts(svg) and "hidden" not in texts(svg)
    assert marks(svg, "#ff0000") == (0, 0)


def test_axes_have_their_names_and_numbers_as_written():
    svg = drawn(
        go.Scatter(x=[1, 100], y=[0, 7], name="error 0.12345", showlegend=True),
        xaxis={"title": "steps", "type": "log", "dtick": 1},
        yaxis={"title": "error", "range": [0, 7.5], "dtick": 2},
    )
    assert {"error 0.12345", "steps", "error", "1", "10", "100", "0", "2", "4", "6"} <= texts(svg)


def test_names_in_the_legend_stand_inside_the_picture_and_apart():
    names = [f"a rather long name, {i}" for i in range(5)]
    svg = drawn(*(go.Scatter(**LINE, name=name) for name in names))
    widths = stills.character_widths()
    boxes = []
    for text in svg.find_all("text", string=names):
        places = [
            map(float, re.findall(r"translate\(([-\d.]+)[ ,]*([-\d.]+)", str(at.get("transform")))[0])
            for at in [text, *text.parents]
            if "translate" in str(at.get("transform"))
        ]
        x, y = map(sum, zip(*places, strict=True))
        boxes.append((x + float(text["x"]), y, 14 * sum(widths[letter] for letter in text.string)))
    assert len(boxes) == len(names)
    for i, (x, y, width) in enumerate(boxes):
        assert x >= 0 and x + width <= stills.WIDTH and 0 <= y <= HEIGHT
        for other, high, _ in boxes[:i]:
            assert abs(high - y) > 14 or other + width <= x or x + width <= other


@pytest.mark.parametrize(
    "trace",
    [
        go.Bar(x=[1, 2], y=[1, 2]),
        go.Contour(z=[[1, 2], [3, 4]], ncontours=3),
        go.Scatter(**LINE, fill="tozeroy"),
        go.Scatterpolar(r=[1, 2], theta=["north", "east"], mode="lines"),
        go.Treemap(labels=["a", "b"], parents=["", "a"]),
        go.Sunburst(labels=["a", "b"], parents=["", "a"]),
    ],
)
def test_other_kinds_are_drawn_too(trace):
    svg = drawn(trace, colorway=["#ff0000"])
    assert svg.select('path[style*="stroke"], path[style*="fill: #"]') and texts(svg)


@pytest.mark.parametrize("trace", [go.Heatmap(z=[[1, 2], [3, 4]]), go.Surface(z=[[1, 2], [3, 4]])])
def test_what_needs_a_browser_stays_in_words(trace):
    assert drawn(trace) is None


def test_a_picture_is_the_same_in_every_build():
    assert drawn(go.Scatter(**LINE)) == drawn(go.Scatter(**LINE))


def test_names_on_tiles_contrast_in_both_themes():
    tiles = go.Treemap(labels=["a", "b"], parents=["", "a"], marker_colors=["#000000", "#000000"])
    assert any(f"fill: {plotting.PAPER}" in text["style"] for text in drawn(tiles).find_all("text"))


def test_two_pictures_share_no_ids_and_follow_the_theme():
    interactive.use_style()
    figure = go.Figure([go.Scatter(**LINE, line_color=plotting.COLORS["blue"])]).to_plotly_json()
    pages = [figures.plotly_html(figure, "A line", prefix) for prefix in ("c1o0-", "c2o0-")]
    parts = [BeautifulSoup(page, "html.parser").select_one(".plot") for page in pages]
    ids, again = ({element["id"] for element in part.select("[id]")} for part in parts)
    assert ids and not ids & again
    assert set(re.findall(r"url\(#([^)]+)\)", str(parts[0]))) == ids
    for color, variable in figures.theme_colors().items():
        assert color not in str(parts[0]).lower(), variable
    assert "var(--figure-" in str(parts[0])
    assert parts[0]["aria-label"] == "A line"


def test_straight_lines_become_steps_whose_errors_do_not_add_up():
    points = [(0.04 * n, -0.06 * n) for n in range(101)]
    outline = "M 1.25 2 L " + " L ".join(f"{x:.6f} {y:.6f}" for x, y in points) + "\nM 3 4\nL 5 4"
    first, second = figures.shortened(outline).split("M")[1:]
    (x, y), *steps = [tuple(map(float, step.split())) for step in first.split("l")]
    end = x + sum(step[0] for step in steps), y + sum(step[1] for step in steps)
    assert end == pytest.approx((4, -6), abs=0.11)
    assert second == "3 4l2 0"


def test_equal_shapes_become_equal_text():
    drop = "M {} 1 Q {} 2 {} 3 C {} 4 {} 5 {} 6 L {} 1 z"
    here, there = (drop.format(*(x + at for x in (0, 1, 0, 2, 1, 3, 0))) for at in (0, 70.01))
    first, second = figures.shortened(f"{here} {there}").removeprefix("M").split("M")
    assert first.removeprefix("0 1") == second.removeprefix("70 1") == "q1 1 0 2c2 1 1 2 3 3l-3 -5z"
    for unknown in ("M 1 2 H 3", "M 1 2 A 1 1 0 0 1 3 4", "M 1 2 L 3 4 z L 5 6"):
        assert figures.shortened(unknown) == unknown
