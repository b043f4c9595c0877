"""Pages for peer sessions: an agenda with a timer, the chapters' questions, and boxes for scripts.

Without scripts, an agenda is an ordered list with times. A quiz takes its questions from the chapters when
the page is written; its source has no copies. A tool is a box that its script fills; without scripts, the
box says what to do instead. What a reader does in a tool stays in the browser: see `assets/keep.js`.
"""

import re
from collections.abc import Iterable

from docutils import nodes
from sphinx.addnodes import pending_xref
from sphinx.application import Sphinx
from sphinx.environment import BuildEnvironment
from sphinx.transforms.post_transforms import SphinxPostTransform
from sphinx.util import logging
from sphinx.util.docutils import SphinxDirective
from sphinx.util.nodes import make_refnode
from sphinx.writers.html5 import HTML5Translator

from course import pages
from course.components import question
from course.interview import bank
from course.words import _

MINUTES = 60
PART = re.compile(r"(\d+) min: +(?=\S)")
# What a box says without scripts, and the scripts that fill it.
TOOLS = {
    "interview-tools": (
        "All questions are below, by topic. To revise, say your answer before you open the model answer.",
        ["interview.js"],
    ),
    "draw": (
        "Without a script: write the numbers of the questions on slips of paper. Everyone draws one.",
        ["draw.js"],
    ),
    "presentations": (
        "Without a script: draw the order from a hat, and use a phone as the timer. Listeners give 1 to 3 "
        "points each for: the level of the answer in the question's rubric, right, clear, supported by a "
        "measurement, follow-up questions answered.",
        ["agenda.js", "draw.js", "presentations.js"],
    ),
    "retrospective": (
        "Without a script: copy these headings into a file of your own, and write below each one. Keep. "
        "Problem. Try. What I did well. What to improve, and how. What to attempt next. Keywords. My week, "
        "from 0 to 100. Why this number.",
        ["retrospective.js"],
    ),
}
ASKING = {"draw", "presentations"}  # tools that get the interview questions

logger = logging.getLogger(__name__)


class agenda(nodes.container):  # noqa: N801, as docutils names nodes
    """The ordered list of a session's parts, with its `page`."""


class agenda_part(nodes.list_item):  # noqa: N801
    """A part with its `minutes`, and the minute it `start`s."""


class quiz(nodes.container):  # noqa: N801
    """A place for the questions of some `pages`."""


class quiz_item(nodes.list_item):  # noqa: N801
    """A question of a quiz; its `key` names it by page and number."""


class tool(nodes.container):  # noqa: N801
    """A box of some `kind`, filled by a script."""


class Agenda(SphinxDirective):
    """A list of parts that start as in `- 5 min: **Arrive.**`, and take an hour in total."""

    has_content = True

    def run(self) -> list[nodes.Node]:
        """Return the agenda's node.

        Raises:
            docutils.parsers.rst.DirectiveError: There is no list, a part has no minutes, or the sum is wrong.
        """
        node = agenda(page=self.env.docname)
        self.set_source_info(node)
        self.state.nested_parse(self.content, self.content_offset, node)
        if len(node) != 1 or not isinstance(node[0], nodes.bullet_list):
            raise self.error("An agenda must be one list of parts.")
        parts, start = nodes.enumerated_list(), 0
        for item in node[0]:
            text = item[0]
            found = PART.match(text.astext())
            if not found:
                raise self.error(f"The part {text.astext()!r} does not start as in '5 min: **Arrive.**'.")
            text[0] = nodes.Text(text[0].removeprefix(found[0]))
            text.rawsource = text.rawsource.removeprefix(found[0])  # for translators
            minutes = int(found[1])
            parts += agenda_part(item.rawsource, *item.children, minutes=minutes, start=start)
            start += minutes
        if start != MINUTES:
            raise self.error(f"The parts of an agenda must add up to {MINUTES} minutes, not {start}.")
        node[:] = [parts]
        return [node]


class Quiz(SphinxDirective):
    """The self-check questions of the named pages: `chapters/mlp chapters/cnn`."""

    required_arguments = 1
    final_argument_whitespace = True

    def run(self) -> list[nodes.Node]:
        """Return the quiz's node.

        Raises:
            docutils.parsers.rst.DirectiveError: There is no such page.
        """
        pages = self.arguments[0].split()
        for page in pages:
            if page not in self.env.found_docs:
                raise self.error(f"There is no page {page!r}.")
            self.env.note_dependency(self.env.doc2path(page))
        node = quiz(pages=pages)
        self.set_source_info(node)
        return [node]


