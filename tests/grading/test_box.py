"""In the box, answers get the verdicts of a notebook, and nobody gets out of it or changes a score."""

import json
import sys
import time
from ast import literal_eval
from pathlib import Path

import pytest

from grading import confine, judge
from grading.box import ROOT, Box, Limits, NoBoxError, command, require
from grading.notebooks import Work, assignments, extract
from grading.samples import answers

SHORT = Limits(cpu_s=2, wall_s=20.0)  # for those that would never end
RIGHT = "def count_correct(logits, y):\n    return (logits.argmax(1) == y).sum().item()"
WRONG = "def count_correct(logits, y):\n    return 0"


def grade(box, source, task="count", limits=SHORT, assignment="mlp", **more):
    """Return what one task's cell is worth."""
    return judge.grade(Work(assignment, {task: source}, **more), box, limits=limits)[task]


def said(box, expression, before=""):
    """Return what an expression gives in the box."""
    record = grade(
        box, f"{before}\nraise ValueError('<' + repr({expression}) + '>')", limits=Limits(cpu_s=10)
    )
    return record["verdict"]["got"].partition("<")[2].rpartition(">")[0]


@pytest.mark.parametrize("name", assignments())
def test_solutions_are_right(box, name):
    notebook = json.loads((ROOT / "solutions" / f"{name}.ipynb").read_text(encoding="utf-8"))
    cells = [
        {"id": cell["id"], "source": "".join(cell["source"])}
        for cell in notebook["cells"]
        if cell["cell_type"] == "code"
    ]
    records = judge.grade(extract(cells, assignments()[name]), box)
    assert {task: record["outcome"] for task, record in records.items()} == dict.fromkeys(
        assignments()[name].stubs, "right"
    )


@pytest.mark.parametrize("name", assignments())
def test_what_was_given_out_is_not_attempted(box, name):
    records = judge.grade(Work(name, assignments()[name].stubs), box)
    assert {record["outcome"] for record in records.values()} == {"not attempted"}


def test_mistakes_are_named_as_in_a_notebook(box):
    answers("mlp")  # makes `wrong_answers` importable
    from wrong_answers import mlp

    for diagnosis, (source, *_) in mlp.WRONG["count"].items():
        record = grade(box, source)
        assert (record["outcome"], record["verdict"]["id"]) == ("wrong", diagnosis)
        assert diagnosis in mlp.WRONG["count"] and "Task 3" in judge.message("mlp", "count", record).headline


def test_an_exception_is_explained_with_the_learners_line(box):
    record = grade(box, "def count_correct(logits, y):\n    return logitz")
    assert record["outcome"] == "raised" and "logitz" in record["verdict"]["line"]
    record = grade(box, "def count_correct(logits, y)\n    return 0")
    assert record["outcome"] == "raised" and record["verdict"]["line"] == ""
    got = "SyntaxError: expected ':' (line 1: def count_correct(logits, y))"
    assert record["verdict"]["got"] == got


def test_each_task_sees_the_cells_above_and_the_learners_imports(box):
    counts = "def count_correct(logits, y):\n    return own((logits.argmax(1) == y).sum())"
    cells = {"predict": "def own(x):\n    return math.floor(x)", "count": counts}
    work = Work("mlp", cells, around=["import math", "import nothing_of_that_name"])
    records = judge.grade(work, box)
    assert records["count"]["outcome"] == "right"
    assert records["predict"]["outcome"] == records["layers"]["outcome"] == "missing"


def test_a_cell_that_never_ends_stops_its_own_task_alone(box):
    work = Work("mlp", {"predict": "while True: pass", "count": RIGHT})
    records = judge.grade(work, box, limits=SHORT)
    assert (records["predict"]["outcome"], records["count"]["outcome"]) == ("stopped", "right")


def test_a_task_may_build_on_what_the_course_defines_above_it(box):
    source = RIGHT.replace(
        "    return", "    assert x.device == device and EPOCHS and ydim == 10\n    return"
    )
    assert grade(box, source.replace("x.device", "logits.device"))["outcome"] == "right"


def test_magics_do_nothing(box):
    assert grade(box, f"%matplotlib inline\n!rm -rf ~\n{RIGHT}")["outcome"] == "right"
    assert grade(box, f"%%time\n{RIGHT}")["outcome"] == "right"


