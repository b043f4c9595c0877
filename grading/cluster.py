"""Grade on all workers of a dask cluster: one on this machine, or one that is there, by its address.

Every worker keeps a warm box. A result is handed over as soon as it is there; what a worker that died was at
goes to another one. Workers elsewhere are started in a copy of this project: `PYTHONPATH=. dask worker …`.
For `tls://` addresses, dask's own settings name the certificates (`DASK_DISTRIBUTED__COMM__TLS__…`).
"""

import logging
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from functools import cache
from threading import Lock

from distributed import Client, Future, KilledWorker, LocalCluster, as_completed

from grading import judge
from grading.box import Box, Limits
from grading.judge import Record
from grading.notebooks import Work, assignments

AHEAD = 4  # submissions that wait for each worker: enough to keep it busy, few enough to hold in memory
busy = Lock()  # a worker may have several threads: judges set torch's state, and a box answers one at a time


@cache
def _box(boxed: bool) -> Box:
    return Box([given.imports for given in assignments().values()], boxed)


def grade_here(
    work: Work, result: bool, boxed: bool, limits: Limits | None, version: str
) -> dict[str, Record]:
    """Grade a submission on a worker, in its warm box.

    Raises:
        RuntimeError: The worker has another version of the course.
    """
    if judge.version() != version:
        raise RuntimeError(f"A worker has version {judge.version()} of course and torch, and not {version}.")
    with busy:
        return judge.grade(work, _box(boxed), result, limits)


@contextmanager
def connect(address: str, workers: int) -> Iterator[Client]:
    """Connect to a scheduler, or (no address) to workers on this machine, which end with the connection."""
    if address:
        with Client(address) as client:
            yield client
    else:
        here = {"n_workers": workers, "threads_per_worker": 1, "dashboard_address": None, "host": "127.0.0.1"}
        with LocalCluster(**here, silence_logs=logging.ERROR) as cluster, Client(cluster) as client:
            yield client


def grade_all(
    client: Client,
    works: Mapping[str, Work],
    result: bool = False,
    boxed: bool = True,
    limits: Limits | None = None,
) -> Iterator[tuple[str, dict[str, Record] | None]]:
    """Grade submissions on all workers.

    Args:
        client: Connected to the workers.
        works: The submissions by key.
        result: Whether whole notebooks are run, too.
        boxed: False for notebooks of one's own.
        limits: For each task, by default those of `Limits`.

    Yields:
        A key and its result, as they come; None if it took several workers with it.
    """
    left, version = iter(works.items()), judge.version()

    def submit() -> Iterator[Future]:
        for key, work in left:
            given = work, result, boxed, limits, version
            yield client.submit(grade_here, *given, key=f"grade-{key}", pure=False)
            return

    ahead = AHEAD * max(1, len(client.scheduler_info(n_workers=-1)["workers"]))
    pool = as_completed([future for _ in range(ahead) for future in submit()])
    for future in pool:
        key = future.key.removeprefix("grade-")
        try:
            yield key, future.result()
        except KilledWorker:
            yield key, None
        future.release()
        for following in submit():
            pool.add(following)
