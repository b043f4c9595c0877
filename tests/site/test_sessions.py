"""Agendas, quizzes, interview questions and the scripts' boxes, in a small book."""

import json
import re
from pathlib import Path

import pytest
from bs4 import BeautifulSoup

from tests.site import session_book
from tests.site.session_book import WORDS, interview

ROOT = Path(__file__).parents[2]


def page(book: Path, name: str) -> BeautifulSoup:
    text = (book / "_build" / f"{name}.html").read_text(encoding="utf-8")
    return BeautifulSoup(text, "html.parser")


@pytest.fixture(scope="module")
def book(tmp_path_factory) -> Path:
    book = session_book.write_book(tmp_path_factory.mktemp("book"))
    run = session_book.build(book)
    assert run.returncode == 0, run.stdout
    return book


def test_an_agenda_is_an_ordered_list_with_times(book):
    parts = page(book, "peer-sessions/monday").select(".agenda > ol > li")
    assert [part["data-minutes"] for part in parts] == ["5", "25", "30"]
    assert [part.select_one(".when").get_text() for part in parts] == [
        "0:00 5 min",
        "0:05 25 min",
        "0:30 30 min",
    ]
    assert parts[0].select_one("strong").get_text() == "Arrive."
    assert parts[0].select_one(":scope > div > p").get_text().startswith("Arrive. Sit down")
    assert parts[0].select_one("code, .math")
    assert [p.get_text() for p in parts[1].select(":scope > div > p")] == [
        "Talk. About the questions.",
        "A second paragraph.",
    ]


def test_a_quiz_shows_the_questions_of_chapters_by_reference(book):
    quiz = page(book, "peer-sessions/monday").select_one(".quiz")
    titles = [link["href"] for link in quiz.select(":scope > p a")]
    assert titles == ["../chapters/one.html", "../chapters/two.html"]
    links = {link["href"]: link.get_text() for link in quiz.select("li > p > a:first-child")}
    assert links == {
        "../chapters/one.html#question-1": "Question 1",
        "../chapters/one.html#question-2": "Question 2",
        "../chapters/two.html#question-1": "Question 1",
    }
    for address in links:
        name, anchor = address.removeprefix("../").split(".html#")
        assert page(book, name).find(id=anchor)["class"] == ["question"]
    first, second, third = quiz.select("li")
    assert first.select_one("annotation").get_text() == "1 < 2"
    assert first.select("a")[1]["href"] == "../chapters/one.html#scaled"
    assert second.select_one("code").get_text() == "this"
    assert second.select_one("pre").get_text() == "print(1 + 1)\n"
    assert third.get_text() == "Question 1 Is water wet?"
    assert "Because" not in quiz.get_text()


def test_a_quiz_follows_its_chapters(tmp_path):
    book = session_book.write_book(tmp_path)
    assert session_book.build(book).returncode == 0
    source = book / "chapters" / "two.md"
    source.write_text(source.read_text().replace("water wet", "ice warm"))
    assert session_book.build(book).returncode == 0
    assert "Is ice warm?" in page(book, "peer-sessions/monday").get_text()
    bank = book / "peer-sessions" / "interview" / "vision.md"
    bank.write_text(bank.read_text().replace("vision-3", "vision-new"))
    assert session_book.build(book).returncode == 0
    assert "vision-new" in str(page(book, "peer-sessions/wednesday"))


def test_an_interview_question_holds_all_that_belongs_to_it(book):
    boxes = page(book, "peer-sessions/interview-questions").select(".interview")
    assert [box["data-topic"] for box in boxes] == ["Vision"] * 3 + ["Transformers"] * 4
    box = boxes[4]
    assert box["id"] == "transformers-2"
    number = box.select_one(".interview-number")
    assert number.get_text() == "Question 5 · Transformers #"
    assert number.a["href"] == "#transformers-2"
    text = box.select_one("h3.interview-text")
    assert text.get_text().startswith("What is transformers-2 of")
    assert text.select_one("annotation").get_text() == "x^2"
    assert box.select_one(".probes code").get_text() == "softmax"
    section = box.select_one(".measured a")
    assert section["href"] == "../chapters/one.html#scaled"
    assert section.get_text() == "Scaled attention"
    folds = box.select("details")
    assert [fold.summary.get_text() for fold in folds] == ["Model answer", "Rubric", "Follow-up questions"]
    assert not any(fold.has_attr("open") for fold in folds)
    answer, rubric, follow_ups = folds
    assert answer.select_one("a")["href"].startswith("../references.html#")
    assert "Vaswani" in answer.get_text()
    levels = rubric.select("ol > li")
    assert [level.p.get_text() for level in levels] == ["Weak", "Sound", "Strong"]
    assert " ".join(levels[1].get_text().split()) == "Sound Says what it does. And why."
    assert len(follow_ups.select("li")) == 2


