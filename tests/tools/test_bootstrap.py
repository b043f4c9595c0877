"""The environment: what is wrong is said in one clear message, and nothing half-made is trusted."""

import ast
import importlib.util
import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tools import bootstrap

# What the programs really printed, shortened.
PIP_REFUSED = (
    "WARNING: Retrying (Retry(total=0, connect=None)) after connection broken by 'NewConnectionError('Failed "
    "to establish a new connection: [Errno 111] Connection refused')': /simple/uv/\n"
    "ERROR: No matching distribution found for uv==0.13.9\n"
)
PIP_HASH = "ERROR: THESE PACKAGES DO NOT MATCH THE HASHES FROM THE REQUIREMENTS FILE.\n"
UV_REFUSED = (
    "error: Failed to fetch: https://index.example/simple/six/\n"
    "  cause: error sending request for url (https://index.example/simple/six/)\n  cause: tcp connect error\n"
)
UV_FULL = "  cause: failed to write to file `/x/c.so`: No space left on device (os error 28)\n"
UV_HASH = "error: Failed to download `six==1.16.0`\n  cause: Hash mismatch for `six==1.16.0`\n"
UV_ABSENT = (
    "error: No solution found when resolving dependencies\n"
    "  cause: Because there is no version of six==99.0 and you require six==99.0, ...\n"
)
LOCK = """\
nvidia-nccl-cu13==2.30 ; sys_platform == 'linux' \\
    --hash=sha256:0a
    # via torch
setuptools==84.2.1 \\
    --hash=sha256:0b
six==1.16.0 \\
    --hash=sha256:0c
torch==2.15.0 \\
    --hash=sha256:0d
torchvision==0.29.2 \\
    --hash=sha256:0e
uv==0.13.9 \\
    --hash=sha256:0f
"""


@pytest.fixture
def project(tmp_path, monkeypatch):
    """An empty project; its environment is a real one, but nothing is installed into it, not even pip."""
    (tmp_path / "pyproject.toml").write_text('[project]\nname = "x"\n\n[tool.ruff]\nline-length = 110\n')
    (tmp_path / "requirements.txt").write_text(LOCK)
    (tmp_path / "grading").mkdir()
    (tmp_path / "grading" / "requirements.txt").write_text("zict==3.0.0 \\\n    --hash=sha256:10\n")
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
    monkeypatch.setattr(bootstrap, "pip_sources", dict)
    for installer in ("pip", "uv", "npm"):
        monkeypatch.setattr(bootstrap, installer, lambda *arguments: installs.append(arguments))
    monkeypatch.delenv("PYTHON", raising=False)
    monkeypatch.delenv("TORCH_INDEX", raising=False)
    return tmp_path, installs


def made_and_installed(project) -> tuple[str, int]:
    """Run the bootstrap; say what it did to the environment, and how often it ran pip, uv and npm."""
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
    assert made_and_installed(project) == ("made", 4)
    assert made_and_installed(project) == ("kept", 0)
    (root / "requirements.txt").write_text(LOCK.replace("six==1.16.0", "six==1.17.0"))
    assert made_and_installed(project) == ("kept", 4)
    (root / "grading" / "requirements.txt").write_text("zict==3.1.0 \\\n    --hash=sha256:11\n")
    assert made_and_installed(project) == ("kept", 4)
    settings = (root / "pyproject.toml").read_text()
    (root / "pyproject.toml").write_text(settings.replace("110", "100"))  # does not concern the environment
    assert made_and_installed(project) == ("kept", 0)


def test_starts_over_when_it_was_interrupted_moved_or_broken(project):
    root, _ = project
    made_and_installed(project)
    (root / ".venv.incomplete").touch()
    assert made_and_installed(project) == ("made", 4)

    stamp = json.loads(bootstrap.STAMP.read_text())
    bootstrap.STAMP.write_text(json.dumps(stamp | {"place": "/somewhere/else/.venv"}))
    assert made_and_installed(project) == ("made", 4)

    bootstrap.VENV_PYTHON.unlink()
    bootstrap.VENV_PYTHON.symlink_to(root / "gone")
    assert made_and_installed(project) == ("made", 4)


def test_pip_installs_uv_and_uv_the_lock(project):
    _, installs = project
    bootstrap.main()
    (_, *first, _, path), (_, *lock), (_, *own), _ = installs
    assert first == ["--no-deps", "--require-hashes"]
    assert re.findall("[a-z-]+==.*|--hash.*", Path(path).read_text()) == [
        *("setuptools==84.2.1 \\", "--hash=sha256:0b", "uv==0.13.9 \\", "--hash=sha256:0f")
    ]
    assert lock[:2] == ["--require-hashes", "--no-build-isolation"]
    assert lock[2:] == ["--requirements", "requirements.txt", "--requirements", "grading/requirements.txt"]
    assert own == ["--no-deps", "--no-build-isolation", "--editable", "."]


