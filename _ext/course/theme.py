"""The theme's pages, slimmed down and repaired.

Each repair is an item of `REPAIRS`, for sphinx-book-theme 1.3 with pydata-sphinx-theme 0.17 on Sphinx 7.4:
after an upgrade, try without it. What settings can do is in `_config.yml`.

All style sheets are merged into `_static/site.css`, which keeps only rules that some page uses. Its fonts
keep only characters that appear on some page.
"""

import hashlib
import html
import logging
import posixpath
import re
import textwrap
from collections.abc import Iterable
from pathlib import Path

from docutils import nodes
from fontTools import subset
from fontTools.ttLib import TTFont
from sphinx.application import Sphinx
from sphinx.environment import BuildEnvironment

from course.nodejs import run_in_node

THEME = """\
({light: "light", dark: "dark"})[document.documentElement.dataset.mode]
      || (matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light");
    addEventListener("beforeprint", () => {
      document.documentElement.dataset.screen = document.documentElement.dataset.theme;
      document.documentElement.dataset.theme = "light";
    });
    addEventListener("afterprint", () => {
      document.documentElement.dataset.theme = document.documentElement.dataset.screen;
    })"""
# A substitute for a storage that is forbidden or full, without which the theme's scripts stop. It lasts as
# long as the page, and `assets/keep.js` says so.
MEMORY = """\
for (const name of ["localStorage", "sessionStorage"]) {
      try {
        window[name].setItem("probe", "");
        window[name].removeItem("probe");
      } catch {
        const kept = new Map();
        try {
          for (const [key, value] of Object.entries(window[name])) kept.set(key, value);
        } catch {} // it cannot be read either
        const getItem = (key) => kept.get(key) ?? null;
        const setItem = (key, value) => kept.set(key, String(value));
        const removeItem = (key) => kept.delete(key);
        Object.defineProperty(window, name, { value: { getItem, setItem, removeItem } });
      }
    }"""
# Patterns and their replacements in every page.
REPAIRS = {
    # Runs first: from here on, every script has a storage.
    r'<script data-cfasync="false">': rf"\g<0>\n    {MEMORY}",
    # Set the theme before first paint; print in light.
    r'localStorage\.getItem\("theme"\) \|\| "auto"': THEME,
    # Scripts do not delay the page; those in the head download while it loads.
    r"<script (?=[^>]*src=)(?![^>]*\b(?:defer|async)\b)": "<script defer ",
    r"<script>DOCUMENTATION_OPTIONS\.": '<script type="module">DOCUMENTATION_OPTIONS.',
    r'\s*<link rel="preload" as="script"[^>]*>': "",
    # Half a megabyte of icons that the style sheet can draw too.
    r'\s*<script[^>]* src="[^"]*/fontawesome\.js[^>]*></script>': "",
    # Already there.
    r'\s*<meta name="viewport" content="width=device-width, initial-scale=1"\s*/>': "",
    # Give the book's name a landmark of its own.
    r'<a class="navbar-brand logo".*?</a>': r'<nav aria-label="Start">\g<0></nav>',
    # Notebooks are downloaded, not shown as text in another tab.
    r'(?<=\.ipynb" )target="_blank"': "download",
    # References: an obsolete role on list items.
    'role="doc-biblioentry"': 'role="listitem"',
    # Names, punctuation and space in code have the text's colour, and are two fifths of a chapter's elements.
    r'<span class="[npw]">([^<]*)</span>': r"\1",
    # A table's empty corner is no header.
    r"<th(?=[ >])([^>]*)>(?:<p></p>)?\s*</th>": r"<td\1></td>",
}
# Scripts for one feature, and the class that marks pages using it.
SCRIPTS = {r"clipboard\.min": "highlight", "copybutton": "highlight", "design-tabs": "sd-tab-set"}
# Classes for which the whole page looks different: it names them in `data-shows`, as styles that look for
# them by `:has()` of so large an element are computed anew with every change of the page.
SHOWN = "week", "agenda", "retrospective"
# The theme's script asks for the sizes of boxes that may scroll, even in closed folds, for which all of them
# are laid out: half of a long page's time. `assets/scrolling.js` does it.
TABINDEX = r'document\.querySelectorAll\(\[[^\]]*\]\.join\(", "\)\)\.forEach\(e=>{e\.tabIndex=.*?}\)'
SEARCH = r'\s*<script[^>]* src="[^"]*(?:searchtools|language_data|searchindex)\.js[^>]*></script>'
STYLE = r'\s*<link [^>]*href="([^"?]*\.css)[^>]*>'

