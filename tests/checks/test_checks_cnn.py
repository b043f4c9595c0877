"""The checks of the CNN assignment only; `test_checks.py` tests what all checks share."""

from collections import defaultdict
from itertools import combinations

from checks_testing import ALL

from helpers.checks.cnn import (
    BATCHES,
    COUNTS,
    SIZE,
    SIZE_CASES,
    SIZE_MISTAKES,
    check,
    count_by,
    map_mistakes,
    size_case,
    twin_epoch,
    twin_size,
)
from helpers.checks.models import follow
from helpers.checks.values import numbers, same

answers = ALL["cnn"]
RIGHT = answers.written.RIGHT


def sizes(changes: dict[str, str]) -> list[float]:
    """Return the sizes a changed rule gives in all cases."""
    settings = {name: changes[name] for name in changes if name not in SIZE}
    rule = settings | SIZE | changes
    return [follow(rule, size_case(case)) for case in SIZE_CASES]


def test_the_cases_tell_all_mistakes_in_a_size_apart() -> None:
    results = [("right", [twin_size(**size_case(case)) for case in SIZE_CASES])]
    assert sizes({}) == results[0][1]
    for id, rules in SIZE_MISTAKES.items():
        results += [(id, sizes(changes)) for changes in rules]
    for (id, one), (other, two) in combinations(results, 2):
        assert id == other or one != two, (id, other)


def test_the_images_tell_all_mistakes_in_the_maps_apart() -> None:
    """Two mistakes at once are named after one of them."""
    by_shape = defaultdict(list)
    for id, maps, words in map_mistakes():
        if maps.shape[-1] > 1:  # a single window can hide a missing ReLU
            by_shape[maps.shape].append(((id, words), maps))
    for results in by_shape.values():
        for (id, one), (other, two) in combinations(results, 2):
            assert id == other or not same(one, two), (id, other)


def test_every_mistake_in_the_maps_can_be_seen_in_its_message() -> None:
    """Expected and got show the shape, and the first eight numbers with two decimals."""
    answer = answers.run("features", RIGHT["features"][0])
    wanted = numbers(check.features.probe(answer)["maps"])
    for id, maps, _ in map_mistakes():
        if maps.shape == wanted.shape:
            apart = (maps - wanted).flatten()[:8].abs().max()
            assert apart > 0.01, id


def test_the_batches_tell_all_ways_to_count_apart() -> None:
    epoch = twin_epoch()
    sums = [round(sum(count_by(count, epoch)), 3) for _, count in COUNTS]
    sums.append(count_by(COUNTS[0][1], epoch)[-1])
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
