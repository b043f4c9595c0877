"""Words in the outputs of notebooks: in drawings (SVG), plotly's figures, and live figures."""

import html
import re
from collections.abc import Callable
from copy import deepcopy
from typing import Any

from nbformat import NotebookNode

from helpers.language import Phrases, width
from tools.korean.units import Pairs, worth

SVG, PLOTLY = "image/svg+xml", "application/vnd.plotly.v1+json"
LIVE = "application/vnd.week.live+json"
TEXT = re.compile(r"(<text\b[^>]*>)([^<]+)(</text>)")
# A label with a formula: a comment has it as it was given, and below it stands one letter at a time.
FORMULA = re.compile(
    r"<!-- ([^>]*\$[^>]*) -->(\s*<g[^>]*>\s*)<text>\s*<tspan[^>]* (style=\"[^\"]*\").*?</text>", re.DOTALL
)
# A text of several lines, and where a line of it begins.
LINES = re.compile(r"<g id=\"text_\d+\">(?:\s*<text\b[^>]*>[^<]*</text>){2,}\s*</g>")
PLACE = re.compile(r"(font-size: ([\d.]+)px.* transform=\"translate\()([\d.]+)")
LETTER = 0.55  # the width of a Latin letter, in units of its size
NUMBER = re.compile(r"(?<![A-Za-z\d])[-−]?\d+(?:,\d{3})*(?:\.\d+)?(?![A-Za-z\d])")
# Where plotly's figures have words.
SHOWN = {
    *("text", "title", "name", "label", "labels", "prefix", "suffix", "ticktext", "hovertemplate"),
    *("ticksuffix", "tickprefix", "x", "y", "r", "theta", "parents", "values", "customdata", "hovertext"),
}
Change = Callable[[str], str]


def words(outputs: list[NotebookNode]) -> list[str]:
    """Return the different words in the figures of a cell; numbers are `{}`."""
    found: dict[str, None] = {}

    def note(text: str) -> str:
        template = text.strip() if "$" in text else NUMBER.sub("{}", text.strip())
        if worth(template.replace("{}", "")):
            found.setdefault(template)
        return text

    changed(outputs, note)
    return list(found)


def translated(outputs: list[NotebookNode], pairs: Pairs) -> list[NotebookNode]:
    """Return a cell's outputs with the words of their figures in Korean, as far as there are pairs."""
    phrases = Phrases({english: korean for english, korean in pairs.items() if korean})
    return changed(outputs, lambda text: phrases.translate(text.strip()) or text)


def changed(outputs: list[NotebookNode], change: Change) -> list[NotebookNode]:
    """Return outputs with every text of their figures changed."""
    outputs = deepcopy(outputs)
    for data in (output.get("data", {}) for output in outputs):
        if SVG in data:
            data[SVG] = in_svg(as_text(data[SVG]), change)
        if PLOTLY in data:
            data[PLOTLY] = in_plotly(data[PLOTLY], change)
        if LIVE in data:
            content = data[LIVE]
            content["still"] = in_svg(content["still"], change)
            content["about"] = everywhere(content["about"], change)
            for model in content["models"]:
                model["name"] = change(model["name"])
    return outputs


def as_text(value: str | list[str]) -> str:
    """Return a text that nbformat may keep as lines."""
    return value if isinstance(value, str) else "".join(value)


def in_svg(svg: str, change: Change) -> str:
    """Change the texts of a drawing. A label with a formula becomes plain text."""

    def plain(hit: re.Match) -> str:
        label = change(given := html.unescape(hit[1]))
        return hit[0] if label == given else f"{hit[2]}<text {hit[3]}>{html.escape(label, False)}</text>"

    def text(hit: re.Match, centred: bool = False) -> str:
        label = change(given := html.unescape(hit[2]))
        off = LETTER * (width(given) - width(label)) / 2 if centred else 0
        tag = PLACE.sub(lambda place: f"{place[1]}{float(place[3]) + off * float(place[2]):.2f}", hit[1])
        return f"{tag if off else hit[1]}{html.escape(label, False)}{hit[3]}"

    def lines(hit: re.Match) -> str:
        centred = len({place[3] for place in PLACE.finditer(hit[0])}) > 1
        return TEXT.sub(lambda line: text(line, centred), hit[0])

    return TEXT.sub(text, LINES.sub(lines, FORMULA.sub(plain, svg)))  # what is Korean already stays


def in_plotly(figure: Any, change: Change, shown: bool = False, name: str = "") -> Any:
    """Change the texts of a figure of plotly. The names of its frames are addresses."""
    if isinstance(figure, str):
        return change(figure) if shown else figure
    if isinstance(figure, list):
        return [in_plotly(value, change, shown, name) for value in figure]
    if not isinstance(figure, dict):
        return figure
    return {
        key: in_plotly(value, change, key in SHOWN and (name, key) != ("frames", "name"), key)
        for key, value in figure.items()
    }


def everywhere(value: Any, change: Change) -> Any:
    """Change every text in plain data, and every name."""
    if isinstance(value, str):
        return change(value)
    if isinstance(value, list):
        return [everywhere(one, change) for one in value]
    if isinstance(value, dict):
        return {
            key if isinstance(key, str) and key.isidentifier() and key.islower() else change(key): everywhere(
                one, change
            )
            for key, one in value.items()
        }
    return value