PURGE = """
const { PurgeCSS } = require("purgecss");
const content = data.content.map(raw => ({ raw, extension: "html" }));
const safelist = { greedy: [/:lang/] };
const options = { css: [{ raw: data.css }], content, safelist, keyframes: true };
return (await new PurgeCSS().purge(options))[0].css;
"""


def describe(
    app: Sphinx, pagename: str, templatename: str, context: dict, doctree: nodes.document | None
) -> None:
    """Describe the page for search engines, by its first words."""
    paragraphs = doctree.findall(nodes.paragraph) if doctree else []
    text = " ".join(word for text in paragraphs for word in text.astext().split())
    about = text or f"{app.config.html_title}: {context.get('title', pagename)}"
    short = html.escape(textwrap.shorten(about, 160, placeholder=" …"))
    tags = context.get("metatags", "")
    context["metatags"] = f'{tags}\n<meta name="description" content="{short}" />'


def write_all(app: Sphinx, env: BuildEnvironment) -> Iterable[str]:
    """Have every page rewritten, so that `finish` gets them all as the theme makes them."""
    return env.all_docs


def repaired(text: str, name: str) -> str:
    """Return a page with all repairs made."""
    for pattern, replacement in REPAIRS.items():
        text = re.sub(pattern, replacement, text, flags=re.DOTALL)
    if name == "index.html":  # has the whole width: its menu is closed, and there is no list of contents
        text = text.replace('class="bd-sidebar-primary', 'class="pst-sidebar-hidden bd-sidebar-primary')
        text = re.sub(r'(?s)<button class="sidebar-toggle secondary-toggle.*?</button>', "", text)
    if 'class="untranslated"' in text:  # course/translation.py
        text = text.replace("<article ", '<article lang="en" ', 1)
    body = text[text.index("<body") :]
    for sign in SHOWN:
        if re.search(rf'class="(?:[^"]* )?{sign}[" ]', body):
            text = re.sub(r"<(?:html|article)(?= )", rf'\g<0> data-shows="{sign}"', text)
            break
    for script, sign in SCRIPTS.items():
        if not re.search(rf'class="[^"]*{sign}', body):
            text = re.sub(rf"\s*<script[^>]*/{script}\.js[^>]*></script>", "", text)
    return text if name == "search.html" else re.sub(SEARCH, "", text)


def read_style(path: Path, static: Path) -> str:
    """Return a style sheet with its imports included, and with URLs relative to `_static`."""
    folder = path.parent

    def imported(hit: re.Match) -> str:
        return read_style(Path(posixpath.normpath(folder / hit[1])), static)

    def moved(hit: re.Match) -> str:
        target = posixpath.normpath(folder.relative_to(static).as_posix() + "/" + hit[1])
        return f"url({target})"

    text = path.read_text(encoding="utf-8")
    text = re.sub(r"/\*(?!!).*?\*/", "", text, flags=re.DOTALL)
    text = re.sub(r'url\(["\']?(?!data:|#)([^"\')]+)["\']?\)', moved, text)
    return re.sub(r'@import "([^"]+)";', imported, text)


