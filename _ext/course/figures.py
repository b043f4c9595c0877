"""Figures that follow the reader's theme and have alternative texts.

Line figures (SVG) become part of the page, so that their colours follow the theme and their text is page
text. Interactive figures (plotly) are written as a still picture and as data, which `assets/figures.js`
draws when the figure scrolls into view, or on request. The build fails if a figure has no alternative text,
or was promised but not made.
"""

import base64
import html
import io
import json
import re
import shutil
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import nbformat
import numpy as np
import plotly
from docutils import nodes
from myst_nb.core.render import MimeData, NbElementRenderer
from PIL import Image
from sphinx.application import Sphinx
from sphinx.util import logging

from course import pages
from course.stills import still
from course.words import _

ROOT = Path(__file__).parents[2]
SVG = "image/svg+xml"
PLOTLY = "application/vnd.plotly.v1+json"
FIGURE_TYPES = {SVG, PLOTLY, "image/png", "image/jpeg"}
DEFAULT_HEIGHT = 400  # px, for plotly figures that set none
# Plotly's scripts, smallest first, and the kinds of trace each can draw. The last draws everything, but is so
# large that the reader is asked first.
BASIC = {"bar", "pie", "scatter"}
CARTESIAN = BASIC | {
    "box",
    "contour",
    "heatmap",
    "histogram",
    "histogram2d",
    "histogram2dcontour",
    "image",
    "violin",
}
SCRIPTS = {
    ROOT / "node_modules/plotly.js-basic-dist-min/plotly-basic.min.js": BASIC,
    ROOT / "node_modules/plotly.js-cartesian-dist-min/plotly-cartesian.min.js": CARTESIAN,
    Path(plotly.__file__).parent / "package_data" / "plotly.min.js": None,
}
STYLES = ROOT / "_static" / "course.css"

logger = logging.getLogger(__name__)


@cache
def theme_colors() -> dict[str, str]:
    """Map each colour of `helpers/plotting.py` to the style sheet's variable, which depends on the theme.

    Returns:
        For instance `{"#1f2328": "var(--figure-ink)"}`, from the first (light) values in the style sheet.
    """
    light = STYLES.read_text(encoding="utf-8").partition("}")[0]
    return {value: f"var({name})" for name, value in re.findall(r"(--figure-[\w-]+): (#\w{6});", light)}


def follow_theme(text: str) -> str:
    """Replace the plotting style's colours in SVG or JSON with the style sheet's variables."""
    return re.sub(r"#[0-9a-fA-F]{6}\b", lambda hit: theme_colors().get(hit[0].lower(), hit[0]), text)


class ThemedFigures:
    """A myst-nb plug-in that renders SVG and plotly outputs."""

    mime_priority_overrides = (("*", PLOTLY, 5),)

    @staticmethod
    def handle_mime(renderer: NbElementRenderer, data: MimeData, inline: bool) -> list[nodes.Element] | None:
        """Return the output as a raw HTML node, or None to leave other types to myst-nb."""
        if inline or data.mime_type not in (SVG, PLOTLY):
            return None
        alt = data.cell_metadata.get("mystnb", {}).get("image", {}).get("alt", "")
        svg = data.string if data.mime_type == SVG else ""
        if svg:
            page_html = svg_html(data.string, alt, prefix=f"c{data.cell_index}o{data.output_index}-")
        else:
            renderer.add_js_file("figures", "figures.js", {})
            page_html = plotly_html(data.content, alt, prefix=f"c{data.cell_index}o{data.output_index}-")
        return [nodes.raw("", page_html, format="html", alt=alt, svg=svg)]  # week.py makes small pictures


