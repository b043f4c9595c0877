"""The environment: what is wrong is said in one clear message, and nothing half-made is trusted."""

import ast
import importlib.util
import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tools import bootstrap

# What pip really printed, shortened.
REFUSED = (
    "WARNING: Retrying (Retry(total=0, connect=None)) after connection broken by 'NewConnectionError('Failed "
    "to establish a new connection: [Errno 111] Connection refused')': /simple/setuptools/\n"
    "ERROR: Cannot install setuptools because these package versions have conflicting dependencies.\n"
    "    The user requested (constraint) setuptools==84.2.1\n"
)
FULL = "ERROR: Could not install packages due to an OSError: [Errno 28] No space left on device\n"
ABSENT = "    The user requested (constraint) torch==2.14.1\n"


@pytest.fixture
def project(tmp_path, monkeypatch):
    """An empty project; its environment is a real one, but nothing is installed into it, not even pip."""
    (tmp_path / "pyproject.toml").write_text('[project]\nname = "x"\n\n[tool.ruff]\nline-length = 110\n')
    (tmp_path / "requirements.txt").write_text("torch==2.14.1\n")
    (tmp_path / "package-lock.json").write_text("{}\n")
    venv = tmp_path / ".venv"
    python = venv / bootstrap.VENV_PYTHON.relative_to(bootstrap.VENV)
    for name, value in {
        "ROOT": tmp_path,
        "VENV": venv,
        "VENV_PYTHON": python,
        "STAMP": venv / "installed.json",
        "INCOMPLETE": tmp_path / ".venv.incomplete",
    }.items():
        monkeypatch.setattr(bootstrap, name, value)

    def make_venv_without_pip():
        subprocess.run([sys.executable, "-m", "venv", "--clear", "--without-pip", str(venv)], check=True)
        next(venv.rglob("site-packages")).joinpath("pip.py").touch()

    installs = []
    monkeypatch.setattr(bootstrap, "make_venv", make_venv_without_pip)
    for installer in ("pip", "npm"):
        monkeypatch.setattr(bootstrap, installer, lambda *arguments: installs.append(arguments))
    monkeypatch.delenv("PYTHON", raising=False)
    monkeypatch.delenv("TORCH_INDEX", raising=False)
    return tmp_path, installs


def made_and_installed(project) -> tuple[str, int]:
    """Run the bootstrap; say what it did to the environment, and how often it ran pip and npm."""
    root, installs = project
    mark = root / ".venv" / "mark"
    there = mark.exists()
    installs.clear()
    bootstrap.main()
    did = "kept" if there and mark.exists() else "made"
    mark.touch()
    assert not (root / ".venv.incomplete").exists()
    return did, len(installs)


def test_makes_once_and_updates_in_place(project):
    root, _ = project
    assert made_and_installed(project) == ("made", 3)
    assert made_and_installed(project) == ("kept", 0)
    (root / "requirements.txt").write_text("torch==2.15.0\n")
    assert made_and_installed(project) == ("kept", 3)
    settings = (root / "pyproject.toml").read_text()
    (root / "pyproject.toml").write_text(settings.replace("110", "100"))  # does not concern the environment
    assert made_and_installed(project) == ("kept", 0)


def test_starts_over_when_it_was_interrupted_moved_or_broken(project):
    root, _ = project
    made_and_installed(project)
    (root / ".venv.incomplete").touch()
    assert made_and_installed(project) == ("made", 3)

    stamp = json.loads(bootstrap.STAMP.read_text())
    bootstrap.STAMP.write_text(json.dumps(stamp | {"place": "/somewhere/else/.venv"}))
    assert made_and_installed(project) == ("made", 3)

    bootstrap.VENV_PYTHON.unlink()
    bootstrap.VENV_PYTHON.symlink_to(root / "gone")
    assert made_and_installed(project) == ("made", 3)


def test_another_torch_starts_over_and_is_remembered(project, monkeypatch, tmp_path_factory):
    _, installs = project
    made_and_installed(project)
    monkeypatch.setenv("TORCH_INDEX", "https://wheels.example/cpu")
    assert made_and_installed(project) == ("made", 3)
    assert installs[1][1:3] == ("--extra-index-url", "https://wheels.example/cpu")
    monkeypatch.delenv("TORCH_INDEX")
    assert made_and_installed(project) == ("kept", 0)

    folder = str(tmp_path_factory.mktemp("wheels"))
    monkeypatch.setenv("TORCH_INDEX", folder)
    assert made_and_installed(project) == ("made", 3)
    assert installs[1][1:3] == ("--find-links", folder)
    monkeypatch.setenv("TORCH_INDEX", "")
    assert made_and_installed(project) == ("made", 3)


def test_an_old_python_says_what_to_do(project, monkeypatch):
    monkeypatch.setattr(sys, "version_info", (3, 9, 18))
    monkeypatch.setattr(shutil, "which", lambda name: None)
    with pytest.raises(SystemExit, match=r"(?s)is Python 3\.9; the course needs 3\.11.*PYTHON="):
        bootstrap.main()


def test_an_old_python_hands_over_to_a_newer_one(project, monkeypatch):
    called = []
    monkeypatch.setattr(sys, "version_info", (3, 9, 18))
    monkeypatch.setattr(shutil, "which", lambda name: name if name == "python3.11" else None)
    monkeypatch.setattr(subprocess, "call", lambda command: called.append(command[0]) or 0)
    with pytest.raises(SystemExit) as end:
        bootstrap.main()
    assert (end.value.code, called) == (0, ["python3.11"])

    monkeypatch.setenv("PYTHON", "python3.9")  # asked for by name: not replaced, but the other is offered
    with pytest.raises(SystemExit, match=r"make book PYTHON=python3\.11"):
        bootstrap.main()


def test_a_python_without_venv_says_what_to_install(project, monkeypatch):
    found = importlib.util.find_spec
    monkeypatch.setattr(
        importlib.util, "find_spec", lambda name: None if name == "ensurepip" else found(name)
    )
    with pytest.raises(SystemExit, match=r"(?s)lacks the module ensurepip.*apt install python3\.\d+-venv"):
        bootstrap.main()


@pytest.mark.parametrize(
    ("installer", "output", "message"),
    [
        (bootstrap.pip, REFUSED, "no network"),
        (bootstrap.pip, FULL, "The disk is full"),
        (bootstrap.pip, ABSENT, "The package index lacks a package"),
        (bootstrap.pip, "error: something new\n", "pip could not install the packages"),
        (bootstrap.npm, "npm error code ENOTFOUND\n", "no network"),
        (bootstrap.npm, "npm error code ENOSPC\n", "The disk is full"),
        (bootstrap.npm, "npm error something new\n", "npm could not install the site"),
    ],
)
def test_a_failed_installation_ends_with_its_reason(
    tmp_path, monkeypatch, capsys, installer, output, message
):
    failing = tmp_path / "python"
    failing.write_text(f"#!{sys.executable}\nprint({output!r})\nraise SystemExit(1)\n")
    failing.chmod(0o755)
    monkeypatch.setattr(bootstrap, "VENV_PYTHON", failing)
    with pytest.raises(SystemExit, match=message):
        installer("setuptools")
    assert output.strip() in capsys.readouterr().out


def test_the_file_parses_on_old_pythons():
    ast.parse(Path(bootstrap.__file__).read_text(encoding="utf-8"), feature_version=(3, 6))
