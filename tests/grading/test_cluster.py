"""A cohort is graded once, whatever happens on the way, and again only where something has changed."""

import json
import os
import signal
from contextlib import contextmanager

import dask
import pytest
from distributed import Client, LocalCluster
from distributed.security import Security

from grading import cluster, judge
from grading.__main__ import main, options, save, sort
from grading.box import Limits
from grading.cluster import ClusterError, connect, grade_all
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


@contextmanager
def elsewhere(workers):
    """Give the address of a scheduler with TLS and its workers; dask's settings name the certificates."""
    keys = Security.temporary()
    settings = {
        f"distributed.comm.tls.{role}.{kind}": getattr(keys, f"tls_{role}_{kind}")
        for role in ("scheduler", "worker", "client")
        for kind in ("cert", "key")
    }
    settings["distributed.comm.tls.ca-file"] = keys.tls_ca_file
    here = {"threads_per_worker": 1, "dashboard_address": None, "host": "127.0.0.1", "security": keys}
    with LocalCluster(n_workers=workers, **here) as there, dask.config.set(settings):
        yield there.scheduler_address


def refusal(address):
    """Return why a scheduler is of no use."""
    with pytest.raises(ClusterError) as error, connect(address, 0):
        pass
    return str(error.value)


def test_a_scheduler_elsewhere_is_used_if_its_workers_are_of_this_version(box, cohort, monkeypatch):
    key, work = next(iter(works_of(cohort).items()))
    with elsewhere(1) as address:
        with connect(address, 0) as client:
            graded = dict(grade_all(client, {key: work}, limits=SHORT))
        assert graded == {key: judge.grade(work, box, limits=SHORT)}
        monkeypatch.setattr(judge, "version", lambda: "another")
        says = refusal(address)
        assert "1 of 1 workers cannot grade" in says and "use the same commit" in says


def test_what_a_cluster_lacks_is_said(monkeypatch):
    monkeypatch.setattr(cluster, "SOON_S", 1)
    with elsewhere(0) as address:
        says = refusal(address)
    assert "has no workers" in says and f"dask worker {address}" in says
    says = refusal(address)
    assert f"No scheduler can be reached at {address}" in says and "dask scheduler" in says
    assert "no address of a scheduler, such as tcp://" in refusal("me:")


def test_nobody_else_on_this_machine_gives_orders_to_its_workers():
    with connect("", 1) as client:
        address = client.scheduler.address
        workers = client.scheduler_info()["workers"]
        for place in (address, *workers):
            assert place.startswith("tls://127.0.0.1")
        with pytest.raises(OSError, match=r"(?i)connect|certificate"):
            Client(address.replace("tls", "tcp"), timeout=2)
        with pytest.raises(OSError, match=r"(?i)connect|certificate"):
            Client(address, security=Security.temporary(), timeout=2)


def test_a_result_is_whole_or_not_there(tmp_path):
    file = tmp_path / "key.json"
    save(file, {"count": {"outcome": "right"}})
    with pytest.raises(TypeError):
        save(file, {"count": object()})
    assert json.loads(file.read_text())["count"]["outcome"] == "right"


def test_another_version_of_checks_or_course_is_another_key(monkeypatch):
    work = Work("mlp", {"count": "x"})
    keys = {judge.key(work, False), judge.key(work, True), judge.key(Work("mlp", {"count": "y"}), False)}
    keys |= {judge.key(work, False, boxed=False)}
    monkeypatch.setattr(judge, "version", lambda: "another")
    assert len(keys | {judge.key(work, False)}) == 5


def test_what_dies_with_its_box_has_no_result_and_is_graded_again(cohort, tmp_path, capsys, monkeypatch):
    class Dying:
        def ask(self, *_):
            return "box", b"out of memory"

    work = Work("mlp", {"count": "x"})
    with pytest.raises(judge.BoxDiedError, match="out of memory"):
        judge.grade(work, Dying())
    monkeypatch.setattr("grading.__main__.connect", connect_to_nothing)
    monkeypatch.setattr(
        "grading.__main__.grade_all", lambda client, new, *_: ((key, "no memory") for key in new)
    )
    given = options(str(cohort), "--assignment", "mlp", "--out", str(tmp_path), "--workers", "1")
    for _ in range(2):
        main(given)
        said = capsys.readouterr().out
        assert f"{len(works_of(cohort))} to grade, 0 as before" in said and said.count("no memory") == 1
    assert "did not come to an end. Run it again." in (tmp_path / "grades.csv").read_text("utf-8")


@pytest.mark.parametrize("content", [None, "{", ""])
def test_an_earlier_deadline_that_was_never_graded_is_said(tmp_path, content):
    if content is not None:
        (tmp_path / "grades.json").write_text(content)
    with pytest.raises(SystemExit, match="There are no grades in"):
        main(options(str(tmp_path), "--unsafe", "--before", str(tmp_path)))


def test_a_cell_that_is_missing_is_another_key_than_an_empty_one():
    works = [
        Work("mlp", {}, notes={"count": note, "": "odd"}) for note in ("is missing", "is empty", "is empty")
    ]
    assert len({judge.key(work, False) for work in works}) == 2


def test_bad_options_are_said_in_a_line(tmp_path, capsys):
    (tmp_path / "class" / "kim").mkdir(parents=True)
    for given, says in [
        (["--workers", "0"], "WORKERS= is 1 or more"),
        (["--out", "/proc/nowhere"], "OUT= names another folder"),
    ]:
        with pytest.raises(SystemExit, match=says):
            main(options(str(tmp_path / "class"), "--unsafe", *given))
    with pytest.raises(SystemExit, match="invalid choice: 'kr'"):
        options(str(tmp_path), "--language", "kr")
    assert "usage" not in capsys.readouterr().err


def test_an_unknown_assignment_is_said(tmp_path):
    with pytest.raises(SystemExit, match="There are: aae, attention"):
        main(options(str(tmp_path), "--assignment", "mpl"))
