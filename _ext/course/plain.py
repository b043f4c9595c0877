"""Plain copies of the chapters, for Jupyter, Colab and others that know no MyST.

A copy takes the place of its source in the site's `_sources`, where the page's download button leads. Its
code is the chapter's. In its text, numbers are filled in, references are links to the site if `_config.yml`
has its address (`html: baseurl`), and boxes and questions are plain Markdown.
"""

import itertools
import json
import posixpath
import re
import sys
import textwrap
import tomllib
from pathlib import Path

import nbformat
from myst_nb.core.variables import format_plain_text
from sphinx.application import Sphinx
from sphinx.util import logging

from course import downloads, seeds
from course.words import _, whole

LABEL = re.compile(r"^\([\w-]+\)=\n", re.MULTILINE)
DIRECTIVE = re.compile(r"^(:{3,})\{([\w-]+)\} *(.*)\n((?:.*\n)*?)\1[ \t]*$", re.MULTILINE)
OPTIONS = re.compile(r"(?:^:[\w-]+:.*\n)*", re.MULTILINE)
ROLE = re.compile(r"\{([a-z:]+)\}`([^`]+)`")
TARGET = re.compile(r"(?:(.*?)\s*<)?([^<>]+)>?", re.DOTALL)  # perhaps with words of its own: `words <target>`
HERE = re.compile(r"\[([^\]]+)\]\(#([\w-]+)\)")
RUNS = re.compile(r"(?<=^  )(?=\{section\})", re.MULTILINE)  # what begins a paragraph of an event
ANSWER = re.compile(r"^(?:- \[([ x])\]|\d+\.) +", re.MULTILINE)
IMPORT = re.compile(r"^ *(?:from|import) (\w+)", re.MULTILINE)
SIGNS, WORDS = {"x": "✓", " ": "✗"}, {"x": "Right", " ": "Wrong"}
NOTE = """\
> A plain copy of the page {title}. The numbers in its text are those of the site; elsewhere, or with other
> settings, yours may differ. Figures that answer to your hand, and what numbers are under other seeds, are on
> the site."""
INSTALL = """\
# Does nothing where all is there; else it says what to do.
from importlib.util import find_spec

missing = [name for name in {needed} if not find_spec(name)]
if missing:
    print(", ".join(missing), {advice})"""

logger = logging.getLogger(__name__)


