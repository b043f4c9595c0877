"""The search for a setting, the same for every contender."""

import math
from collections.abc import Callable, Sequence
from typing import TypeVar

Fitted = TypeVar("Fitted")


def tune(
    fit_at: Callable[[float], Fitted], loss_of: Callable[[Fitted], float], grid: Sequence[float]
) -> tuple[float, Fitted]:
    """Fit at each setting (a learning rate, a strength); return the best setting, and what was fitted there.

    As long as the best lies at an end of the grid, the grid grows there, by the ratio of the two
    settings at that end: the best has a neighbour on both sides, under any seed and on any machine.

    Args:
        fit_at: Takes a setting.
        loss_of: Takes what was fitted; the lowest wins, and NaN never does. Measure it on validation data.
        grid: Positive settings in increasing order, at least two.

    Raises:
        ValueError: The loss is still falling after the grid has grown by as many settings as it had.
    """
    if len(grid) < 2 or grid[0] <= 0 or list(grid) != sorted({*grid}):
        raise ValueError(f"A grid has two or more positive settings in increasing order, not {list(grid)}.")
    settings = list(grid)
    fitted: dict[float, Fitted] = {}
    losses: dict[float, float] = {}
    while len(settings) <= 2 * len(grid):
        for setting in settings:
            if setting not in fitted:
                fitted[setting] = fit_at(setting)
                loss = loss_of(fitted[setting])
                losses[setting] = math.inf if math.isnan(loss) else loss
        best = min(settings, key=losses.__getitem__)
        if best == settings[0]:
            settings.insert(0, settings[0] ** 2 / settings[1])
        elif best == settings[-1]:
            settings.append(settings[-1] ** 2 / settings[-2])
        else:
            return best, fitted[best]
    raise ValueError(f"There is no best setting between {settings[1]:g} and {settings[-2]:g}: {losses}.")
