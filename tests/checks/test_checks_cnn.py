"""The checks of the CNN assignment only; `test_checks.py` tests what all checks share."""

from itertools import combinations

from checks_testing import ALL

from helpers.checks.cnn import BATCHES, COUNTS, SIZE_CASES, count_by, size_case, sizes, twin_epoch, twin_size

answers = ALL["cnn"]


def test_the_cases_tell_all_mistakes_in_a_size_apart() -> None:
    cases = [size_case(case) for case in SIZE_CASES]
    results = [("right", [twin_size(**case) for case in cases])]
    assert [sizes.follow({}, case) for case in cases] == results[0][1]
    for id, ways in sizes.mistakes.items():
        results += [(id, [sizes.follow(lines, case) for case in cases]) for lines in ways]
    for (id, one), (other, two) in combinations(results, 2):
        if id == "right" or other != "precedence":  # some of those have their own name, which is found first
            assert id == other or one != two, (id, other)


def test_the_batches_tell_all_ways_to_count_apart() -> None:
    epoch = twin_epoch()
    sums = [round(sum(count_by(count, epoch)), 3) for _, count in COUNTS]
    sums.append(count_by(COUNTS[0][1], epoch)[-1])
    sums.append(sum(count_by(COUNTS[0][1], epoch._replace(logits=epoch.logits_after))))
    assert len({*sums}) == len(sums)
    assert len({len(y) for _, y in BATCHES}) == 2  # so means must be weighted


def test_extractors_and_classifiers_of_anything_break_nothing() -> None:
    """Strange values instead of layers, the number of inputs, and the output."""
    parts = {
        "features": ("nn.ReLU()", "self.net(x)", "nn.Sequential(*layers)"),
        "classifier": ("C * H * W", "self.net(x.flatten(1))", "nn.ReLU()"),
    }
    for task in parts:
        for _, verdict in answers.judge_strange(task, *parts[task]):
            assert verdict.outcome in ("wrong", "raised")


def test_an_epoch_of_anything_breaks_nothing() -> None:
    parts = "model(x)", "F.cross_entropy(logits, y)", "loss.item() * len(y)"
    for _, verdict in answers.judge_strange("epoch", *parts):
        assert verdict.outcome in ("wrong", "raised")
