"""Print the book to one PDF: a linked table of contents, then the built pages in the order of the menu.

    python -m tools.pdf [ko]

A Chromium prints them from one long temporary page.
"""

import html
import posixpath
import re
import sys
from pathlib import Path

from bs4 import BeautifulSoup, Tag
from playwright.sync_api import Browser, sync_playwright

from tools.browser import FLAGS, NO_CHROMIUM, find_chromium, serve

PAPER = 673  # px, the width between the margins of an A4 page in the style sheet
PAGE = """<!doctype html>
<html lang="{lang}" data-theme="light">
<head>
<meta charset="utf-8">
<title>{title}</title>
{style}
<style>
  .bd-article {{ break-before: page; }}
  .cover h1 {{ margin: 0; }}
  .cover div {{ columns: 2; margin-top: 2rem; line-height: 1.35; }}
  .cover .caption {{ margin: 1rem 0 0.25rem; font-weight: 600; break-after: avoid; }}
  .cover ul ul {{ font-size: 0.9em; }}
</style>
<script defer src="_static/figures.js"></script>
</head>
<body><main class="bd-main"><div class="bd-content"><div class="bd-article-container">
<nav class="cover"><h1>{title}</h1>{author}<div>{contents}</div></nav>
{articles}
</div></div></main></body>
</html>
"""
FOOTER = (
    '<div style="width: 100%; text-align: center; font: 8pt sans-serif">'
    '<span class="pageNumber"></span></div>'
)
# Figures are drawn when they scroll into view.
SEE_ALL = """async () => {
  for (let y = 0; y < document.documentElement.scrollHeight; y += innerHeight / 2) {
    scrollTo({ top: y, behavior: "instant" });
    await new Promise(done => setTimeout(done, 30));
  }
}"""
ALL_DRAWN = """() => [...document.querySelectorAll(".interactive:not(:has(button)) .plot")]
  .every(plot => plot.querySelector(".main-svg"))"""


def soup(path: Path) -> BeautifulSoup:
    """Parse a page."""
    return BeautifulSoup(path.read_text(encoding="utf-8"), "html.parser")


def join(article: Tag, name: str, numbers: dict[str, int]) -> Tag:
    """Make an article part of the book, with unique ids, and with links that stay in the book.

    Args:
        article: A page's content without menus; changed in place.
        name: The page's URL, relative to the site.
        numbers: Each page's number in the book.

    Returns:
        The article.
    """
    prefix = f"page{numbers[name]}-"

    def inside(link: str) -> str | None:
        if re.match(r"[a-z]+:", link):
            return link
        address, _, part = link.partition("#")
        target = posixpath.normpath(posixpath.join(posixpath.dirname(name), address))
        number = numbers.get(target) if address else numbers[name]
        return None if number is None else f"#page{number}-{part}"

    for tag in article.find_all(True):
        for key, value in list(tag.attrs.items()):
            if key in ("id", "for", "aria-labelledby", "aria-describedby"):
                tag[key] = prefix + value
            elif key in ("href", "xlink:href") and tag.name != "image":
                tag[key] = inside(value)
                if tag[key] is None:  # a download, say
                    del tag[key]
            elif key == "src" and not value.startswith("data:"):
                tag[key] = posixpath.join(posixpath.dirname(name), value)
            elif isinstance(value, str) and "url(#" in value:
                tag[key] = value.replace("url(#", f"url(#{prefix}")
    article["id"] = prefix
    return article


def combine(site: Path) -> str:
    """Return one page that contains all pages in the menu."""
    index = soup(site / "index.html")
    menu = index.select_one("nav.bd-docs-nav")
    links = {
        "index.html" if link["href"] == "#" else link["href"]: link for link in menu.select("a.internal")
    }
    numbers = {name: number for number, name in enumerate(links)}
    contents, articles = [], []
    for name, link in links.items():
        if (caption := link.find_previous("p", class_="caption")) not in contents:
            contents += [caption] if caption else []
        article = join(soup(site / name).select_one("article"), name, numbers)
        sections = "".join(
            f'<li><a href="#{section["id"]}">{title(section)}</a></li>'
            for section in article.select("section > section:has(> h2)")
        )
        contents.append(
            f'<ul><li><a href="#{article["id"]}">{html.escape(link.get_text(strip=True))}</a>'
            f"<ul>{sections}</ul></li></ul>"
        )
        articles.append(article)
    return PAGE.format(
        lang=index.html["lang"],
        title=html.escape(index.select_one("h1").contents[0]),
        author=index.select_one(".component-author"),
        style=index.select_one("link[rel=stylesheet]"),
        contents="".join(map(str, contents)),
        articles="".join(map(str, articles)),
    )


def title(section: Tag) -> str:
    """Return a section's title as HTML, without its permalink."""
    contents = section.find("h2").contents
    return "".join(
        str(part)
        for part in contents
        if not (isinstance(part, Tag) and "headerlink" in part.get("class", []))
    )


def print_book(browser: Browser, site: Path, target: Path) -> None:
    """Print the book.

    Args:
        browser: A running Chromium.
        site: The built pages.
        target: The PDF to write.
    """
    with serve(site) as address, browser.new_page(viewport={"width": PAPER, "height": 1000}) as page:
        page.emulate_media(media="print")
        book = combine(site)
        page.route(f"{address}book.html", lambda route: route.fulfill(body=book))
        page.goto(f"{address}book.html")
        page.evaluate(SEE_ALL)
        page.wait_for_function(ALL_DRAWN)
        page.pdf(
            path=target,
            prefer_css_page_size=True,
            print_background=True,
            display_header_footer=True,
            header_template="<span></span>",
            footer_template=FOOTER,
            outline=True,
            tagged=True,
        )


def main(language: str = "") -> None:
    """Print the book in the current folder, perhaps that in another language, or exit with a message."""
    build = Path.cwd() / "_build"
    site, target = build / "html" / language, build / f"book{'-' * bool(language)}{language}.pdf"
    chromium = find_chromium()
    if not chromium:
        sys.exit(f"No PDF was made: {NO_CHROMIUM}.")
    if not (site / "index.html").exists():
        sys.exit("No PDF was made: build the book first, with `make book`.")
    with (
        sync_playwright() as playwright,
        playwright.chromium.launch(executable_path=chromium, args=FLAGS) as browser,
    ):
        print_book(browser, site, target)
    print(f"The PDF is {target}")


if __name__ == "__main__":
    main(*sys.argv[1:])
