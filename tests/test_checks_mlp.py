"""The checks of the MLP assignment: every plausible wrong answer gets the diagnosis that fits."""

import json
import linecache
import re
from itertools import count
from pathlib import Path
from typing import Any

import nbformat
import pytest
import torch
from torch import nn
from torch.nn import functional as F
from wrong_answers.mlp import RAISED, RIGHT, WRONG

from helpers.checks.core import (
    AnswerRaised,
    CheckError,
    Message,
    NotAttempted,
    Task,
    WrongAnswer,
)
from helpers.checks.mlp import (
    COUNT_TABLES,
    FIVE_SEEDS,
    MISCOUNTS,
    N_CORRECT,
    N_TOTAL,
    check,
)
from helpers.checks.verdicts import COMMON, MARGIN, STUB, Verdict

ROOT = Path(__file__).parents[1]
NAMES = {
    "layers": "MultiLayerPerceptron",
    "predict": "predict",
    "count": "count_correct",
    "update": "update",
}
cells = count()


def run(task: str, source: str) -> Any:
    """Run an answer as a notebook would, with its own name and its lines for tracebacks."""
    name = f"<cell {next(cells)}>"
    linecache.cache[name] = (len(source), None, source.splitlines(keepends=True), name)
    scope = {"__name__": "__main__", "torch": torch, "nn": nn, "F": F}
    exec(compile(source, name, "exec"), scope)
    return scope[NAMES[task]]


def judge(task: str, answer: Any) -> Verdict:
    """Judge an answer from what JSON has kept of the probe."""
    seen = check.tasks[task].probe(answer)
    return check.tasks[task].judge(json.loads(json.dumps(seen, allow_nan=False)))


def flat(answers: dict[str, dict[str, list[str]]]) -> list[Any]:
    return [
        pytest.param(task, id, source, id=f"{task}-{id}-{n}")
        for task, diagnoses in answers.items()
        for id, sources in diagnoses.items()
        for n, source in enumerate(sources)
    ]


@pytest.mark.parametrize(("task", "id", "source"), flat(WRONG))
def test_each_mistake_gets_its_own_diagnosis(task: str, id: str, source: str) -> None:
    verdict = judge(task, run(task, source))
    assert (verdict.outcome, verdict.id) == ("wrong", id)
    assert verdict.expected and verdict.got and verdict.expected != verdict.got
    names = [name for name, _ in check.tasks[task].message(verdict).rows]
    assert names == ["Expected", "Got", "Looks like", "Read", "Stuck?"]


@pytest.mark.parametrize(("task", "id", "source"), flat(RAISED))
def test_exceptions_are_explained(task: str, id: str, source: str) -> None:
    verdict = judge(task, run(task, source))
    assert (verdict.outcome, verdict.id) == ("raised", id)
    assert not verdict.line or verdict.line.split("cell: ")[1] in source
    assert "Meaning" in dict(check.tasks[task].message(verdict).rows)


@pytest.mark.parametrize(
    ("task", "source"), [(task, source) for task in RIGHT for source in RIGHT[task]]
)
def test_honest_styles_are_right(task: str, source: str) -> None:
    assert judge(task, run(task, source)).outcome == "right"


def test_every_diagnosis_has_an_answer() -> None:
    """No words without a mistake that calls for them; no mistake without words."""
    of_tasks = {
        (task.name, id)
        for task in check.tasks.values()
        for id in task.texts.get("wrong", {})
    }
    tried = {(task, id) for task in WRONG for id in WRONG[task]} | {
        ("result", "too-low")
    }
    assert of_tasks <= tried
    assert {id for _, id in tried - of_tasks} < set(COMMON["words"])
    assert set(COMMON["patterns"]) == {id for task in RAISED for id in RAISED[task]} - {
        "error"
    } | {"no-gpu"}


def test_a_gpu_by_name_is_explained_with_and_without_one() -> None:
    answer = run(
        "predict", "def predict(model, x, device): return model(x.flatten(1).cuda())"
    )
    assert judge("predict", answer).id == "no-gpu"
    seen = check.predict.probe(run("predict", RIGHT["predict"][0]))
    seen["meta"]["received"]["device"] = "cuda"
    assert check.predict.judge(seen).id == "no-gpu"


def test_the_tables_tell_all_mistakes_in_counting_apart() -> None:
    tables = [(torch.tensor(x).float(), torch.tensor(y)) for x, y in COUNT_TABLES]
    assert tuple(int((x.argmax(1) == y).sum()) for x, y in tables) == N_CORRECT
    diagnoses = {N_CORRECT: "right"}
    for id, mistake in MISCOUNTS:
        pair = tuple(round(mistake(x, y).sum().item(), 2) for x, y in tables)
        assert diagnoses.setdefault(pair, id) == id
    for x, y in tables:
        assert x.shape == (N_TOTAL, N_TOTAL)
        assert all(len(set(row.topk(2).values.tolist())) == 2 for row in x)
        sure = x.softmax(1).max(1).values[x.argmax(1) == y]
        assert sure.min() < 0.5 < sure.max()


