"""A number that a notebook reports, with what it is under other seeds: a button that opens a note.

The numbers are in `_build/seeds.json`, which `make book` fills from `chapters/seeds/`. On paper the number
stands alone.
"""

import json
from pathlib import Path
from typing import Any

from docutils import nodes
from myst_nb.core.variables import format_plain_text
from myst_nb.ext.glue.crossref import PendingGlueReference
from sphinx.application import Sphinx
from sphinx.transforms.post_transforms import SphinxPostTransform
from sphinx.writers.html5 import HTML5Translator

from course import pages


class seeded(nodes.inline):  # noqa: N801, as docutils names nodes
    """A number of the page, with its `number` there, and a `note` on it."""


class AddNotes(SphinxPostTransform):
    """Wraps references to reported numbers, before MyST-NB puts the numbers in their place."""

    default_priority = 4
    builders = ("html", "dirhtml")

    def run(self, **kwargs: Any) -> None:
        """Wrap the references of one page."""
        known = self.config.course_seeds
        references = [node for node in self.document.findall(PendingGlueReference) if node.gtype == "text"]
        for number, node in enumerate(references, 1):
            page = node.refdoc
            values = {seed: one[node.key] for seed, one in known.get(page, {}).items() if node.key in one}
            if len({*values.values()}) > 1:  # others do not depend on the seed
                said = [format_plain_text(repr(value), node["fmt_spec"]) for value in values.values()]
                note = f"Under seed{'s' if len(said) > 1 else ''} {', '.join(values)}: {', '.join(said)}"
                wrapped = seeded(number=number, note=note)
                node.replace_self(wrapped)
                wrapped += node


def before(self: HTML5Translator, node: seeded) -> str:
    """Return the start of a button: its title is for mouse and screen reader, what it opens for all."""
    note = self.attval(node["note"])
    return f'<button type="button" class="seeded" popovertarget="seeds-{node["number"]}" title="{note}">'


def after(self: HTML5Translator, node: seeded) -> str:
    """Return its end, and the note."""
    note = self.encode(node["note"])
    return f'</button><span class="seeds" id="seeds-{node["number"]}" popover>{note}</span>'


def read(app: Sphinx) -> None:
    """Read the numbers once for all pages."""
    file = Path(app.srcdir, "_build", "seeds.json")
    app.config.course_seeds = json.loads(file.read_text(encoding="utf-8")) if file.exists() else {}


def setup(app: Sphinx) -> None:
    """Register the node and the transform."""
    app.add_config_value("course_seeds", {}, "")
    app.connect("builder-inited", read)
    app.add_post_transform(AddNotes)
    pages.add_node(app, seeded, before, after)
