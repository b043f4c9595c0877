"""Questions, concepts, the week and the downloads, in small books that Sphinx builds without a theme."""

import json
import re
import zipfile
from pathlib import Path

import nbformat
import pytest
from bs4 import BeautifulSoup

from tests.site.strict_build import Run, strict_build
from tools import release

ROOT = Path(__file__).parents[2]
PARTS = [f"course.{part}" for part in ("pages", "components", "deeper", "progress", "search")]
EXTENSIONS = ["myst_nb", "sphinx_external_toc", *PARTS]
TOC = """\
format: jb-book
root: index
parts:
  - caption: Monday
    chapters: [file: chapters/one, file: chapters/two, file: assignments/one]
  - caption: Tuesday
    chapters: [file: chapters/three.md, file: assignments/two, file: peer-sessions/b]
  - caption: Appendix
    chapters: [file: chapters/glossary]
"""
GLOSSARY = """\
# Glossary

:::{glossary}
Back-propagation
{ko}`역전파`
  The chain rule, backwards. {section}`backpropagation`

Dropout
  Setting units to zero. {section}`dropout`
:::
"""
QUESTIONS = """\
# One

(backpropagation)=
## Backwards

{concept}`this rule <backpropagation>`, {concept}`backpropagation` and {concept}`dropout`

:::{question} Is $1 < 2$?
- [x] Yes, `1` is less

  Because $2 - 1 > 0$, see {ref}`backpropagation`.
- [ ] No

  It is.
:::

:::{question} Which are even?
- [x] Two

  One pair.
- [ ] Three

  One is left.
- [x] Four

  Two pairs.
:::

:::{question} How many?
:number:

Look closely.

- [x] 1,024 ± 0.5

  Two to the ten.
- [ ] -1e3

  No.
:::

:::{question} In which order?
1. Forward

   There is no loss before it.
2. Backward

   It needs the loss.
:::
"""

DEEPER = f"""\
# Three

{"word " * 600}

## A section

### Deeper: more

{"word " * 500}

```python
x = 1
```

## Deeper networks

Words. {{minutes}}`chapters/three` and {{minutes}}`chapters/two`.
"""


def write_book(folder: Path) -> Path:
    """Make a book in three parts, with a page of questions."""
    pages = {name: f"# {name}\n\nWords.\n" for name in ("index", "peer-sessions/b")}
    pages |= {f"chapters/{name}": f"# {name}\n\nWords.\n" for name in ("two", "three")}
    pages |= {"chapters/one": QUESTIONS, "chapters/three": DEEPER, "chapters/glossary": GLOSSARY}
    for name, text in pages.items():
        path = folder / f"{name}.md"
        path.parent.mkdir(exist_ok=True)
        path.write_text(text, encoding="utf-8")
    for name in ("assignments/one", "assignments/two", "solutions/one"):
        title = nbformat.v4.new_markdown_cell(f"# {name[-3:]}", id="title")
        path = folder / f"{name}.ipynb"
        path.parent.mkdir(exist_ok=True)
        nbformat.write(nbformat.v4.new_notebook(cells=[title]), path)
    (folder / "_toc.yml").write_text(TOC, encoding="utf-8")
    for name in ("pyproject.toml", "LICENSE", "helpers", "_ext", "_static"):
        (folder / name).symlink_to(ROOT / name)
    return folder


def build(book: Path, **settings: object) -> Run:
    settings = {
        "extensions": EXTENSIONS,
        "exclude_patterns": ["_build"],
        "external_toc_exclude_missing": True,
        "myst_enable_extensions": ["colon_fence", "dollarmath", "tasklist"],
        "nb_execution_mode": "off",
        "html_sourcelink_suffix": "",
        **settings,
    }
    return strict_build(book, settings)


def page(book: Path, name: str) -> BeautifulSoup:
    text = (book / "_build" / f"{name}.html").read_text(encoding="utf-8")
    return BeautifulSoup(text, "html.parser")


@pytest.fixture(scope="module")
def book(tmp_path_factory) -> Path:
    book = write_book(tmp_path_factory.mktemp("book"))
    run = build(book)
    assert run.returncode == 0, run.stdout
    return book


