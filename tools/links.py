"""Check that every link, image, script and anchor inside the built site leads somewhere.

    python -m tools.links _build/html

Sphinx checks only the references it made; this looks at the pages as a browser does, including raw HTML.
Links to other sites need a network, and are left to Sphinx's link checker.
"""

import sys
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urlsplit

ATTRIBUTES = {"href", "src", "srcset", "poster", "action", "data"}


class Page(HTMLParser):
    """A page's anchors and links.

    Attributes:
        anchors: Values of `id`, and of `name` in an `<a>`.
        links: Pairs of a tag with its attribute, for messages, and the URL.
    """

    def __init__(self, html: str) -> None:
        super().__init__()
        self.anchors: set[str] = set()
        self.links: list[tuple[str, str]] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        """Collect the anchors and links of a tag."""
        for name, value in attributes:
            if value is None:
                continue
            if name == "id" or (tag == "a" and name == "name"):
                self.anchors.add(value)
            elif name == "srcset":
                self.links += [
                    (f"<{tag} {name}>", part.split()[0]) for part in value.split(",") if part.strip()
                ]
            elif name in ATTRIBUTES:
                self.links.append((f"<{tag} {name}>", value.strip()))
            elif (
                tag == "meta"
                and name == "content"
                and ("http-equiv", "refresh") in [(key, (text or "").lower()) for key, text in attributes]
            ):
                self.links.append(("<meta refresh>", value.partition("url=")[2]))


def broken_links(site: Path) -> list[str]:
    """Check all pages of a site.

    Args:
        site: The folder with the built HTML.

    Returns:
        One line per broken link, with the page, the tag and the link.
    """
    site = site.resolve()
    files = [
        path for path in sorted(site.rglob("*.html")) if "_static" not in path.parts
    ]  # the theme's templates
    pages = {path: Page(path.read_text(encoding="utf-8")) for path in files}
    broken = []
    for path, page in pages.items():
        for tag, url in page.links:
            problem = check(url, path, pages, site)
            if problem:
                broken.append(f"{path.relative_to(site).as_posix()}: {tag} {url}: {problem}")
    return broken


def check(url: str, path: Path, pages: dict[Path, Page], site: Path) -> str | None:
    """Return what is wrong with a link, or None if it is good or leads to another site."""
    parts = urlsplit(url)
    if parts.scheme or parts.netloc:
        return None
    if parts.path.startswith("/"):
        return "starts with /, so it breaks where the site is not at the root of its server"
    target = (path.parent / unquote(parts.path)).resolve() if parts.path else path
    if target.is_dir():
        target /= "index.html"
    if not target.is_relative_to(site) or not target.is_file():
        return "no such file in the site"
    if parts.fragment and target in pages and unquote(parts.fragment) not in pages[target].anchors:
        return "no such anchor on that page"
    return None


if __name__ == "__main__":
    problems = broken_links(Path(sys.argv[1]))
    sys.exit("\n".join(problems) or None)