HOSTILE = {
    "a loop that ignores interrupts": (
        "import signal\nfor n in range(1, 65):\n    try: signal.signal(n, signal.SIG_IGN)\n"
        "    except (OSError, ValueError): pass\n"
        "while True:\n    try:\n        while True: pass\n    except BaseException: pass",
        ("stopped", "loop"),
    ),
    "_exit": ("import os\nos._exit(0)", ("stopped", "ended the whole process")),
    "crash": ("import ctypes\nctypes.string_at(0)", ("stopped", "crashed")),
    "fork": ("import os\nwhile True:\n    os.fork()", ("raised", "not permitted")),
    "program": ("import subprocess\nsubprocess.run(['/bin/sh'])", ("raised", "not permitted")),
    "thread": (
        "import threading\nwhile True:\n    threading.Thread(target=print).start()",
        ("raised", "new thread"),
    ),
    "memory": ("hoard = bytearray(3 << 30)", ("raised", "MemoryError")),
    "shared memory": ("import mmap\nmmap.mmap(-1, 3 << 30)", ("raised", "memory")),
    "memory in a file": ("import os\nos.memfd_create('x')", ("raised", "not permitted")),
    "a large file": ("open('x', 'wb').write(bytes(65 << 20))", ("raised", "too large")),
    "a full disk": (
        "for n in range(9):\n    open(str(n), 'wb').write(bytes(10 << 20))",
        ("raised", "No space left"),
    ),
    "many files": ("for n in range(9999):\n    open(str(n), 'w').close()", ("raised", "No space left")),
    "open files": ("files = [open('/dev/null') for n in range(99)]", ("raised", "Too many open files")),
    "network": ("import socket\nsocket.create_connection(('127.0.0.1', 22))", ("raised", "not permitted")),
    "kill all": ("import os\nos.kill(-1, 9)", ("raised", "not permitted")),
    "kill the parent": ("import os\nos.kill(os.getppid(), 9)", ("raised", "not permitted")),
    "a limit of the parent": (
        "import resource\nresource.prlimit(2, resource.RLIMIT_NOFILE, (3, 3))",
        ("raised", "No such process"),
    ),
    "orders for the parent": (
        "import os\nassert (os.getpid(), os.getppid()) == (1, 0)\nos.sched_setaffinity(2, {0})",
        ("raised", "No such process"),
    ),
    "close the pipe and go on": ("import os\nos.close(3)\nwhile True: pass", ("stopped", "ended the whole")),
    "more memory": (
        "import resource\nresource.setrlimit(resource.RLIMIT_AS, (1 << 50, 1 << 50))",
        ("raised", "not allowed"),
    ),
    "another namespace": (
        "import ctypes\nlib = ctypes.CDLL(None, use_errno=True)\n"
        "assert lib.unshare(0x10000000) or lib.ptrace(16, 1, 0, 0) or lib.mount(0, 0, 0, 0, 0)",
        ("missing", "does not define"),
    ),
    "write to the course": ("open('/course/helpers/checks/mlp.py', 'a')", ("raised", "Read-only")),
    "take a device from everybody": (  # its mode is set to what it is already: nothing is harmed
        "import os\nos.chmod('/dev/null', os.stat('/dev/null').st_mode & 0o777)",
        ("raised", "not permitted"),
    ),
    "write to Python": ("import torch\nopen(torch.__file__, 'a')", ("raised", "Read-only")),
    "an interrupt of its own": ("raise KeyboardInterrupt", ("stopped", "ended the whole process")),
    "leave": ("raise SystemExit", ("raised", "SystemExit")),
    "a name of its own": (
        "__name__ = 'x'\ncount_correct = type('right', (), {'__class__': str})",
        ("raised", ""),
    ),
    "endless recursion": ("import sys\nsys.setrecursionlimit(10**9)\ndef f(): f()\nf()", ("stopped", "")),
}


@pytest.mark.parametrize(("source", "wanted"), HOSTILE.values(), ids=HOSTILE)
def test_hostile_code_ends_in_a_clear_line_and_the_next_one_is_graded(box, source, wanted):
    record = grade(box, source)
    says = judge.message("mlp", "count", record)
    outcome, words = wanted
    assert record["outcome"] == outcome and words in repr(says).replace("\n" + " " * 14, " "), says
    assert grade(box, RIGHT)["outcome"] == "right"