def test_questions_are_readable_lists_of_explained_answers(book):
    boxes = page(book, "chapters/one").select(".question")
    assert [box["data-kind"] for box in boxes] == ["one", "several", "number", "order"]
    assert len({box["id"] for box in boxes}) == 4
    for box in boxes:
        for item in box.select("details.answers li"):
            assert item.select_one(".answer").get_text().strip()
            assert item.select(".answer ~ p")[0].get_text().strip()
    one, several, number, order = boxes
    assert one.select_one(".question-text .math").get_text() == r"\(1 < 2\)"
    right = one.select_one("li.right")
    assert right.select_one(".answer").get_text() == "✓Right: Yes, 1 is less"
    assert right.select_one("code")
    assert right.select_one("a")["href"] == "#backpropagation"
    assert [item["class"] for item in several.select("li")] == [["right"], ["wrong"], ["right"]]
    assert number.find("p", string="Look closely.")
    found = [(li["data-value"], li["data-tolerance"]) for li in number.select("li")]
    assert found == [("1024", "0.5"), ("-1e3", "0")]
    assert [p.get_text() for p in order.select("ol .answer")] == ["Forward", "Backward"]


@pytest.mark.parametrize(
    ("body", "message"),
    [
        ("Only text.", "must end with a list of answers"),
        ("- [x] Yes", "'Yes' needs an explanation"),
        ("- Yes\n\n  Why.", "'Yes' starts with neither [x] nor [ ]"),
        ("- [ ] Yes\n\n  Why.", "needs a right answer"),
        (":number:\n\n- [x] many\n\n  Why.", "'many' is not a number"),
    ],
)
def test_a_faulty_question_fails_the_build_and_is_named(tmp_path, body, message):
    book = write_book(tmp_path)
    text = f"# Two\n\n:::{{question}} What?\n{body}\n:::\n"
    (book / "chapters" / "two.md").write_text(text, encoding="utf-8")
    run = build(book)
    assert run.returncode != 0
    assert re.search(rf"two\.md:3: .*{re.escape(message)}", run.stdout), run.stdout


def test_questions_are_translated_and_keep_their_marks(tmp_path):
    book = write_book(tmp_path)
    words = {
        "Which are even?": "어느 것이 짝수입니까?",
        "Two": "둘",
        "One pair.": "한 쌍.",
        "Yes, `1` is less": "네, `1`",
    }
    catalogue = "".join(f'msgid "{a}"\nmsgstr "{b}"\n\n' for a, b in words.items())
    path = book / "locale" / "ko" / "LC_MESSAGES" / "chapters" / "one.po"
    path.parent.mkdir(parents=True)
    header = 'msgid ""\nmsgstr "Content-Type: text/plain; charset=UTF-8\\n"\n\n'
    path.write_text(header + catalogue, encoding="utf-8")
    run = build(book, language="ko", locale_dirs=["locale"], gettext_compact=False)
    assert run.returncode == 0, run.stdout
    one, several, *_ = page(book, "chapters/one").select(".question")
    assert several.select_one(".question-text").get_text() == "어느 것이 짝수입니까?"
    item = several.select_one("li.right")
    assert item.select_one(".answer").get_text() == "✓Right: 둘"
    assert item.select_one(".answer ~ p").get_text() == "한 쌍."
    assert one.select_one("li.right code").get_text() == "1"


def test_concepts_link_to_sections_that_are_written(book):
    rule, plain, later = page(book, "chapters/one").select(".concept-link")
    assert rule.a["href"] == plain.a["href"] == "#backpropagation"
    assert rule.a.get_text() == "this rule"
    assert plain.a.get_text() == "Backwards"
    assert rule.select_one("[role=tooltip]").get_text() == "The chain rule, backwards."
    assert later.a["href"] == "glossary.html#term-Dropout"
    glossary = page(book, "chapters/glossary")
    assert glossary.select_one("[lang=ko]").get_text() == "역전파"
    links = [a["href"] for a in glossary.select("dd a")]
    assert links == ["one.html#backpropagation"]


def test_an_unknown_concept_fails_the_build_and_is_named(tmp_path):
    book = write_book(tmp_path)
    (book / "chapters" / "two.md").write_text("# Two\n\n{concept}`gradeint`\n")
    run = build(book)
    assert run.returncode != 0
    assert re.search(r"two\.md:3: .*gradeint", run.stdout), run.stdout


