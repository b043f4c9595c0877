"""Formulas, typeset by KaTeX at build time.

Pages need no script for them, screen readers get MathML, and bad TeX fails the build. The version of KaTeX is
locked in package-lock.json.
"""

import html
import shutil
from pathlib import Path

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.util import logging
from sphinx.util.math import get_node_equation_number
from sphinx.writers.html5 import HTML5Translator

from course.nodejs import MODULES, run_in_node
from course.words import _

KATEX = MODULES / "katex" / "dist"
RENDER = """
const katex = require("katex");
return data.map(([tex, displayMode]) => {
  try { return [katex.renderToString(tex, {displayMode, strict: "error"}), null]; }
  catch (error) { return [null, error.message]; }
});
"""

logger = logging.getLogger(__name__)
rendered: dict[tuple[str, bool], tuple[str | None, str | None]] = {}  # formula: (HTML, error)


def formula(node: nodes.math | nodes.math_block) -> tuple[str, bool]:
    """Return a node's TeX, and whether it is a display formula."""
    tex, display = node.astext(), isinstance(node, nodes.math_block)
    if display and r"\\" in tex and r"\begin" not in tex:
        tex = rf"\begin{{split}}{tex}\end{{split}}"  # as Sphinx does for MathJax and LaTeX
    return tex, display


def render_formulas(formulas: set[tuple[str, bool]]) -> None:
    """Add formulas to `rendered`, in a single run of Node.

    Raises:
        subprocess.CalledProcessError: Node or KaTeX itself failed.
    """
    new = sorted(formulas - rendered.keys())
    if new:
        results = run_in_node(RENDER, new)
        rendered.update(zip(new, map(tuple, results), strict=True))


def render_page(app: Sphinx, doctree: nodes.document, docname: str) -> None:
    """Typeset all formulas of a page, and warn of bad TeX."""
    if app.builder.format != "html":
        return
    found = list(doctree.findall(lambda node: isinstance(node, nodes.math | nodes.math_block)))
    render_formulas({formula(node) for node in found})
    for node in found:
        _, error = rendered[formula(node)]
        if error:
            logger.warning("bad TeX: %s", error, location=node)


def formula_html(node: nodes.math | nodes.math_block) -> str:
    """Return a formula's HTML; bad TeX is shown as written."""
    render_formulas({formula(node)})  # formulas in section titles also appear on other pages
    page_html, _ = rendered[formula(node)]
    return page_html or f"<code>{html.escape(node.astext())}</code>"


def visit_math(self: HTML5Translator, node: nodes.math) -> None:
    """Write an inline formula."""
    self.body.append(self.starttag(node, "span", "", CLASS="math") + formula_html(node) + "</span>")
    raise nodes.SkipNode


def visit_math_block(self: HTML5Translator, node: nodes.math_block) -> None:
    """Write a display formula, with its number if it has a label."""
    self.body.append(self.starttag(node, "div", CLASS="math"))
    if node.get("number"):
        self.body.append(f'<span class="eqno">({get_node_equation_number(self, node)})')
        self.add_permalink_ref(node, _("Link to this equation"))
        self.body.append("</span>")
    self.body.append(formula_html(node) + "</div>")
    raise nodes.SkipNode


def add_styles(app: Sphinx) -> None:
    """Add KaTeX's style sheet and fonts; `theme.py` drops what no page uses."""
    if app.builder.format != "html":
        return
    target = Path(app.outdir, "_static", "katex")
    (target / "fonts").mkdir(parents=True, exist_ok=True)
    for path in (KATEX / "katex.min.css", *KATEX.glob("fonts/*.ttf")):
        shutil.copy(path, target / path.relative_to(KATEX))
    app.add_css_file("katex/katex.min.css")


def setup(app: Sphinx) -> None:
    """Register the renderer, selected by `html_math_renderer: katex`."""
    app.add_html_math_renderer("katex", (visit_math, None), (visit_math_block, None))
    app.connect("doctree-resolved", render_page)
    app.connect("builder-inited", add_styles)
