"""A page's place in the week, how long it takes, and a box to tick when it is done.

The week is what `_toc.yml` lists under captions that are days. Ticks stay in the reader's browser: see
`assets/progress.js`.
"""

from collections.abc import Iterator
from pathlib import PurePosixPath
from typing import NamedTuple

from docutils import nodes
from myst_nb.sphinx_ import NbMetadataCollector
from sphinx.addnodes import pending_xref
from sphinx.application import Sphinx
from sphinx.environment import BuildEnvironment
from sphinx.roles import XRefRole
from sphinx.util.docutils import SphinxDirective

from course import downloads
from course.bookkeeping import shown_code
from course.deeper import is_deeper
from course.words import _

DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday")
KINDS = {"chapters": "chapter", "assignments": "assignment", "peer-sessions": "peer session"}
DONE = {
    "chapter": "I have read this chapter",
    "assignment": "I have done this assignment",
    "peer session": "We have held this session",
}
WORDS, LINES = 200, 20  # words of prose, lines of code read per minute


class Step(NamedTuple):
    """A page of the week. Assignments are numbered within the week, everything else within the day."""

    docname: str
    day: str
    kind: str
    number: int
    of: int  # how many of this kind that day


def week(app: Sphinx) -> list[Step]:
    """List the pages of the week, in the order of `_toc.yml`."""
    found, before = [], 0
    for part in app.config.external_site_map.root.subtrees:
        day = next((day for day in DAYS if part.caption == _(day)), None)
        if not day:
            continue
        files = (PurePosixPath(name).with_suffix("").as_posix() for name in part.files())
        names = [name for name in files if name.split("/")[0] in KINDS]
        kinds = [KINDS[name.split("/")[0]] for name in names]
        for i, (name, kind) in enumerate(zip(names, kinds, strict=True)):
            number = kinds[: i + 1].count(kind) + (before if kind == "assignment" else 0)
            found.append(Step(name, day, kind, number, kinds.count(kind)))
        before += kinds.count("assignment")
    return found


def name(step: Step) -> str:
    """Return a step's name: `assignment 2`, `chapter 1`, `peer session`."""
    return _("peer session") if step.kind == "peer session" else _(f"{step.kind} {{}}", step.number)


def measure(app: Sphinx, doctree: nodes.document) -> None:
    """Remember how many minutes a page takes to read, and its deeper parts."""
    apart = sum(reading_time(section) for section in doctree.findall(is_deeper))
    page = app.env.metadata[app.env.docname]
    page["minutes"] = max(1, round(reading_time(doctree) - apart))
    page["deeper"] = round(apart)


def reading_time(part: nodes.Element) -> float:
    """Return the minutes to read a part: prose and code, but not folded code or outputs."""
    words = sum(len(text.split()) for text in prose(part))
    lines = sum(len(block.astext().splitlines()) for block in shown_code(part))
    return words / WORDS + lines / LINES


def prose(part: nodes.Element) -> Iterator[str]:
    """Yield a part's texts, without code blocks and formulas."""
    for text in part.findall(nodes.Text):
        if not isinstance(text.parent, nodes.literal_block | nodes.math | nodes.math_block | nodes.raw):
            yield text


def seconds(app: Sphinx, docname: str) -> float | None:
    """Return how long a notebook took to execute, from its record."""
    record = NbMetadataCollector.get_exec_data(app.env, docname)
    return record and record["runtime"]


def add_facts(app: Sphinx, doctree: nodes.document, docname: str) -> None:
    """Write a page's place in the week and what it takes below its title, and its box to tick at the end."""
    steps = week(app)
    i = next((i for i, step in enumerate(steps) if step.docname == docname), None)
    if i is None or app.builder.format != "html":
        return
    step, section = steps[i], next(doctree.findall(nodes.section))
    place = _("chapter {} of {}", step.number, step.of) if step.kind == "chapter" else name(step)
    facts = [_(step.day), place]
    if step.kind == "chapter":
        page = app.env.metadata[docname]
        facts.append(_("{} minutes to read", page["minutes"]) + deeper(page))
    if took := seconds(app, docname):
        facts.append(_("computed in {} s on one CPU core", f"{took:.0f}"))
    for following in steps[i + 1 : i + 2]:
        address = app.builder.get_relative_uri(docname, following.docname)
        what = name(following)
        if following.day != step.day:
            what = _("{} on {}", what, _(following.day))
        link = f'<a href="{address}">{what}</a>'
        facts.append(_("next: {}", link))
    top = f'<p class="page-facts">{" · ".join(facts)}</p>'
    if step.kind == "assignment":
        top += downloads.links(app, docname)
    section.insert(1, nodes.raw("", top, format="html"))
    if step.kind in DONE:
        section += nodes.raw("", mark(step), format="html")


def mark(step: Step) -> str:
    """Return the box to tick at the end of a page; it stays hidden without scripts."""
    return (
        f'<div class="mark-done" data-page="{step.docname}" hidden>'
        f'<label><input type="checkbox"> {_(DONE[step.kind])}</label>'
        f'<p class="progress-message" role="status"></p></div>'
    )


class Progress(SphinxDirective):
    """How much of the week the reader has done, to save to a file and load again."""

    def run(self) -> list[nodes.Node]:
        """Return the box; it stays hidden without scripts."""
        pages = " ".join(step.docname for step in week(self.env.app) if step.kind in DONE)
        box = (
            f'<div class="progress-box" data-pages="{pages}" hidden>'
            f'<span></span><progress aria-label="{_("Your progress")}"></progress>'
            f'<button type="button">{_("Save as a file")}</button>'
            f'<label>{_("Load a file")} <input type="file" accept=".json" class="visually-hidden"></label>'
            '<p class="progress-message" role="status"></p></div>'
        )
        return [nodes.raw("", box, format="html")]


def resolve_minutes(
    app: Sphinx, env: BuildEnvironment, node: pending_xref, content: nodes.Element
) -> nodes.Node | None:
    """Replace {minutes}`chapters/NAME` with how long the page takes to read."""
    page = env.metadata.get(node["reftarget"], {})
    if node["reftype"] != "minutes" or "minutes" not in page:
        return None
    return nodes.inline("", _("{} min", page["minutes"]) + deeper(page))


def deeper(page: dict) -> str:
    """Return what a page's deeper parts add: `, and 12 deeper`, or nothing."""
    return _(", and {} deeper", page["deeper"]) if page["deeper"] else ""


def write_archive(app: Sphinx, exception: Exception | None) -> None:
    """Write the archive of all assignments into the site."""
    names = [step.docname for step in week(app) if step.kind == "assignment"]
    if names and not exception and app.builder.format == "html":
        downloads.write_archive(app, names)


def setup(app: Sphinx) -> None:
    """Register the facts, the archive, and the script, which shows ticks in every page's menu."""
    app.add_directive("progress", Progress)
    app.add_role("minutes", XRefRole(warn_dangling=True))
    app.connect("missing-reference", resolve_minutes)
    app.add_js_file("progress.js", loading_method="defer")
    app.connect("doctree-read", measure)
    app.connect("doctree-resolved", add_facts)
    app.connect("build-finished", write_archive)
