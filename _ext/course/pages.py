"""How the extension's parts write pages: HTML around nodes, and scripts where they are used."""

from collections.abc import Callable, Iterable
from functools import cache

from docutils import nodes
from myst_nb.core import render
from sphinx.application import Sphinx
from sphinx.writers.html5 import HTML5Translator

Html = str | Callable[[HTML5Translator, nodes.Element], str]


def add_node(app: Sphinx, kind: type[nodes.Element], before: Html, after: Html) -> None:
    """Register a kind of node, written as its children between two pieces of HTML.

    Args:
        app: The application.
        kind: The node's class.
        before: The HTML before the children, or a function that makes it from the translator and the node.
        after: The HTML after them.
    """

    def write(html: Html) -> Callable[[HTML5Translator, nodes.Element], None]:
        return lambda self, node: self.body.append(html if isinstance(html, str) else html(self, node))

    app.add_node(kind, html=(write(before), write(after)))


def add_scripts(app: Sphinx, scripts: Callable[[nodes.document], Iterable[str]]) -> None:
    """Load on each page the scripts that `scripts` lists for it."""

    def load(app: Sphinx, page: str, template: str, context: dict, doctree: nodes.document | None) -> None:
        for script in dict.fromkeys(scripts(doctree) if doctree else ()):
            app.add_js_file(script, loading_method="defer")

    app.connect("html-page-context", load)


def add_mime_renderer(plugin: type) -> None:
    """Let MyST-NB render outputs with a plug-in of the book's own; version 1.4 finds only installed ones."""
    found = render.load_mime_renders
    render.load_mime_renders = cache(lambda: [plugin, *found()])


def setup(app: Sphinx) -> None:
    """Load the script that others store things with, on every page and before the others."""
    app.add_js_file("keep.js", loading_method="defer")
