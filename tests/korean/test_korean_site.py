"""The Korean site beside the English one: the same pages, addresses, questions and figures."""

import json
import re
from functools import cache
from pathlib import Path
from zipfile import ZipFile

import nbformat
import pytest
from bs4 import BeautifulSoup
from course.search import English, Korean

from helpers import language
from tools.korean import lint, status, units

ROOT = Path(__file__).parents[2]
SITE = ROOT / "_build" / "html"
KO = SITE / "ko"
OWN_NUMBERS = re.compile(r"id\d+")  # of citations, counted in the order of the text
PARTS = (
    *("section", "figure", ".question", ".answers li.right", ".live", ".interactive", "svg.plot", "table"),
    *("details.deeper", ".seeded", ".concept-link", "dt", ".agenda li", ".quiz"),
)
LATIN = re.compile(r"(?:\b[A-Za-z][a-z]+\b[ ,]+){3,}\b[A-Za-z][a-z]+\b")
# Code and what it prints, names of menus, papers, pages that are not translated and their questions
NOT_OURS = "article :is(code, pre, .katex, .output, cite, em, script, a, .quiz, .citation-list)"
SHOWN = "article :is(p, li, td, figcaption, summary, svg text)"
TRANSLATED = [name for name in units.names(ROOT) if (ROOT / units.TEXTS / f"{name}.md").exists()]

pytestmark = pytest.mark.skipif(not KO.exists(), reason="no Korean site: run `make book` first")


def pages(site: Path) -> list[str]:
    found = (path.relative_to(site) for path in site.rglob("*.html"))
    return sorted(path.as_posix() for path in found if path.parts[0] not in ("_static", "ko"))


NAMES = pages(KO) if KO.exists() else []


@cache
def page(path: Path) -> BeautifulSoup:
    return BeautifulSoup(path.read_text(encoding="utf-8"), "html.parser")


def test_there_are_the_same_pages():
    assert [name for name in pages(SITE) if name != "style-guide.html"] == NAMES


@pytest.mark.parametrize("name", NAMES)
def test_a_page_has_the_same_places_questions_and_figures(name):
    english, korean = page(SITE / name), page(KO / name)
    one, other = (
        {tag["id"] for tag in soup.select("article [id]") if not OWN_NUMBERS.fullmatch(tag["id"])}
        for soup in (english, korean)
    )
    assert one == other
    for part in PARTS:
        assert len(english.select(f"article {part}")) == len(korean.select(f"article {part}")), part
    assert korean.html["lang"] == "ko"


@pytest.mark.parametrize("name", NAMES)
def test_a_page_leads_to_its_other_language(name):
    for here, there, code in ((SITE, KO, "ko"), (KO, SITE, "en")):
        (link,) = page(here / name).select("a.language")
        assert link["hreflang"] == link["lang"] == code
        assert (here / name).parent.joinpath(link["href"]).resolve() == there / name


def test_only_pages_without_a_text_say_so():
    said = [name for name in NAMES if page(KO / name).select_one(".untranslated")]
    texts = {*TRANSLATED} | {name.replace("solutions/", "assignments/") for name in TRANSLATED}
    assert {name.removesuffix(".html") for name in said}.isdisjoint(texts)
    assert {name.removesuffix(".html") for name in NAMES} - texts - {"search"} == {
        name.removesuffix(".html") for name in said
    }


@pytest.mark.parametrize(
    "name", [f"{name}.html" for name in TRANSLATED if not name.startswith("peer-sessions/i")]
)
def test_no_english_sentence_is_left(name):
    state = status.check(ROOT, name.removesuffix(".html"), lambda name: [])
    if state.missing or state.stale:
        pytest.skip("not all of it is translated: see `make korean`")
    soup = page(KO / name)
    for tag in soup.select(NOT_OURS):
        tag.extract()
    texts = [tag.get_text(" ") for tag in soup.select(SHOWN)]
    texts += [tag[key] for key in ("aria-label", "title", "alt") for tag in soup.select(f"article [{key}]")]
    found = [hit[0] for text in texts for hit in LATIN.finditer(lint.ASIDE.sub(" ", text))]
    assert found == []


def test_assignments_to_download_are_korean_and_the_same_program():
    for name in [name for name in TRANSLATED if name.startswith("solutions/")]:
        name = name.replace("solutions/", "assignments/")
        korean = nbformat.read(KO / "_sources" / f"{name}.ipynb", as_version=4)
        english = nbformat.read(ROOT / f"{name}.ipynb", as_version=4)
        assert [cell.id for cell in korean.cells] == [cell.id for cell in english.cells]
        assert 'language.use("ko")' in "\n".join(cell.source for cell in korean.cells)
        assert re.search("[가-힣]", korean.cells[0].source)


def test_the_archive_is_korean_where_there_are_texts():
    with ZipFile(KO / "downloads" / "week-of-deep-learning.zip") as archive:
        names = [name.partition("/")[2] for name in archive.namelist()]
        read = {name: archive.read(f"week-of-deep-learning/{name}") for name in names}
    assert {name.rpartition(".")[2] for name in names} == {"ipynb", "whl", "txt", "LICENSE"}
    for name in ("assignments/mlp.ipynb", "solutions/mlp.ipynb", "START.txt"):
        assert re.search("[가-힣]", read[name].decode())


def test_a_korean_assignment_runs_and_its_checks_answer_in_korean(monkeypatch):
    monkeypatch.setattr(language, "chosen", "")
    notebook = nbformat.read(KO / "_sources" / "assignments" / "mlp.ipynb", as_version=4)
    cells, scope = {cell.id: cell.source for cell in notebook.cells}, {}
    for id in ("install", "imports", "task-layers", "task-predict"):
        exec(cells[id], scope)
    with pytest.raises(NotImplementedError) as raised:
        exec(cells["check-layers"], scope)
    assert "아직" in str(raised.value)
    scope["predict"] = lambda model, x, device: model(x)
    with pytest.raises(AssertionError, match=r"진단 .*[가-힣]"):
        exec(cells["check-predict"], scope)


def test_words_are_found_with_any_ending():
    korean = Korean({})
    stems = [korean.stem(word) for word in ("학습", "학습을", "학습시키는", "학습에서는", "학습합니다")]
    assert len(set(stems)) == 1
    assert korean.split("ReLU는 손실을") == ["ReLU", "는", "손실을"]
    assert korean.stem("training") == English({}).stem("training")
    assert not korean.word_filter("는") and korean.word_filter("층")
    index = json.loads(re.search(r"Search\.setIndex\((.*)\)", (KO / "searchindex.js").read_text("utf-8"))[1])
    assert {korean.stem(word) for word in ("학습", "손실을", "역전파", "활성화")} <= index["terms"].keys()
