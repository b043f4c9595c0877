"""The checks of all assignments: every plausible wrong answer gets the diagnosis that fits."""

import re
from importlib import import_module
from inspect import signature
from pathlib import Path
from typing import Any

import nbformat
import pytest
import torch
from checks_testing import ALL, ANSWERS, ROOT, Answers

from helpers.checks.core import AnswerRaised, CheckError, Message, NotAttempted, Task, WrongAnswer
from helpers.checks.verdicts import COMMON, MARGIN

every_assignment = pytest.mark.parametrize("answers", ALL.values(), ids=ALL)
every_task = pytest.mark.parametrize(
    ("answers", "task"),
    [
        pytest.param(answers, task, id=f"{answers.name}-{task}")
        for answers in ALL.values()
        for task in answers.check.tasks
    ],
)
every_stub = pytest.mark.parametrize(
    ("answers", "task"),
    [
        pytest.param(answers, task, id=f"{answers.name}-{task}")
        for answers in ALL.values()
        for task in answers.written.NAMES
    ],
)


def flat(which: str) -> list[Any]:
    return [
        pytest.param(answers, task, id, source, id=f"{answers.name}-{task}-{id}-{n}")
        for answers in ALL.values()
        for task, diagnoses in getattr(answers.written, which).items()
        for id, sources in diagnoses.items()
        for n, source in enumerate(sources)
    ]


@pytest.mark.parametrize(("answers", "task", "id", "source"), flat("WRONG"))
def test_each_mistake_gets_its_own_diagnosis(answers: Answers, task: str, id: str, source: str) -> None:
    verdict = answers.verdict(task, source)
    assert (verdict.outcome, verdict.id) == ("wrong", id)
    assert verdict.expected and verdict.got and verdict.expected != verdict.got
    names = [name for name, _ in answers.message(task, verdict).rows]
    assert names == ["Expected", "Got", "Looks like", "Read", "Stuck?"]


@pytest.mark.parametrize(("answers", "task", "id", "source"), flat("RAISED"))
def test_exceptions_are_explained(answers: Answers, task: str, id: str, source: str) -> None:
    verdict = answers.verdict(task, source)
    assert (verdict.outcome, verdict.id) == ("raised", id)
    assert not verdict.line or verdict.line.split("cell: ")[1] in source
    assert "Meaning" in dict(answers.message(task, verdict).rows)


@pytest.mark.parametrize(
    ("answers", "task", "source"),
    [
        pytest.param(answers, task, source, id=f"{answers.name}-{task}-{n}")
        for answers in ALL.values()
        for task, sources in answers.written.RIGHT.items()
        for n, source in enumerate(sources)
    ],
)
def test_honest_styles_are_right(answers: Answers, task: str, source: str) -> None:
    assert answers.verdict(task, source).outcome == "right"


@every_stub
def test_stubs_are_not_attempted(answers: Answers, task: str) -> None:
    answer = answers.run(task, answers.cells("assignments")[task])
    with pytest.raises(NotAttempted, match="not attempted yet"):
        answers.check.tasks[task](answer)


@every_stub
def test_solutions_are_right(answers: Answers, task: str) -> None:
    assert answers.verdict(task, answers.cells("solutions")[task]).outcome == "right"


@every_assignment
def test_every_diagnosis_has_an_answer(answers: Answers) -> None:
    """No words without a mistake that calls for them; no mistake without words; a dozen at the least."""
    of_tasks = {
        (task.name, id) for task in answers.check.tasks.values() for id in task.texts.get("wrong", {})
    }
    wrong, raised = answers.written.WRONG, answers.written.RAISED
    tried = {(task, id) for which in (wrong, raised) for task in which for id in which[task]}
    tried |= {("result", "too-low")}
    assert of_tasks <= tried
    assert {id for _, id in tried - of_tasks} < set(COMMON["words"])
    assert len(of_tasks) >= 12
    assert set(answers.written.NAMES) == set(wrong) == set(answers.written.RIGHT)


def test_every_explanation_of_an_exception_has_an_answer() -> None:
    raised = {id for param in flat("RAISED") for id in [param.values[2]]}
    assert set(COMMON["patterns"]) == raised - {"error"} | {"no-gpu"}


@every_task
def test_no_answer_breaks_a_check(answers: Answers, task: str) -> None:
    n_more = len(signature(answers.check.tasks[task].probe).parameters) - 1
    for answer in ANSWERS:
        verdict = answers.judge(task, answer, *["digits"] * n_more)
        assert verdict.outcome in ("wrong", "raised")
        assert repr(answers.message(task, verdict))