class GatherQuestions(SphinxPostTransform):
    """Put the questions into each quiz, before references are resolved."""

    default_priority = 5
    formats = ("html",)  # translators see the questions in their chapters

    def run(self, **kwargs: object) -> None:
        """Fill every quiz of the page."""
        for node in list(self.document.findall(quiz)):
            for page in node["pages"]:
                node += self.questions(page, node)

    def questions(self, page: str, place: quiz) -> list[nodes.Node]:
        """Return a page's title and the list of its questions, with links."""
        found = list(self.env.get_doctree(page).findall(question))
        if not found:
            logger.warning("There is no question in %s.", page, location=place)
            return []
        title = self.env.titles[page].astext()
        return [
            nodes.paragraph("", "", self.link(page, "", title)),
            nodes.bullet_list("", *(self.item(page, node) for node in found)),
        ]

    def item(self, page: str, node: question) -> nodes.list_item:
        """Return a question without its answers, as a list item."""
        text, *more = (part.deepcopy() for part in node.children[:-1])
        label = self.link(page, node["ids"][0], _("Question {}", node["number"]))
        first = nodes.paragraph("", "", label, nodes.Text(" "), *text.children)
        item = quiz_item("", first, *more, key=f"{page.rpartition('/')[2]} {node['number']}")
        for element in item.findall(nodes.Element):
            element["ids"], element["names"] = [], []
            if isinstance(element, pending_xref):
                element["refdoc"] = self.env.docname
        return item

    def link(self, page: str, anchor: str, text: str) -> nodes.reference:
        """Return a link to a page, or to a place on it."""
        return make_refnode(self.app.builder, self.env.docname, page, anchor, nodes.Text(text))


class Tool(SphinxDirective):
    """A box for a script. Its content, if any, is what it says without scripts."""

    has_content = True

    def run(self) -> list[nodes.Node]:
        """Return the box."""
        node = tool(kind=self.name)
        self.set_source_info(node)
        words = nodes.container(classes=["no-script"])
        if self.content:
            self.state.nested_parse(self.content, self.content_offset, words)
        else:
            words += nodes.paragraph("", _(TOOLS[self.name][0]))
        self.env.metadata[self.env.docname][self.name] = True
        node += words
        return [node]


def add_bank(app: Sphinx, doctree: nodes.document, docname: str) -> None:
    """Add the questions to the boxes that need them."""
    if app.builder.format != "html":
        return
    pages = app.env.metadata.items()
    for node in doctree.findall(tool):
        if node["kind"] not in ASKING:
            continue
        data = bank(app, docname, rubrics=node["kind"] == "presentations")
        node += nodes.raw("", data, format="html")
        home = next((page for page, has in pages if "presentations" in has), docname)
        node["presentations"] = app.builder.get_relative_uri(docname, home)


def pages_of_others(app: Sphinx, env: BuildEnvironment) -> Iterable[str]:
    """List the pages to be rewritten in every build, as they show parts of other pages."""
    return [page for page, data in env.metadata.items() if ASKING & data.keys()]


def scripts(doctree: nodes.document) -> list[str]:
    """List the scripts a page uses."""
    found = ["agenda.js"] if any(doctree.findall(agenda)) else []
    found += ["quiz.js"] if any(doctree.findall(quiz)) else []
    for node in doctree.findall(tool):
        found += TOOLS[node["kind"]][1]
    return found


def before_part(self: HTML5Translator, node: agenda_part) -> str:
    """Return the start of a part, with its time."""
    hours, minutes = divmod(node["start"], 60)
    return (
        f'<li data-minutes="{node["minutes"]}"><p class="when">'
        f"<span>{hours}:{minutes:02}</span> <span>{_('{} min', node['minutes'])}</span></p>\n<div>"
    )


def before_tool(self: HTML5Translator, node: tool) -> str:
    """Return the start of a box for a script."""
    home = node.get("presentations")
    data = "" if home is None else f' data-presentations="{home}"'
    return f'<div class="tool {node["kind"]}"{data}>\n'


def setup(app: Sphinx) -> None:
    """Register directives, nodes and scripts."""
    app.add_directive("agenda", Agenda)
    app.add_directive("quiz", Quiz)
    for name in TOOLS:
        app.add_directive(name, Tool)
    pages.add_node(
        app, agenda, lambda self, node: f'<div class="agenda" data-page="{node["page"]}">\n', "</div>\n"
    )
    pages.add_node(app, agenda_part, before_part, "</div></li>\n")
    pages.add_node(app, quiz, '<div class="quiz">\n', "</div>\n")
    pages.add_node(app, quiz_item, lambda self, node: f'<li data-question="{node["key"]}">', "</li>\n")
    pages.add_node(app, tool, before_tool, "</div>\n")
    app.add_post_transform(GatherQuestions)
    app.connect("env-updated", pages_of_others)
    app.connect("doctree-resolved", add_bank)
    pages.add_scripts(app, scripts)
