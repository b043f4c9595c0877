"""A still picture of an interactive figure, for readers who have not touched it, and for paper.

It shows what plotly will draw at the slider's first position: near enough that little moves when plotly takes
over. Lines and points are drawn; figures with anything else stay in words until plotly draws them.
"""

import io

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from helpers import plotting

WIDTH = 3.7  # inches: of a phone, where it is seen longest
DASHES = {"solid": "-", "dash": "--", "dot": ":", "dashdot": "-."}


def sketch(figure: dict, height: float) -> str | None:
    """Draw a plotly figure with matplotlib.

    Args:
        figure: `data` and `layout` as plain lists and dicts.
        height: Of the figure, in px.

    Returns:
        An SVG, or None if the figure is not made of lines and points on one pair of axes.
    """
    layout = figure["layout"]
    shown = [trace for trace in figure["data"] if trace.get("visible", True) is True]
    if not shown or any(
        trace.get("type", "scatter") != "scatter"
        or trace.get("fill")
        or {"xaxis", "yaxis"} & trace.keys()
        or "y" not in trace
        or isinstance(
            trace.get("marker", {}).get("opacity"), list
        )  # a table in squares
        for trace in shown
    ):
        return None
    plotting.use_style()
    fig = Figure(figsize=(WIDTH, height / 96))
    ax = fig.subplots()
    ax.margins(x=0)
    for trace in shown:
        draw(ax, trace)
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
    if any(trace.get("name") for trace in shown) and layout.get("showlegend", True):
        fig.legend(loc="outside upper left", ncols=2)
    file = io.StringIO()
    fig.savefig(file, format="svg")
    return file.getvalue()


def draw(ax: Axes, trace: dict) -> None:
    """Draw one trace of lines, points or both."""
    mode = trace.get("mode", "lines")
    line, marker = trace.get("line", {}), trace.get("marker", {})
    color = line.get("color") or marker.get("color")
    size = marker.get("size", 6)
    ax.plot(
        trace.get("x", range(len(trace["y"]))),
        trace["y"],
        DASHES.get(line.get("dash"), "-") if "lines" in mode else "",
        marker="o" if "markers" in mode else "",
        markersize=(size if isinstance(size, (int, float)) else 6) * 0.75,
        linewidth=line.get("width", 2) * 0.75,
        color=color if isinstance(color, str) else None,
        alpha=trace.get("opacity"),
        label=trace.get("name") or "_",
    )
