"""What chapters contain besides text, code and figures: questions, concepts, Korean terms.

A question is written as a list, and stays one without scripts; `assets/questions.js` turns it into a form. A
concept's sentence lives only in the glossary; links to the concept show it on hover.
"""

import html
import re
from collections.abc import Iterator

from docutils import nodes
from docutils.parsers.rst import directives, roles
from sphinx.addnodes import pending_xref
from sphinx.application import Sphinx
from sphinx.config import Config
from sphinx.environment import BuildEnvironment
from sphinx.roles import XRefRole
from sphinx.util.docutils import SphinxDirective
from sphinx.util.nodes import make_refnode
from sphinx.writers.html5 import HTML5Translator

from course import pages
from course.words import _

STYLE_GUIDE = "style-guide.md"
NUMBER = re.compile(r"(-?[\d.]+(?:e-?\d+)?)(?: ± ([\d.]+(?:e-?\d+)?))?")


class question(nodes.container):  # noqa: N801, as docutils names nodes
    """A question, with its `kind` and its list of answers."""


class question_text(nodes.paragraph):  # noqa: N801
    """What is asked."""


class answers(nodes.container):  # noqa: N801
    """The list of answers, folded until the reader opens it."""


class answer(nodes.list_item):  # noqa: N801
    """An answer, whether it is `right`, and why; a number has a `value` and a `tolerance`."""


class answer_text(nodes.paragraph):  # noqa: N801
    """The answer without its explanation."""


class concept(nodes.inline):  # noqa: N801
    """A link to a concept, with the glossary's sentence as its `preview`."""


SCRIPTS = {question: "questions.js", concept: "concepts.js"}


class Question(SphinxDirective):
    """A question with a task list of answers, each followed by an indented explanation.

    One `[x]` makes it single choice, several make it multiple choice. With the option `number`, answers are
    numbers such as `0.5 ± 0.01`. A numbered list, in the right order, asks for the order.
    """

    required_arguments = 1
    final_argument_whitespace = True
    has_content = True
    option_spec = {"name": directives.unchanged, "number": directives.flag}  # noqa: RUF012

    def run(self) -> list[nodes.Node]:
        """Return the question's node.

        Raises:
            docutils.parsers.rst.DirectiveError: No answers, none that is right, or one without explanation.
        """
        number = self.env.new_serialno("question") + 1
        node = question(number=number, ids=[f"question-{number}"])
        self.set_source_info(node)
        text = question_text(self.arguments[0], "", *self.parse_inline(self.arguments[0])[0])
        self.set_source_info(text)
        self.state.nested_parse(self.content, self.content_offset, node)
        if not node.children or not isinstance(node[-1], nodes.bullet_list | nodes.enumerated_list):
            raise self.error("A question must end with a list of answers.")
        listed = node.pop()
        listed[:] = [self.answer(item, listed) for item in listed]
        n_right = sum(item["right"] for item in listed)
        if not n_right:
            raise self.error("A question needs a right answer, marked with [x].")
        if isinstance(listed, nodes.enumerated_list):
            node["kind"] = "order"
        elif "number" in self.options:
            node["kind"] = "number"
        else:
            node["kind"] = "one" if n_right == 1 else "several"
        node.insert(0, text)
        node += answers("", listed)
        self.add_name(node)
        return [node]

    def answer(self, item: nodes.list_item, listed: nodes.Element) -> answer:
        """Turn a list item into an answer, without its mark."""
        text, *reason = item.children
        made = answer(item.rawsource, right=True)
        if isinstance(listed, nodes.bullet_list):
            if "checkbox" not in text[0].astext():
                raise self.error(f"The answer {text.astext()!r} starts with neither [x] nor [ ].")
            made["right"] = "checked" in text.pop(0).astext()
            text[0] = nodes.Text(text[0].lstrip())
            text.rawsource = text.rawsource.lstrip()  # what translators see
            if "number" in self.options:
                found = NUMBER.fullmatch(text.astext().replace(",", ""))
                if not found:
                    raise self.error(f"The answer {text.astext()!r} is not a number such as 0.5 ± 0.01.")
                made["value"], made["tolerance"] = found[1], found[2] or "0"
        if not reason:
            raise self.error(
                f"The answer {text.astext()!r} needs an explanation: indented, after an empty line."
            )
        shown = answer_text(text.rawsource, "", *text.children)
        shown.source, shown.line = text.source, text.line
        made += [shown, *reason]
        return made


def before_question(self: HTML5Translator, node: question) -> str:
    """Return the start of a question's box."""
    box = self.starttag(node, "div", CLASS="question", **{"data-kind": node["kind"]})
    return f'{box}<p class="question-number">{_("Question {}", node["number"])}</p>'


