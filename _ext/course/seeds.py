"""A number that a notebook reports, with what it is under other seeds: a button that opens a note.

The numbers are in `_build/seeds.json`, which `make book` fills from `chapters/seeds/`. On paper the number
stands alone. {pooled}`mlp.ipynb::lead:+.1f > 0` is the mean over the page's own run and the other seeds with
its standard error, and a claim that the build checks.
"""

import json
import math
import re
import statistics
from ast import literal_eval
from pathlib import Path
from typing import Any

from docutils import nodes
from myst_nb.core.variables import format_plain_text
from myst_nb.ext.glue.crossref import PendingGlueReference, read_glue_cache
from myst_nb.ext.glue.utils import create_pending_glue_ref
from scipy import stats
from sphinx.application import Sphinx
from sphinx.transforms.post_transforms import SphinxPostTransform
from sphinx.util import logging
from sphinx.util.docutils import SphinxRole
from sphinx.writers.html5 import HTML5Translator

from course import pages
from course.words import _

POOLED = re.compile(r"([^:]+)::(\w+):([^<>]*?)(?: *([<>]) *(-?[\d.]+))?")
SURE = 0.95  # how much probability the interval holds that must not contain a claim's bound

logger = logging.getLogger(__name__)


class seeded(nodes.inline):  # noqa: N801, as docutils names nodes
    """A number of the page, with its `number` there, and a `note` on it."""


def known(app: Sphinx, docname: str, key: str) -> tuple[float | None, dict[str, float]]:
    """Return a number of a page's own run, or None if there is none, and by seed what it is in other runs."""
    found = read_glue_cache(app.env.mystnb_config.output_folder, docname).get(key)
    runs = app.config.course_seeds.get(docname, {}).items()
    return found and literal_eval(found["data"]["text/plain"]), {
        seed: run[key] for seed, run in runs if key in run
    }


def standard_error(values: list[float]) -> float:
    """Return the standard error of the mean."""
    return statistics.stdev(values) / math.sqrt(len(values))


def pooled(values: list[float], form: str) -> str:
    """Return the mean of runs and its standard error, as text."""
    return f"{statistics.mean(values):{form}} ± {standard_error(values):{form.lstrip('+')}}"


class Pooled(SphinxRole):
    """A number with its error over seeds, and perhaps a bound: `mlp.ipynb::lead:+.1f > 0`."""

    def run(self) -> tuple[list[nodes.Node], list[nodes.system_message]]:
        """Return a reference to the page's own number, which says that it is to be pooled."""
        found = POOLED.fullmatch(self.text.strip())
        if not found:
            text = f"{{pooled}} takes `page.ipynb::name:format`, and perhaps `> bound`, not {self.text!r}"
            return [], [self.inliner.reporter.error(text, line=self.lineno)]
        page, key, form, sign, bound = found.groups()
        source, line = self.get_source_info()
        document = self.inliner.document
        reference = create_pending_glue_ref(
            document, source, line, page, key, inline=True, gtype="text", fmt_spec=form
        )
        reference["pooled"] = True
        if sign:
            reference["claim"] = (sign, float(bound))
        return [reference], []


class AddNotes(SphinxPostTransform):
    """Wraps references to reported numbers, before MyST-NB puts the numbers in their place."""

    default_priority = 4
    builders = ("html", "dirhtml")

    def run(self, **kwargs: Any) -> None:
        """Wrap the references of one page."""
        references = [node for node in self.document.findall(PendingGlueReference) if node.gtype == "text"]
        for number, node in enumerate(references, 1):
            own, values = known(self.app, node.refdoc, node.key)
            if not values or (len({*values.values()}) == 1 and not node.get("pooled")):
                continue  # nothing is known, or it does not depend on the seed
            said = [format_plain_text(repr(value), node["fmt_spec"]) for value in values.values()]
            under = "Under seeds {}: {}" if len(said) > 1 else "Under seed {}: {}"
            note = _(under, ", ".join(values), ", ".join(said))
            inside: nodes.Node = node.deepcopy()
            if node.get("pooled") and own is not None:
                inside = self.pool(node, own, [*values.values()])
                here = format(own, node["fmt_spec"])
                note = _("Mean and standard error of {} runs. This page: {}. {}", len(said) + 1, here, note)
            node.replace_self(seeded("", "", inside, number=number, note=note))

    def pool(self, node: PendingGlueReference, own: float, others: list[float]) -> nodes.inline:
        """Return the mean of all runs and its standard error, as text; warn if a claim does not hold.

        A claim is judged by the `others` alone. They are in the repository, so it holds on every machine or
        on none, whatever this one's processor makes of the page's own run.
        """
        if node.get("claim") and len(others) > 1:
            sign, bound = node["claim"]
            n, mean = len(others), statistics.mean(others)
            margin = stats.t.ppf((1 + SURE) / 2, n - 1) * standard_error(others)
            if not (mean - margin > bound if sign == ">" else mean + margin < bound):
                logger.warning(
                    "%s: the claim %s %g does not hold. Over %d kept runs it is %s; the %.0f %% interval is"
                    " %.4g to %.4g. Choose another bound, or another claim.",
                    node.key,
                    sign,
                    bound,
                    n,
                    pooled(others, node["fmt_spec"]),
                    100 * SURE,
                    mean - margin,
                    mean + margin,
                    location=node,
                )
        text = pooled([own, *others], node["fmt_spec"])
        return nodes.inline(text, text, classes=["pasted-text"])


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
    """Register the role, the node and the transform."""
    app.add_config_value("course_seeds", {}, "")
    app.add_role("pooled", Pooled())
    app.connect("builder-inited", read)
    app.add_post_transform(AddNotes)
    pages.add_node(app, seeded, before, after)