def test_another_torch_starts_over_and_is_remembered(project, monkeypatch, tmp_path_factory):
    _, installs = project
    made_and_installed(project)
    monkeypatch.setenv("TORCH_INDEX", "https://wheels.example/cpu")
    assert made_and_installed(project) == ("made", 5)
    assert installs[2][1:] == (
        "--index",
        "https://wheels.example/cpu",
        "torch==2.15.0",
        "torchvision==0.29.2",
    )
    kept = Path(installs[1][-1]).read_text()
    assert "six" in kept and "zict" in kept and "torch" not in kept and "nvidia" not in kept
    monkeypatch.delenv("TORCH_INDEX")
    assert made_and_installed(project) == ("kept", 0)

    folder = str(tmp_path_factory.mktemp("wheels"))
    monkeypatch.setenv("TORCH_INDEX", folder)
    assert made_and_installed(project) == ("made", 5)
    assert installs[2][1:3] == ("--find-links", folder)
    monkeypatch.setenv("TORCH_INDEX", "")
    assert made_and_installed(project) == ("made", 4)


def test_settings_say_where_packages_come_from_and_nothing_else(tmp_path, monkeypatch):
    for name in list(os.environ):
        if name.startswith(("PIP_", "UV_")) or name in ("HTTPS_PROXY", "SSL_CERT_FILE"):
            monkeypatch.delenv(name)
    config = tmp_path / "pip.conf"
    config.write_text(
        "[global]\nindex-url = https://index.example/simple\nproxy = http://proxy.example:80\n"
        "extra-index-url =\n    https://one.example\n    https://two.example\ncert = /company.pem\n"
        "user = true\ntimeout = 3\n"
        "[install]\ntarget = /elsewhere\nno-binary = :all:\nconstraint = /none\ntimeout = 4\n"
    )
    monkeypatch.setenv("PIP_CONFIG_FILE", str(config))
    monkeypatch.setenv("PIP_TIMEOUT", "5")
    monkeypatch.setenv("PIP_USER", "1")
    monkeypatch.setenv("UV_SYSTEM_PYTHON", "1")
    monkeypatch.setenv("UV_EXCLUDE_NEWER", "2020-01-01")
    monkeypatch.setenv("UV_HTTP_TIMEOUT", "6")
    monkeypatch.setattr(bootstrap, "VENV_PYTHON", Path(sys.executable))
    ran = []
    monkeypatch.setattr(bootstrap, "run", lambda command, _, environment, **__: ran.append(environment))
    sources = bootstrap.pip_sources()
    bootstrap.pip(sources)
    bootstrap.uv(sources)

    pip, uv = ({k: v for k, v in environment.items() if k not in os.environ} for environment in ran)
    assert ran[0]["PIP_CONFIG_FILE"] == os.devnull
    assert ran[0]["PIP_TIMEOUT"] == "5"
    assert {name.removeprefix("PIP_") for name in ran[0] if name.startswith("PIP_")} == {
        *("INDEX_URL", "EXTRA_INDEX_URL", "PROXY", "CERT", "TIMEOUT", "CONFIG_FILE")
    }
    assert pip["PIP_INDEX_URL"] == "https://index.example/simple"
    assert uv == {
        "UV_DEFAULT_INDEX": "https://index.example/simple",
        "UV_INDEX": "https://one.example https://two.example",
        "UV_INDEX_STRATEGY": "unsafe-best-match",
        "HTTPS_PROXY": "http://proxy.example:80",
        "HTTP_PROXY": "http://proxy.example:80",
        "SSL_CERT_FILE": "/company.pem",
    }
    assert ran[1]["UV_HTTP_TIMEOUT"] == "6"  # uv's own settings come before pip's
    assert not {"UV_SYSTEM_PYTHON", "UV_EXCLUDE_NEWER"} & ran[1].keys()


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
        ("pip", PIP_REFUSED, "no network"),
        ("pip", PIP_HASH, "its hash is another one"),
        ("pip", "error: something new\n", "pip could not install uv"),
        ("uv", UV_REFUSED, "no network"),
        ("uv", UV_FULL, "The disk is full"),
        ("uv", UV_HASH, "its hash is another one"),
        ("uv", UV_ABSENT, "The package index lacks a package"),
        ("uv", "error: something new\n", "uv could not install the packages"),
        ("npm", "npm error code ENOTFOUND\n", "no network"),
        ("npm", "npm error code ENOSPC\n", "The disk is full"),
        ("npm", "npm error something new\n", "npm could not install the site"),
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
        getattr(bootstrap, installer)(*([] if installer == "npm" else [{}]), "six")
    assert output.strip() in capsys.readouterr().out


def test_the_file_parses_on_old_pythons():
    ast.parse(Path(bootstrap.__file__).read_text(encoding="utf-8"), feature_version=(3, 6))