class Page:
    """A page of the site, and how its Markdown reads without MyST."""

    def __init__(self, app: Sphinx, docname: str):
        self.app, self.env, self.docname = app, app.env, docname
        self.papers = app.env.get_domain("cite").bibdata.data.entries
        self.labels = app.env.get_domain("std").anonlabels | app.env.get_domain("std").labels
        self.numbers = itertools.count(1)

    def notebook(self, source: nbformat.NotebookNode) -> nbformat.NotebookNode:
        """Return the plain notebook of a chapter's: the same code, after a cell that says what to install."""
        cells = []
        for cell in source.cells:
            if cell.cell_type == "markdown":
                cell.source = self.plain(cell.source)
            cells.append(cell)
            if figure := cell.metadata.get("mystnb", {}).get("figure"):
                caption = f"*{self.figure(figure['name'])}:* {figure['caption']}"
                cells.append(nbformat.v4.new_markdown_cell(self.plain(caption), id=f"{cell.id}-caption"))
        first = next(i for i, cell in enumerate(cells) if cell.cell_type == "code")
        note = whole("plain", NOTE).format(
            title=self.link(self.env.titles[self.docname].astext(), self.docname)
        )
        code = "\n".join(cell.source for cell in cells if cell.cell_type == "code")
        cells[first:first] = [
            nbformat.v4.new_markdown_cell(note, id="plain-copy"),
            nbformat.v4.new_code_cell(install(self.app, code), id="install"),
        ]
        return nbformat.v4.new_notebook(cells=cells, metadata=source.metadata)

    def plain(self, text: str) -> str:
        """Return Markdown without labels, directives and roles."""
        text = self.boxes(LABEL.sub("", text))
        text = HERE.sub(lambda hit: self.link("", self.docname, hit[2], hit[1]), text)
        return ROLE.sub(self.role, text)

    def boxes(self, text: str) -> str:
        """Return Markdown without directives."""
        return DIRECTIVE.sub(self.box, text + "\n").removesuffix("\n")

    def box(self, hit: re.Match) -> str:
        """Return what stands in the place of a directive."""
        name, title, body = hit.groups()[1:]
        options = OPTIONS.match(body)[0]
        body = self.boxes(body.removeprefix(options)).strip()
        if name == "question":
            return self.question(title, body, ":number:" in options)
        if name in ("admonition", "grid-item-card"):
            return textwrap.indent(f"**{title}**\n\n{body}", "> ", lambda line: True)
        if name == "timeline":
            return RUNS.sub(f"{_('Run it:')} ", body)
        if name != "grid":
            self.warn(f"directive {name!r}")
        return body

    def question(self, title: str, body: str, number: bool) -> str:
        """Return a question with what to choose from and, folded, what is right and why."""
        text, *parts = ANSWER.split(body)
        marks, order = parts[::2], parts[0] is None
        answers = [part.strip().partition("\n\n")[::2] for part in parts[1::2]]
        offered = [f"- {answer}" for answer, _ in answers]
        if order:
            offered = offered[1::2] + offered[::2]  # never the right order
        lines = [f"**{_('Question {}', next(self.numbers))}.** {title}", text.strip()]
        lines += ["" if number else "\n".join(offered), f"<details><summary>{_('Answers')}</summary>"]
        for i, (mark, (answer, reason)) in enumerate(zip(marks, answers, strict=True), 1):
            lines.append(f"{i}. {answer}" if order else f"- {SIGNS[mark]} {_(WORDS[mark])}: {answer}")
            lines.append(textwrap.indent(textwrap.dedent(reason), "   " if order else "  "))
        return "\n\n".join(filter(None, [*lines, "</details>"]))

    def role(self, hit: re.Match) -> str:
        """Return what stands in the place of a role."""
        name, content = hit.groups()
        if name in ("glue:text", "pooled"):
            return self.number(content, name == "pooled")
        if name in ("cite", "cite:t"):
            return self.cite(content, name == "cite:t")
        if name == "ko":
            return content
        words, target = TARGET.fullmatch(content).groups()
        if name == "doc":
            docname = posixpath.normpath(posixpath.join("/", posixpath.dirname(self.docname), target))[1:]
            return self.link(self.env.titles[docname].astext(), docname, words=words)
        if name == "numref":
            return self.figure(target)
        if name not in ("ref", "concept", "section"):
            self.warn(f"role {name!r}")
        docname, anchor, title = self.labels.get(target, ("", "", ""))
        if not title:
            return words or target.replace("-", " ")  # a concept that only the glossary has
        return self.link(title, docname, anchor, words)

    def number(self, content: str, pooled: bool) -> str:
        """Return a reported number, as on the page."""
        page, key, form, *_ = seeds.POOLED.fullmatch(content).groups()
        docname = posixpath.join(posixpath.dirname(self.docname), page.removesuffix(".ipynb"))
        own, others = seeds.known(self.app, docname, key)
        if pooled and others and own is not None:
            return seeds.pooled([own, *others.values()], form)
        return "?" if own is None else format_plain_text(repr(own), form)  # MyST-NB has warned

    def cite(self, keys: str, as_words: bool) -> str:
        """Return author and year, as in [He et al., 2015] or He et al. (2015)."""
        said = []
        for key in keys.split(","):
            entry = self.papers[key.strip()]
            names = [
                " ".join(map(str, person.rich_prelast_names + person.rich_last_names))
                for person in entry.persons["author"]
            ]
            authors = f"{names[0]} et al." if len(names) > 2 else " and ".join(names)
            year = entry.fields["year"]
            said.append(f"{authors} ({year})" if as_words else f"{authors}, {year}")
        return ", ".join(said) if as_words else f"[{'; '.join(said)}]"

    def figure(self, name: str) -> str:
        """Return a figure's number, as on the page."""
        docname, anchor, *_ = self.labels[name]
        (number,) = self.env.toc_fignumbers[docname]["figure"][anchor]
        return self.app.config.numfig_format["figure"] % number

    def link(self, title: str, docname: str, anchor: str = "", words: str | None = None) -> str:
        """Return a link to the site; without the site's address, the title in italics or the words alone."""
        if site := self.app.config.html_baseurl.rstrip("/"):
            place = self.app.builder.get_target_uri(docname) + (anchor and f"#{anchor}")
            return f"[{words or title}]({site}/{place})"
        return words or f"*{title}*"

    def warn(self, what: str) -> None:
        """Say that something has no plain form yet; warnings fail the build."""
        logger.warning("_ext/course/plain.py does not know the %s.", what, location=self.docname)


def install(app: Sphinx, code: str) -> str:
    """Return the code of the first cell, for a notebook with the given code."""
    imported = set(IMPORT.findall(code)) - sys.stdlib_module_names
    project = tomllib.loads(Path(app.srcdir, "pyproject.toml").read_text(encoding="utf-8"))["project"]
    wheel = f"{project['name'].replace('-', '_')}-{project['version']}-py3-none-any.whl"
    if home := downloads.repository(app):
        first, what = _("Run"), f"{project['name']}[chapters] @ git+{home}"
    else:
        first = _("Put {}, from the archive of the assignments, into this folder, and run", wheel)
        what = f"./{wheel}[chapters]"
    advice = json.dumps(
        _("missing. {} in a cell of its own: {}", first, f'%pip install "{what}"'), ensure_ascii=False
    )
    return whole("install", INSTALL).format(needed=json.dumps(sorted(imported)), advice=advice)


def write(app: Sphinx, exception: Exception | None) -> None:
    """Write the plain notebooks of all chapters into the site."""
    if exception or app.builder.format != "html":
        return
    for docname in sorted(app.env.found_docs):
        source = Path(app.env.doc2path(docname))
        if docname.startswith("chapters/") and source.suffix == ".ipynb":
            copy = Page(app, docname).notebook(nbformat.read(source, as_version=4))
            nbformat.write(copy, Path(app.outdir, "_sources", f"{docname}.ipynb"))


def setup(app: Sphinx) -> None:
    """Write the notebooks once the site is built."""
    app.connect("build-finished", write)
