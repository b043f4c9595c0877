"""Submissions are found and read whatever their layout, and whatever is wrong with them is said."""

import json
import os

import pytest

from grading.__main__ import sort
from grading.collect import collect
from grading.notebooks import LARGEST, MOST_CODE, UnreadableError, Work, assignments, read
from grading.report import Graded, write_all
from grading.samples import answers, fill

HAND_IN = "Hand in the file that ends in .ipynb."
ANSWER = "def count_correct(logits, y):\n    return (logits.argmax(1) == y).sum().item()"


def write(path, notebook=None, name="mlp", **cells):
    """Write an assignment's notebook, or any other, with these cells in its tasks."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(notebook or fill(name, cells)), encoding="utf-8")
    return path


def one(notebook, name):
    return next(cell for cell in notebook["cells"] if cell["id"] == name)


@pytest.mark.parametrize(
    ("paths", "learners"),
    [
        (["class/kim.ipynb", "class/이민수.ipynb"], ["kim", "이민수"]),
        (
            [
                "class/kimada_LATE_17_98_mlp.ipynb",
                "class/kimada_17_99_mlp-2.ipynb",
                "class/lee_18_97_a_b.ipynb",
            ],
            ["kimada (17)", "lee (18)"],
        ),
        (
            [
                "class/2023-12345_김민수_mlp.ipynb",
                "class/2023-12345_김민수_mlp_재제출.ipynb",
                "class/20241234_Ada.ipynb",
            ],
            ["Ada (20241234)", "김민수 (2023-12345)"],
        ),
        (
            ["class/kim/mlp.ipynb", "class/__MACOSX/kim/mlp.ipynb", "class/lee/deep/er/mine.ipynb"],
            ["kim", "lee"],
        ),
        (
            [
                "class/Kim A_17_assignsubmission_file_/mlp.ipynb",
                "class/Lee_18_assignsubmission_file_mlp.ipynb",
            ],
            ["Kim A (17)", "Lee (18)"],
        ),
        (
            [
                "mlp-submissions/mlp-kim/assignments/mlp.ipynb",
                "mlp-submissions/mlp-a-lee/assignments/mlp.ipynb",
            ],
            ["a-lee", "kim"],
        ),
    ],
    ids=["flat", "Canvas", "a number first", "folders", "Moodle", "GitHub Classroom"],
)
def test_layouts(tmp_path, paths, learners):
    for path in paths:
        write(tmp_path / path)
    found = collect(tmp_path / paths[0].split("/")[0])
    assert sorted(each.learner for each in found) == learners
    assert all(isinstance(work, Work) for work in sort(found, "").values())


def test_of_a_clone_only_the_learners_notebooks_count(tmp_path):
    for folder in ("solutions", "chapters", "assignments", ".ipynb_checkpoints", "node_modules/x", ""):
        write(tmp_path / "class" / "kim" / "course" / folder / "mlp.ipynb")
    (found,) = collect(tmp_path / "class")
    assert [path.parent.name for path in found.paths] == ["assignments"]


def test_a_notebook_that_names_its_checks_counts_before_one_that_is_known_by_what_it_defines(tmp_path):
    named = write(tmp_path / "kim" / "a.ipynb", count="count = 1")
    other = fill("mlp", {"count": ANSWER})
    other["cells"] = [cell for cell in other["cells"] if "helpers.checks" not in "".join(cell["source"])]
    write(tmp_path / "kim" / "b.ipynb", other)
    os.utime(named, (1, 1))
    assert sort(collect(tmp_path), "mlp")["kim", "mlp"].cells["count"] == "count = 1"


def test_links_are_not_followed(tmp_path):
    secret = write(tmp_path / "elsewhere" / "secret.ipynb")
    folder = tmp_path / "class"
    (folder / "kim").mkdir(parents=True)
    (folder / "kim" / "mlp.ipynb").symlink_to(secret)
    (folder / "lee").symlink_to(secret.parent)
    (folder / "park.ipynb").symlink_to("/dev/zero")
    (folder / "ryu").mkdir()
    os.mkfifo(folder / "ryu" / "mlp.ipynb")
    problems = sort(collect(folder), "mlp")
    assert {name for name, _ in problems} == {"kim", "lee", "park", "ryu"}
    assert all("link or no file" in problem for problem in problems.values())


def test_folders_in_one_another_have_an_end(tmp_path):
    for depth in (1, 15, 25):
        write(tmp_path.joinpath("class", "kim", *"a" * depth, "mlp.ipynb"))
    (kim,) = collect(tmp_path / "class")
    assert len(kim.paths) == 2


def test_a_path_that_is_too_long_to_open_does_no_harm(tmp_path):
    write(tmp_path / "class" / "kim" / "mlp.ipynb")
    here, left = os.open(tmp_path / "class" / "kim", os.O_RDONLY), 4000 - len(str(tmp_path / "class" / "kim"))
    while left > 0:
        name = "b" * min(left, 250)
        os.mkdir(name, dir_fd=here)
        above, here, left = here, os.open(name, os.O_RDONLY, dir_fd=here), left - 251
        os.close(above)
    os.close(os.open("c" * 240 + ".ipynb", os.O_CREAT, dir_fd=here))
    os.close(here)
    assert len(collect(tmp_path / "class")[0].paths) == 2
    assert sort(collect(tmp_path / "class"), "mlp")["kim", "mlp"].assignment == "mlp"


def test_halves_of_characters_in_names_and_ids_can_be_written(tmp_path):
    folder = tmp_path / "class"
    write(folder / os.fsdecode(b"kim/\xff.ipynb"), {"cells": 3})
    notebook = fill("mlp", {})
    notebook["cells"].append({"cell_type": "code", "id": "task-a\ud800", "source": "x"})
    write(folder / "lee" / "mlp.ipynb", notebook)
    works = sort(collect(folder), "mlp")
    graded = [
        Graded(learner, name, None, {}, {"": work} if isinstance(work, str) else work.notes)
        for (learner, name), work in works.items()
    ]
    assert len([*write_all(graded, tmp_path)]) == 3
    assert "task-a?" in (tmp_path / "grades.csv").read_text("utf-8")


def test_names_that_cannot_be_written_are_of_several_learners(tmp_path):
    for name in (b"kim\xfe.ipynb", b"kim\xff.ipynb", b"kim?.ipynb"):
        write(tmp_path / os.fsdecode(name))
    assert len({each.learner for each in collect(tmp_path)}) == 3


def test_no_folder_and_nobody_in_it(tmp_path):
    with pytest.raises(SystemExit, match="no folder"):
        collect(tmp_path / "class")
    with pytest.raises(SystemExit, match="no notebook"):
        collect(tmp_path)


def test_nothing_of_the_assignment_is_said_and_is_no_zero(tmp_path):
    write(tmp_path / "kim" / "cnn.ipynb", name="cnn")
    (tmp_path / "lee").mkdir()
    said = sort(collect(tmp_path), "mlp")
    assert said == {
        ("kim", "mlp"): "The notebook is of another assignment: cnn.",
        ("lee", "mlp"): "There is no notebook.",
    }


def test_other_files_are_nobodys_silent_zero(tmp_path):
    paths = "kim.zip", "lee/mlp.py", "lee/notes.txt", "park/.ipynb", "seo.IPYNB"
    for path in (*paths, "Ryu_3_assignsubmission_file_mlp.html"):
        write(tmp_path / path)
    said = sort(collect(tmp_path), "mlp")
    assert isinstance(said.pop(("seo", "mlp")), Work)
    assert said == {
        ("kim", "mlp"): f"There is no notebook, but kim.zip. {HAND_IN}",
        ("lee", "mlp"): f"There is no notebook, but mlp.py, notes.txt. {HAND_IN}",
        ("park", "mlp"): "There is no notebook.",
        ("Ryu (3)", "mlp"): f"There is no notebook, but Ryu_3_assignsubmission_file_mlp.html. {HAND_IN}",
    }


def test_a_damaged_notebook_beside_a_whole_one_is_said(tmp_path):
    write(tmp_path / "kim" / "mlp.ipynb")
    (tmp_path / "kim" / "mlp-2.ipynb").write_text("{")
    assert "mlp-2.ipynb: This is no notebook" in sort(collect(tmp_path), "mlp")["kim", "mlp"].notes[""]


def test_a_name_is_one_name_however_its_letters_are_written(tmp_path):
    for name in ("\uac00", "\u1100\u1161"):  # one letter, and the same taken apart
        write(tmp_path / name / "mlp.ipynb")
    (found,) = collect(tmp_path)
    assert found.learner == "\uac00" and len(found.paths) == 2


def test_a_folder_that_cannot_be_read_is_said(tmp_path, monkeypatch):
    def refuse(_):
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(type(tmp_path), "iterdir", refuse)
    with pytest.raises(SystemExit, match="cannot be read: Permission denied"):
        collect(tmp_path)


def test_the_newest_of_several_counts(tmp_path):
    old, _ = (write(tmp_path / "kim" / f"{name}.ipynb", count=name) for name in ("b", "a"))
    os.utime(old, (1, 1))
    work = sort(collect(tmp_path), "mlp")["kim", "mlp"]
    assert work.cells["count"] == "a"
    assert "a.ipynb, the newest, counts; not b.ipynb" in work.notes[""]
    os.utime(tmp_path / "kim" / "a.ipynb", (1, 1))
    work = sort(collect(tmp_path), "mlp")["kim", "mlp"]
    assert "as old as one another: b.ipynb counts; not a.ipynb" in work.notes[""]


def test_an_assignment_as_it_was_given_out_is_complete_and_not_odd(tmp_path):
    for name, given in assignments().items():
        work = read(write(tmp_path / f"{name}.ipynb", name=name))
        assert (work.assignment, work.cells, work.notes) == (name, given.stubs, {})


def change(what):
    """Return the notebook of the first assignment, with one thing changed."""
    notebook = fill("mlp", {"count": ANSWER})
    cells = notebook["cells"]
    task = one(notebook, "task-count")
    if what == "missing":
        cells.remove(task)
    elif what == "emptied":
        task["source"] = []
    elif what == "renamed":
        task["id"] = "b7c1"
    elif what == "moved":
        cells.remove(task)
        cells.append(task)
    elif what == "doubled":
        cells.append({"cell_type": "code", "id": "f00", "source": ANSWER.replace("argmax", "argmin")})
    elif what == "doubled with its id":
        cells.append(task | {"source": ANSWER + "  # again"})
    elif what == "of a year ago":
        task["source"] = ANSWER.replace("logits, y", "model, loader")
        task["id"] = "task-count"
        cells.append({"cell_type": "code", "id": "task-accuracy", "source": "def accuracy(): ..."})
    elif what == "from Colab":
        for cell in cells:
            cell["metadata"] = {"id": cell.pop("id")}
    return notebook


@pytest.mark.parametrize(
    ("what", "graded", "note"),
    [
        ("missing", None, "is missing: nothing defines `count_correct`"),
        ("emptied", None, "is empty: nothing defines `count_correct`"),
        ("renamed", ANSWER, "has another id"),
        ("moved", ANSWER, None),
        ("doubled", ANSWER, "Several cells define `count_correct`"),
        ("doubled with its id", f"{ANSWER}  # again", "Several cells define `count_correct`"),
        (
            "of a year ago",
            ANSWER.replace("logits, y", "model, loader"),
            "not this edition's: `count_correct(model, loader)`, not `count_correct(logits, y)`",
        ),
        ("from Colab", ANSWER, None),
    ],
)
def test_what_is_odd_about_a_cell_is_said(tmp_path, what, graded, note):
    work = read(write(tmp_path / "kim.ipynb", change(what)))
    assert work.cells.get("count") == graded
    assert len(work.cells) == 3 + bool(graded)
    assert (note or "") in work.notes.get("count", "")
    assert bool(note) == ("count" in work.notes)
    assert ("task-accuracy" in work.notes.get("", "")) == (what == "of a year ago")


@pytest.mark.parametrize("name", assignments())
def test_an_answer_that_looks_at_the_checks_is_marked_and_no_right_one(tmp_path, name):
    right, _ = answers(name)
    task, *_ = right
    for cells in zip(*right.values(), strict=False):
        work = read(write(tmp_path / "kim.ipynb", name=name, **dict(zip(right, cells, strict=True))))
        assert work.doubts == {}
    peeking = f"{right[task][0]}\n    import sys\n    sys._getframe(1).f_back"
    for source in (peeking, "from helpers.checks import mlp\n" + right[task][0]):
        work = read(write(tmp_path / "lee.ipynb", name=name, **{task: source}))
        assert "read the cell before you trust its verdict" in work.doubts[task]


def test_imports_of_other_cells_come_along(tmp_path):
    notebook = fill("mlp", {})
    notebook["cells"].append(
        {"cell_type": "code", "id": "x", "source": "import math\nx = 1\nfrom os import path"}
    )
    work = read(write(tmp_path / "kim.ipynb", notebook))
    assert work.around[-3:] == ["import math", "x = 1", "from os import path"]


def test_what_an_editor_does_to_all_ids_is_not_said_of_each_task(tmp_path):
    notebook = fill("mlp", {"count": ANSWER})
    for n, cell in enumerate(notebook["cells"]):
        cell["id"] = f"random-{n}"
    work = read(write(tmp_path / "kim.ipynb", notebook))
    assert work.cells["count"] == ANSWER and work.notes == {}


def test_definitions_of_other_cells_come_along_and_no_answer_and_nothing_that_takes_time(tmp_path):
    notebook = fill("mlp", {})
    source = (
        "%matplotlib inline\nWIDTHS = [1, -2]\ndef own(x):\n    return x\n"
        "y = own(3)\ndef count_correct():\n    pass\nown(1)"
    )
    notebook["cells"].append({"cell_type": "code", "id": "x", "source": source})
    work = read(write(tmp_path / "kim.ipynb", notebook))
    assert work.around[-2:] == ["WIDTHS = [1, -2]", "def own(x):\n    return x"]


def test_a_notebook_that_lost_its_imports_is_known_by_what_it_defines(tmp_path):
    notebook = fill("vit", {})
    notebook["cells"] = [cell for cell in notebook["cells"] if cell["id"].startswith("task-")]
    assert read(write(tmp_path / "kim.ipynb", notebook)).assignment == "vit"


@pytest.mark.parametrize(
    "content",
    [
        *(
            b"",
            b"no JSON",
            b"\xff\xfe",
            b"[]",
            b"1",
            b"{}",
            b'{"cells": 3}',
            b'{"cells": [3]}',
            b'{"cells": {}}',
        ),
        *(b'{"cells": [{"cell_type": "code", "metadata": 3}]}', b"[" * 100_000, b'{"cells": ' + b"9" * 9999),
        b'{"cells": [{"cell_type": "code", "source": 3}]}',
    ],
    ids=lambda content: content[:40].decode(errors="replace"),
)
def test_what_is_no_notebook_is_said(tmp_path, content):
    path = tmp_path / "kim.ipynb"
    path.write_bytes(content)
    with pytest.raises(UnreadableError, match=r"no notebook|no task"):
        read(path)


def test_a_notebook_of_100_mb_is_not_even_read(tmp_path):
    path = tmp_path / "kim.ipynb"
    path.touch()
    os.truncate(path, 5 * LARGEST)
    with pytest.raises(UnreadableError, match="100 MB, more than 20"):
        read(path)


def test_a_notebook_with_too_much_code_is_not_read(tmp_path):
    with pytest.raises(UnreadableError, match="more than 500,000 characters of code"):
        read(write(tmp_path / "kim.ipynb", count="x\n" * (MOST_CODE // 2)))


@pytest.mark.parametrize(
    "text",
    [
        "x = '\ud800'",
        "def count_correct(",
        "\0",
        "(" * 10_000,
        "x = " + "-" * 50_000 + "1",
        "x" + ".a" * 90_000,
    ],
    ids=lambda text: repr(text[:10]),
)
def test_code_that_python_cannot_read_does_no_harm(tmp_path, text):
    assert read(write(tmp_path / "kim.ipynb", count=text)).assignment == "mlp"
