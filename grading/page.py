"""A page of HTML that stands alone: no script, nothing to load, light or dark as the reader's system is."""

import html
import io
import re
from collections.abc import Sequence

import matplotlib.pyplot as plt
from matplotlib.figure import Figure

from grading.box import ROOT
from grading.words import say
from helpers import language, plotting

STYLE = """
:root { color-scheme: light dark; --paper: #fffefb; --soft: #f6f4ee; --border: #d9d5ca; --link: #0b5c7e;
  LIGHT }
@media (prefers-color-scheme: dark) {
  :root { --paper: #15181b; --soft: #1f2529; --border: #3a4147; --link: #7cc4ea; DARK }
}
body { background: var(--paper); color: var(--figure-ink); margin: 2rem auto; max-width: 46rem;
  padding: 0 1rem;
  font: 1rem/1.5 -apple-system, "Segoe UI", Roboto, "Helvetica Neue", "Noto Sans", Arial, sans-serif; }
h1, h2, h3 { font-family: Charter, "Bitstream Charter", Cambria, "Noto Serif", serif; line-height: 1.2; }
:lang(ko) { word-break: keep-all; }
:is(h1, h2, h3):lang(ko) { font-family: inherit; }
a { color: var(--link); }
figure { margin: 1rem 0; overflow-x: auto; }
figure svg { height: auto; max-width: 100%; }
.table { overflow-x: auto; }
table { border-collapse: collapse; width: 100%; }
caption { font-weight: bold; padding: .3rem 0; text-align: left; }
th, td { border-bottom: 1px solid var(--border); padding: .3rem .6rem .3rem 0; text-align: left;
  vertical-align: top; }
td.number { font-variant-numeric: tabular-nums; }
th code { overflow-wrap: normal; white-space: nowrap; }
td pre { contain: inline-size; }
pre { background: var(--soft); border: 1px solid var(--border); overflow-x: auto; padding: .6rem; }
code { overflow-wrap: anywhere; }
@media (max-width: 40rem) { th code { white-space: normal; } }
.task { margin: 1rem 0; overflow-wrap: anywhere; }
"""


def style() -> str:
    """Return the style, with the colours of the site's figures."""
    sheet = (ROOT / "_static" / "course.css").read_text(encoding="utf-8")
    light, dark = (
        " ".join(re.findall(r"--figure-\w+: #\w+;", sheet.partition(start)[2].partition("}")[0]))
        for start in (":root {", 'html[data-theme="dark"] {')
    )
    return STYLE.replace("LIGHT", light).replace("DARK", dark)


def text(words: str) -> str:
    """Return text as HTML; what stands between backticks is code."""
    return re.sub(r"`([^`]+)`", r"<code>\1</code>", html.escape(words))


def page(title: str, body: Sequence[str]) -> str:
    """Return a page in the language that is chosen. `body` is HTML, and the title is text."""
    head = f'<meta charset="utf-8"><title>{html.escape(title)}</title>'
    view = '<meta name="viewport" content="width=device-width, initial-scale=1">'
    whole = "\n".join(body)
    code = language.current()
    start = f'<!doctype html>\n<html lang="{code}">\n<head>{head}{view}<style>{style()}</style></head>'
    return f"{start}\n<body><main>\n<h1>{html.escape(title)}</h1>\n{whole}\n</main></body>\n</html>\n"


def table(caption: str, columns: Sequence[str], rows: Sequence[Sequence[str | int]]) -> str:
    """Return a table whose first column names the rows; text cells are HTML already."""
    head = "".join(f'<th scope="col">{html.escape(name)}</th>' for name in columns)
    lines = []
    for first, *others in rows:
        cells = "".join(
            f'<td class="number">{cell}</td>' if isinstance(cell, int) else f"<td>{cell}</td>"
            for cell in others
        )
        lines.append(f'<tr><th scope="row">{first}</th>{cells}</tr>')
    body = f"<thead><tr>{head}</tr></thead>\n<tbody>{''.join(lines)}</tbody>"
    box = f'<div class="table" tabindex="0" role="region" aria-label="{html.escape(caption)}">'
    return f"{box}<table><caption>{html.escape(caption)}</caption>\n{body}</table></div>"


def figure(drawn: Figure, alt: str) -> str:
    """Return a figure as SVG, in the colours and the language of the page, and close it.

    Args:
        drawn: Drawn in the course's style, its words in English.
        alt: What it shows, in the language of the page.
    """
    out = io.StringIO()
    drawn.savefig(out, format="svg", transparent=True, metadata={"Date": None})
    plt.close(drawn)
    svg = out.getvalue()
    svg = svg[svg.index("<svg") :]
    for name, colour in {"ink": plotting.INK, "grid": plotting.GRID, **plotting.COLORS}.items():
        svg = svg.replace(colour, f"var(--figure-{name})")
    svg = re.sub(">([^<>]+)</text>", lambda hit: f">{html.escape(say(html.unescape(hit[1])))}</text>", svg)
    svg = svg.replace("<svg ", f'<svg role="img" aria-label="{html.escape(alt)}" ', 1)
    return f"<figure>{svg}</figure>"
