"""Measure what grading costs: the warm box and the cold one, and submissions a second by number of workers.

    python -m grading.benchmark [NUMBER [WORKERS ...]]

Submissions are the course's own assignments as they were given out, each made different by a comment.
"""

import os
import resource
import sys
import time
from collections.abc import Callable

from grading import judge
from grading.box import Box, require
from grading.cluster import connect, grade_all
from grading.notebooks import Work, assignments


def works(number: int) -> dict[str, Work]:
    """Return submissions by key, none like another."""
    made = {}
    for n in range(number):
        given = list(assignments().values())[n % len(assignments())]
        work = Work(given.name, {task: f"{stub}\n# {n}" for task, stub in given.stubs.items()})
        made[judge.key(work, False)] = work
    return made


def seconds(action: Callable[[], object]) -> float:
    """Return how long an action takes, by the clock."""
    start = time.monotonic()
    action()
    return time.monotonic() - start


def boxes(rounds: int = 3) -> None:
    """Print what a submission costs in a warm box, and in a box of its own."""
    work = next(iter(works(1).values()))
    with Box({name: given.before for name, given in assignments().items()}) as box:
        start = seconds(box.start)
        judge.grade(work, box)
        warm = min(seconds(lambda: judge.grade(work, box)) for _ in range(rounds))
    print(f"a box starts in {start:.1f} s; then a submission of {len(work.cells)} tasks takes {warm:.2f} s")
    print(
        f"in a box of its own it would take {start + warm:.1f} s: {(start + warm) / warm:.0f} times as long"
    )


def rates(number: int, workers: list[int]) -> None:
    """Print submissions a second for each number of workers, and the memory of this process."""
    print("workers  submissions/s  start (s)  memory here (MB)")
    for count in workers:
        with connect("", count) as client:
            few = works(2 * count)
            start = seconds(lambda: list(grade_all(client, few)))  # noqa: B023 (called at once)
            taken = seconds(lambda: list(grade_all(client, works(number))))
        most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss >> 10
        print(f"{count:7}  {number / taken:13.2f}  {start:9.1f}  {most:16}", flush=True)


if __name__ == "__main__":
    number, *workers = map(int, sys.argv[1:] or ["40"])
    require()
    boxes()
    rates(number, workers or list(range(1, (os.cpu_count() or 1) + 1)))
