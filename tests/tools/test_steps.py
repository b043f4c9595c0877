"""`make test` runs a step again when something that it depends on has changed, and forgets what failed."""

from pathlib import Path

import pytest

from tools import test as steps
from tools.test import Step

ROOT = Path(__file__).parents[2]


@pytest.fixture
def project(tmp_path, monkeypatch):
    """A project of two folders, with a step each that compiles what is in it."""
    for name in ("one", "two"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "code.py").write_text("x = 1\n")
    (tmp_path / "requirements.txt").write_text("torch==2.15.0\n")
    monkeypatch.setattr(steps, "ROOT", tmp_path)
    monkeypatch.setattr(steps, "PASSED", tmp_path / "_build" / "passed.json")
    monkeypatch.setattr(
        steps, "STEPS", {name: Step((f"compileall -q {name}",), (name,)) for name in ("one", "two")}
    )
    return tmp_path


def ran(capfd, *names: str) -> list[str]:
    """Run the steps; return those that ran."""
    steps.main(*names)
    return [line.split(":")[0] for line in capfd.readouterr().out.splitlines() if ": compileall" in line]


def test_a_step_runs_when_its_inputs_have_changed(project, capfd):
    assert ran(capfd) == ["one", "two"]
    assert ran(capfd) == []
    (project / "two" / "code.py").write_text("x = 2\n")
    assert ran(capfd) == ["two"]
    (project / "one" / "more.py").touch()
    assert ran(capfd) == ["one"]
    (project / "requirements.txt").write_text("torch==2.11.0\n")
    assert ran(capfd) == ["one", "two"]
    assert ran(capfd, "two") == ["two"]  # by name, in any case


def test_a_failure_is_named_does_not_stop_the_others_and_is_not_remembered(project, capfd):
    (project / "one" / "code.py").write_text("x =\n")
    for expected in (["one", "two"], ["one"]):
        with pytest.raises(SystemExit, match="Failed: one"):
            steps.main()
        lines = capfd.readouterr().out.splitlines()
        assert [line.split(":")[0] for line in lines if ": compileall" in line] == expected
    (project / "one" / "code.py").write_text("x = 1\n")
    assert ran(capfd) == ["one"]


def test_every_folder_of_tests_has_a_step():
    folders = {path.name for path in (ROOT / "tests").iterdir() if any(path.glob("test_*.py"))}
    assert folders == steps.STEPS.keys() - {"lint", "book"}


def test_a_test_cannot_read_what_its_step_does_not_depend_on():
    said = r"tests/tools reads chapters/mlp\.ipynb: add it to the inputs"
    with pytest.raises(pytest.fail.Exception, match=said):
        (ROOT / "chapters" / "mlp.ipynb").read_text()
