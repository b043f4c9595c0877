"""The week on the first page: a card for each day, with a picture from every chapter.

Titles and minutes come from the pages that `_toc.yml` lists. The directive adds a sentence for each day, and
for each chapter the name of the figure that its picture is taken from.
"""

import html
import re
from collections.abc import Iterator

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.util import logging
from sphinx.util.docutils import SphinxDirective

from course import pages, pictures, progress
from course.words import _

CHAPTER = re.compile(r"(\S+): (fig-[\w-]+)(?:, panel (\d+))?")
logger = logging.getLogger(__name__)

# The number of each day, as a hand writes it on paper of 28 x 28 squares
STROKES = (
    "M10 9 15 5V23",
    "M8 9C9 3 20 3 19 10 18 15 10 19 8 23H20",
    "M8 7C12 3 20 4 18 9 17 12 14 13 12 13 17 13 21 16 19 20 17 24 10 24 7 20",
    "M16 4 7 17H21M17 11V24",
    "M19 5H10L9 12C13 10 20 11 19 17 18 24 10 24 7 20",
)


class week(nodes.container):  # noqa: N801, as docutils names nodes
    """The days, in order."""


class day(nodes.container):  # noqa: N801
    """A day with its `name`, its sentence, and its `chapters`: figure and panel of each picture."""


class Week(SphinxDirective):
    """A list of days such as `Monday: A sentence.`, each with a list of chapters and their figures.

    A chapter is written as `chapters/mlp: fig-mlp-xor`, with `, panel 2` for the second of several axes.
    """

    has_content = True

    def run(self) -> list[nodes.Node]:
        """Return the week's node.

        Raises:
            docutils.parsers.rst.DirectiveError: The list has another form, or its days or chapters are not
                those of `_toc.yml`.
        """
        steps = [step for step in progress.week(self.env.app) if step.kind == "chapter"]
        node = week()
        self.set_source_info(node)
        self.state.nested_parse(self.content, self.content_offset, node)
        if len(node) != 1 or not isinstance(node[0], nodes.bullet_list):
            raise self.error("The week must be one list of days.")
        node[:] = [self.day(item) for item in node[0]]
        for name in progress.DAYS:
            written = [chapter for part in node if part["name"] == name for chapter in part["chapters"]]
            planned = [step.docname for step in steps if step.day == name]
            if written != planned:
                raise self.error(
                    f"{name} has the chapters {planned} in _toc.yml, but {written} here. Write one line for"
                    " each, such as 'chapters/mlp: fig-mlp-xor, panel 2': its figure, in small."
                )
        return [node]

    def day(self, item: nodes.list_item) -> day:
        """Turn a list item into a day."""
        name, colon, _ = item[0].astext().partition(": ")
        if not colon or name not in progress.DAYS or len(item) != 2:
            raise self.error(f"{item[0].astext()!r} is no day with a sentence and a list of chapters.")
        item[0][0] = nodes.Text(item[0][0].removeprefix(f"{name}: "))
        chapters = {}
        for line in item[1]:
            found = CHAPTER.fullmatch(line.astext())
            if not found:
                raise self.error(
                    f"{line.astext()!r} is not of the form 'chapters/mlp: fig-mlp-xor, panel 2'."
                )
            chapters[found[1]] = (found[2], int(found[3] or 1))
        return day("", item[0], name=name, chapters=chapters)


def write(app: Sphinx, doctree: nodes.document, docname: str) -> None:
    """Write the week into the first page, when all pages have been read."""
    for node in list(doctree.findall(week)):
        cards = []
        for number, part in enumerate(node, start=1):
            text = part.pop()
            cards += [nodes.raw("", opening(number, part["name"]), format="html"), text]
            cards.append(nodes.raw("", "".join(listed(app, part, docname)) + "</li>\n", format="html"))
        node[:] = cards


def opening(number: int, name: str) -> str:
    """Return the start of a day's card."""
    return (
        f'<li class="day"><svg class="numeral paper" viewBox="0 0 28 28" aria-hidden="true">'
        f'<path d="{STROKES[number - 1]}"/></svg><h3>{_(name)}</h3>'
    )


def listed(app: Sphinx, part: day, docname: str) -> Iterator[str]:
    """Yield a day's chapters with their pictures, and what else there is to do."""
    steps = [step for step in progress.week(app) if step.day == part["name"]]
    yield '<ul class="chapters">'
    for step in steps:
        if step.kind == "chapter":
            minutes = app.env.metadata[step.docname]["minutes"]
            yield (
                f"<li>{drawn(app, step.docname, *part['chapters'][step.docname])}"
                f"{link(app, docname, step.docname)} <span>{_('{} min', minutes)}</span></li>\n"
            )
    yield "</ul><ul class='rest'>"
    for step in steps:
        if step.kind != "chapter":
            yield f"<li>{link(app, docname, step.docname)}</li>\n"
    yield "</ul>"


def link(app: Sphinx, docname: str, target: str) -> str:
    """Return a link to a page, with its title."""
    address = app.builder.get_relative_uri(docname, target)
    return f'<a href="{address}">{html.escape(app.env.titles[target].astext())}</a>'


def drawn(app: Sphinx, docname: str, name: str, panel: int) -> str:
    """Return a chapter's picture; warn if the chapter has no such figure, and return nothing."""
    source = next(
        (
            output["svg"]
            for figure in app.env.get_doctree(docname).findall(nodes.figure)
            if name in figure["names"]
            for output in figure.findall(nodes.raw)
            if output.get("svg")
        ),
        None,
    )
    try:
        if source is None:
            raise ValueError("it has no drawn figure of this name")
        return pictures.picture(source, panel, prefix=f"{name}-")
    except ValueError as error:
        logger.warning(
            "%s: no picture can be made from %s, which the first page's week names: %s.", docname, name, error
        )
        return ""


def setup(app: Sphinx) -> None:
    """Register the directive."""
    app.add_directive("week", Week)
    pages.add_node(app, week, '<ol class="week">\n', "</ol>\n")
    app.add_node(day)
    app.connect("doctree-resolved", write)