def before_answer(self: HTML5Translator, node: answer) -> str:
    """Return the start of an answer, with all the script needs to know."""
    data = {f"data-{key}": node[key] for key in ("value", "tolerance") if key in node}
    return self.starttag(node, "li", CLASS="right" if node["right"] else "wrong", **data)


def before_answer_text(self: HTML5Translator, node: answer_text) -> str:
    """Return the start of an answer's text, with the word Right or Wrong except in a sequence."""
    start = self.starttag(node, "p", "", CLASS="answer")
    if not isinstance(node.parent.parent, nodes.bullet_list):
        return start
    mark, word = ("✓", "Right") if node.parent["right"] else ("✗", "Wrong")
    return (
        f'{start}<span class="sign"><span aria-hidden="true">{mark}</span>'
        f'<span class="visually-hidden">{_(word)}:</span></span> '
    )


def after_concept(self: HTML5Translator, node: concept) -> str:
    """Return the preview, which `assets/concepts.js` shows."""
    return f'<span role="tooltip" hidden>{html.escape(node["preview"])}</span></span>'


def definitions(doctree: nodes.document) -> Iterator[tuple[str, dict[str, str]]]:
    """Yield the id of every concept a page defines, and where and how it is defined.

    A glossary definition ends with the name of its concept, as {section}`id`.
    """
    for item in doctree.findall(nodes.definition_list_item):
        for link in item.findall(pending_xref):
            if link["reftype"] == "section":
                sentence = item[-1].astext().removesuffix(link.astext()).strip()
                yield (link["reftarget"], {"term": item[0]["ids"][0], "sentence": sentence})


def collect_concepts(app: Sphinx, doctree: nodes.document) -> None:
    """Remember the concepts a page defines."""
    app.env.metadata[app.env.docname]["concepts"] = dict(definitions(doctree))


def resolve(
    app: Sphinx, env: BuildEnvironment, node: pending_xref, content: nodes.Element
) -> nodes.Node | None:
    """Link {concept}`id` to the concept's section, or to the glossary if there is no such section yet.

    In the glossary, {section}`id` becomes a link to the section, or nothing.
    """
    if node["reftype"] not in ("concept", "section"):
        return None
    home, found = next(
        (
            (docname, page["concepts"][node["reftarget"]])
            for docname, page in env.metadata.items()
            if node["reftarget"] in page.get("concepts", {})
        ),
        (None, None),
    )
    if not found:
        return None
    docname, anchor, title = env.get_domain("std").labels.get(node["reftarget"], ("", "", ""))
    here = node["refdoc"], docname or home, anchor or found["term"]
    if node["reftype"] == "section":
        if not docname:
            return nodes.inline()
        return make_refnode(app.builder, *here, nodes.inline(title, title))
    if not node["refexplicit"]:
        content = nodes.inline("", title or node["reftarget"].replace("-", " "))
    link = make_refnode(app.builder, *here, content)
    return concept("", "", link, preview=found["sentence"])


def scripts(doctree: nodes.document) -> list[str]:
    """List the scripts a page uses."""
    return [script for kind, script in SCRIPTS.items() if any(doctree.findall(kind))]


def keep_style_guide(app: Sphinx, config: Config) -> None:
    """Build the page that shows all components, which is in no menu and so not in `_toc.yml`."""
    config.exclude_patterns = [pattern for pattern in config.exclude_patterns if pattern != STYLE_GUIDE]


def setup(app: Sphinx) -> None:
    """Register directives, roles and nodes."""
    app.connect("config-inited", keep_style_guide, priority=900)  # after the table of contents has been read
    app.add_directive("question", Question)
    for name in ("concept", "section"):
        app.add_role(name, XRefRole(innernodeclass=nodes.inline, warn_dangling=True))
    app.add_role("ko", roles.CustomRole("ko", roles.generic_custom_role, {"class": ["language-ko"]}))
    pages.add_node(app, question, before_question, "</div>\n")
    pages.add_node(
        app, question_text, lambda self, node: self.starttag(node, "p", "", CLASS="question-text"), "</p>\n"
    )
    pages.add_node(
        app,
        answers,
        lambda self, node: (
            self.starttag(node, "details", CLASS="answers") + f"<summary>{_('Answers')}</summary>"
        ),
        "</details>\n",
    )
    pages.add_node(app, answer, before_answer, "</li>\n")
    pages.add_node(app, answer_text, before_answer_text, "</p>\n")
    pages.add_node(app, concept, '<span class="concept-link">', after_concept)
    app.connect("doctree-read", collect_concepts)
    app.connect("missing-reference", resolve)
    pages.add_scripts(app, scripts)
