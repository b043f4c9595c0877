"""Print where the time of `make test` went: steps, notebooks, the slowest tests, each when it ran last.

    python -m tools.times

Seconds depend on the computer and on what else it does; shares and order hardly do.
"""

import json
import os
import time
from pathlib import Path
from xml.etree import ElementTree

from jupyter_cache import get_cache

from tools.digests import load

BUILD = Path(__file__).parents[1] / "_build"
SLOWEST = 20  # tests


class Clock:
    """A context that writes down the seconds, by the clock and of CPU time, that a part of the work takes."""

    def __init__(self, times: Path, name: str) -> None:
        self.times, self.name = times, name

    def __enter__(self) -> None:
        self.start, self.cpu = time.monotonic(), cpu_seconds()

    def __exit__(self, *_: object) -> None:
        seconds = time.monotonic() - self.start, cpu_seconds() - self.cpu
        self.times.parent.mkdir(exist_ok=True)
        self.times.write_text(json.dumps(load(self.times) | {self.name: seconds}, indent=1))


def cpu_seconds() -> float:
    """Return the CPU time of this process and of those that it has waited for."""
    return sum(os.times()[:4])


def show(title: str, seconds: dict[str, float]) -> None:
    """Print a table, the largest first, with shares."""
    print(f"\n{title}")
    total = sum(seconds.values())
    for name, value in sorted(seconds.items(), key=lambda item: -item[1]):
        print(f"{value:8.1f} s {value / total:6.1%}  {name}")
    print(f"{total:8.1f} s         in all")


def main() -> None:
    """Print the tables."""
    times = load(BUILD / "times.json")
    show("Steps, by the clock", {name: seconds for name, (seconds, _) in times.items() if ":" not in name})
    show(
        "Parts of a step, by the clock",
        {name: seconds for name, (seconds, _) in times.items() if ":" in name},
    )
    records = get_cache(BUILD / ".jupyter_cache").list_cache_records()
    show(
        "Notebooks, CPU time",
        {"/".join(Path(r.uri).parts[-2:]): r.data["execution_seconds"] for r in records},
    )
    tests = {
        f"{case.get('classname')}::{case.get('name')}": float(case.get("time"))
        for report in (BUILD / "tests").glob("*.xml")
        for case in ElementTree.parse(report).iter("testcase")
    }
    slowest = sorted(tests, key=tests.get, reverse=True)[:SLOWEST]
    show(f"The slowest {SLOWEST} of {len(tests)} tests", {name: tests[name] for name in slowest})


if __name__ == "__main__":
    main()
