"""A book that translates another one: the same addresses and anchors, and a link between the two.

The English book's doctrees (`course_english`) give each section and term the address that it has
there, and each page the minutes that it takes. A page that is not translated says so.
"""

import pickle
import re
from pathlib import Path
from typing import Any

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.transforms import SphinxTransform

from course import progress
from course.words import _

FOLDER = "ko"  # of the Korean site inside the English one
TEMPLATES = Path(__file__).parent / "templates"


def english_page(folder: str, docname: str) -> nodes.document:
    """Return a page of the English book."""
    return pickle.loads(Path(folder, f"{docname}.doctree").read_bytes())


class SameAddresses(SphinxTransform):
    """Gives sections and terms the ids of the English page."""

    default_priority = 840  # before domains and MyST look at them

    def apply(self, **kwargs: Any) -> None:
        """Copy the ids by position."""
        folder, docname = self.config.course_english, self.env.docname
        if not folder or not Path(folder, f"{docname}.doctree").exists():
            return
        english = english_page(folder, docname)
        for mine, other in self.pairs(english, nodes.section):
            mine["ids"] = list(other["ids"])
            for id in mine["ids"]:
                self.document.ids[id] = mine
        for mine, other in self.pairs(english, nodes.definition_list_item):
            self.terms(mine, other)
        self.document.myst_slugs = getattr(english, "myst_slugs", {})
        self.env.metadata[docname]["myst_slugs"] = self.document.myst_slugs

    def pairs(
        self, english: nodes.document, kind: type[nodes.Element]
    ) -> list[tuple[nodes.Element, nodes.Element]]:
        """Return the elements of one kind with those of the English page, if there are as many."""
        mine, others = ([*page.findall(kind)] for page in (self.document, english))
        return list(zip(mine, others, strict=True)) if len(mine) == len(others) else []

    def terms(self, mine: nodes.Element, other: nodes.Element) -> None:
        """Give the terms of an entry the ids of the English ones, in their order."""
        ids = [term["ids"] for term in other.findall(nodes.term)]
        objects = self.env.get_domain("std").objects
        for term, given in zip(list(mine.findall(nodes.term)), ids, strict=False):
            before, term["ids"] = term["ids"], list(given)
            for id in given:
                self.document.ids[id] = term
            for key, (docname, id) in list(objects.items()):
                if docname == self.env.docname and id in before:
                    objects[key] = docname, given[0]


def take_minutes(app: Sphinx, doctree: nodes.document) -> None:
    """Take a page's minutes from the English one: Korean has other words, and fewer."""
    folder, docname = app.config.course_english, app.env.docname
    if folder and Path(folder, f"{docname}.doctree").exists():
        progress.measure(app, english_page(folder, docname))


def add_link(
    app: Sphinx, pagename: str, templatename: str, context: dict[str, Any], doctree: nodes.document | None
) -> None:
    """Add the link to the page in the other language, and say that a page is not translated."""
    address = app.builder.get_target_uri(pagename)
    up = "../" * address.count("/")
    if app.config.course_english:
        context["other_language"] = {"code": "en", "name": "English", "url": f"{up}../{address}"}
    elif app.config.course_translated and pagename != "style-guide":
        context["other_language"] = {"code": FOLDER, "name": "한국어", "url": f"{up}{FOLDER}/{address}"}
    if site := app.config.html_baseurl.rstrip("/"):
        root = site.removesuffix(f"/{FOLDER}")
        addresses = {"en": f"{root}/{address}", FOLDER: f"{root}/{FOLDER}/{address}"}
        if "other_language" in context:
            context["metatags"] = context.get("metatags", "") + "".join(
                f'\n<link rel="alternate" hreflang="{code}" href="{url}" />'
                for code, url in addresses.items()
            )
    if pagename in app.config.course_untranslated and "body" in context:
        said = f'<p class="untranslated" lang="{app.config.language}">{_("This page is in English.")}</p>'
        context["body"] = re.sub("</h1>", rf"</h1>\n{said}", context["body"], count=1)


def find_translation(app: Sphinx) -> None:
    """Note whether there is a Korean book beside this one; register the template of the link."""
    app.config.course_translated = Path(app.srcdir, FOLDER).is_dir()
    if app.builder.format == "html":
        end = app.config.html_theme_options.setdefault("article_header_end", ["article-header-buttons.html"])
        if "language.html" not in end:
            end.insert(0, "language.html")


def setup(app: Sphinx) -> None:
    """Register the transform and the link."""
    app.add_config_value("course_english", "", "env")
    app.add_config_value("course_untranslated", [], "html")
    app.add_config_value("course_translated", False, "")
    app.config.templates_path.append(str(TEMPLATES))
    app.connect("builder-inited", find_translation, priority=100)
    app.add_transform(SameAddresses)
    app.connect("doctree-read", take_minutes, priority=900)
    app.connect("html-page-context", add_link)
    app.add_js_file("language.js", loading_method="defer")
