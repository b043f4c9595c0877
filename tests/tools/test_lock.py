"""The locks pin everything that the project needs here, at the version that is installed."""

import json
import re
from importlib import metadata
from pathlib import Path

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from plotly.offline import get_plotlyjs_version

ROOT = Path(__file__).parents[2]
LOCKS = ("requirements.txt", "grading/requirements.txt")
PROJECT = "week-of-deep-learning-helpers"


def applies(requirement: Requirement, extras: frozenset[str] = frozenset()) -> bool:
    """Say whether a requirement holds for this Python on this computer, with the extras asked for."""
    marker = requirement.marker
    return marker is None or any(marker.evaluate({"extra": extra}) for extra in extras | {""})


def collect(name: str, extras: frozenset[str], seen: set[tuple[str, frozenset[str]]]) -> None:
    """Collect in `seen` a package and all that it needs here."""
    if (name, extras) in seen:
        return
    seen.add((name, extras))
    for requirement in map(Requirement, metadata.requires(name) or []):
        if applies(requirement, extras):
            collect(canonicalize_name(requirement.name), frozenset(requirement.extras), seen)


def lock() -> dict[str, list[str]]:
    """Return the requirements in both locks, each with its hashes."""
    texts = [(ROOT / name).read_text(encoding="utf-8") for name in LOCKS]
    text = "\n".join(texts)
    entries = re.split(r"\n(?=[a-z])", re.sub(r" *#.*", "", text))
    return {entry.split(" \\\n")[0]: re.findall(r"--hash=sha256:(\w{64})", entry) for entry in entries}


def test_every_requirement_has_hashes():
    assert [line for line, hashes in lock().items() if not hashes] == []


def test_where_both_locks_name_a_package_they_agree():
    texts = [(ROOT / name).read_text(encoding="utf-8") for name in LOCKS]
    book, grading = (dict(re.findall(r"^([a-z0-9-]+)==(\S+)", text, re.MULTILINE)) for text in texts)
    assert {name: version for name, version in grading.items() if book.get(name, version) != version} == {}


def test_the_lock_is_complete():
    requirements = [Requirement(line) for line in lock()]
    pinned = {canonicalize_name(line.name): str(line.specifier) for line in requirements if applies(line)}
    seen = set()
    collect(PROJECT, frozenset({"book", "grading"}), seen)
    versions = {name: metadata.version(name).split("+")[0] for name, _ in seen if name != PROJECT}
    assert len(versions) > 100
    wrong = {name: version for name, version in versions.items() if pinned.get(name) != f"=={version}"}
    assert wrong == {}, "needed and installed, but not so in the lock: run make lock, then make env"


def test_the_scripts_from_npm_are_those_that_plotly_writes_for():
    scripts = json.loads((ROOT / "package.json").read_text())["dependencies"]
    versions = {version for name, version in scripts.items() if "plotly" in name}
    assert versions == {get_plotlyjs_version()}, "run: npm install plotly.js-… with the version on the right"
