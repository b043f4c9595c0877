"""Make submissions up, to try grading out: right, wrong, unfilled, broken and hostile ones.

    python -m grading.samples FOLDER [NUMBER [ASSIGNMENT ...]]

Their answers are those with which the checks are tested (`tests/checks/wrong_answers`). The same arguments
give the same folder.
"""

import json
import random
import sys
from importlib import import_module
from pathlib import Path
from typing import Any

from grading.box import ROOT
from grading.notebooks import assignments

FAMILY = [
    "Kim",
    "Lee",
    "Park",
    "Müller",
    "Nguyen",
    "García",
    "O'Brien",
    "Novák",
    "Şahin",
    "김",
    "이",
    "Sørensen",
]
GIVEN = [
    "Ada",
    "Min",
    "Noor",
    "Zoë",
    "Jun",
    "Tuán",
    "Íñigo",
    "민수",
    "서연",
    "Björk",
    "Ravi",
    "=1+1",
    "<b>Max</b>",
]
HOSTILE = {
    "loop": "while True:\n    try:\n        while True: pass\n    except BaseException: pass",
    "end": "import os\nos._exit(0)",
    "forks": "import os\nwhile True: os.fork()",
    "memory": "hoard = bytearray(3 << 30)",
    "disk": "open('/tmp/full', 'wb').write(bytes(1 << 30))",
    "patch": "import helpers.checks.verdicts as v\nv.right.__code__ = (lambda **_: None).__code__",
    "network": "import socket\nsocket.create_connection(('127.0.0.1', 22))",
}


def fill(name: str, cells: dict[str, str]) -> dict[str, Any]:
    """Return an assignment's notebook with these cells in its tasks, by the tasks' names."""
    notebook = json.loads((ROOT / "assignments" / f"{name}.ipynb").read_text(encoding="utf-8"))
    for cell in notebook["cells"]:
        if (task := cell["id"].removeprefix("task-")) in cells:
            cell["source"] = cells[task]
    return notebook


def answers(name: str) -> tuple[dict[str, list[str]], dict[str, list[str]]]:
    """Return the right and the wrong answers to each task of an assignment."""
    sys.path.append(str(ROOT / "tests" / "checks"))
    written = import_module(f"wrong_answers.{name}")
    tasks = assignments()[name].stubs
    wrong = {task: [one for some in written.WRONG[task].values() for one in some] for task in tasks}
    return {task: list(written.RIGHT[task]) for task in tasks}, wrong


def make(folder: Path, number: int, names: list[str]) -> None:
    """Write submissions: a folder a learner, a notebook of each assignment in it."""
    draw = random.Random(0)
    known = {name: answers(name) for name in names}
    for n in range(number):
        who = f"{draw.choice(GIVEN)} {draw.choice(FAMILY)} {n + 1}".replace("/", "_")
        (folder / who).mkdir(parents=True)
        for name in names:
            right, wrong = known[name]
            kind = draw.random()
            cells = {}
            for task in right:
                if draw.random() < 0.9:  # or left as it is
                    cells[task] = draw.choice((right if draw.random() < 0.6 else wrong)[task])
            if kind < 0.1:
                cells = {}
            elif kind < 0.2:
                cells[draw.choice([*right])] = draw.choice([*HOSTILE.values()])
            text = json.dumps(fill(name, cells), ensure_ascii=False, indent=1)
            if kind > 0.97:
                text = text[: len(text) // 2]
            (folder / who / f"{name}.ipynb").write_text(text, encoding="utf-8")


if __name__ == "__main__":
    if len(sys.argv) < 2:
        sys.exit(__doc__)
    target, number, *names = *sys.argv[1:], *["30"][len(sys.argv) - 2 :]
    make(Path(target), int(number), names or ["mlp"])
    print(f"Made {number} submissions in {target}.")