WRITE = "import os\nos.write(3, {!r})\nos._exit(0)"
LARGE = b'{"seen": {"counts": [{"type": "Tensor", "shape": [999999, 999999]}], "settings_left": {}}}'
FORGERIES = {
    "words in the pipe": WRITE.format(b'{"outcome": "right"}'),
    "noise in the pipe": WRITE.format(b"\xff" * 9999),
    "a flood in the pipe": "import os\nwhile True:\n    os.write(3, bytes(1 << 16))",
    "a verdict": WRITE.format(b'{"seen": {"outcome": "right", "id": "right"}}'),
    "a huge tensor": WRITE.format(LARGE),
    "patched verdicts": "import helpers.checks.verdicts as v\nv.right = v.wrong = lambda *_, **__: None",
    "a patched judge": "import helpers.checks.mlp as m\n"
    "m.judge_count = m.check.tasks['count'].judge = lambda seen: m.right()\nm.COUNTS[:] = [0, 0, 0, 0]",
    "patched comparisons": "import helpers.checks.values as v\nv.agree = v.same = lambda *a: True",
    "patched builtins": "import builtins\nbuiltins.len = builtins.all = lambda *a: True",
    "patched torch": "torch.allclose = torch.equal = lambda *a, **k: True\ntorch.Tensor.__eq__ = None",
    "patched json": 'import json\njson.dumps = lambda *a, **k: \'{"seen": {"counts": true}}\'',
    "an equal to everything": "class Any(int):\n    def __eq__(self, other): return True",
    "a pickle": "class Evil:\n    def __reduce__(self): return print, ('right',)",
}
ENDINGS = {
    "an equal to everything": WRONG.replace("return 0", "return Any(0)"),
    "a pickle": WRONG + " or Evil()",
}


@pytest.mark.parametrize("how", FORGERIES)
def test_nothing_that_a_submission_does_changes_its_score(box, how):
    record = grade(box, f"{FORGERIES[how]}\n{ENDINGS.get(how, WRONG)}")
    assert record["outcome"] in ("wrong", "raised", "stopped")
    assert grade(box, RIGHT)["outcome"] == "right"


def test_the_box_holds_no_solution_no_submission_and_no_process(box):
    assert said(box, "sorted(os.listdir('/course'))", "import os") == "['confine.py', 'helpers', 'inside.py']"
    assert said(box, "os.listdir('/proc') + os.listdir('/tmp')", "import os") == "[]"
    assert said(box, "os.listdir('.')", "import os") == "[]"
    on_the_way_to_python = {"learner", *Path(sys.prefix).parts, *Path(sys.base_prefix).parts}
    assert {*literal_eval(said(box, "os.listdir('/home')", "import os"))} <= on_the_way_to_python
    course = f"os.path.exists({str(ROOT)!r}) and os.listdir({str(ROOT)!r})"
    assert said(box, course, "import os") in ("False", "['.venv']")
    assert said(box, "[n for n in os.environ if 'TOKEN' in n or n == 'USER']", "import os") == "[]"
    places = "['/etc/passwd', '/root/.ssh', '/var', '/sys', '/run']"
    assert said(box, f"[p for p in {places} if os.path.exists(p)]", "import os") == "[]"


def test_a_home_of_its_own_is_empty_for_the_next_one(box):
    assert said(box, "open('secret').read()", "open('secret', 'w').write('x')") == "'x'"
    assert said(box, "os.listdir('.')", "import os") == "[]"


READ_ALL = """
import ctypes, os
lib, (out, into), page = ctypes.CDLL(None), os.pipe(), 1 << 12
lib.sbrk.restype = ctypes.c_void_p
found, part = 0, 16 * page  # the kernel says which addresses there are: it copies from no others
for end, before in ((lib.sbrk(0), 400 << 20), (id(object()) + (200 << 20), 400 << 20)):
    at = (end - before) // page * page
    while at < end:
        got = max(lib.write(into, ctypes.c_void_p(at), part), 0)
        found += (os.read(out, part) if got else b"").count(b"what " + b"another wrote")
        at += got or page
"""


def test_nothing_of_another_learner_is_left_in_memory(box):
    grade(box, f"{RIGHT}\n" + "# what another wrote\n" * 2000)
    grade(box, "raise ValueError('what another wrote')")
    assert said(box, "found", READ_ALL) == "0"


def test_a_box_that_dies_is_replaced_and_knows_no_secrets_of_the_environment(box, monkeypatch):
    monkeypatch.setenv("API_TOKEN", "secret")
    grade(box, RIGHT)
    box.process.kill()  # nobody inside can do that
    assert grade(box, RIGHT)["outcome"] == "right"
    assert said(box, "os.environ.get('API_TOKEN')", "import os") == "None"


