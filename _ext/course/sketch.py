"""A still picture of an interactive figure, for print, and until plotly takes over.

It is close enough to plotly's first drawing that little moves when plotly takes over. It can show lines and
points, Cartesian or polar, and hierarchies as a sunburst or treemap; anything else stays in words.
"""

import io
from collections.abc import Iterator
from math import pi

import squarify
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from helpers import plotting

WIDTH = 3.7  # inches, phone width
DASHES = {"solid": "-", "dash": "--", "dot": ":", "dashdot": "-."}
HEADER = 0.07  # share of a treemap's height for the name of a subdivided tile


def sketch(figure: dict, height: float) -> str | None:
    """Draw a plotly figure with matplotlib.

    Args:
        figure: `data` and `layout` as plain lists and dicts.
        height: Height of the figure, in px.

    Returns:
        An SVG, or None if the figure has other kinds of traces or several pairs of axes.
    """
    layout = figure["layout"]
    shown = [trace for trace in figure["data"] if trace.get("visible", True) is True]
    kinds = {trace.get("type", "scatter") for trace in shown}
    plotting.use_style()
    fig = Figure(figsize=(WIDTH, height / 96))
    if kinds == {"scatter"} and all(map(is_plain, shown)):
        draw_lines(fig.subplots(), shown, layout)
    elif kinds == {"scatterpolar"} and not any("subplot" in trace for trace in shown):
        draw_polar(fig.subplots(subplot_kw={"projection": "polar"}), shown, layout)
    elif kinds == {"sunburst"} and is_measured(*shown):
        draw_sunburst(fig.subplots(subplot_kw={"projection": "polar"}), *shown)
    elif kinds == {"treemap"} and is_measured(*shown):
        draw_treemap(fig.subplots(), *shown)
    else:
        return None
    if any(trace.get("name") for trace in shown) and layout.get("showlegend", True):
        fig.legend(loc="outside upper left", ncols=2)
    file = io.StringIO()
    fig.savefig(file, format="svg")
    return file.getvalue()


def is_plain(trace: dict) -> bool:
    """Return whether a trace is only lines and points, of one opacity, on the first pair of axes."""
    return not (
        trace.get("fill")
        or {"xaxis", "yaxis"} & trace.keys()
        or "y" not in trace
        or isinstance(trace.get("marker", {}).get("opacity"), list)  # the squares of a table
    )


def is_measured(trace: dict) -> bool:
    """Return whether every part of a hierarchy has a value and a colour."""
    return "values" in trace and "colors" in trace.get("marker", {})


def draw_lines(ax: Axes, traces: list[dict], layout: dict) -> None:
    """Draw lines and points, and name and scale the axes."""
    ax.margins(x=0)
    for trace in traces:
        draw(ax, trace, trace.get("x", range(len(trace["y"]))), trace["y"])
    for axis in "xy":
        settings = layout.get(f"{axis}axis", {})
        title = settings.get("title", {})
        log = settings.get("type") == "log"
        ax.set(
            **{
                f"{axis}label": title.get("text", "") if title else "",
                f"{axis}scale": "log" if log else "linear",
            }
        )
        if settings.get("range"):
            limits = settings["range"]
            ax.set(**{f"{axis}lim": [10**end for end in limits] if log else limits})


def draw_polar(ax: Axes, traces: list[dict], layout: dict) -> None:
    """Draw lines in a polar plot, with directions given by name or in degrees."""
    around, outward = (layout.get("polar", {}).get(f"{axis}axis", {}) for axis in ("angular", "radial"))
    names = list(dict.fromkeys(name for trace in traces for name in trace["theta"] if isinstance(name, str)))
    angles = {name: 2 * pi * i / len(names) for i, name in enumerate(names)}
    ax.set_theta_offset(around.get("rotation", 0) * pi / 180)
    ax.set_theta_direction(around.get("direction", "counterclockwise"))
    for trace in traces:
        theta = [angles[place] if names else place * pi / 180 for place in trace["theta"]]
        line = draw(ax, trace, theta, trace["r"])
        if trace.get("fill"):
            ax.fill(theta, trace["r"], color=line.get_color(), alpha=0.3, lw=0)
    if names:
        ax.set_xticks(list(angles.values()), names)
    if outward.get("range"):
        ax.set_ylim(outward["range"])
    if not outward.get("showticklabels", True):
        ax.set_yticklabels([])


