"""The checks of all assignments: every plausible wrong answer gets the right diagnosis."""

import ast
import sys
import warnings
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager, nullcontext
from importlib import import_module
from inspect import signature
from pathlib import Path
from typing import Any

import nbformat
import numpy as np
import pytest
import torch
from checks_testing import ALL, ANSWERS, ROOT, Answers

import helpers
from helpers.checks.core import AnswerRaised, CheckError, Message, NotAttempted, Task, WrongAnswer
from helpers.checks.verdicts import COMMON, MARGIN, PATTERNS

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
        for task in answers.names
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
    message = answers.message(task, verdict)
    assert [name for name, _ in message.rows] == ["Expected", "Got", "Looks like", "Read", "Stuck?"]
    assert answers.given_away(repr(message)) == []


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
    """No text without a mistake, no mistake without a text, and at least a dozen of them.

    Mistakes that are lines of a rule are tried in `test_checks_twins.py`.
    """
    records = {
        (task.name, id): one
        for task in answers.check.tasks.values()
        for id, one in task.texts.get("wrong", {}).items()
    }
    of_tasks = {*records}
    wrong, raised = answers.written.WRONG, answers.written.RAISED
    tried = {(task, id) for which in (wrong, raised) for task in which for id in which[task]}
    tried |= {("result", "too-low"), *(key for key, one in records.items() if one.lines)}
    assert of_tasks <= tried
    assert {id for _, id in tried - of_tasks} < set(COMMON["wrong"])
    assert len(of_tasks) >= 12
    assert set(answers.names) == set(wrong) == set(answers.written.RIGHT)


def test_every_explanation_of_an_exception_has_an_answer() -> None:
    raised = {id for param in flat("RAISED") for id in [param.values[2]]}
    assert set(PATTERNS) == raised - {"error"} | {"no-gpu"}


@every_task
def test_no_answer_breaks_a_check(answers: Answers, task: str) -> None:
    n_more = len(signature(answers.check.tasks[task].probe).parameters) - 1
    for answer in ANSWERS:
        verdict = answers.judge(task, answer, *["digits"] * n_more)
        assert verdict.outcome in ("wrong", "raised")
        assert repr(answers.message(task, verdict))


# What a notebook may have set, and how a message mentions it.

State = Callable[[], AbstractContextManager[Any]]


def setting(setter: Callable[[Any], Any], value: Any, before: Any) -> State:
    @contextmanager
    def state() -> Iterator[None]:
        setter(value)
        try:
            yield
        finally:
            setter(before)

    return state


STATES: dict[str, tuple[State, str]] = {
    "nothing": (nullcontext, ""),
    "no-gradients": (torch.no_grad, "`torch.set_grad_enabled(False)`"),
    "inference": (torch.inference_mode, "`torch.inference_mode()`"),
    "float64": (setting(torch.set_default_dtype, torch.float64, torch.float32), "`torch.float64`"),
    "bfloat16": (setting(torch.set_default_dtype, torch.bfloat16, torch.float32), "`torch.bfloat16`"),
    "default-device": (setting(torch.set_default_device, "meta", None), "`meta`"),
    "device": (lambda: torch.device("meta"), "`meta`"),
    "autocast": (lambda: torch.autocast("cpu", torch.bfloat16), ""),
    "anomalies": (lambda: torch.autograd.set_detect_anomaly(True), ""),
    "deterministic": (setting(torch.use_deterministic_algorithms, True, False), ""),
    "rough-products": (setting(torch.set_float32_matmul_precision, "medium", "highest"), ""),
    "warnings": (lambda: warnings.catch_warnings(action="error"), ""),
}
every_state = pytest.mark.parametrize(("state", "note"), STATES.values(), ids=STATES)


def settings() -> list[Any]:
    """Return everything a check must leave unchanged."""
    return [
        torch.is_grad_enabled(),
        torch.is_inference_mode_enabled(),
        torch.get_default_dtype(),
        torch.get_default_device(),
        torch.is_autocast_enabled("cpu"),
        torch.is_anomaly_enabled(),
        torch.is_anomaly_check_nan_enabled(),
        torch.get_deterministic_debug_mode(),
        torch.get_float32_matmul_precision(),
        torch.get_num_threads(),
        torch.get_rng_state().tolist(),
        list(warnings.filters),
        np.geterr(),
    ]


@every_state
@every_assignment
def test_no_verdict_depends_on_what_the_notebook_has_set(answers: Answers, state: State, note: str) -> None:
    """Verdicts stay the same, and the message names the settings that would affect training."""
    check = answers.check
    with state():
        for task in answers.names:
            id, sources = next(iter(answers.written.WRONG[task].items()))
            right, wrong = (answers.run(task, s) for s in (answers.cells("solutions")[task], sources[0]))
            before = settings()
            notes = [text for _, text in check.tasks[task](right).rows[1:]]
            assert len(notes) == bool(note) and all(note in text for text in notes), task
            assert answers.judge(task, wrong).id == id, task
            with pytest.raises(WrongAnswer) as error:
                check.tasks[task](wrong)
            assert note in repr(error.value.message.rows[-1]), task
            assert settings() == before, task
        n_more = len(signature(check.result.probe).parameters) - 1
        assert check.result(0.99, *["digits"] * n_more)


