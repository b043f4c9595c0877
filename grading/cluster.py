"""Grade on all workers of a dask cluster: one on this machine, or one that is there, by its address.

Every worker keeps a warm box. A result is handed over as soon as it is there; what a worker that died was at
goes to another one. Workers on this machine take orders from this process alone, by certificates that end
with it. A scheduler and workers elsewhere start in a copy of this project, with `PYTHONPATH=.`; for `tls://`
addresses, dask's own settings name the certificates (`DASK_DISTRIBUTED__COMM__TLS__…`).
"""

import logging
import re
import signal
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from functools import cache
from threading import Lock

from distributed import Client, Future, KilledWorker, LocalCluster, as_completed

from grading import judge
from grading.box import Box, Limits, NoBoxError, require
from grading.judge import Record
from grading.notebooks import Work, assignments

AHEAD = 4  # submissions that wait for each worker: enough to keep it busy, few enough to hold in memory
SOON_S = 30  # seconds for a scheduler to answer, and for the first worker to come
START = """\
On the scheduler's machine:  PYTHONPATH=. .venv/bin/dask scheduler
On each worker's:            PYTHONPATH=. .venv/bin/dask worker {address} --nthreads 1"""
busy = Lock()  # a worker may have several threads: judges set torch's state, and a box answers one at a time


class ClusterError(Exception):
    """The cluster cannot grade; the message says why, and what to do."""


@cache
def _box(boxed: bool) -> Box:
    return Box({name: given.before for name, given in assignments().items()}, boxed)


@cache
def trouble(boxed: bool, version: str) -> str:
    """Return what keeps a worker from grading; "" if nothing does."""
    if judge.version() != version:
        return f"It has version {judge.version()} of course and torch, not {version}: use the same commit."
    try:
        if boxed:
            require()
    except NoBoxError as error:
        return str(error)
    return ""


def grade_here(
    work: Work, result: bool, boxed: bool, limits: Limits | None, version: str
) -> dict[str, Record] | str:
    """Grade a submission on a worker, in its warm box; return its result, or why there is none.

    Raises:
        ClusterError: The worker, which has come later than the others, cannot grade.
    """
    with busy:
        if says := trouble(boxed, version):
            raise ClusterError(f"A worker that has come meanwhile cannot grade. {says}")
        try:
            return judge.grade(work, _box(boxed), result, limits)
        except judge.BoxDiedError as error:
            return str(error)


@contextmanager
def connect(address: str, workers: int, boxed: bool = True) -> Iterator[Client]:
    """Connect to a scheduler, or (no address) to workers on this machine, which end with the connection.

    Raises:
        ClusterError: Nobody answers, no worker comes, or one of them cannot grade.
    """
    if address:
        if not re.match(r"(tcp|tls)://.+:\d+$", address):
            raise ClusterError(f"{address!r} is no address of a scheduler, such as tcp://localhost:8786.")
        print(f"  connecting to {address}", flush=True)
        with _reach(address) as client:
            _look_at_workers(client, boxed)
            yield client
    else:
        here = {
            "n_workers": workers,
            "threads_per_worker": 1,
            "dashboard_address": "127.0.0.1:0",
            "host": "127.0.0.1",
        }
        with ExitStack() as stack:
            # An interruption is for this process alone, which ends the workers.
            usual = signal.signal(signal.SIGINT, signal.SIG_IGN)
            try:
                made = LocalCluster(**here, security=True, silence_logs=logging.CRITICAL)
                client = stack.enter_context(Client(stack.enter_context(made)))
            finally:
                signal.signal(signal.SIGINT, usual)
            yield client


def _reach(address: str) -> Client:
    try:
        return Client(address, timeout=SOON_S)
    except (OSError, ValueError, TypeError) as error:  # no answer; an address of another kind; no certificate
        says = f"No scheduler can be reached at {address}: {error}\n"
        raise ClusterError(says + START.format(address=address)) from None


def _look_at_workers(client: Client, boxed: bool) -> None:
    address = client.scheduler.address
    try:
        client.wait_for_workers(1, timeout=SOON_S)
    except TimeoutError:
        says = f"The scheduler at {address} has no workers.\n"
        raise ClusterError(says + START.format(address=address)) from None
    says = client.run(trouble, boxed, judge.version(), on_error="return")
    if wrong := {worker: said for worker, said in says.items() if said}:
        lines = "\n".join(f"  {worker}: {said}" for worker, said in wrong.items())
        raise ClusterError(f"{len(wrong)} of {len(says)} workers cannot grade:\n{lines}")


def grade_all(
    client: Client,
    works: Mapping[str, Work],
    result: bool = False,
    boxed: bool = True,
    limits: Limits | None = None,
) -> Iterator[tuple[str, dict[str, Record] | str]]:
    """Grade submissions on all workers.

    Args:
        client: Connected to the workers.
        works: The submissions by key.
        result: Whether whole notebooks are run, too.
        boxed: False for notebooks of one's own.
        limits: For each task, by default those of `Limits`.

    Yields:
        A key and its result, as they come, or why there is none: it took workers or boxes with it.

    Raises:
        ClusterError: A worker that has come meanwhile cannot grade.
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
        except KilledWorker as error:
            yield key, str(error)
        future.release()
        for following in submit():
            pool.add(following)