def test_who_is_not_root_has_the_same_box(box, monkeypatch):
    as_user = ["unshare", "--user", "--map-user=1000", "--map-group=1000", *command(True)]
    monkeypatch.setattr("grading.box.command", lambda boxed: as_user)
    require()
    with Box({"mlp": assignments()["mlp"].before}) as another:
        for name in ("a limit of the parent", "a full disk", "network"):
            source, (outcome, words) = HOSTILE[name]
            record = grade(another, source)
            assert record["outcome"] == outcome and words in record["verdict"]["got"]
        assert grade(another, RIGHT)["outcome"] == "right"


def test_waiting_without_end_costs_time_only(box):
    record = grade(box, "import time\ntime.sleep(999)", limits=Limits(wall_s=2.0))
    assert record["outcome"] == "stopped" and "wait for something" in record["says"]


def test_without_a_box_ones_own_notebooks_run_all_the_same():
    with Box({"mlp": assignments()["mlp"].before}, boxed=False) as bare:
        assert grade(bare, RIGHT)["outcome"] == "right"
        assert grade(bare, "while True: pass")["outcome"] == "stopped"


def test_printing_without_end_costs_time_only(box):
    record = grade(box, "while True:\n    print('x' * 9999)")
    assert record["outcome"] == "stopped"


@pytest.mark.parametrize(
    "data",
    [
        *(b"", b"1", b"[]", b"{}", b"null", b'{"seen": 1}', b'{"seen": {}}', b'{"cell": 1}', b'{"cell": {}}'),
        *(b'{"seen": {"counts": 1, "settings_left": {}}}', b'{"seen": {"counts": [NaN]}}', b"[" * 99_999),
        *(b'{"seen": {"counts": [{"type": "int", "value": 1e999}], "settings_left": {}}}', b"9" * 99_999),
        b'{"seen": {"counts": [1, {"shape": [99999, 99999]}], "settings_left": {}}}',
        b'{"seen": {"counts": [{"shape": ["x"]}], "settings_left": []}}',
        *(
            b'{"cell": {"raised": 1}}',
            b'{"cell": {"raised": "x", "line": [1]}}',
            b'{"cell": {"raised": "\\ud800"}}',
        ),
        json.dumps({"cell": {"raised": "not enough values to unpack" * 50_000}}).encode(),
    ],
    ids=lambda data: data[:50].decode(),
)
def test_the_judge_takes_anything_and_calls_it_right_only_if_it_is(data):
    start = time.monotonic()
    record = judge.judge(assignments()["mlp"], "count", data)
    assert record["outcome"] != "right" and json.dumps(record, ensure_ascii=False).encode()
    assert len(judge.message("mlp", "count", record)._repr_html_()) < 20_000
    assert time.monotonic() - start < 30


@pytest.mark.parametrize("name", assignments())
def test_what_no_probe_has_seen_is_not_right(name):
    nothing = {"calls": [], "varies": "", "before": {}, "finite": [], "settings_left": {}}
    for task in assignments()[name].stubs:
        record = judge.judge(assignments()[name], task, json.dumps({"seen": nothing}).encode())
        assert record["outcome"] == "stopped"


def test_many_tensors_are_too_large_together():
    one = {"type": "Tensor", "shape": [judge.MOST_IN_ALL // 3], "dtype": "float32", "requires_grad": True}
    with pytest.raises(ValueError, match="too large"):
        judge._look_at_sizes({"seen": {"weights": [one] * 4}})
    judge._look_at_sizes({"seen": {"weights": [one] * 2}})
    with pytest.raises(ValueError, match="too large"):
        judge._look_at_sizes({"shape": [10_001, 1], "numbers": [0] * 10_001})


def test_the_filter_refuses_each_call_once():
    steps = confine.instructions()
    numbers = [value for code, _, _, value in steps[5:-2]]
    assert numbers == sorted(set(numbers))
    for index, (_, yes, _, _) in enumerate(steps[4:-2], 4):
        assert index + 1 + yes == len(steps) - 1  # the last instruction refuses


def test_what_grading_needs_is_said(monkeypatch):
    monkeypatch.setenv("PATH", "/nowhere")
    with pytest.raises(NoBoxError, match="apt install bubblewrap"):
        require()


def test_a_system_that_refuses_the_last_step_is_found_before_anybody_is_graded(box, monkeypatch):
    allowed = command(True)
    place = allowed.index("--cap-add")
    refused = [*allowed[:place], "--cap-drop", "ALL", *allowed[place + 2 :]]
    monkeypatch.setattr("grading.box.command", lambda boxed: refused)
    with pytest.raises(NoBoxError, match=r"(?s)cannot make a box.*not permitted.*AppArmor"):
        require()