def small_font(face: str, characters: str, static: Path) -> str:
    """Make a font with only some characters, to replace one in a style sheet.

    Args:
        face: The `@font-face` rule, which refers to a TTF file.
        characters: The characters to keep.
        static: The folder `_static`.

    Returns:
        The rule for the small font, or an empty string if the font has none of the characters.
    """
    source = static / re.search(r"url\(([^)]+\.ttf)\)", face)[1]
    with TTFont(source, recalcTimestamp=False) as font:  # the same pages give the same font
        if not set(map(ord, characters)) & font.getBestCmap().keys():
            return ""
        subsetter = subset.Subsetter(subset.Options(hinting=False))
        subsetter.populate(text=characters)
        subsetter.subset(font)
        font.flavor = "woff"
        target = static / "fonts" / f"{source.stem}.woff"
        target.parent.mkdir(exist_ok=True)
        font.save(target)
    address = f'url(fonts/{target.name}?v={digest(target.read_bytes())}) format("woff")'
    return re.sub(r"src:[^;}]*", f"src:{address}", face)


def digest(content: bytes) -> str:
    """Return a digest of a file's content, to put in its URL, as browsers cache files."""
    return hashlib.sha256(content).hexdigest()[:8]


def one_style(pages: dict[Path, str], static: Path) -> str:
    """Make the style sheet for all pages, and its fonts.

    Args:
        pages: The repaired HTML of each page.
        static: The folder `_static`, to which the fonts are written.

    Returns:
        The style sheet.
    """

    def linked(pattern: str) -> dict[Path, None]:
        return {
            (path.parent / name).resolve(): None
            for path, text in pages.items()
            for name in re.findall(pattern, text)
        }

    scripts = [*linked(r'<script[^>]* src="([^"?]+)'), *static.glob("live-*.js")]
    content = [*pages.values(), *(path.read_text(encoding="utf-8") for path in scripts)]
    css = "\n".join(read_style(path, static) for path in linked(STYLE))
    css = run_in_node(PURGE, {"css": css, "content": content})
    # Where the page changes with the screen's width, larger text counts as a smaller screen.
    css = re.sub(r"(?<=width:)\s*([\d.]+)px(?=\s*\))", lambda hit: f"{float(hit[1]) / 16:g}em", css)
    icons = (chr(int(code, 16)) for code in re.findall(r'"\\([0-9a-f]{4,5})"', css))
    characters = "".join({*html.unescape("".join(pages.values())), *icons})
    return re.sub(r"@font-face\s*{[^}]*}", lambda hit: small_font(hit[0], characters, static), css)


def finish(app: Sphinx, exception: Exception | None) -> None:
    """Repair all new pages, and make their common style sheet."""
    if exception or app.builder.format != "html":
        return
    site = Path(app.outdir).resolve()
    static = site / "_static"
    pages = {}
    for path in site.rglob("*.html"):
        text = path.read_text(encoding="utf-8")
        if static not in path.parents and "_static/site.css" not in text:
            pages[path] = repaired(text, path.relative_to(site).as_posix())
    script = static / "scripts" / "pydata-sphinx-theme.js"
    script.write_text(re.sub(TABINDEX, "0", script.read_text(encoding="utf-8")), encoding="utf-8")
    css = one_style(pages, static)
    (static / "site.css").write_text(css, encoding="utf-8")
    for path, text in pages.items():
        root = "../" * len(path.relative_to(site).parents[1:])
        address = f"{root}_static/site.css?v={digest(css.encode())}"
        link = f'\n<link rel="stylesheet" href="{address}" />'
        first = re.search(STYLE, text).start()
        path.write_text(text[:first] + link + re.sub(STYLE, "", text[first:]), encoding="utf-8")


def setup(app: Sphinx) -> None:
    """Register the repairs."""
    logging.getLogger("fontTools").setLevel(logging.ERROR)
    app.add_js_file("scrolling.js", loading_method="defer")
    app.connect("html-page-context", describe)
    app.connect("env-updated", write_all)
    app.connect("build-finished", finish, priority=900)
