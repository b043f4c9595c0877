"""The search for a setting."""

import math

import pytest

from helpers.tuning import tune


@pytest.mark.parametrize("valley", [0.001, 0.02, 0.1, 0.7, 30.0])
def test_the_best_setting_has_a_neighbour_on_both_sides(valley: float) -> None:
    tried = []

    def fit_at(lr: float) -> float:
        tried.append(lr)
        return abs(math.log(lr / valley))

    best, fitted = tune(fit_at, lambda loss: loss, [0.01, 0.1, 1])
    assert len(tried) == len({*tried})  # each setting once
    assert min(tried) < best < max(tried) and fitted == min(abs(math.log(lr / valley)) for lr in tried)
    assert fitted <= math.log(10) / 2 + 1e-9


def test_a_loss_that_is_no_number_never_wins() -> None:
    assert tune(lambda lr: math.nan if lr >= 1 else -lr, lambda loss: loss, [0.01, 0.1, 1])[0] == 0.1


def test_a_search_without_an_end_and_a_grid_that_is_none_are_refused() -> None:
    with pytest.raises(ValueError, match=r"no best setting between 0\.1 and 1000"):
        tune(lambda lr: -lr, lambda loss: loss, [0.01, 0.1, 1])
    for grid in ([1], [0.0, 1], [1, 0.1], [1, 1]):
        with pytest.raises(ValueError, match="increasing order"):
            tune(lambda lr: lr, lambda loss: loss, grid)
