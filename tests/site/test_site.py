"""The site's extension and settings, tried on two small books: one correct, one with every fault."""

import json
import re
import shutil
import subprocess
import sys
from pathlib import Path

import nbformat
import pytest
import yaml
from bs4 import BeautifulSoup
from fontTools.ttLib import TTFont
from pygments.styles import get_style_by_name
from pygments.token import Name, Punctuation, Text, Whitespace

ROOT = Path(__file__).parents[2]
JB = shutil.which("jb", path=str(Path(sys.executable).parent))
ALT = "A straight line that climbs from the lower left to the upper right."
SVG_CELL = """
from IPython.display import SVG, display
display(SVG('<svg viewBox="0 0 10 10"><path d="M0 10 10 0" stroke="#1f2328"/></svg>'))
"""
GOOD_PAGE = r"""# A page

Inline $x^2$ and on a line of its own, {eq}`eq-sum`:

$$
\sum_{i=1}^{n} a_i \\
= n
$$ (eq-sum)

:::{admonition} Often said: "deeper is better"
:class: often-said

Not always.
:::

|   | Right |
|---|-------|
| A | 90 %  |

See {cite:t}`book`.

```{bibliography}
```
"""
BOOK = "@book{book, author={Ada Author}, title={A book}, publisher={Press}, year={2020}}"


def code(source: str, cell_id: str, alt: str | None = None, caption: str | None = None) -> dict:
    options = {"image": {"alt": alt}} if alt is not None else {}
    if caption:
        options["figure"] = {"caption": caption, "name": f"fig-{cell_id}"}
    return nbformat.v4.new_code_cell(source, id=cell_id, metadata={"mystnb": options} if options else {})


def write_notebook(path: Path, cells: list[dict]) -> None:
    title = nbformat.v4.new_markdown_cell("# A notebook", id="title")
    notebook = nbformat.v4.new_notebook(cells=[title, *cells])
    notebook.metadata["kernelspec"] = {"name": "python3", "display_name": "Python 3", "language": "python"}
    path.parent.mkdir(exist_ok=True)
    nbformat.write(notebook, path)