@every_stub
def test_a_check_leaves_random_numbers_as_they_were(answers: Answers, task: str) -> None:
    torch.manual_seed(3)
    wanted = torch.rand(3)
    torch.manual_seed(3)
    answers.verdict(task, answers.written.RIGHT[task][0])
    assert torch.equal(torch.rand(3), wanted)


def solution_lines(answers: Answers) -> list[str]:
    blocks = [
        block
        for source in answers.cells("solutions").values()
        for block in re.findall(r"# BEGIN SOLUTION\n(.*?)# END SOLUTION", source, re.DOTALL)
    ]
    lines = [" ".join(line.partition("  #")[0].split()) for block in blocks for line in block.splitlines()]
    lines = [line for line in lines if line]
    assert len(lines) >= 8
    return lines


@every_assignment
def test_no_message_gives_the_solution_away(answers: Answers) -> None:
    texts = [*COMMON["words"].values()]
    for task in answers.check.tasks.values():
        texts += [*task.texts.get("wrong", {}).values(), *task.texts["hints"], task.texts["right"]]
    for task, diagnoses in answers.written.WRONG.items():
        for sources in diagnoses.values():
            for source in sources:
                verdict = answers.verdict(task, source)
                texts.append(repr(answers.message(task, verdict)))
    words = " ".join(" ".join(texts).split())
    assert [line for line in solution_lines(answers) if line in words] == []


def test_sections_are_those_of_the_chapters() -> None:
    found = {}
    for path in (ROOT / "chapters").glob("*.ipynb"):
        notebook = nbformat.read(path, as_version=4)
        text = "\n".join(cell.source for cell in notebook.cells if cell.cell_type == "markdown")
        title = re.search(r"^# (.+)$", text, re.MULTILINE)[1]
        for label, section in re.findall(r"^\(([\w-]+)\)=\n#+ (.+)$", text, re.MULTILINE):
            found[label] = f'chapter "{title}", section "{section}"'
    sections = COMMON["sections"]
    assert {label: found.get(label) for label in sections} == sections


@every_assignment
def test_messages_name_known_sections(answers: Answers) -> None:
    texts = [task.texts for task in answers.check.tasks.values()]
    named = {text["section"] for text in texts}.union(*(text.get("read", {}).values() for text in texts))
    assert named | set(COMMON["read"].values()) <= set(COMMON["sections"])


@every_assignment
def test_the_threshold_lies_below_the_worst_of_five_seeds(answers: Answers) -> None:
    seeds = import_module(f"helpers.checks.{answers.name}").FIVE_SEEDS
    runs, more = (seeds["digits"], ["digits"]) if isinstance(seeds, dict) else (seeds, [])
    asked = min(runs) - MARGIN
    assert len(runs) >= 5
    assert f"{asked:.1%}" in repr(answers.check.result(min(runs), *more))
    with pytest.raises(WrongAnswer):
        answers.check.result(asked - 0.001, *more)


def test_the_margin_is_about_a_point() -> None:
    assert 0.005 <= MARGIN <= 0.015


# What does not depend on the assignment, with that on the MLP as the example.

mlp = ALL["mlp"]
check = mlp.check
RIGHT, WRONG, RAISED = mlp.written.RIGHT, mlp.written.WRONG, mlp.written.RAISED


def test_ready_names_the_open_tasks() -> None:
    for task in check.tasks.values():
        task.solved = task.name != "count"
    with pytest.raises(NotAttempted) as error:
        check.ready()
    text = repr(error.value.message)
    assert "Task 3" in text and "Task 2" not in text
    check.ready("layers", "predict")
    with pytest.raises(NotAttempted):
        check.ready("layers", "count")
    check.count(mlp.run("count", RIGHT["count"][0]))
    check.ready()
    with pytest.raises(WrongAnswer):
        check.count(mlp.run("count", WRONG["count"]["tensor"][0]))
    with pytest.raises(NotAttempted):
        check.ready()


def test_errors_render_as_the_message_alone() -> None:
    with pytest.raises(AnswerRaised) as error:
        check.update(mlp.run("update", RAISED["update"]["number-backward"][0]))
    text = "\n".join(error.value._render_traceback_())
    assert "loss.backward()" in text  # the learner's own line
    assert "Traceback" not in text and "helpers" not in text


def test_a_not_implemented_error_of_torch_is_not_a_stub() -> None:
    source = "def predict(model, x, device): return x.to('meta').cpu()"
    assert mlp.verdict("predict", source).outcome == "raised"


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
    monkeypatch.setattr("helpers.checks.core.__file__", str(tmp_path / "a" / "b" / "c.py"))
    assert "solutions/mlp.ipynb" in repr(layers.solution())
