"""Live figures: what `helpers.live.show` puts out, as a figure that answers.

The page has the still picture; `assets/live.js` replaces it with the figure when the reader comes near.
Networks and tensors are in a script of their own, which is loaded when the reader touches the figure. The
networks are checked first: run by the page's own interpreter, they must give torch's numbers, and, with the
eight bits a weight that the page is sent, nearly always the same answer.
"""

import base64
import html
import json
from pathlib import Path
from typing import Any

import numpy as np
from docutils import nodes
from myst_nb.core.render import MimeData, NbElementRenderer
from sphinx.application import Sphinx
from sphinx.environment import BuildEnvironment
from sphinx.errors import ExtensionError

from course import pages
from course.figures import svg_html
from course.nodejs import run_in_node

MIME = "application/vnd.week.live+json"
INTERPRETER = Path(__file__).parent / "assets" / "interpreter.js"
TOLERANCE = 1e-4  # relative to the largest output
AGREEMENT = 0.97  # share of the examples on which eight bits a weight give the same answer
FEW = 256  # weights of fewer numbers are sent as they are
RUN = """
require(data.interpreter);
const examples = live.unpack(data.examples);
const [n, ...shape] = examples.shape;
const size = examples.data.length / n;
return data.models.map((model) => {
  const run = live.compile(model);
  return Array.from({ length: n }, (_, i) =>
    Array.from(run([1, ...shape], examples.data.slice(i * size, (i + 1) * size)).output));
});
"""


def unpacked(packed: dict[str, Any]) -> np.ndarray:
    """Return an array as `helpers.live.pack` packed it."""
    (name,) = packed.keys() - {"shape"}
    return np.frombuffer(base64.b64decode(packed[name]), np.dtype(name).newbyteorder("<")).reshape(
        packed["shape"]
    )


def eight_bits(packed: dict[str, Any]) -> dict[str, Any]:
    """Return a weight with one byte a number, and one scale for each row (index along the first axis)."""
    weight = unpacked(packed)
    if weight.ndim < 2 or weight.size < FEW:
        return packed
    rows = weight.reshape(len(weight), -1)
    scales = np.abs(rows).max(axis=1, keepdims=True) / 127
    whole = np.rint(rows / np.where(scales, scales, 1)).astype("int8")

    def text(array: np.ndarray) -> str:
        return base64.b64encode(array.tobytes()).decode()

    return {"shape": packed["shape"], "int8": text(whole), "scales": text(scales.astype("<f4"))}


def checked(content: dict[str, Any]) -> list[dict[str, Any]]:
    """Return the networks as the page is sent them.

    Raises:
        ExtensionError: The interpreter does not give torch's numbers, or eight bits give other answers (or,
            if the figure has a `tolerance`, numbers that are off by more).
    """
    models = content["models"]
    sent = [{**model, "weights": [eight_bits(weight) for weight in model["weights"]]} for model in models]
    given = {"interpreter": str(INTERPRETER), "examples": content["examples"]}
    results = run_in_node(RUN, {**given, "models": [*models, *sent]})
    exact, short = results[: len(models)], results[len(models) :]
    for model, one, other in zip(sent, exact, short, strict=True):
        name, expected = model["name"], unpacked(model.pop("expected")).reshape(len(one), -1)
        off = np.abs(np.array(one, dtype=float) - expected).max() / np.abs(expected).max()
        if not off <= TOLERANCE:
            raise ExtensionError(
                f"The page's interpreter does not run the network {name!r} as torch does: its outputs are off"
                f" by {off:.2g} of the largest."
            )
        if (tolerance := content.get("tolerance")) is not None:
            off = np.abs(np.array(other, dtype=float) - expected).max()
            if not off <= tolerance:
                raise ExtensionError(
                    f"With eight bits a weight, the outputs of the network {name!r} are off by {off:.2g}."
                )
            continue
        agreement = (np.argmax(other, axis=1) == expected.argmax(axis=1)).mean()
        if agreement < AGREEMENT:
            raise ExtensionError(
                f"With eight bits a weight, the network {name!r} gives the same answer for only"
                f" {agreement:.0%} of the examples."
            )
    return sent


def live_html(content: dict[str, Any], alt: str, prefix: str, source: str) -> str:
    """Write a live figure: its picture, and what is known of it before its data are loaded.

    Args:
        content: What `helpers.live.show` put out.
        alt: What the picture shows.
        prefix: Goes before every id in the picture, as ids must be unique on the page.
        source: The name of its data, see `data_script`.
    """
    models = [{name: model[name] for name in ("name", "parameters")} for model in content["models"]]
    about = json.dumps({"models": models, **content["about"]}).replace("</", r"<\/")
    return (
        f'<div class="live" data-kind="{html.escape(content["kind"])}" data-source="{source}">'
        f'<div class="still">{svg_html(content["still"], alt, prefix)}</div>'
        f'<script type="application/json">{about}</script></div>'
    )


def data_script(content: dict[str, Any], source: str) -> str:
    """Write a live figure's networks and tensors as a script, which any page may load, even from a file."""
    sent = {"models": checked(content) if content["models"] else [], **content["tensors"]}
    return f'live.data["{source}"] = {json.dumps(sent, separators=(",", ":"))};\n'


class LiveFigures:
    """A myst-nb plug-in that renders live figures."""

    mime_priority_overrides = (("*", MIME, 4),)

    @staticmethod
    def handle_mime(renderer: NbElementRenderer, data: MimeData, inline: bool) -> list[nodes.Element] | None:
        """Return the figure as a raw HTML node, and keep its data for `write`; None for other types."""
        if inline or data.mime_type != MIME:
            return None
        env, prefix = renderer.renderer.sphinx_env, f"c{data.cell_index}o{data.output_index}-"
        source = env.docname.replace("/", "-") + "-" + prefix.strip("-")
        figures_of(env).setdefault(env.docname, {})[source] = data_script(data.content, source)
        renderer.add_js_file("live", "live.js", {"loading_method": "defer"})
        alt = data.cell_metadata.get("mystnb", {}).get("image", {}).get("alt", "")
        page_html = live_html(data.content, alt, prefix, source)
        return [nodes.raw("", page_html, format="html", alt=alt, svg=data.content["still"])]


def figures_of(env: BuildEnvironment) -> dict[str, dict[str, str]]:
    """Return the scripts with the data of all live figures: page -> source -> script."""
    if not hasattr(env, "live_figures"):
        env.live_figures = {}
    return env.live_figures


def forget(app: Sphinx, env: BuildEnvironment, page: str) -> None:
    """Forget the figures of a page that is read anew."""
    figures_of(env).pop(page, None)


def write(app: Sphinx, exception: Exception | None) -> None:
    """Write the data of all figures."""
    if exception or app.builder.format != "html":
        return
    folder = Path(app.outdir, "_static", "live")
    folder.mkdir(parents=True, exist_ok=True)
    for figures in figures_of(app.env).values():
        for source, script in figures.items():
            (folder / f"{source}.js").write_text(script, encoding="utf-8")


def setup(app: Sphinx) -> None:
    """Register the plug-in."""
    pages.add_mime_renderer(LiveFigures)
    app.connect("env-purge-doc", forget)
    app.connect("build-finished", write)
