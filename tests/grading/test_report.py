"""What comes out: for a spreadsheet, for each learner, and for everybody."""

import csv
import json
import re
import unicodedata
from dataclasses import replace

import pytest

from grading.cohort import NO_TOPIC, Names, anonymous
from grading.notebooks import Work, assignments
from grading.report import Graded, file_name, plain, write_all, write_csv
from helpers.checks.verdicts import COMMON

NAMES = ["=1+1", "<b>Max</b> & Co", "김민수", "Ada Lovelace", "../../etc", "@sum(A1)", "-"]
CELL = '''def count_correct(logits, y):
    """By Ada Lovelace, with love."""
    # Ada was here
    return (logits.argmin(1) == y).sum().item()
'''
SIGNED = CELL.replace("item()", "item() or 'ada'")
RIGHT = {"outcome": "right", "verdict": {"outcome": "right", "id": "right"}}
WRONG = {
    "outcome": "wrong",
    "verdict": {"outcome": "wrong", "id": "argmin", "expected": "<i>3</i>", "got": "0", "values": {}},
}
STOPPED = {"outcome": "stopped", "says": "It ended the whole process."}


def submission(name, counted=WRONG, cell=CELL, **notes):
    stubs = assignments()["mlp"].stubs
    records = dict.fromkeys(stubs, RIGHT) | {"count": counted}
    return Graded(name, "mlp", Work("mlp", stubs | {"count": cell}), records, notes)


@pytest.fixture(scope="module")
def written(tmp_path_factory):
    """Two deadlines: at the second one, the first learner is right, and a notebook is damaged."""
    folder = tmp_path_factory.mktemp("cohort")
    (folder / "one").mkdir()
    (folder / "two").mkdir()
    cells = [SIGNED if name == "김민수" else CELL for name in NAMES]
    first = [submission(name, cell=cell) for name, cell in zip(NAMES, cells, strict=True)]
    list(write_all(first, folder / "one"))
    second = [submission(NAMES[0], RIGHT), *first[1:-1], submission(NAMES[-1], STOPPED, count="=2+2 is odd")]
    second.append(Graded("late", "mlp", None, {}, {"": "This is no notebook."}))
    before = json.loads((folder / "one" / "grades.json").read_text("utf-8"))
    paths = list(write_all(second, folder / "two", before))
    assert [path.name for path in paths] == ["grades.csv", "learners", "cohort.html"]
    return folder


def test_grades_are_a_table_without_formulas(written):
    with (written / "two" / "grades.csv").open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))
    assert [row["learner"] for row in rows] == [
        *("'=1+1", "<b>Max</b> & Co", "김민수", "Ada Lovelace", "../../etc", "'@sum(A1)", "'-", "late")
    ]
    assert [(row["right"], row["of"]) for row in rows] == [("4", "4"), *[("3", "4")] * 6, ("", "")]
    assert rows[1]["count"] == "wrong (argmin)" and rows[-2]["count"] == "stopped"
    assert rows[-1]["notes"] == "This is no notebook." and rows[-2]["notes"] == "count: =2+2 is odd"


@pytest.mark.parametrize("text", ["=1", " =1", "\t=1", "+1", "-1", "@x", "\r=1", "＝1", "|calc"])
def test_what_looks_like_a_formula_stays_text(text):
    assert plain(text).startswith("'")


def test_where_a_semicolon_separates_cells_no_formula_begins_inside_one(tmp_path):
    write_csv([submission("x;=1+1")], tmp_path / "grades.csv")
    with (tmp_path / "grades.csv").open(encoding="utf-8-sig", newline="") as file:
        _, row = csv.reader(file, delimiter=";")
    assert not any(cell.startswith("=") for cell in row)


def test_names_of_files_are_safe_and_ones_own():
    names = [file_name(name) for name in [*NAMES, "ada lovelace", "a" * 300, "..", "\ud800"]]
    assert len({name.lower() for name in names}) == len(names)
    assert all(re.fullmatch(r"[\w-]+\.html", name) and len(name) < 60 for name in names)


def test_a_learners_page_has_the_words_of_the_check_and_nothing_of_others(written):
    (page,) = [path for path in (written / "two" / "learners").iterdir() if "Max" in path.name]
    text = page.read_text(encoding="utf-8")
    assert "Feedback for &lt;b&gt;Max&lt;/b&gt; &amp; Co" in text and "<b>" not in text and "<i>" not in text
    assert "✗ Task 3 (counting): not right yet" in text and "3 of 4 tasks are right" in text
    assert "&lt;i&gt;3&lt;/i&gt;" in text and "check.count.hint()" in text
    assert "Ada" not in text and "김민수" not in text


def test_the_cohorts_page_names_nobody(written):
    text = (written / "two" / "cohort.html").read_text(encoding="utf-8")
    words = re.sub(r"<(style|svg).*?</\1>", "", text, flags=re.DOTALL).lower()
    assert not [word for word in ("ada", "lovelace", "김민수", "<b>", "etc", "love") if word in words]
    assert "logits.argmin(1)" in text  # the example of one who did not sign it
    assert "For tomorrow's session" in text and "8 learners. Notebooks that could not be graded: 1." in text
    row = re.search(r"Changes</caption>.*?<code>count</code></th>(.*?)</tr>", text, re.DOTALL)
    assert re.findall(r"\d+", re.sub("<[^>]*>", " ", row[1])) == ["0", "1", "0", "6"]


