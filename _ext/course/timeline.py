"""A timeline: events that unfold in place and can be filtered by field, without a script.

It is written as a list, and stays one in JupyterLab. On the site every event is a `<details>`; radio buttons
and rules in `_static/components.css` hide the events of other fields. Print shows all of them, unfolded.
"""

import re

from docutils import nodes
from sphinx.addnodes import pending_xref
from sphinx.application import Sphinx
from sphinx.util.docutils import SphinxDirective
from sphinx.writers.html5 import HTML5Translator

from course import pages
from course.words import _

FIELDS = (
    "vision",
    "language",
    "control",
    "generative",
    "self-supervised",
    "training",
)  # components.css has a rule for each
HEAD = re.compile(r"(\d{4}) · .+ \(([\w-]+(?:, [\w-]+)*)\)")


class timeline(nodes.container):  # noqa: N801, as docutils names nodes
    """A list of events, with its `number` on the page and the `fields` of the events."""


class event(nodes.list_item):  # noqa: N801
    """An event with its `fields`."""


class event_title(nodes.paragraph):  # noqa: N801
    """The year and name of an event."""


class runs(nodes.paragraph):  # noqa: N801
    """Links to the sections that run what an event is about; nothing if there are none yet."""


class Timeline(SphinxDirective):
    """A list of events. Each starts with `**2012 · AlexNet** (vision)`, followed by indented text.

    Fields are separated by commas. An event may end with a paragraph of only {section}`id`.
    """

    has_content = True

    def run(self) -> list[nodes.Node]:
        """Return the timeline's node.

        Raises:
            docutils.parsers.rst.DirectiveError: There is no list, an event has no proper start, a field is
                unknown, or years are out of order.
        """
        node = timeline(number=self.env.new_serialno("timeline") + 1)
        self.set_source_info(node)
        self.state.nested_parse(self.content, self.content_offset, node)
        if len(node) != 1 or not isinstance(node[0], nodes.bullet_list):
            raise self.error("A timeline must be one list of events.")
        listed = node[0]
        years = []
        for item in listed:
            title = item[0].astext()
            found = HEAD.fullmatch(title)
            if not found:
                raise self.error(f"The event {title!r} does not start as in '**2012 · AlexNet** (vision)'.")
            years.append(int(found[1]))
        if years != sorted(years):
            raise self.error(f"The years are not in order: {years}.")
        listed[:] = [self.event(item) for item in listed]
        present = {field for item in listed for field in item["fields"]}
        node["fields"] = [field for field in FIELDS if field in present]
        return [node]

    def event(self, item: nodes.list_item) -> event:
        """Turn a list item into an event."""
        head, *more = item.children
        fields = HEAD.fullmatch(head.astext())[2].split(", ")
        for field in fields:
            if field not in FIELDS:
                known = ", ".join(FIELDS)
                raise self.error(f"There is no field {field!r}. Use one of {known}.")
        mark = f" ({', '.join(fields)})"
        head[-1] = nodes.Text(head[-1].removesuffix(mark))
        # `rawsource` is what translators see.
        title = event_title(head.rawsource.removesuffix(mark), "", *head.children)
        title.source, title.line = head.source, head.line
        made = event(item.rawsource, title, *more, fields=fields)
        last = made[-1]
        links = list(last.findall(pending_xref))
        if links and all(link["reftype"] == "section" for link in links):
            words = last.deepcopy()
            for link in list(words.findall(pending_xref)):
                link.parent.remove(link)
            if not words.astext().strip(" ,"):
                made[-1] = runs("", "", *links)
        return made


def before_timeline(self: HTML5Translator, node: timeline) -> str:
    """Return the start of a timeline, with the choice of a field."""
    name = f"timeline-{node['number']}"
    choices = []
    for field in ("all", *node["fields"]):
        checked = " checked" if field == "all" else ""
        choices.append(
            f'<label><input type="radio" name="{name}" value="{field}"{checked} />'
            f"<span>{_(field)}</span></label>\n"
        )
    return f'<div class="timeline">\n<fieldset><legend>{_("Show")}</legend>\n{"".join(choices)}</fieldset>\n'


def before_event(self: HTML5Translator, node: event) -> str:
    """Return the start of an event."""
    return self.starttag(node, "li", "", **{"data-fields": " ".join(node["fields"])}) + "<details>"


def after_title(self: HTML5Translator, node: event_title) -> str:
    """Return an event's fields, the end of the part that always shows."""
    return f' <span class="fields">{", ".join(map(_, node.parent["fields"]))}</span></summary>\n'


def visit_runs(self: HTML5Translator, node: runs) -> None:
    """Leave out the links if none of their sections exists yet."""
    links = list(node.findall(nodes.reference))
    if not links:
        raise nodes.SkipNode
    self.body.append(f"<p>{_('Run it:')} ")
    for i, link in enumerate(links):
        self.body.append(", " if i else "")
        link.walkabout(self)
    self.body.append("</p>\n")
    raise nodes.SkipNode


def setup(app: Sphinx) -> None:
    """Register the directive and its nodes."""
    app.add_directive("timeline", Timeline)
    pages.add_node(app, timeline, before_timeline, "</div>\n")
    pages.add_node(app, event, before_event, "</details></li>\n")
    pages.add_node(app, event_title, lambda self, node: self.starttag(node, "summary", ""), after_title)
    app.add_node(runs, html=(visit_runs, None))