def test_terms_are_found_by_any_part_of_a_word(book):
    index = (book / "_build" / "searchindex.js").read_text(encoding="utf-8")
    found = json.loads(index.removeprefix("Search.setIndex(").removesuffix(")"))
    assert "역전파" in [term for *_, term in found["objects"][""]]


def test_a_hyphenated_word_is_in_the_index_as_one_word_too(book):
    index = (book / "_build" / "searchindex.js").read_text(encoding="utf-8")
    assert {"back", "propag", "backpropag"} <= json.loads(index[index.index("{") : -1])["terms"].keys()


def test_pages_say_where_they_stand_in_the_week(book):
    def facts(name: str) -> str:
        return page(book, name).select_one("h1 + .page-facts").get_text()

    assert facts("chapters/one").startswith("Monday · chapter 1 of 2 · ")
    assert facts("chapters/one").endswith(" minutes to read · next: chapter 2")
    assert facts("assignments/one") == "Monday · assignment 1 · next: chapter 1 on Tuesday"
    assert facts("assignments/two") == "Tuesday · assignment 2 · next: peer session"
    assert facts("peer-sessions/b") == "Tuesday · peer session"
    assert not page(book, "chapters/glossary").select(".page-facts, .mark-done")
    assert page(book, "chapters/three").select_one(".mark-done")["data-page"] == ("chapters/three")


def test_a_deeper_part_is_folded_up_to_the_next_heading(book):
    found = page(book, "chapters/three")
    (fold,) = found.select("section#deeper-more > details.deeper")
    assert fold.summary.h3.get_text().startswith("Deeper: more")
    assert fold.get_text().count("word ") == 500 - 1 and "x = 1" in fold.get_text()
    assert found.find("script", src=re.compile("deeper.js"))
    assert not page(book, "chapters/one").find("script", src=re.compile("deeper.js"))


def test_deeper_minutes_are_counted_apart(book):
    found = page(book, "chapters/three")
    assert " · 3 minutes to read, and 3 deeper · " in found.select_one(".page-facts").get_text()
    assert "3 min, and 3 deeper and 1 min." in found.get_text()


def test_the_archive_holds_the_assignments_and_what_they_need(book, tmp_path):
    links = page(book, "assignments/one").select(".downloads a")
    assert [link.get_text() for link in links] == [
        "Download this notebook",
        "Download all assignments, with what they need",
    ]
    notebook, archive = ((book / "_build" / "assignments" / link["href"]).resolve() for link in links)
    assert notebook.read_bytes() == (book / "assignments" / "one.ipynb").read_bytes()
    with zipfile.ZipFile(archive) as file:
        assert {entry.external_attr >> 16 for entry in file.infolist()} == {0o644}
        file.extractall(tmp_path)
    (folder,) = tmp_path.iterdir()
    for path in (*(book / "assignments").iterdir(), book / "solutions" / "one.ipynb"):
        assert (folder / path.relative_to(book)).read_bytes() == path.read_bytes()
    (wheel,) = folder.glob("assignments/*.whl")
    assert f"%pip install {wheel.name}" in release.install(ROOT)
    assert wheel.name in (folder / "START.txt").read_text()
    needed = {
        path.relative_to(ROOT).as_posix()
        for path in (ROOT / "helpers").rglob("*.*")
        if path.suffix in (".py", ".toml") and path.name != "ruff.toml"
    }
    for name in ("keep", "live", "interpreter", "live-draw-digit", "live-decode-digit"):
        needed.add(f"helpers/scripts/{name}.js")
    needed |= {f"helpers/styles/{name}.css" for name in ("course", "components")}
    assert needed <= set(zipfile.ZipFile(wheel).namelist())


def test_launch_links_appear_with_a_repository(monkeypatch):
    monkeypatch.syspath_prepend(ROOT / "_ext")
    from course import downloads

    class Builder:
        @staticmethod
        def get_target_uri(docname: str) -> str:
            return f"{docname}.html"

    class App:
        class config:  # noqa: N801
            html_theme_options = {  # noqa: RUF012
                "repository_url": "https://github.com/someone/course/",
                "repository_branch": "trunk",
            }

        builder = Builder

    found = BeautifulSoup(downloads.links(App, "assignments/cnn"), "html.parser")
    colab = "https://colab.research.google.com/github/someone/course/blob/trunk/assignments/cnn.ipynb"
    assert found.find("a", string="Open in Colab")["href"] == colab
    assert "git+https://github.com/someone/course" in found.code.get_text()
