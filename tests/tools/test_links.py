"""The link checker reports what a browser would not find, and nothing else."""

from pathlib import Path

import pytest

from tools.links import broken_links

GOOD = """<html><body id="top"><h1 id="a-b">A</h1><a name="old"></a>
<a href="#top">x</a><a href="#">x</a><a href="#a-b">x</a><a href="two/page.html#%C3%A9t%C3%A9">x</a>
<a href="two/">x</a><a href="two/page.html?x=1#old">x</a><form action="two/page.html"></form>
<img src="i%20mage.png" srcset="i%20mage.png 1x, two/b.png 2x"><img src="data:image/png;base64,AA">
<a href="https://example.org/none#x">x</a><a href="mailto:a@example.org">x</a>
<link href="//example.org/x.css"></body></html>"""


def write_site(site: Path, extra: str = "") -> None:
    (site / "two").mkdir()
    (site / "index.html").write_text(GOOD + extra, encoding="utf-8")
    (site / "two" / "page.html").write_text('<p id="été"><a name="old"></a>', encoding="utf-8")
    (site / "two" / "index.html").write_text('<a href="../index.html#a-b">up</a>')
    (site / "i mage.png").touch()
    (site / "two" / "b.png").touch()


def test_good_site_has_no_broken_links(tmp_path):
    write_site(tmp_path)
    assert broken_links(tmp_path) == []


@pytest.mark.parametrize(
    ("html", "tag", "url", "problem"),
    [
        ('<a href="none.html">', "<a href>", "none.html", "no such file"),
        ('<a href="../outside.html">', "<a href>", "../outside.html", "no such file"),
        ('<a href="two/page.html#none">', "<a href>", "two/page.html#none", "no such anchor"),
        ('<a href="#none">', "<a href>", "#none", "no such anchor"),
        ('<img alt="" src="none.svg">', "<img src>", "none.svg", "no such file"),
        ('<img srcset="two/b.png 1x, none.png 2x">', "<img srcset>", "none.png", "no such file"),
        ('<script src="/_static/x.js"></script>', "<script src>", "/_static/x.js", "starts with /"),
        (
            '<meta http-equiv="Refresh" content="0; url=none.html">',
            "<meta refresh>",
            "none.html",
            "no such file",
        ),
    ],
)
def test_a_broken_link_is_named(tmp_path, html, tag, url, problem):
    write_site(tmp_path, html)
    (line,) = broken_links(tmp_path)
    assert line.startswith(f"index.html: {tag} {url}: ")
    assert problem in line
