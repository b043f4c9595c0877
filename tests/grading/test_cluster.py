"""A cohort is graded once, whatever happens on the way, and again only where something has changed."""

import json
import os
import signal

import pytest

from grading import judge
from grading.__main__ import main, options, save, sort
from grading.box import Limits
from grading.cluster import connect, grade_all
from grading.collect import collect
from grading.notebooks import Work
from grading.samples import fill, make

NUMBER = 14
SHORT = Limits(cpu_s=2, wall_s=30.0)


@pytest.fixture(scope="module")
def cohort(tmp_path_factory):
    """A folder of made-up submissions, two of them alike, and one more that is no notebook."""
    folder = tmp_path_factory.mktemp("class") / "mlp"
    make(folder, NUMBER, ["mlp"])
    for name in ("alike", "as well"):
        (folder / name).mkdir()
        (folder / name / "mlp.ipynb").write_text(json.dumps(fill("mlp", {"count": "count_correct = print"})))
    (folder / "broken.ipynb").write_text("{")
    return folder


def works_of(folder):
    works = [work for work in sort(collect(folder), "mlp").values() if isinstance(work, Work)]
    return {judge.key(work, False): work for work in works}


def test_a_worker_that_is_killed_changes_nothing(box, cohort):
    works = works_of(cohort)
    alone = {key: judge.grade(work, box, limits=SHORT) for key, work in works.items()}
    with connect("", 2) as client:
        pids = client.run(os.getpid)
        seen = []
        for key, records in grade_all(client, works, limits=SHORT):
            seen.append(key)
            assert records == alone[key]
            if len(seen) == 3:
                os.kill(min(pids.values()), signal.SIGKILL)
    assert sorted(seen) == sorted(works)


def test_nothing_is_graded_twice_and_an_interruption_loses_nothing(
    box, cohort, tmp_path, capsys, monkeypatch
):
    out = tmp_path / "out"
    given = options(str(cohort), "--assignment", "mlp", "--out", str(out), "--workers", "1")
    monkeypatch.setattr("grading.__main__.connect", connect_to_nothing)
    works = works_of(cohort)

    def grade_here(client, new, *_):
        for key, work in list(new.items())[:5]:
            yield key, judge.grade(work, box, limits=SHORT)
        if len(new) == len(works):
            raise KeyboardInterrupt
        for key, work in list(new.items())[5:]:
            yield key, judge.grade(work, box, limits=SHORT)

    monkeypatch.setattr("grading.__main__.grade_all", grade_here)
    with pytest.raises(KeyboardInterrupt):
        main(given)
    assert len(list((out / "results").iterdir())) == 5
    assert main(given) == 0
    said = capsys.readouterr().out
    assert f"{len(works)} to grade, 0 as before" in said and f"{len(works) - 5} to grade, 5 as before" in said
    assert len(list((out / "results").iterdir())) == len(works)
    first = (out / "grades.csv").read_text("utf-8")
    assert '"broken","mlp","","","","","","","","broken.ipynb: This is no notebook' in first
    assert first.count("\n") == NUMBER + 4  # each once, a broken one, and a line of heads

    changed = cohort / "alike" / "mlp.ipynb"
    changed.write_text(json.dumps(fill("mlp", {"count": "count_correct = 3"})))
    main(given)
    assert f"1 to grade, {len(works)} as before" in capsys.readouterr().out
    assert (out / "grades.csv").read_text("utf-8") != first


class connect_to_nothing:  # noqa: N801 (stands for a function)
    def __init__(self, *_):
        pass

    def __enter__(self):
        return None

    def __exit__(self, *_):
        return None


def test_a_result_is_whole_or_not_there(tmp_path):
    file = tmp_path / "key.json"
    save(file, {"count": {"outcome": "right"}})
    with pytest.raises(TypeError):
        save(file, {"count": object()})
    assert json.loads(file.read_text())["count"]["outcome"] == "right"


def test_another_version_of_checks_or_course_is_another_key(monkeypatch):
    work = Work("mlp", {"count": "x"})
    keys = {judge.key(work, False), judge.key(work, True), judge.key(Work("mlp", {"count": "y"}), False)}
    monkeypatch.setattr(judge, "version", lambda: "another")
    assert len(keys | {judge.key(work, False)}) == 4


def test_a_cell_that_is_missing_is_another_key_than_an_empty_one():
    works = [
        Work("mlp", {}, notes={"count": note, "": "odd"}) for note in ("is missing", "is empty", "is empty")
    ]
    assert len({judge.key(work, False) for work in works}) == 2


def test_an_unknown_assignment_is_said(tmp_path):
    with pytest.raises(SystemExit, match="There are: aae, attention"):
        main(options(str(tmp_path), "--assignment", "mpl"))