def test_messages_show_names_that_a_learner_knows() -> None:
    verdict = judge("update", run("update", RAISED["update"]["attribute"][1]))
    assert "'SGD' object has no attribute 'backward'" in verdict.got
    source = "def predict(model, x, device): return model.predict(x)"
    assert "'Model' object" in judge("predict", run("predict", source)).got
    verdict = judge("layers", run("layers", RAISED["layers"]["layer-not-called"][0]))
    assert "of type ReLU came" in repr(check.layers.message(verdict))


STUBS = {
    task: RIGHT[task][0].replace(body, f'raise NotImplementedError("{STUB}")')
    for task, body in {
        "layers": "self.lin_1 = nn.Linear(xdim, hdim); self.lin_2 = nn.Linear(hdim, ydim)",
        "predict": "return model(x.flatten(1).to(device))",
        "count": "return (logits.argmax(dim=1) == y).sum().item()",
        "update": "optimizer.zero_grad()",
    }.items()
}


@pytest.mark.parametrize("task", STUBS)
def test_stubs_are_not_attempted(task: str) -> None:
    with pytest.raises(NotAttempted, match="not attempted yet"):
        check.tasks[task](run(task, STUBS[task]))


def test_a_not_implemented_error_of_torch_is_not_a_stub() -> None:
    answer = run("predict", "def predict(model, x, device): return x.to('meta').cpu()")
    assert judge("predict", answer).outcome == "raised"


class Strange:
    def __getattribute__(self, name: str) -> Any:
        raise ValueError("strange")

    def __repr__(self) -> str:
        raise ValueError("strange")


class StrangeError(Exception):
    def __str__(self) -> str:
        raise ValueError("strange")


def raise_strange(*_: Any) -> None:
    raise StrangeError


VALUES = [
    *(
        None,
        0,
        True,
        1.5,
        float("nan"),
        float("inf"),
        10**400,
        10**5000,
        1j,
        "",
        "a" * 100_000,
        b"x",
        (),
        [[]],
        {},
    ),
    *(
        torch.zeros(()),
        torch.zeros(0),
        torch.full((7, 4), torch.nan),
        torch.zeros(10**5),
        torch.eye(6),
    ),
    *(
        torch.zeros(6, 5, dtype=torch.complex64),
        torch.eye(6, 5).to_sparse(),
        torch.zeros(6, 5, device="meta"),
    ),
    *(
        torch.zeros(6, dtype=torch.int64),
        torch.zeros(6, dtype=torch.bool),
        torch.zeros(6, 5).numpy(),
    ),
    *(
        torch.zeros(6).numpy()[0],
        nn.Linear(2, 2),
        torch.nn,
        object,
        Exception,
        iter("ab"),
        Strange(),
    ),
    *((n for n in "ab"), lambda *_: None, raise_strange),
]
ANSWERS = [
    *VALUES,
    *(lambda *_, value=value: value for value in VALUES),
    lambda: 1,
    lambda *_, extra: 1,
]


@pytest.mark.parametrize("task", check.tasks)
def test_no_answer_breaks_a_check(task: str) -> None:
    for answer in ANSWERS:
        arguments = (answer, "digits") if task == "result" else (answer,)
        seen = json.loads(
            json.dumps(check.tasks[task].probe(*arguments), allow_nan=False)
        )
        verdict = check.tasks[task].judge(seen)
        assert verdict.outcome in ("wrong", "raised")
        assert repr(check.tasks[task].message(verdict))


def test_models_of_anything_break_nothing() -> None:
    """Strange things in place of layers, and strange logits."""
    for n in range(len(VALUES)):
        source = RIGHT["layers"][0].replace("nn.Linear(xdim, hdim)", f"VALUES[{n}]")
        answer = run("layers", source)
        answer.__init__.__globals__["VALUES"] = VALUES
        assert judge("layers", answer).outcome in ("wrong", "raised")
        answer = run(
            "layers",
            RIGHT["layers"][0].replace("return self.lin_2(h)", f"return VALUES[{n}]"),
        )
        answer.__init__.__globals__["VALUES"] = VALUES
        assert judge("layers", answer).outcome in ("wrong", "raised")


@pytest.mark.parametrize("task", NAMES)
def test_a_check_leaves_random_numbers_as_they_were(task: str) -> None:
    torch.manual_seed(3)
    wanted = torch.rand(3)
    torch.manual_seed(3)
    judge(task, run(task, RIGHT[task][0]))
    assert torch.equal(torch.rand(3), wanted)