OPTIONS = ":name: a-name\n:section: scaled\n:probes: What.\n"
# What the build says: the directive
FAULTY = {
    "'Arrive.' does not start as in '5 min: **Arrive.**'": (":::{agenda}\n- Arrive.\n:::\n"),
    "must add up to 60 minutes, not 55": (":::{agenda}\n- 5 min: A\n- 50 min: B\n:::\n"),
    "An agenda must be one list of parts": ":::{agenda}\nWords.\n:::\n",
    "no page 'chapters/three'": ":::{quiz} chapters/three\n:::\n",
    "no question in index": ":::{quiz} index\n:::\n",
    "needs :probes:": interview(options=":name: a\n:section: scaled\n"),
    "needs :section:": interview(options=":name: a\n:probes: What.\n"),
    "needs :name:": interview(options=":section: scaled\n:probes: What.\n"),
    "'A name' is not an address": interview(options=OPTIONS.replace("a-name", "A name")),
    "'faulty' is already taken": interview("faulty"),
    "'twin' is already taken": interview("twin") + "\n" + interview("twin"),
    "undefined label: 'unknown'": interview(options=OPTIONS.replace("scaled", "unknown")),
    "a numbered list of three levels": interview("a-1", rubric="1. One.\n2. Two.\n"),
    "needs a numbered list of three levels, from": interview("a-2", rubric=""),
    "must end with a list of follow-ups": interview("a-3", follow_ups="Words.\n"),
    "2 to 4 follow-ups, not 1": interview("a-4", follow_ups="- One?\n"),
    "100 to 200 words, not 3": interview("a-5", answer="See {cite}`vaswani` $a + b$.\n"),
    "100 to 200 words, not 201": interview("a-6", answer=f"{WORDS} {WORDS} {{cite}}`vaswani`\n"),
    "answer must cite a source": interview(
        "a-7", answer=f"{WORDS}\n", follow_ups="- See {cite}`vaswani`?\n- Why?\n"
    ),
}


@pytest.fixture(scope="module")
def faults(tmp_path_factory) -> tuple[list[str], str]:
    """Build a page with everything that is faulty; return its lines, and the build's messages."""
    source = "# Faulty\n\n" + "\n".join(FAULTY.values())
    folder = tmp_path_factory.mktemp("faulty")
    run = session_book.build(session_book.write_book(folder, retrospective=source))
    assert run.returncode != 0
    return source.splitlines(), run.stdout


@pytest.mark.parametrize("message", FAULTY)
def test_a_fault_is_named_and_placed(faults, message):
    lines, said = faults
    found = re.search(rf"retrospective\.md:(\d+): .*{re.escape(message)}", said)
    assert found, said
    first = lines[int(found[1]) - 1]
    assert first == FAULTY[message].splitlines()[0] or message.startswith("undefined")


def test_a_question_may_have_the_name_of_a_section(tmp_path):
    source = f"## Vision\n\n{interview('scaled')}"
    book = session_book.write_book(tmp_path, vision=source)
    run = session_book.build(book)
    assert run.returncode == 0, run.stdout


@pytest.mark.parametrize("name", ["wednesday", "friday"])
def test_the_questions_are_given_to_scripts(book, name):
    box = page(book, f"peer-sessions/{name}").select_one(".tool")
    questions = json.loads(box.select_one("script.bank").string)
    assert len(questions) == 7
    for question in questions:
        page_name, anchor = question["url"].split(".html#")
        assert page(book, f"peer-sessions/{page_name}").find(id=anchor)
        title = BeautifulSoup(question["title"], "html.parser")
        assert title.annotation.get_text() == "x^2"
        assert ("rubric" in question) == (name == "friday")
    assert {question["topic"] for question in questions} == {"Vision", "Transformers"}
    assert box["data-presentations"] in ("friday.html", "")


def test_without_scripts_a_box_says_what_to_do(book):
    for name in ("wednesday", "friday", "interview-questions", "retrospective"):
        words = page(book, f"peer-sessions/{name}").select_one(".tool .no-script")
        assert len(words.get_text().split()) > 10


def test_a_box_says_what_its_source_says(tmp_path):
    source = "# Wednesday\n\n:::{draw}\nUse *slips* of paper.\n:::\n"
    book = session_book.write_book(tmp_path, wednesday=source)
    assert session_book.build(book).returncode == 0
    words = page(book, "peer-sessions/wednesday").select_one(".no-script")
    assert words.get_text(strip=True) == "Useslipsof paper."


def test_scripts_are_loaded_where_they_are_used(book):
    def scripts(name: str) -> list[str]:
        names = [tag["src"] for tag in page(book, name).select("script[src]")]
        return [re.search(r"([\w-]+)\.js", name)[1] for name in names]

    assert {"keep", "agenda", "draw", "presentations"} <= set(scripts("peer-sessions/friday"))
    assert "interview" in scripts("peer-sessions/interview-questions")
    assert not {"agenda", "draw", "interview"} & set(scripts("chapters/one"))
    for name in ("chapters/one", "peer-sessions/friday"):
        found = scripts(name)
        assert found.index("keep") < found.index("progress")


def test_sessions_are_translated(tmp_path):
    book = session_book.write_book(tmp_path)
    words = {
        "**Arrive.** Sit down, and say `hello` to $x$.": "**도착.**",
        "Is water wet?": "물은 젖었습니까?",
        "What is vision-1 of $x^2$?": "비전?",
        "Knows the name of $x$.": "이름.",
    }
    header = 'msgid ""\nmsgstr "Content-Type: text/plain; charset=UTF-8\\n"\n\n'
    catalogue = "".join(f'msgid "{a}"\nmsgstr "{b}"\n\n' for a, b in words.items())
    path = book / "locale" / "ko" / "LC_MESSAGES" / "book.po"
    path.parent.mkdir(parents=True)
    path.write_text(header + catalogue, encoding="utf-8")
    run = session_book.build(book, language="ko", locale_dirs=["locale"], gettext_compact="book")
    assert run.returncode == 0, run.stdout
    monday = page(book, "peer-sessions/monday")
    assert monday.select_one(".agenda strong").get_text() == "도착."
    assert monday.select(".quiz li")[2].get_text().endswith("물은 젖었습니까?")
    box = page(book, "peer-sessions/interview-questions").select_one(".interview")
    assert box.h3.get_text() == "비전?"
    assert box.select_one(".rubric li").get_text().split() == ["Weak", "이름."]
    assert "비전?" in str(page(book, "peer-sessions/wednesday"))