def svg_html(svg: str, alt: str, prefix: str, unit: float = 4 / 3) -> str:
    """Turn an SVG into a part of the page.

    Args:
        svg: The file, as written by matplotlib or plotly.
        alt: What the figure shows; empty if the text around says so.
        prefix: Goes before every id, as ids must be unique on the page.
        unit: Unit of the file's lengths, in px; matplotlib's are points.
    """
    said = f'role="img" aria-label="{html.escape(alt)}"' if alt else 'aria-hidden="true"'
    width, height = re.search(r'viewBox="0 0 ([\d.]+) ([\d.]+)"', svg).groups()
    # Rules in the page's body have the whole page styled anew: course.css has matplotlib's only one.
    body = re.sub(r"<(metadata|style)\b.*?</\1>", "", svg[svg.index("<svg") :], flags=re.DOTALL)
    body = body[body.index(">") + 1 :]
    # Drop ids nothing refers to: equal images have equal ids.
    used = set(re.findall(r'(?:href="#|url\(#)([^")]+)', body))
    body = re.sub(r' id="([^"]*)"', lambda hit: hit[0] if hit[1] in used else "", body)
    body = re.sub(r'(\bid="|href="#|url\(#)', rf"\g<1>{prefix}", body)
    body = re.sub(r"data:image/png;base64,[^\"]+", lambda hit: repacked(hit[0]), body)
    body = re.sub(r'\bd="([^"]*)"', lambda hit: f'd="{shortened(hit[1])}"', body)
    body = re.sub(r' transform="rotate\(-?0 [^"]*\)"', "", body)  # of every text
    body = re.sub(r'( [xy]="-?\d+\.\d)\d+"', r'\1"', body)  # tenths of a point
    return (
        f'<svg class="plot" {said} viewBox="0 0 {width} {height}"'
        f' width="{float(width) * unit:.0f}" height="{float(height) * unit:.0f}">{follow_theme(body)}'
    )


def shortened(outline: str) -> str:
    """Return an SVG path in tenths of a point, with lines and curves as steps: equal shapes are equal text.

    Outlines are most of a figure's file, and repeated text compresses to nearly nothing.
    """
    outline = re.sub(r"(\.\d)\d+", r"\1", " ".join(outline.split()))
    if not re.fullmatch(r"(?:[MLCQ](?: -?[\d.]+)+ ?|z ?(?=M|$))+", outline):
        return outline
    steps, before = [], (0, 0)  # tenths, so that errors do not add up
    for command, numbers in re.findall(r"([MLCQz])([^MLCQz]*)", outline):
        shown = [round(10 * float(number)) for number in numbers.split()]
        if shown:
            end = shown[-2], shown[-1]
            if command != "M":
                shown = [number - before[i % 2] for i, number in enumerate(shown)]
                command = command.lower()
            before = end
        steps.append(command + " ".join(f"{number / 10:g}" for number in shown))
    return "".join(steps)


def repacked(address: str) -> str:
    """Return an image's data URL with the same pixels in fewer bytes: no needless alpha or colour."""
    image = Image.open(io.BytesIO(base64.b64decode(address.partition(",")[2])))
    if image.mode == "RGBA" and image.getextrema()[3] == (255, 255):
        image = image.convert("RGB")
    if image.mode == "RGB" and len({channel.tobytes() for channel in image.split()}) == 1:
        image = image.getchannel(0)
    file = io.BytesIO()
    image.save(file, "WEBP", lossless=True, method=6)
    return f"data:image/webp;base64,{base64.b64encode(file.getvalue()).decode()}"


def unpacked(figure: dict) -> dict:
    """Return a plotly figure with arrays as plain lists instead of plotly's base64 bytes.

    Bytes could not be rounded, and would hardly compress.
    """

    def array(value: dict) -> dict | list:
        if "bdata" not in value:
            return value
        numbers = np.frombuffer(base64.b64decode(value["bdata"]), value["dtype"])
        shape = map(int, str(value.get("shape", numbers.size)).split(","))
        return numbers.reshape(*shape).tolist()

    return json.loads(json.dumps(figure), object_hook=array)


def compact(figure: dict) -> str:
    """Return a figure as compact JSON, with numbers rounded to five digits."""

    def rounded(number: str) -> float:
        return float(f"{float(number):.5g}")

    short = json.loads(json.dumps(figure), parse_float=rounded)
    return json.dumps(short, separators=(",", ":"))