def test_the_threshold_lies_below_the_worst_seed() -> None:
    asked = min(FIVE_SEEDS["digits"]) - MARGIN
    assert 0.005 <= MARGIN <= 0.015 and len(FIVE_SEEDS["digits"]) >= 5
    assert f"{asked:.1%}" in repr(check.result(min(FIVE_SEEDS["digits"]), "digits"))
    with pytest.raises(WrongAnswer):
        check.result(asked - 0.001, "digits")
    assert "measured for digits only" in " ".join(
        repr(check.result(0.5, "mnist")).split()
    )


def test_ready_names_the_open_tasks() -> None:
    for task in check.tasks.values():
        task.solved = task.name != "count"
    with pytest.raises(NotAttempted) as error:
        check.ready()
    assert "Task 3" in repr(error.value.message) and "Task 2" not in repr(
        error.value.message
    )
    check.count(run("count", RIGHT["count"][0]))
    check.ready()
    with pytest.raises(WrongAnswer):
        check.count(run("count", WRONG["count"]["tensor"][0]))
    with pytest.raises(NotAttempted):
        check.ready()


def test_errors_render_as_the_message_alone() -> None:
    with pytest.raises(AnswerRaised) as error:
        check.update(run("update", RAISED["update"]["number-backward"][0]))
    text = "\n".join(error.value._render_traceback_())
    assert "loss.backward()" in text  # the learner's own line
    assert "Traceback" not in text and "helpers" not in text


def test_a_check_without_an_answer_says_what_it_takes() -> None:
    with pytest.raises(CheckError, match=r"`check.layers` takes: answer"):
        check.layers()


def test_an_unknown_check_is_named() -> None:
    with pytest.raises(AttributeError, match=r"no check\.layer\. There are: layers, "):
        check.layer  # noqa: B018


def test_html_is_escaped() -> None:
    html = Message("a < b", [("Got", "`x` & <b>")])._repr_html_()
    assert "a &lt; b" in html and "<code>x</code> &amp; &lt;b&gt;" in html


@pytest.fixture
def layers() -> Task:
    task = check.layers
    task.hints_shown = 0
    return task


def test_hints_come_one_more_at_a_time(layers: Task) -> None:
    shown = [repr(layers.hint()).count("Hint ") for _ in range(5)]
    assert shown == [1, 2, 3, 3, 3]


def test_the_solution_is_shown_where_it_is_found(
    layers: Task, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(ROOT / "assignments")
    code = layers.solution().code
    assert "nn.Linear(" in code and "SOLUTION" not in code
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(
        "helpers.checks.core.__file__", str(tmp_path / "a" / "b" / "c.py")
    )
    assert "solutions/mlp.ipynb" in repr(layers.solution())


def solution_lines() -> list[str]:
    notebook = nbformat.read(ROOT / "solutions" / "mlp.ipynb", as_version=4)
    blocks = [
        block
        for cell in notebook.cells
        for block in re.findall(
            r"# BEGIN SOLUTION\n(.*?)# END SOLUTION", cell.source, re.DOTALL
        )
    ]
    lines = [
        " ".join(line.partition("  #")[0].split())
        for block in blocks
        for line in block.splitlines()
    ]
    lines = [line for line in lines if line]
    assert len(lines) >= 8
    return lines


def test_no_message_gives_the_solution_away() -> None:
    texts = [*COMMON["words"].values()]
    for task in check.tasks.values():
        texts += [
            *task.texts.get("wrong", {}).values(),
            *task.texts["hints"],
            task.texts["right"],
        ]
    for task, id, source in [param.values for param in flat(WRONG)]:
        texts.append(repr(check.tasks[task].message(judge(task, run(task, source)))))
        assert id
    words = " ".join(" ".join(texts).split())
    assert [line for line in solution_lines() if line in words] == []


def test_sections_are_those_of_the_chapters() -> None:
    found = {}
    for path in (ROOT / "chapters").glob("*.ipynb"):
        notebook = nbformat.read(path, as_version=4)
        text = "\n".join(
            cell.source for cell in notebook.cells if cell.cell_type == "markdown"
        )
        title = re.search(r"^# (.+)$", text, re.MULTILINE)[1]
        for label, section in re.findall(
            r"^\(([\w-]+)\)=\n#+ (.+)$", text, re.MULTILINE
        ):
            found[label] = f'chapter "{title}", section "{section}"'
    assert {label: found.get(label) for label in COMMON["sections"]} == COMMON[
        "sections"
    ]
    texts = [task.texts for task in check.tasks.values()]
    named = {text["section"] for text in texts}.union(
        *(text.get("read", {}).values() for text in texts)
    )
    assert named | set(COMMON["read"].values()) <= set(COMMON["sections"])
