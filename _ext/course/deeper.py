"""Deeper parts: sections that a first reading can skip, folded on the site and counted apart.

A section is deeper if its heading begins with "Deeper:". It ends at the next heading, so that text, code and
figures fold together; in Jupyter it is a section like any other. `assets/deeper.js` opens what a link or a
search leads to.
"""

from docutils import nodes
from sphinx.application import Sphinx

from course import pages
from course.words import _

WORD = "Deeper:"  # with which headings begin


def is_deeper(node: nodes.Node) -> bool:
    """Return whether a node is a deeper section."""
    return isinstance(node, nodes.section) and node.next_node(nodes.title).astext().startswith(
        (WORD, _(WORD))
    )


def fold(app: Sphinx, doctree: nodes.document, docname: str) -> None:
    """Put the content of deeper sections between `<details>`, with the heading as the summary."""
    if app.builder.format != "html":
        return
    for section in doctree.findall(is_deeper):
        title, *content = section.children
        start, between, end = (
            nodes.raw("", html, format="html")
            for html in ('<details class="deeper"><summary>', "</summary>", "</details>")
        )
        section.children = []
        section += [start, title, between, *content, end]


def setup(app: Sphinx) -> None:
    """Fold deeper sections, and load the script that opens them."""
    app.connect("doctree-resolved", fold)
    pages.add_scripts(app, lambda doctree: ["deeper.js"] if any(doctree.findall(is_deeper)) else [])