def plotly_html(figure: dict, alt: str, prefix: str) -> str:
    """Write a plotly figure as a picture and as data, replacing plotly's slider and menu with native ones.

    Plotly's respond only to the mouse; `<input type="range">` and `<select>` also to keys and touch.

    Args:
        figure: The content of plotly's MIME type: `data`, `layout`, `frames`.
        alt: What the figure shows; stands in for a missing picture.
        prefix: Goes before every id in the picture, as ids must be unique on the page.
    """
    figure = unpacked(figure)
    layout = figure["layout"]
    height = layout.get("height", DEFAULT_HEIGHT)
    traces = [*figure["data"], *(trace for frame in figure.get("frames", []) for trace in frame["data"])]
    needed = {trace.get("type", "scatter") for trace in traces}
    script = next(rank for rank, kinds in enumerate(SCRIPTS.values()) if kinds is None or needed <= kinds)
    picture = still(figure, height, list(SCRIPTS)[script])
    alt = html.escape(alt)
    shown = svg_html(picture, "", prefix, unit=1) if picture else f"<p>{alt}</p>"
    menu = slider = ""
    if layout.get("updatemenus"):
        control = layout["updatemenus"][0]
        options = ""
        for i, button in enumerate(control["buttons"]):
            selected = " selected" if i == control.get("active", 0) else ""
            options += f'<option value="{i}"{selected}>{html.escape(button["label"])}'
        name = html.escape(control.get("name") or _("Show"))
        menu = f'<label class="plot-menu"><span>{name}</span><select disabled>{options}</select></label>'
    if layout.get("sliders"):
        control = layout["sliders"][0]
        start, steps = control.get("active", 0), control["steps"]
        name = html.escape(control.get("currentvalue", {}).get("prefix", "").strip(" :=")) or _("Step")
        slider = (
            f'<label class="plot-slider"><span>{name}</span><input type="range" max="{len(steps) - 1}"'
            f' value="{start}" disabled><output>{html.escape(steps[start]["label"])}</output></label>'
        )
    button = ""
    if script == len(SCRIPTS) - 1:
        what = _("Make this figure interactive") if picture else _("Draw this figure")
        button = f'<button type="button" class="plot-button" hidden>{what} (1.5 MB)</button>'
    data = follow_theme(compact(figure)).replace("</", r"<\/")
    return (
        f'<div class="interactive" data-script="{script}">{menu}'
        f'<div class="plot" role="img" aria-label="{alt}" style="height: {height}px">{shown}</div>'
        f'{slider}{button}<script type="application/json">{data}</script></div>'
    )


def check_figures(app: Sphinx, doctree: nodes.document) -> None:
    """Warn of figures without an alternative text, and of figures promised but not made."""
    titles = {title.astext() for title in doctree.findall(nodes.title)}
    for node in doctree.findall(
        lambda node: isinstance(node, nodes.image) or "alt" in getattr(node, "attributes", {})
    ):
        alt = node.get("alt", "").strip()
        if len(alt.split()) < 4 or alt in titles:
            logger.warning(
                "%s: no alternative text that says what the figure shows (found: %r). Write one of at least"
                " four words; in a notebook, put it in the cell's metadata as mystnb.image.alt.",
                where(app, node),
                alt,
                location=node,
            )
    for cell in doctree.findall(nodes.container):
        promised = cell.get("cell_metadata", {}).get("mystnb", {}).get("figure")
        if promised and cell.get("exec_count") and not FIGURE_TYPES.intersection(mime_types(cell)):
            logger.warning(
                "%s: the cell made no figure, but its metadata (mystnb.figure) promises one.",
                where(app, cell),
                location=cell,
            )


def mime_types(cell: nodes.container) -> Iterator[str]:
    """Yield the MIME type of every output of a cell."""
    return (node["mime_type"] for node in cell.findall(nodes.container) if "mime_type" in node)


def where(app: Sphinx, node: nodes.Node) -> str:
    """Name a node's notebook and cell id, or its page."""
    page = Path(app.env.doc2path(app.env.docname))
    name = page.relative_to(app.srcdir).as_posix()
    while node and "cell_index" not in getattr(node, "attributes", {}):
        node = node.parent
    if node and page.suffix == ".ipynb":
        return f"{name}, cell {nbformat.read(page, as_version=4).cells[node['cell_index']].id!r}"
    return name


def copy_plotly(app: Sphinx, exception: Exception | None) -> None:
    """Copy plotly's scripts into the site; each page loads the smallest one that draws its figures."""
    if not exception and app.builder.format == "html":
        for rank, script in enumerate(SCRIPTS):
            shutil.copy(script, Path(app.outdir, "_static", f"plotly-{rank}.js"))


def setup(app: Sphinx) -> None:
    """Register the plug-in, the checks and plotly's scripts."""
    pages.add_mime_renderer(ThemedFigures)
    app.connect("doctree-read", check_figures)
    app.connect("build-finished", copy_plotly)