def write_book(folder: Path, cells: list[dict]) -> Path:
    """Make a book with the project's settings: a page, a notebook, and an unfilled assignment."""
    for name in ("_ext", "_static"):
        shutil.copytree(ROOT / name, folder / name, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(ROOT / "_config.yml", folder)
    (folder / "node_modules").symlink_to(ROOT / "node_modules")
    (folder / "references.bib").write_text(BOOK, encoding="utf-8")
    (folder / "_toc.yml").write_text(
        "format: jb-book\nroot: index\nchapters: [file: page, file: assignments/task]\n", encoding="utf-8"
    )
    (folder / "index.md").write_text(GOOD_PAGE, encoding="utf-8")
    write_notebook(folder / "page.ipynb", cells)
    write_notebook(
        folder / "assignments" / "task.ipynb", [code("raise NotImplementedError", "task", ALT, "Later.")]
    )
    return folder


def build(book: Path) -> subprocess.CompletedProcess:
    return subprocess.run(
        [JB, "build", book, "-W", "-n", "--keep-going"],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        encoding="utf-8",
        timeout=900,
    )


@pytest.fixture(scope="session")
def site(tmp_path_factory) -> Path:
    """Build the correct book; return the folder with its pages."""
    cells = [
        code(
            "import numpy as np\n"
            "import plotly.graph_objects as go\n"
            "import matplotlib.pyplot as plt\n"
            "from helpers import interactive, plotting\n"
            "plotting.use_style()\n"
            "interactive.use_style()",
            "imports",
        ),
        code("plt.plot([0, 1], label='line')\nplotting.label_lines(plt.gca())", "line", ALT, "A line."),
        code(
            "blue = plotting.COLORS['blue']\n"
            "steps = {n: [go.Scatter(y=np.array([0, n]) / 3, line_color=blue)] for n in (1, 2)}\n"
            "interactive.slider_figure(steps, 'Slope </script>', height=300, yaxis_range=[0, 2])",
            "slider",
            "A line that becomes <steeper> as the slider moves.",
        ),
        code(
            "from helpers.report import report\n\nx = 0.5\nassert x > 0\n\nreport(x=x)\nassert x < 1",
            "numbers",
        ),
    ]
    book = write_book(tmp_path_factory.mktemp("good"), cells)
    run = build(book)
    assert run.returncode == 0, run.stdout
    return book / "_build" / "html"


def page(site: Path, name: str) -> BeautifulSoup:
    return BeautifulSoup((site / name).read_text(encoding="utf-8"), "html.parser")


def test_line_figures_are_part_of_the_page_and_follow_the_theme(site):
    svg = page(site, "page.html").select_one("figure svg.plot")
    assert (svg["role"], svg["aria-label"]) == ("img", ALT)
    assert not svg.select("style"), "every rule in a page's body has the whole page styled anew"
    assert int(svg["width"]) > int(svg["height"]) > 100
    assert "var(--figure-ink)" in str(svg)
    assert "var(--figure-blue)" in str(svg)
    assert not re.search("#1f2328|#fefefe|#0072b2", str(svg))
    assert "line" in [text.get_text() for text in svg.select("text")]  # text, not outlines


def test_ids_are_unique_and_their_references_hold(site):
    soup = page(site, "page.html")
    ids = [tag["id"] for tag in soup.select("svg [id]")]
    assert ids
    assert len(ids) == len(set(ids))
    referenced = re.findall(r'(?:xlink:href="#|url\(#)([\w-]+)', str(soup.select_one("svg.plot")))
    assert referenced
    assert set(referenced) <= set(ids)


def test_interactive_figures_are_a_picture_and_data_with_words_beside_them(site):
    soup = page(site, "page.html")
    figure = soup.select_one(".interactive")
    plot = figure.select_one("[role=img]")
    assert plot["aria-label"] == "A line that becomes <steeper> as the slider moves."
    picture = plot.select_one("svg[aria-hidden=true]")
    assert picture.select_one("path[style*='var(--figure-blue)']")
    assert plot["style"] == "height: 300px"
    data = json.loads(figure.select_one("script[type='application/json']").string)
    assert [frame["name"] for frame in data["frames"]] == ["1", "2"]
    assert data["data"][0]["line"]["color"] == "var(--figure-blue)"
    assert data["frames"][1]["data"][0]["y"] == [0, 0.66667]  # five digits
    slider = figure.select_one("label input[type=range]")
    assert (slider["max"], slider["value"]) == ("1", "0")
    assert figure.select_one("label span").get_text() == "Slope </script>"


def test_scripts_are_there_for_the_pages_that_need_them(site):
    def scripts(name: str) -> str:
        return " ".join(tag["src"] for tag in page(site, name).select("script[src]"))

    assert "figures.js" in scripts("page.html")
    assert "copybutton.js" in scripts("page.html")
    assert not re.search("figures|copybutton|clipboard|design-tabs", scripts("index.html"))
    assert "searchindex.js" in scripts("search.html")
    for name in ("index.html", "page.html"):
        assert not re.search("search|fontawesome|plotly", scripts(name))
    for rank in range(3):  # figures.js loads one of them when a figure is seen
        assert (site / "_static" / f"plotly-{rank}.js").stat().st_size > 1e6
    for tag in page(site, "search.html").select("script[src]"):
        assert tag.has_attr("defer"), tag


def test_one_style_sheet_holds_what_the_pages_use(site):
    for name, address in {
        "index.html": "_static/site.css?v=",
        "assignments/task.html": "../_static/site.css?v=",
    }.items():
        (link,) = page(site, name).select("link[rel=stylesheet]")
        assert link["href"].startswith(address)
    css = (site / "_static" / "site.css").read_text(encoding="utf-8")
    for used in (".katex", ".bd-article", ".often-said", ".plot-slider", ".fa-bars"):
        assert used in css
    for unused in (".fa-dragon", ".sd-carousel", ".mathfrak"):
        assert unused not in css
    for address in re.findall(r"url\(([^)]*)\)", css):
        if not address.startswith(("data:", '"data:', "#")):
            assert (site / "_static" / address.partition("?")[0]).is_file(), address


def test_no_style_looks_into_a_large_element(site):
    css = (site / "_static" / "site.css").read_text(encoding="utf-8")
    large = re.compile(r"(?:^|[\s,>}])((?:html|body|main|article|\.bd-)[^\s,>{]*:has\([^{]*)")
    assert large.findall("a b,.bd-main[x]:has(.y) {}") == [".bd-main[x]:has(.y) "]
    assert not large.findall(css), "name the class in SHOWN, _ext/course/theme.py, and style [data-shows]"


def test_the_end_of_a_cell_that_only_keeps_the_book_is_folded(site):
    blocks = page(site, "page.html").select(".cell_input")[-1].select(".highlight")
    shown, folded = (block.get_text().strip() for block in blocks)
    assert shown.endswith("x = 0.5\nassert x > 0")
    assert folded == "report(x=x)\nassert x < 1"
    assert blocks[1].find_parent("details", class_="bookkeeping").summary.get_text()


def test_fonts_have_the_characters_of_the_pages_and_few_others(site):
    with TTFont(site / "_static" / "fonts" / "KaTeX_Main-Regular.woff") as font:
        characters = font.getBestCmap().keys()
    assert {ord(character) for character in "2=n"} <= characters
    assert ord("∫") not in characters
    with TTFont(site / "_static" / "fonts" / "fa-solid-900.woff") as font:
        assert 0xF0C9 in font.getBestCmap()  # the button for the menu
        assert len(font.getBestCmap()) < 150


def test_pages_say_what_they_are_about(site):
    def description(name: str) -> str:
        (tag,) = page(site, name).select("meta[name=description]")
        return tag["content"]

    assert description("index.html").startswith("Inline x^2 and on a line of its own")
    assert description("search.html") == "A Week of Deep Learning: search"


def test_theme_is_repaired(site):
    script = (site / "_static" / "scripts" / "pydata-sphinx-theme.js").read_text(encoding="utf-8")
    assert "scrollWidth" not in script
    soup = page(site, "index.html")
    assert soup.select_one("nav .navbar-brand")
    assert len(soup.select("meta[name=viewport]")) == 1
    assert [cell.name for cell in soup.select("thead tr > *")] == ["td", "th"]
    references = soup.select("[role=list] > [role=listitem]")
    assert "A book" in references[0].get_text()
    assert "doc-biblioentry" not in str(soup)


def test_code_has_elements_only_for_what_has_a_colour(site):
    cell = page(site, "assignments/task.html").select_one("div.cell")
    assert cell.select_one(".k").get_text() == "raise"
    assert not cell.select(".n, .p, .w")
    config = yaml.safe_load((ROOT / "_config.yml").read_text(encoding="utf-8"))
    options = config["sphinx"]["config"]["html_theme_options"]
    for theme in ("light", "dark"):
        style = get_style_by_name(options[f"pygments_{theme}_style"])
        for kind in (Name, Punctuation, Whitespace):
            assert style.style_for_token(kind) == style.style_for_token(Text)


def test_formulas_need_no_script(site):
    soup = page(site, "index.html")
    assert len(soup.select("span.katex math")) == 2
    assert soup.select_one("div.math .eqno").get_text().startswith("(1)")


def test_nothing_comes_from_outside(site):
    pages = sorted(path.relative_to(site).as_posix() for path in site.rglob("*.html"))
    assert {"index.html", "page.html", "assignments/task.html", "search.html"} <= set(pages)
    for name in pages:
        for tag in page(site, name).find_all(["script", "link", "img", "iframe", "source"]):
            address = tag.get("src") or tag.get("href") or ""
            assert not re.match(r"(https?:)?//", address), f"{name}: {tag}"
            assert not re.search(r"https?://", tag.string or ""), f"{name}: {tag}"
    for style in site.rglob("*.css"):
        assert not re.search(r"(url\(|@import)\s*[\"']?(https?:)?//", style.read_text(encoding="utf-8")), (
            style
        )


def test_assignments_are_shown_and_not_executed(site):
    cell = page(site, "assignments/task.html").select_one("div.cell")
    assert "raise NotImplementedError" in cell.get_text()
    assert not cell.select(".cell_output")


def test_a_build_with_faults_fails_names_them_and_fails_again(tmp_path):
    cells = [
        code(SVG_CELL, "no-alt", caption="A line."),
        code(SVG_CELL, "file-alt", "images/line.svg"),
        code(SVG_CELL, "title-alt", "A title of four words"),
        nbformat.v4.new_markdown_cell(
            "## A title of four words\n\n$\\frac{a}{$\n\n![](_static/logo.svg)", id="bad-tex"
        ),
        code("print('no figure')", "promised", ALT, "A figure that is not there."),
    ]
    book = write_book(tmp_path, cells)
    for _ in range(2):  # Sphinx alone forgets its warnings
        run = build(book)
        assert run.returncode != 0
        for cell_id in ("no-alt", "file-alt", "title-alt"):
            assert f"page.ipynb, cell '{cell_id}': no alternative text" in run.stdout
        assert "page.ipynb: no alternative text" in run.stdout  # the picture in the text
        assert "page.ipynb, cell 'promised': the cell made no figure" in run.stdout
        assert "bad TeX: KaTeX parse error" in run.stdout


def test_a_failing_cell_fails_the_build_and_is_named(tmp_path):
    run = build(write_book(tmp_path, [code("assert 1 + 1 == 3, 'arithmetic holds'", "wrong")]))
    assert run.returncode != 0
    assert "page.ipynb" in run.stdout
    assert "arithmetic holds" in run.stdout
