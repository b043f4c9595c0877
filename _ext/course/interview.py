"""Interview questions: what each probes, where it is measured, a model answer, a rubric, follow-ups.

Everything after the question is folded, without a script. `assets/interview.js` filters the questions and
turns them into cards. The pages with the draw and the presentations get the questions as JSON.
"""

import json

from docutils import nodes
from docutils.parsers.rst import directives
from sphinx.addnodes import pending_xref
from sphinx.application import Sphinx
from sphinx.util.docutils import SphinxDirective
from sphinx.writers.html5 import HTML5Translator

from course import pages
from course.words import _

LEVELS = ("Weak", "Sound", "Strong")
WORDS = range(100, 201)  # in a model answer
FOLDS = {"model-answer": "Model answer", "rubric": "Rubric", "follow-ups": "Follow-up questions"}


class interview(nodes.container):  # noqa: N801, as docutils names nodes
    """A question with its `number`, its `topic`, and all its parts."""


class interview_text(nodes.paragraph):  # noqa: N801
    """What is asked."""


class probes(nodes.paragraph):  # noqa: N801
    """What the question finds out."""


class measured(nodes.paragraph):  # noqa: N801
    """A link to the section with the measurement."""


class fold(nodes.container):  # noqa: N801
    """A folded part, of some `kind`."""


class level(nodes.list_item):  # noqa: N801
    """A level of a rubric with its `name`."""


class Interview(SphinxDirective):
    """A question: a model answer, a numbered list (the rubric), and a list of follow-ups.

    The name is the question's address on its page. It is not a label of the book, so a section may have the
    same name. What was `read` is a digest of the section: a test compares it (tests/pages/test_answers.py).
    """

    required_arguments = 1
    final_argument_whitespace = True
    has_content = True
    option_spec = {  # noqa: RUF012
        "name": directives.unchanged_required,
        "section": directives.unchanged_required,
        "probes": directives.unchanged_required,
        "read": directives.unchanged_required,
    }

    def run(self) -> list[nodes.Node]:
        """Return the question's node.

        Raises:
            docutils.parsers.rst.DirectiveError: Something is missing, or the answer is too short or too long.
        """
        for option in ("name", "section", "probes"):
            if not self.options.get(option):
                raise self.error(f"An interview question needs :{option}:.")
        name = self.options["name"]
        if nodes.make_id(name) != name:
            raise self.error(f"The name {name!r} is not an address: use a-z, digits and hyphens.")
        if name in self.state.document.ids:
            raise self.error(f"The name {name!r} is already taken on this page.")
        node = interview(ids=[name], number=self.env.new_serialno("interview") + 1, topic="")
        self.state.document.ids[name] = node
        self.set_source_info(node)
        self.state.nested_parse(self.content, self.content_offset, node)
        *answer, levels, more = node.children if len(node) >= 2 else (None, None)
        if not isinstance(levels, nodes.enumerated_list) or len(levels) != len(LEVELS):
            raise self.error(
                "After the answer, an interview question needs a numbered list of three levels, from weak to "
                "strong, and then a list of follow-ups."
            )
        if not isinstance(more, nodes.bullet_list):
            raise self.error("An interview question must end with a list of follow-ups.")
        if not 2 <= len(more) <= 4:
            raise self.error(f"There must be 2 to 4 follow-ups, not {len(more)}.")
        n_words = sum(map(count_words, answer))
        if n_words not in WORDS:
            raise self.error(f"A model answer must have {WORDS[0]} to {WORDS[-1]} words, not {n_words}.")
        links = (link for part in answer for link in part.findall(pending_xref))
        if not any(map(is_citation, links)):
            raise self.error("A model answer must cite a source, as in {cite:t}`key`.")
        levels[:] = [
            level(item.rawsource, *item.children, name=name)
            for item, name in zip(levels, LEVELS, strict=True)
        ]
        node[:] = [
            self.text(interview_text, self.arguments[0]),
            self.text(probes, self.options["probes"]),
            measured("", "", *self.parse_inline(f"{{ref}}`{self.options['section']}`")[0]),
            fold("", *answer, kind="model-answer"),
            fold("", levels, kind="rubric"),
            fold("", more, kind="follow-ups"),
        ]
        return [node]

    def text(self, kind: type[nodes.paragraph], source: str) -> nodes.paragraph:
        """Turn a line of text into a node."""
        node = kind(source, "", *self.parse_inline(source)[0])
        self.set_source_info(node)
        return node