def test_checks_may_be_imported_in_any_state(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(helpers, "checks", helpers.checks)  # restored when the test ends, like the modules
    for name in [name for name in sys.modules if name.startswith("helpers.checks")]:
        monkeypatch.delitem(sys.modules, name)
    with ExitStack() as states:
        for state, _ in STATES.values():
            states.enter_context(state())
        fresh = import_module("helpers.checks")
    for name, answers in ALL.items():
        for task, solution in answers.cells("solutions").items():
            assert getattr(fresh, name).check.tasks[task](answers.run(task, solution))


@every_assignment
def test_no_text_gives_the_solution_away(answers: Answers) -> None:
    texts = [one.says for one in COMMON["wrong"].values()]
    for task in answers.check.tasks.values():
        texts += [
            *(one.says for one in task.texts.get("wrong", {}).values()),
            *task.texts["hints"],
            task.texts["right"],
        ]
    assert answers.given_away(*texts) == []


@every_assignment
def test_messages_name_known_sections(answers: Answers) -> None:
    texts = [task.texts for task in answers.check.tasks.values()]
    mistakes = [one for some in (COMMON, *texts) for one in some.get("wrong", {}).values()]
    named = {text["section"] for text in texts} | {one.read for one in mistakes if one.read}
    assert named <= set(COMMON["sections"])


@every_assignment
def test_the_threshold_lies_below_the_worst_run_of_the_solution(answers: Answers) -> None:
    measured = import_module(f"helpers.checks.{answers.name}").SOLUTION_SCORES
    for dataset, runs in measured.items() if isinstance(measured, dict) else {None: measured}.items():
        more = [dataset] if dataset else []
        asked = min(runs) - MARGIN
        assert len(runs) >= 5
        assert f"{asked:.1%}" in repr(answers.check.result(min(runs), *more))
        with pytest.raises(WrongAnswer):
            answers.check.result(asked - 0.001, *more)


def test_the_margin_is_about_a_point() -> None:
    assert 0.005 <= MARGIN <= 0.015


# What does not depend on the assignment, with the MLP's as the example.

mlp = ALL["mlp"]
check = mlp.check
RIGHT, WRONG, RAISED = mlp.written.RIGHT, mlp.written.WRONG, mlp.written.RAISED


def test_a_call_that_does_not_fit_is_explained() -> None:
    with pytest.raises(CheckError, match=r"check.count\(...\) checks count_correct.*was given `update`"):
        check.count(mlp.run("update", RIGHT["update"][0]))
    with pytest.raises(CheckError, match="takes: answer"):
        check.count()
    with pytest.raises(CheckError, match=r"`check.goal\(DATASET\)`"):
        check.goal()
    with pytest.raises(CheckError, match=r"depends on nothing: `check.goal\(\)`"):
        ALL["optimization"].check.goal("digits")
    assert "will ask for" in repr(ALL["optimization"].check.goal())


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


@every_assignment
def test_the_notebook_checks_what_it_calls_by_the_name(answers: Answers) -> None:
    """And it calls nothing else by this name."""
    cells = nbformat.read(ROOT / "solutions" / f"{answers.name}.ipynb", as_version=4).cells
    sources = {cell.id: cell.source for cell in cells if cell.cell_type == "code"}
    for task, name in answers.names.items():
        assert sources[f"check-{task}"].endswith(f"check.{task}({name})")
        gives = [
            id
            for id, source in sources.items()
            for node in ast.walk(ast.parse(source))
            if (isinstance(node, ast.FunctionDef | ast.ClassDef) and node.name == name)
            or (isinstance(node, ast.Name) and node.id == name and isinstance(node.ctx, ast.Store))
        ]
        assert gives == [f"task-{task}"]


def test_nothing_vouches_for_a_definition_that_was_not_checked(monkeypatch: pytest.MonkeyPatch) -> None:
    def define(task: str, source: str) -> Any:
        answer = mlp.run(task, source)
        monkeypatch.setattr(sys.modules["__main__"], mlp.names[task], answer, raising=False)
        return answer

    for task in mlp.names:
        check.tasks[task](define(task, RIGHT[task][0]))
    check.ready()
    assert check.result(0.99, "digits")
    again = define("count", RIGHT["count"][0])
    for vouch in (check.ready, lambda: check.ready("count"), lambda: check.result(0.5, "digits")):
        with pytest.raises(NotAttempted, match="waits for a task") as error:
            vouch()
        assert "Task 3 (counting) has changed since its check" in repr(error.value.message)
        assert "Task 2" not in repr(error.value.message)
    check.ready("layers", "predict")
    check.count(again)
    check.ready()
    with pytest.raises(WrongAnswer, match="not right yet"):
        check.result(0.5, "digits")


@every_assignment
def test_a_bad_result_is_not_put_down_to_training_while_a_task_is_open(
    answers: Answers, monkeypatch: pytest.MonkeyPatch
) -> None:
    more = ["digits"] * (len(signature(answers.check.result.probe).parameters) - 1)
    *_, last = tasks = answers.check.result.above
    for open_task in (None, last):
        for task in tasks:
            monkeypatch.setattr(task, "solved", task is not open_task)
        with pytest.raises(WrongAnswer) as error:
            answers.check.result(0.1, *more)
        text = repr(error.value.message)
        assert ("the training" in text) == (not open_task)
        assert (last.title in text) == bool(open_task)


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
