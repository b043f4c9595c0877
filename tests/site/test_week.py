"""The week on the first page and its pictures, in a small book that Sphinx builds without a theme."""

import io
import re
from pathlib import Path

import matplotlib.pyplot as plt
import nbformat
import numpy as np
import pytest
from bs4 import BeautifulSoup, Tag
from course.pictures import SIDE, picture

from helpers import plotting
from tests.site.test_components import EXTENSIONS, Run, build, page, write_book

WEEK = """\
- Monday: First, see {doc}`two <chapters/two>`.
  - chapters/one: fig-one, panel 2
  - chapters/two: fig-two
- Tuesday: Then.
  - chapters/three: fig-three
"""


@pytest.fixture(autouse=True, scope="module")
def style():
    with plt.rc_context():
        plotting.use_style()
        yield


def svg(panels: int = 1, image: np.ndarray | None = None) -> str:
    """Draw a figure of labelled panels, each with a line, points and text, or with an image."""
    _, axes = plt.subplots(1, panels, squeeze=False)
    for i, ax in enumerate(axes.flat):
        if image is None:
            ax.plot([0, i + 1], label="words")
            ax.scatter([0, 1], [1, 0])
            plotting.label_lines(ax)
            ax.legend(title="more words")
        else:
            ax.imshow(image, interpolation="none")
            ax.axis("off")
    file = io.StringIO()
    plt.savefig(file, format="svg")
    plt.close()
    return file.getvalue()


def drawn(figure: str, panel: int = 1) -> Tag:
    return BeautifulSoup(picture(figure, panel, "a-"), "html.parser").svg


def test_a_picture_has_marks_alone():
    small = drawn(svg())
    assert small["class"] == ["marks"]
    assert small["aria-hidden"] == "true"
    assert not small.select("text")
    (line,) = [path for path in small.select("path") if "fill: none" in path["style"]]
    assert "stroke: var(--figure-blue)" in line["style"]
    assert len(small.select("use")) == 2
    assert "#fefefe" not in str(small)
    assert len(str(small)) < len(svg()) / 5


def test_a_picture_shows_one_panel():
    figure = svg(panels=2)
    first, second = drawn(figure, 1), drawn(figure, 2)
    lines = [re.findall(r'd="(M[^z"]*)"', str(small))[-1] for small in (first, second)]
    assert first["viewbox"] != second["viewbox"]
    left, top, width, height = map(int, second["viewbox"].split())
    x, y = map(float, lines[1].replace("L", "").split()[1:3])
    assert left <= x <= left + width
    assert top <= y <= top + height


def test_a_picture_brings_what_its_panel_shares_with_others():
    for panel in (1, 2):
        small = drawn(svg(panels=2), panel)
        used = {use["href"] for use in small.select("use")}
        assert used == {f"#{tag['id']}" for tag in small.select("[id]")}
        assert all(name.startswith("#a-") for name in used)


def test_images_become_small():
    noise = np.random.default_rng(0).random((400, 300, 3))
    small = drawn(svg(image=noise))
    assert small["class"] == ["photo"]
    assert len(small.image["href"]) < SIDE**2 * 1.5


def test_a_panel_that_is_not_there():
    with pytest.raises(ValueError, match="it has 2 panels, and panel 3 was asked for"):
        picture(svg(panels=2), 3, "")


def build_week(folder: Path, text: str) -> tuple[Path, Run]:
    """Build a book of three chapters with figures; the first one has two panels."""
    book = write_book(folder)
    for name, panels in (("one", 2), ("two", 1), ("three", 1)):
        (book / "chapters" / f"{name}.md").unlink()
        output = nbformat.v4.new_output("display_data", {"image/svg+xml": svg(panels)})
        options = {
            "image": {"alt": "A line that climbs, and two points."},
            "figure": {"caption": "A line.", "name": f"fig-{name}"},
        }
        cells = [
            nbformat.v4.new_markdown_cell(f"# About {name} & more\n\nWords.", id="title"),
            nbformat.v4.new_code_cell(
                "plot()", id="figure", metadata={"mystnb": options}, outputs=[output], execution_count=1
            ),
        ]
        metadata = {"language_info": {"name": "python", "pygments_lexer": "ipython3"}}
        nbformat.write(
            nbformat.v4.new_notebook(cells=cells, metadata=metadata), book / "chapters" / f"{name}.ipynb"
        )
    toc = (book / "_toc.yml").read_text(encoding="utf-8").replace("three.md", "three")
    (book / "_toc.yml").write_text(toc, encoding="utf-8")
    (book / "index.md").write_text(f"# Start\n\n:::{{week}}\n{text}:::\n", encoding="utf-8")
    glossary = "# Glossary\n\nWords.\n"
    (book / "chapters" / "glossary.md").write_text(glossary, encoding="utf-8")
    return book, build(book, extensions=[*EXTENSIONS, "course.figures", "course.week"])


def test_each_day_has_its_pages(tmp_path):
    book, run = build_week(tmp_path, WEEK)
    assert run.returncode == 0, run.stdout
    monday, tuesday = page(book, "index").select("ol.week > li.day")
    assert [day.h3.get_text() for day in (monday, tuesday)] == ["Monday", "Tuesday"]
    assert monday.p.get_text() == "First, see two."
    assert monday.p.a["href"] == "chapters/two.html"
    chapters = monday.select(".chapters > li")
    assert [chapter.a["href"] for chapter in chapters] == ["chapters/one.html", "chapters/two.html"]
    assert chapters[0].a.get_text() == "About one & more"
    assert chapters[0].select_one("a + span").get_text() == "1 min"
    assert all(chapter.select_one("svg.marks path") for chapter in chapters)
    rest = [link["href"] for link in tuesday.select(".rest a")]
    assert rest == ["assignments/two.html", "peer-sessions/b.html"]
    ids = [tag["id"] for tag in page(book, "index").select("svg [id]")]
    assert len(ids) == len(set(ids)) > 0


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("  - chapters/two: fig-two\n", "", r"Monday has the chapters \[.*two'\] in _toc.yml, but"),
        ("fig-two", "fig-gone", "chapters/two: no picture can be made from fig-gone"),
        ("panel 2", "panel 7", "it has 2 panels, and panel 7 was asked for"),
        ("fig-two", "a figure", "'chapters/two: a figure' is not of the form 'chapters/mlp: fig-mlp-xor"),
        ("Tuesday", "Someday", "'Someday: Then.' is no day with a sentence"),
        (WEEK, "Words.\n", "The week must be one list of days."),
    ],
)
def test_what_is_missing_fails_the_build(tmp_path, old, new, message):
    _, run = build_week(tmp_path, WEEK.replace(old, new))
    assert run.returncode == 1
    assert re.search(message, run.stdout), run.stdout