def is_citation(link: pending_xref) -> bool:
    """Return whether an unresolved reference leads to the bibliography."""
    return link.get("refdomain") == "cite"


def count_words(node: nodes.Element) -> int:
    """Count the words in part of an answer; an inline formula is one word, a display formula none."""
    if isinstance(node, nodes.math_block):
        return 0
    copy = node.deepcopy()
    for formula in list(copy.findall(nodes.math)):
        formula.parent.replace(formula, nodes.Text("x"))
    return len(copy.astext().split())


def collect(app: Sphinx, doctree: nodes.document) -> None:
    """Set every question's topic to the title of its section; remember that the page has questions."""
    for node in doctree.findall(interview):
        around = node.parent
        while around and not isinstance(around, nodes.section):
            around = around.parent
        node["topic"] = around[0].astext() if around else ""
        app.env.metadata[app.env.docname]["interview"] = True


def plain(node: nodes.Element) -> nodes.Element:
    """Return a copy of a node for another page, without links and ids."""
    copy = node.deepcopy()
    for link in list(copy.findall(pending_xref)):
        link.parent.replace(link, [] if is_citation(link) else link.children)
    for element in copy.findall(nodes.Element):
        element["ids"], element["names"] = [], []
    return copy


def bank(app: Sphinx, docname: str, rubrics: bool) -> str:
    """Return all questions of the book as a block of JSON for the scripts of a page.

    Args:
        app: The application, with all pages read.
        docname: The page with the block.
        rubrics: Whether to include the rubrics.
    """

    def as_html(node: nodes.Element) -> str:
        return app.builder.render_partial(node)["fragment"].strip()

    found = []
    for home in sorted(app.env.metadata):
        if not app.env.metadata[home].get("interview"):
            continue
        address = app.builder.get_relative_uri(docname, home)
        for node in app.env.get_doctree(home).findall(interview):
            text, *_, rubric, _ = node.children
            question = {
                "id": node["ids"][0],
                "topic": node["topic"],
                "title": as_html(nodes.inline("", "", *plain(text).children)),
                "url": f"{address}#{node['ids'][0]}",
            }
            if rubrics:
                question["rubric"] = as_html(plain(rubric))
            found.append(question)
    data = json.dumps(found, ensure_ascii=False).replace("</", r"<\/")
    return f'<script type="application/json" class="bank">{data}</script>'


def before_interview(self: HTML5Translator, node: interview) -> str:
    """Return the start of a question's box."""
    box = self.starttag(node, "div", CLASS="interview", **{"data-topic": node["topic"]})
    return (
        f'{box}<p class="interview-number">{_("Question {}", node["number"])} · {self.encode(node["topic"])} '
        f'<a class="headerlink" href="#{node["ids"][0]}" title="{_("Link to this question")}">#</a></p>\n'
    )


def before_text(self: HTML5Translator, node: interview_text) -> str:
    """Return the start of what is asked: a heading, so that screen readers can jump to it."""
    return self.starttag(node, "h3", "", CLASS="interview-text")


def before_fold(self: HTML5Translator, node: fold) -> str:
    """Return the start of a fold."""
    kind = node["kind"]
    return f'<details class="{kind}"><summary>{_(FOLDS[kind])}</summary>\n<div>\n'


def before_level(self: HTML5Translator, node: level) -> str:
    """Return the start of a level, with its name."""
    return f'<li><p class="level">{_(node["name"])}</p>\n'


def setup(app: Sphinx) -> None:
    """Register the directive and its nodes."""
    app.add_directive("interview", Interview)
    pages.add_node(app, interview, before_interview, "</div>\n")
    pages.add_node(app, interview_text, before_text, "</h3>\n")
    pages.add_node(
        app, probes, lambda self, node: f'<p class="probes"><strong>{_("Probes:")}</strong> ', "</p>\n"
    )
    pages.add_node(
        app,
        measured,
        lambda self, node: f'<p class="measured"><strong>{_("Measured in:")}</strong> ',
        "</p>\n",
    )
    pages.add_node(app, fold, before_fold, "</div></details>\n")
    pages.add_node(app, level, before_level, "</li>\n")
    app.connect("doctree-read", collect)