def draw(ax: Axes, trace: dict, x: list[float], y: list[float]) -> Line2D:
    """Draw one trace of lines, points or both, and return its line."""
    mode = trace.get("mode", "lines")
    line, marker = trace.get("line", {}), trace.get("marker", {})
    color = line.get("color") or marker.get("color")
    size = marker.get("size", 6)
    return ax.plot(
        x,
        y,
        DASHES.get(line.get("dash"), "-") if "lines" in mode else "",
        marker="o" if "markers" in mode else "",
        markersize=(size if isinstance(size, (int, float)) else 6) * 0.75,
        linewidth=line.get("width", 2) * 0.75,
        color=color if isinstance(color, str) else None,
        alpha=trace.get("opacity"),
        label=trace.get("name") or "_",
    )[0]


def parts(trace: dict, whole: str) -> Iterator[tuple[str, str, float, str]]:
    """Yield id, name, value and colour of each part of a whole in a hierarchy."""
    names = trace["labels"]
    yield from (
        row[1:]
        for row in zip(
            trace["parents"],
            trace.get("ids", names),
            names,
            trace["values"],
            trace["marker"]["colors"],
            strict=True,
        )
        if row[0] == whole
    )


def tile(color: str) -> dict:
    """Return the style of a bar that shows part of a whole."""
    paper = plotting.PAPER
    return {"align": "edge", "color": color, "edgecolor": paper, "linewidth": 0.5}


def words(color: str) -> dict:
    """Return the style for a name on a tile of this colour."""
    on_paper = color == plotting.PAPER
    return {"fontsize": 8, "color": plotting.INK if on_paper else plotting.PAPER}


def draw_sunburst(ax: Axes, trace: dict) -> None:
    """Draw a hierarchy as rings, with names where there is room."""

    def ring(whole: str, start: float, end: float, level: int) -> None:
        total = sum(value for _, _, value, _ in parts(trace, whole))
        angle = end - start
        for part, name, value, color in parts(trace, whole):
            stop = start + angle * value / total
            ax.bar(start, 1, stop - start, bottom=level, **tile(color))
            if stop - start > 0.3:
                middle = (start + stop) / 2, level + 0.5 * (level > 0)
                ax.text(*middle, name, ha="center", va="center", **words(color))
            ring(part, start, stop, level + 1)
            start = stop

    ring("", 0, 2 * pi, 0)
    ax.axis("off")


def draw_treemap(ax: Axes, trace: dict) -> None:
    """Draw a hierarchy as squarified tiles, with names where there is room."""

    def tiles(whole: str, x: float, y: float, w: float, h: float) -> None:
        inside = sorted(parts(trace, whole), key=lambda row: -row[2])
        sizes = squarify.normalize_sizes([value for _, _, value, _ in inside], w, h)
        for (part, name, _, color), place in zip(inside, squarify.squarify(sizes, x, y, w, h), strict=True):
            x0, y0, dx, dy = (place[key] for key in ("x", "y", "dx", "dy"))
            ax.bar(x0, dy, dx, bottom=y0, **tile(color))
            if dx > 0.02 * (len(name) + 1) and dy > HEADER:
                ax.text(x0 + 0.01, y0 + 0.015, name, va="top", **words(color))
                tiles(part, x0, y0 + HEADER, dx, dy - HEADER)

    tiles("", 0, 0, 1, 1)
    ax.set(xlim=(0, 1), ylim=(1, 0))
    ax.axis("off")
