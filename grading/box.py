"""The box that a learner's code runs in: bubblewrap around `inside`, one warm box for each worker.

In the box there are Python, its packages, the course's helpers, and nothing else: no network, no other
process, no submission, no solution, no repository. Nothing can be written but an empty home, each task's own.
"""

import json
import os
import selectors
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[1]
HOME = "/home/learner"  # in the box; each fork has its own there
INSTALL = """\
Grading runs learners' code in a box, and needs bubblewrap for it (Linux):
  Debian, Ubuntu:  sudo apt install bubblewrap
  Fedora:          sudo dnf install bubblewrap
For notebooks that you wrote yourself, UNSAFE=1 goes without: their code can then do what you can."""
REFUSED = """\
The kernel, or what guards it, refuses namespaces to users. Ubuntu does, from 23.10 on, until AppArmor is
told that bubblewrap may have them: `instructor.md` says how. In a container, its guard has to allow them."""
WARM_S = 300.0  # seconds for a box to import everything, on a busy machine too


class NoBoxError(Exception):
    """There is no box here; the message says what to do."""


@dataclass(frozen=True)
class Limits:
    """What one task may use.

    Attributes:
        cpu_s: Seconds of CPU time.
        wall_s: Seconds by the clock.
        memory: Bytes, beside what the imports take.
        disk: Bytes in the home.
        output: Bytes that a probe may write.
    """

    cpu_s: int = 15
    wall_s: float = 90.0
    memory: int = 2 << 30
    disk: int = 64 << 20
    output: int = 8 << 20


def _readable() -> Iterator[str]:
    """Give the folders that Python needs, outermost first."""
    places = [sys.base_prefix, sys.prefix, *(name for name in sys.path if "-packages" in name)]
    for place in sorted({os.path.realpath(place) for place in places if place}):
        if not place.startswith("/usr/") and Path(place).is_dir():
            yield place


def command(boxed: bool) -> list[str]:
    """Return the command that starts `inside`, in a box or (`boxed` is false) without one."""
    if not boxed:
        return [sys.executable, str(ROOT / "grading" / "inside.py"), "bare"]
    here = {name: str(ROOT / "grading" / f"{name}.py") for name in ("inside", "confine")}
    options = ["bwrap", "--unshare-all", "--unshare-user", "--die-with-parent", "--new-session"]
    options += ["--cap-add", "CAP_SYS_ADMIN", "--clearenv"]
    options += ["--dev", "/dev", "--proc", "/proc"]
    options += ["--tmpfs", "/tmp", "--tmpfs", HOME]  # first: Python may be below one of them
    options += ["--ro-bind", "/usr", "/usr"]
    for name in ("/bin", "/lib", "/lib64", "/sbin", "/etc/ld.so.cache"):
        options += ["--ro-bind-try", name, name]
    for place in _readable():
        options += ["--ro-bind", place, place]
    options += ["--ro-bind", str(ROOT / "helpers"), "/course/helpers"]
    for name, path in here.items():
        options += ["--ro-bind", path, f"/course/{name}.py"]
    options += ["--remount-ro", "/dev", "--remount-ro", "/tmp", "--remount-ro", "/", "--chdir", HOME]
    for name, value in {
        **{"HOME": HOME, "TMPDIR": HOME, "PATH": "/usr/bin:/bin", "LANG": "C.UTF-8", "OMP_NUM_THREADS": "1"},
        **{"MPLCONFIGDIR": HOME, "PYTHONDONTWRITEBYTECODE": "1", "MPLBACKEND": "agg"},
    }.items():
        options += ["--setenv", name, value]
    return [*options, sys.executable, "/course/inside.py", "boxed"]


def require() -> None:
    """Make sure that a box can be made here.

    Raises:
        NoBoxError: It cannot; the message says why, and what to do.
    """
    if not shutil.which("bwrap"):
        raise NoBoxError(INSTALL)
    *around, _, _ = command(True)
    probe = [*around, "/course/confine.py"]
    done = subprocess.run(probe, capture_output=True, encoding="utf-8", stdin=subprocess.DEVNULL)
    if done.returncode:
        raise NoBoxError(f"bubblewrap is here, but cannot make a box:\n{done.stderr.strip()}\n{REFUSED}")


class Box:
    """A warm box. It starts when it is first asked, and again after it has died.

    Args:
        before: Cells that it runs to warm up, by assignment; what they define is there for all tasks.
        boxed: False runs without a box, for notebooks of one's own.
    """

    def __init__(self, before: Mapping[str, list[str]], boxed: bool = True) -> None:
        self.before, self.boxed = before, boxed
        self.process: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> "Box":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def start(self) -> None:
        """Start and warm up.

        Raises:
            NoBoxError: It does not start; the message has the last that it printed.
        """
        self.errors = tempfile.TemporaryFile()  # noqa: SIM115 (closed with the box)
        pipe = subprocess.PIPE
        environment = (
            os.environ if self.boxed else os.environ | {"PYTHONPATH": str(ROOT), "MPLBACKEND": "agg"}
        )
        self.process = subprocess.Popen(
            command(self.boxed), stdin=pipe, stdout=pipe, stderr=self.errors, env=environment, bufsize=0
        )
        try:
            self._send({"before": self.before})
            self._line(time.monotonic() + WARM_S)
        except OSError as error:
            self.close()
            raise NoBoxError(f"The box did not start ({error}):\n{self.last_words()}") from None

    def ask(self, request: dict[str, Any], limits: Limits) -> tuple[str, bytes]:
        """Run a request (see `inside.look`).

        Returns:
            How it ended (see `inside.ask`), and the bytes it wrote; `box` if the box dies, and a new one too,
            and its last words.
        """
        for _ in range(2):
            if not self.process:
                self.start()
            until = time.monotonic() + limits.wall_s + 30
            try:
                self._send(request | asdict(limits))
                head = json.loads(self._line(until))
                return head["ended"], self._read(head["size"], until)
            except OSError:
                self.close()
        return "box", self.last_words().encode()

    def last_words(self) -> str:
        """Return the end of what a box has printed that has died."""
        self.errors.seek(0)
        return self.errors.read()[-2000:].decode(errors="replace").strip()

    def close(self) -> None:
        """End the box, and all that runs in it."""
        if self.process:
            self.process.kill()
            self.process.wait()
            self.process.stdin.close()
            self.process.stdout.close()
            self.process = None

    def _send(self, message: dict[str, Any]) -> None:
        left = json.dumps(message).encode() + b"\n"
        while left:
            left = left[self.process.stdin.write(left) :]

    def _read(self, size: int, until: float) -> bytes:
        whole = b""
        with selectors.DefaultSelector() as ready:
            ready.register(self.process.stdout, selectors.EVENT_READ)
            while len(whole) < size:
                if not ready.select(max(0.0, until - time.monotonic())):
                    raise TimeoutError("it took too long")
                if not (part := os.read(self.process.stdout.fileno(), size - len(whole))):
                    raise ConnectionError("it ended")
                whole += part
        return whole

    def _line(self, until: float) -> bytes:
        line = b""
        while not line.endswith(b"\n"):
            line += self._read(1, until)
        return line
