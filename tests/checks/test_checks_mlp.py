"""The checks of the MLP assignment only; `test_checks.py` tests what all checks share."""

import torch
from checks_testing import ALL

from helpers.checks.mlp import COUNT_CASES, COUNTS, SOLUTION_SCORES, check, counting
from helpers.checks.verdicts import MARGIN

answers = ALL["mlp"]
RIGHT, RAISED = answers.written.RIGHT, answers.written.RAISED


def test_a_gpu_by_name_is_explained_with_and_without_one() -> None:
    source = "def predict(model, x, device): return model(x.flatten(1).cuda())"
    assert answers.verdict("predict", source).id == "no-gpu"
    seen = check.predict.probe(answers.run("predict", RIGHT["predict"][0]))
    seen["meta"]["received"]["device"] = "cuda"
    assert check.predict.judge(seen).id == "no-gpu"


def test_the_tables_tell_all_mistakes_in_counting_apart() -> None:
    diagnoses = {tuple(COUNTS): "right"}
    for id, ways in counting.mistakes.items():
        for lines in ways:
            counts = tuple(counting.follow(lines, case) for case in COUNT_CASES)
            assert diagnoses.setdefault(counts, id) == id
    sure = []
    for logits, y in (case.values() for case in COUNT_CASES):
        best = logits.topk(2).values
        assert (best[:, 0] > best[:, 1]).all()
        sure.append(logits.softmax(1).amax(1)[logits.argmax(1) == y])
    assert torch.cat(sure).min() < 0.5 < torch.cat(sure).max()


def test_messages_show_names_that_a_learner_knows() -> None:
    verdict = answers.verdict("update", RAISED["update"]["attribute"][1])
    assert "'SGD' object has no attribute 'backward'" in verdict.got
    source = "def predict(model, x, device): return model.predict(x)"
    assert "'Model' object" in answers.verdict("predict", source).got
    verdict = answers.verdict("layers", RAISED["layers"]["layer-not-called"][0])
    assert "something of type ReLU" in repr(answers.message("layers", verdict))


def test_models_of_anything_break_nothing() -> None:
    """Strange values instead of layers and logits."""
    for _, verdict in answers.judge_strange("layers", "nn.Linear(xdim, hdim)", "self.lin_2(h)"):
        assert verdict.outcome in ("wrong", "raised")


def test_what_the_training_should_reach_is_said_before_it() -> None:
    for dataset in SOLUTION_SCORES:
        asked = " ".join(repr(check.goal(dataset)).split())
        assert f"will ask for {min(SOLUTION_SCORES[dataset]) - MARGIN:.1%} or more" in asked
    for message in (check.goal("mnist"), check.result(0.5, "mnist")):
        assert f"nothing, as only {' and '.join(SOLUTION_SCORES)} have been measured" in " ".join(
            repr(message).split()
        )