def test_a_name_whose_letters_are_taken_apart_is_no_example(tmp_path):
    signed = CELL.replace("item()", "item() or '김민수'")
    list(write_all([submission(unicodedata.normalize("NFD", "김민수"), cell=signed)], tmp_path))
    assert "김민수" not in (tmp_path / "cohort.html").read_text(encoding="utf-8")


def test_pages_load_nothing_and_tables_have_names_and_heads(written):
    for page in [written / "two" / "cohort.html", *(written / "two" / "learners").iterdir()]:
        text = page.read_text(encoding="utf-8")
        assert not re.search(r"<script|<link|<img|<iframe|url\((?!#)|@import|\son\w+=", text)
        assert not re.search(r'(src|href)="(?!#)', text)
        assert '<html lang="en">' in text and text.count("<h1>") == 1
        assert text.count("<table>") == text.count("<caption>")
    assert 'role="img" aria-label="A bar for each task' in (written / "two" / "cohort.html").read_text(
        "utf-8"
    )


def test_an_anonymous_example_has_no_comments_and_no_docstrings():
    assert anonymous(CELL) == "def count_correct(logits, y):\n    return (logits.argmin(1) == y).sum().item()"
    assert anonymous("def f():\n    'Ada'") == "def f():\n    pass"
    assert anonymous("def f(") == ""


def test_a_doubt_is_for_whoever_grades_alone(tmp_path):
    stubs = assignments()["mlp"].stubs
    work = Work("mlp", stubs, doubts={"count": "No task needs `sys`."})
    list(write_all([Graded("kim", "mlp", work, dict.fromkeys(stubs, RIGHT))], tmp_path))
    assert "count: No task needs" in (tmp_path / "grades.csv").read_text("utf-8")
    (page,) = (tmp_path / "learners").iterdir()
    assert "No task needs" not in page.read_text("utf-8") + (tmp_path / "cohort.html").read_text("utf-8")


def test_a_mistake_that_no_check_knows_is_nothing_for_tomorrow(tmp_path):
    unknown = {"outcome": "wrong", "verdict": WRONG["verdict"] | {"id": "another-number"}}
    graded = [submission(f"{name} {n}", unknown) for n, name in enumerate(NAMES)]
    graded += [submission("first"), submission("last")]
    list(write_all(graded, tmp_path))
    text = (tmp_path / "cohort.html").read_text(encoding="utf-8")
    tomorrow, _, frequent = text.partition("The most frequent mistakes")
    assert f"2 of {len(graded)} submissions" in tomorrow and f"{len(NAMES)} of" not in tomorrow
    assert "another-number" in frequent
    texts = [
        task.texts["wrong"] for name in assignments() for task in assignments()[name].checks.tasks.values()
    ]
    assert {id for wrong in (*texts, COMMON["wrong"]) for id in wrong} >= NO_TOPIC


def test_tomorrow_has_what_several_got_wrong_and_a_section_mends(tmp_path):
    ids = ["no-zero-grad"] * 3 + ["uphill"] + ["none"] * 4
    learners = []
    for n, id in enumerate(ids):
        wrong = {
            "outcome": "wrong",
            "verdict": WRONG["verdict"] | {"id": id, "values": {"function": "update"}},
        }
        one = submission(f"learner {n}", RIGHT)
        learners.append(replace(one, records=dict(one.records) | {"update": wrong}))
    list(write_all(learners, tmp_path))
    tomorrow, _, _ = (tmp_path / "cohort.html").read_text("utf-8").partition("The most frequent mistakes")
    assert re.findall(r"<li>(\d of \d) submissions", tomorrow) == ["3 of 8"]
    assert "Back-propagation" in tomorrow


@pytest.mark.parametrize(
    ("learner", "code", "shown"),
    [
        ("Lee Ji-woo", "leejiwoo = 784", False),
        ("Lee Jiwoo", "jiwoo1999 = 784", False),
        ("김민수", "민수 = 784", False),
        ("김민수", "김민수의답 = 784", False),
        ("Min Park", "least = x.argmin()", True),
        ("Kim", "kimono = 784", True),
        ("Adam Long", "optimizer = torch.optim.Adam(parameters)", True),
    ],
)
def test_a_name_within_a_word_is_a_name_too(learner, code, shown):
    usual = "\n".join(assignments()["optimization"].cells.values())
    assert Names([learner, "somebody else"], usual).occur_in(code) != shown


def test_without_the_same_names_nothing_is_compared(tmp_path):
    list(write_all([submission("kim")], tmp_path, {"lee": {"mlp": {"count": "right"}}}))
    assert "earlier deadline" not in (tmp_path / "cohort.html").read_text("utf-8")
