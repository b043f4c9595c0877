"""A timeline: events that open where they stand, chosen by their field, without a script.

It is written as a list, and is one in JupyterLab. On the site every event is a `<details>`; radio buttons and
the rules of `_static/components.css` hide the events of other fields. Paper shows all of them, open.
"""

import re

from docutils import nodes
from sphinx.addnodes import pending_xref
from sphinx.application import Sphinx
from sphinx.util.docutils import SphinxDirective
from sphinx.writers.html5 import HTML5Translator

from course import pages

FIELDS = (
    "vision",
    "language",
    "control",
    "generative",
    "self-supervised",
    "training",
)  # components.css has a rule for each
HEAD = re.compile(r"(\d{4}) · .+ \(([\w-]+(?:, [\w-]+)*)\)")


class timeline(nodes.container):  # noqa: N801, docutils names nodes so
    """A list of events with its `number` on the page, and the `fields` that they have."""


class event(nodes.list_item):  # noqa: N801
    """An event with its `fields`."""


class event_title(nodes.paragraph):  # noqa: N801
    """The year and the name of an event."""


class runs(nodes.paragraph):  # noqa: N801
    """Links to the sections that run what an event is about, or nothing while they are not written."""


class Timeline(SphinxDirective):
    """A list of events. Each begins with `**2012 · AlexNet** (vision)` and says more below, indented.

    Several fields are separated by commas. An event may end with a paragraph of {section}`id` alone.
    """

    has_content = True

    def run(self) -> list[nodes.Node]:
        """Return the timeline's node.

        Raises:
            docutils.parsers.rst.DirectiveError: No list, an event without a proper head, an unknown field, or
                years out of order.
        """
        node = timeline(number=self.env.new_serialno("timeline") + 1)
        self.set_source_info(node)
        self.state.nested_parse(self.content, self.content_offset, node)
        if len(node) != 1 or not isinstance(node[0], nodes.bullet_list):
            raise self.error("A timeline is one list of events.")
        listed = node[0]
        years = []
        for item in listed:
            title = item[0].astext()
            found = HEAD.fullmatch(title)
            if not found:
                raise self.error(f"The event {title!r} does not begin as in '**2012 · AlexNet** (vision)'.")
            years.append(int(found[1]))
        if years != sorted(years):
            raise self.error(f"The years are not in order: {years}.")
        listed[:] = [self.event(item) for item in listed]
        present = {field for item in listed for field in item["fields"]}
        node["fields"] = [field for field in FIELDS if field in present]
        return [node]

    def event(self, item: nodes.list_item) -> event:
        """Return a list item as an event."""
        head, *more = item.children
        fields = HEAD.fullmatch(head.astext())[2].split(", ")
        for field in fields:
            if field not in FIELDS:
                known = ", ".join(FIELDS)
                raise self.error(f"There is no field {field!r}. Take one of {known}.")
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
            f"<span>{field}</span></label>\n"
        )
    return f'<div class="timeline">\n<fieldset><legend>Show</legend>\n{"".join(choices)}</fieldset>\n'


def before_event(self: HTML5Translator, node: event) -> str:
    """Return the start of an event."""
    return self.starttag(node, "li", "", **{"data-fields": " ".join(node["fields"])}) + "<details>"


def after_title(self: HTML5Translator, node: event_title) -> str:
    """Return an event's fields, the end of the part that always shows."""
    return f' <span class="fields">{", ".join(node.parent["fields"])}</span></summary>\n'


def visit_runs(self: HTML5Translator, node: runs) -> None:
    """Leave out the links while none of their sections is written."""
    links = list(node.findall(nodes.reference))
    if not links:
        raise nodes.SkipNode
    self.body.append("<p>Run it: ")
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
