"""Plotly figures in the style of `helpers.plotting`, and figures whose slider needs no kernel.

Call `use_style()` once, in the notebook's import cell.
"""

from collections.abc import Mapping, Sequence

import plotly.graph_objects as go
import plotly.io as pio
from plotly.basedatatypes import BaseTraceType

from helpers.plotting import COLORS, GRID, INK, PAPER


def use_style() -> None:
    """Set the course's style for plotly."""
    axis = {"gridcolor": GRID, "linecolor": INK, "zeroline": False}
    pio.templates["course"] = go.layout.Template(
        layout={
            "font": {"color": INK, "size": 14},
            "paper_bgcolor": PAPER,
            "plot_bgcolor": PAPER,
            "colorway": list(COLORS.values()),
            "xaxis": axis,
            "yaxis": axis,
            "polar": {"bgcolor": PAPER},
            "legend": {"orientation": "h", "x": 0, "y": 1, "yanchor": "bottom"},
            # Room for short labels: to find it, plotly would draw twice. For long labels, set automargin.
            "margin": {"l": 56, "r": 8, "t": 24, "b": 48},
            "hoverlabel": {"bgcolor": PAPER, "font": {"color": INK}},
        }
    )
    pio.templates.default = "course"


def slider_figure(
    steps: Mapping[object, Sequence[BaseTraceType] | Mapping[str, BaseTraceType]],
    name: str,
    fixed: Sequence[BaseTraceType] = (),
    start: int = 0,
    choose: str = "",
    chosen: int = 0,
    **layout: object,
) -> go.Figure:
    """Make a plotly figure whose slider needs no kernel: every step is computed in advance.

    Args:
        steps: What to draw at each position of the slider, in order; all have the same number of traces.
        name: What the slider sets, such as "Hidden units".
        fixed: Traces that stay the same, drawn below the others.
        start: The slider's initial position, counted from 0.
        choose: What a menu chooses, such as "Optimizer". Each step is then a mapping from names to traces;
            the menu shows one of them.
        chosen: The alternative shown first, counted from 0.
        **layout: Other settings of plotly's layout, such as `xaxis_title`. Set `yaxis_range`: an axis that
            jumps from step to step misleads.

    Raises:
        ValueError: There are no steps, or their numbers of traces differ.
    """
    if len({len(traces) for traces in steps.values()}) != 1:
        raise ValueError("slider_figure needs at least one step, and the same number of traces in each")
    names = list(list(steps.values())[start]) if choose else []
    labels = [str(label) for label in steps]
    traces = [list(s.values() if choose else s) for s in steps.values()]
    moving = list(range(len(fixed), len(fixed) + len(traces[0])))
    at_once = {"mode": "immediate", "frame": {"duration": 0, "redraw": True}, "transition": {"duration": 0}}
    figure = go.Figure(
        data=[*fixed, *traces[start]],
        frames=[
            go.Frame(name=label, data=list(step), traces=moving)
            for label, step in zip(labels, traces, strict=True)
        ],
        layout={
            **layout,
            "sliders": [
                {
                    "active": start,
                    "currentvalue": {"prefix": f"{name}: "},
                    "steps": [
                        {"label": label, "method": "animate", "args": [[label], at_once]} for label in labels
                    ],
                }
            ],
        },
    )
    if choose:
        for i, trace in enumerate(figure.data[len(fixed) :]):
            trace.visible = i == chosen
        buttons = [
            {
                "label": name,
                "method": "restyle",
                "args": [{"visible": [other == name for other in names]}, moving],
            }
            for name in names
        ]
        place = {"x": 1, "xanchor": "right", "y": 1.02, "yanchor": "bottom"}
        menu = {"name": choose, "buttons": buttons, "active": chosen, **place}
        figure.update_layout(updatemenus=[menu])
    return figure
