"""Whoever reads Korean gets feedback in Korean, all of it."""

import ast
import re
import tomllib

import pytest

from grading import judge
from grading.box import ROOT
from grading.notebooks import Work, assignments, extract
from grading.report import Graded, learner_page, write_all
from grading.samples import fill
from grading.words import say, spoken

PLACE = re.compile(r"`?\{\w*(:[^{}]*)?\}`?")
KOREAN = tomllib.loads((ROOT / "grading" / "words.ko.toml").read_text("utf-8"))
STUBS = assignments()["mlp"].stubs
ARGMIN = {"outcome": "wrong", "id": "argmin", "expected": "3", "got": "0", "values": {}}
WRONG = {"outcome": "wrong", "verdict": ARGMIN}
RIGHT = {"outcome": "right", "verdict": {"outcome": "right", "id": "right"}}
FILLED = {"cpu_s": 15, "wall_s": 90, "mb": 8, "ended": 7}
STOPPED = [{"outcome": "stopped", "says": says.format(**FILLED)} for says in judge.WORDS.values()]
MISSING = [
    {"outcome": "missing", "says": "The cell is empty: nothing defines `count_correct`."},
    {"outcome": "missing", "says": "The cell does not define what the task asks for."},
]
NOTES = (
    "mlp.ipynb: This is no notebook: its content is damaged, or of another kind.\n"
    "The notebook is of another assignment: cnn, lstm.\nThere is no notebook."
)


def sentences(path):
    """Give the sentences of a module that its users read, with `{}` for what is filled in."""
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        found = []
        if isinstance(node, ast.Call) and getattr(node.func, "id", "") in ("say", "UnreadableError"):
            found = node.args
        elif isinstance(node, ast.Assign) and re.match(r"(notes|doubts)\[", ast.unparse(node.targets[0])):
            found = [node.value]
        elif isinstance(node, ast.Dict) and "says" in (
            keys := [getattr(key, "value", "") for key in node.keys]
        ):
            found = [node.values[keys.index("says")]]
        for text in found:
            if isinstance(text, ast.Constant):
                yield text.value
            elif isinstance(text, ast.JoinedStr):
                parts = [part.value if isinstance(part, ast.Constant) else "{}" for part in text.values]
                yield PLACE.sub("{}", "".join(parts))


def test_every_sentence_has_a_translation():
    known = {PLACE.sub("{}", text) for text in KOREAN}
    said = {text for path in (ROOT / "grading").glob("*.py") for text in sentences(path)}
    said |= {PLACE.sub("{}", text) for text in judge.WORDS.values()}
    assert len(said) > 30 and sorted(said - known) == []


def foreign(html):
    """Return the English words of a page, outside of code."""
    html = re.sub(r"<(style|metadata|code|pre|details)\b.*?</\1>|<\?.*?\?>|<!.*?>", "", html, flags=re.DOTALL)
    return {*re.findall(r"[A-Za-z]{3,}", re.sub(r"<[^>]*>|&\w+;", " ", html))}


@pytest.mark.parametrize(
    "outcome", [*STOPPED, *MISSING, WRONG], ids=lambda outcome: outcome.get("says", "wrong")
)
def test_a_korean_notebook_has_a_korean_page(outcome):
    work = Work("mlp", STUBS, language="ko")
    page = learner_page(
        "김민수", [Graded("김민수", "mlp", work, {"count": outcome}, {"": "There is no notebook."})]
    )
    assert '<html lang="ko">' in page and "김민수 님의" in page and "노트북이 없습니다" in page
    assert foreign(page) == {"mlp"}


def test_the_cohorts_page_and_what_could_not_be_read_are_in_the_language_that_was_asked_for(tmp_path):
    graded = [
        Graded("김민수", "mlp", Work("mlp", STUBS), dict.fromkeys(STUBS, RIGHT) | {"count": WRONG}),
        Graded("이서연", "mlp", None, {}, {"": NOTES}),
    ]
    with spoken("ko"):
        list(write_all(graded, tmp_path, {"김민수": {"mlp": {"count": "wrong"}}}))
    assert say("Changes") == "Changes"  # English again
    cohort = (tmp_path / "cohort.html").read_text("utf-8")
    assert '<html lang="ko">' in cohort and "제출 1건 가운데 1건" in cohort
    assert foreign(cohort) == {"mlp", *STUBS}
    english, korean = (
        next((tmp_path / "learners").glob(f"{name}*")).read_text("utf-8") for name in ("김민수", "이서연")
    )
    assert '<html lang="en">' in english and "Task 3 (counting)" in english
    assert foreign(korean) == {"mlp", "ipynb", "cnn", "lstm"}
    assert "노트북이 없습니다" in (tmp_path / "grades.csv").read_text("utf-8")


@pytest.mark.parametrize(
    ("line", "wanted"),
    [("language.use('ko')", "ko"), ("# language.use('ko')", "en"), ('language.use("xx")', "en"), ("", "en")],
)
def test_the_language_of_a_notebook_is_the_one_that_it_uses(line, wanted):
    cells = [{"id": cell["id"], "source": "".join(cell["source"])} for cell in fill("mlp", {})["cells"]]
    cells.append({"id": "x", "source": f"from helpers import language\n{line}"})
    assert extract(cells, assignments()["mlp"]).language == wanted
