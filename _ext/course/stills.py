"""Still pictures of interactive figures, for print and until plotly takes over, drawn by plotly in Node."""

import json
from functools import cache
from pathlib import Path

from matplotlib.font_manager import findfont, get_font

from course.nodejs import Worker
from helpers.plotting import PAPER

WIDTH = 360  # px, as on a phone
DRAW = Path(__file__).with_name("still.js").read_text(encoding="utf-8")


@cache
def character_widths() -> dict[str, float]:
    """Return each character's width at size 1, a little less than in matplotlib's font: about as in Arial."""
    font = get_font(findfont("DejaVu Sans"))
    font.set_size(1, 72)
    return {chr(code): font.load_char(code).linearHoriAdvance / 65536 * 0.87 for code in font.get_charmap()}


@cache
def drawer() -> Worker:
    """Return the Node that draws."""
    return Worker(f"const widths = {json.dumps(character_widths())}; {DRAW}")


def still(figure: dict, height: float, script: Path) -> str | None:
    """Draw a plotly figure as it first appears.

    Args:
        figure: `data` and `layout` as plain lists and dicts.
        height: Height of the figure, in px.
        script: The script of plotly that draws the figure.

    Returns:
        An SVG, or None if the drawing needs a canvas or WebGL, which only browsers have.
    """
    shown = {"data": figure["data"], "layout": figure["layout"]}
    given = {"figure": shown, "width": WIDTH, "height": height, "script": str(script)}
    svg = drawer()(given)
    return svg and svg.replace("#ffffff", PAPER)  # plotly's white, such as that of names on tiles
