"""Inside the box: a warm process that forks for each task, and what the fork does. Not for import.

The warm process has run the course's own cells, and nothing of a learner's. For each request a copy of it
reads a line, forks, and passes on what the fork writes: a line that says how it ended, then its bytes,
unread. In the fork, the cells of one submission run up to one task's, and the task's probe looks at the
answer.

The warm process itself reads no request: a fork can read all the memory that it is a copy of, also what was
freed there, and no earlier learner's code may be in it.
"""

import json
import linecache
import os
import re
import select
import signal
import sys
import time
from collections.abc import Callable
from typing import Any

import confine

READY = b" "  # what the fork writes before its values: to JSON it is nothing


def run_cell(source: str, number: int, scope: dict[str, Any]) -> None:
    """Run a cell as a notebook does, with its own lines for error messages; magics do nothing."""
    from IPython.core.inputtransformer2 import TransformerManager

    source = re.sub(r"\A(\s*%%.*\n)+", lambda magics: "\n" * magics[0].count("\n"), source)
    name = f"<cell {number}>"
    try:
        source = TransformerManager().transform_cell(source)
        code = compile(source, name, "exec")
    except SyntaxError as error:
        line = f"line {error.lineno}: {(error.text or '').strip()}"
        raise type(error)(f"{error.msg} ({line})") from None
    linecache.cache[name] = (len(source), None, source.splitlines(keepends=True), name)
    exec(code, scope)


class Quiet:
    """Stands for IPython, and for a notebook's checks: whatever is called does nothing."""

    def __init__(self) -> None:
        self.result_of: tuple[Any, ...] = ()

    def __getattr__(self, name: str) -> Any:
        return lambda *_, **__: None

    def result(self, *answer: Any) -> None:
        """Keep what a notebook gives to `check.result`."""
        self.result_of = answer


def look(request: dict[str, Any], scope: dict[str, Any], ready: Callable[[], Any]) -> dict[str, Any]:
    """Run a submission's cells, and return what the task's probe sees, in values that JSON can hold.

    Args:
        request: `assignment`, `task`, `around`, `cells`, `answer`: its name. None runs the cells as a whole
            notebook, whose result it is that is asked for.
        scope: What the cells of the course define.
        ready: Called when the cells have run.
    """
    from importlib import import_module

    from helpers.checks.values import safely

    check = import_module(f"helpers.checks.{request['assignment']}").check
    task, quiet = check.tasks[request["task"]], Quiet()
    for statement in request["around"]:
        safely(run_cell, statement, 0, scope)
    whole = request["answer"] is None
    if whole:
        scope["check"] = quiet
    for number, cell in enumerate(request["cells"], 1):
        _, error = safely(run_cell, cell, number, scope)
        if error and (whole or number == len(request["cells"])):
            return {"cell": error}
    ready()
    if whole:
        return {"seen": task.probe(*quiet.result_of)} if quiet.result_of else {"missing": True}
    if request["answer"] not in scope:
        return {"missing": True}
    return {"seen": task.probe(scope[request["answer"]])}


def fork(request: dict[str, Any], scope: dict[str, Any], pipe: int, boxed: bool) -> None:
    """Be the fork: give up everything, look, write, end."""
    write, end, dumps = os.write, os._exit, json.dumps  # before anything can be patched
    try:
        nothing = os.open(os.devnull, os.O_RDWR)
        for number in (0, 1, 2):
            os.dup2(nothing, number)
        pipe = os.dup2(pipe, 3)
        os.closerange(4, 1000)
        memory = confine.address_space() + request["memory"]
        if boxed:
            confine.confine(os.environ["HOME"], request["disk"])
        confine.limit(request["cpu_s"], memory, request["disk"])
        os.chdir(os.environ["HOME"] if boxed else "/tmp")
        left = dumps(look(request, scope, lambda: write(pipe, READY)), allow_nan=False).encode()
        while left:
            left = left[write(pipe, left) :]
    finally:
        end(0)


def ask(request: dict[str, Any], scope: dict[str, Any], boxed: bool) -> tuple[str, bytes]:
    """Fork, and wait. Return how it ended (`exit`, `cpu`, `time`, `output`, or a signal), and its bytes."""
    read, write = os.pipe()
    if not (child := os.fork()):
        fork(request, scope, write, boxed)
    os.close(write)
    ended, parts, size, until = "exit", [], 0, time.monotonic() + request["wall_s"]
    while True:
        if not select.select([read], [], [], max(0, until - time.monotonic()))[0]:
            ended = "time"
            break
        part = os.read(read, 1 << 16)
        size += len(part)
        if not part:
            break
        if size > request["output"]:
            ended = "output"
            break
        parts.append(part)
    os.close(read)
    if ended != "exit":
        os.kill(child, signal.SIGKILL)
    # Whoever closes the pipe and goes on has no more to say.
    until, late = time.monotonic() + 1, False
    while not (done := os.wait4(child, os.WNOHANG))[0]:
        if time.monotonic() > until:
            os.kill(child, signal.SIGKILL)
            late = True
        time.sleep(0.002)
    _, status, used = done
    if ended == "exit" and os.WIFSIGNALED(status) and not late:
        # The limit counts ticks of the clock, and what was used is measured: on a busy machine they differ.
        too_long = used.ru_utime + used.ru_stime > request["cpu_s"] / 2
        ended = "cpu" if too_long else str(os.WTERMSIG(status))
    return ended, b"".join(parts)


def warm_up(before: dict[str, list[str]]) -> dict[str, dict[str, Any]]:
    """Run cells of the course, import what torch imports late, and return what the cells define."""
    scopes: dict[str, dict[str, Any]] = {}
    for assignment, cells in before.items():
        scopes[assignment] = {"__name__": "__main__", "get_ipython": Quiet}
        for source in cells:
            run_cell(source, 0, scopes[assignment])
    import torch

    torch.set_num_threads(1)
    weight = torch.zeros(1, requires_grad=True)
    torch.optim.Adam([weight])
    weight.sum().backward()
    return scopes


def main(boxed: bool) -> None:
    """Answer requests until there are no more."""
    first = json.loads(sys.stdin.buffer.readline())
    answers = os.dup(1)
    os.dup2(2, 1)  # nothing that is imported prints among the answers
    scopes = warm_up(first["before"])
    os.write(answers, b"{}\n")
    while True:
        select.select([0], [], [])  # nothing of a request is read here
        if not (copy := os.fork()):
            os._exit(not answer(answers, scopes, boxed))
        if os.waitpid(copy, 0)[1]:
            return


def answer(answers: int, scopes: dict[str, dict[str, Any]], boxed: bool) -> bool:
    """Answer a request, in a copy of the warm process; return whether there was one."""
    if line := sys.stdin.buffer.readline():
        if boxed:
            confine.leave_processes()
        request = json.loads(line)
        ended, seen = ask(request, scopes[request["assignment"]], boxed)
        with os.fdopen(os.dup(answers), "wb") as out:
            out.write(json.dumps({"ended": ended, "size": len(seen)}).encode() + b"\n" + seen)
    return bool(line)


if __name__ == "__main__":
    import inside  # under its own name: the frames of `__main__` are the learner's

    inside.main(sys.argv[1] == "boxed")
