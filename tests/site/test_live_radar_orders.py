"""The radar with axes to arrange: its orders, scales and areas, and what moving an axis does."""

from itertools import permutations

import numpy as np
import pytest
from course import live
from course.nodejs import run_in_node

rng = np.random.default_rng(0)


def in_node(script: str, **data):
    head = "globalThis.live = { kinds: {} }; require(data.file);"
    return run_in_node(head + script, {"file": str(live.INTERPRETER.parent / "live-radar-orders.js"), **data})


@pytest.mark.parametrize("n", [3, 4, 5, 6])
def test_orders_differ_by_more_than_turning_and_mirroring(n: int):
    orders = in_node("return live.radar.orders(data.n);", n=n)
    assert orders == [[0, *p] for p in permutations(range(1, n)) if p[0] < p[-1]]


def test_every_order_has_its_place_among_them():
    orders = in_node("return live.radar.orders(6);")
    every = [list(p) for p in permutations(range(6))]
    found = in_node("return data.every.map(live.radar.canonical);", every=every)
    assert all(order in orders for order in found)
    around = [{frozenset((order[i - 1], order[i])) for i in range(6)} for order in every]
    assert around == [{frozenset((order[i - 1], order[i])) for i in range(6)} for order in found]


def test_areas_are_those_of_gauss():
    values, order = rng.uniform(size=(5, 6)), [0, 3, 1, 5, 2, 4]
    found = in_node(
        "return data.values.map((row) => live.radar.area(row, data.order));",
        values=values.tolist(),
        order=order,
    )
    corners = values[:, order] * np.exp(2j * np.pi * np.arange(6) / 6)  # x + iy
    areas = (corners.conj() * np.roll(corners, -1, axis=1)).imag.sum(axis=1) / 2
    assert np.allclose(found, areas / (3 * 3**0.5 / 2))  # of the hexagon


@pytest.mark.parametrize("scale", ["worst", "share"])
def test_scales_are_those_of_numpy(scale: str):
    rows = rng.uniform(1, 9, size=(5, 6))
    larger = np.array([True, False, False, True, True, False])
    good = np.where(larger, rows, -rows)
    expected = {
        "worst": (good - good.min(axis=0)) / np.ptp(good, axis=0),
        "share": np.where(larger, rows / rows.max(axis=0), rows.min(axis=0) / rows),
    }[scale]
    found = in_node(
        "return live.radar.scaled(data.rows, data.larger, data.scale);",
        rows=rows.tolist(),
        larger=larger.tolist(),
        scale=scale,
    )
    assert np.allclose(found, expected)


def test_where_all_are_equal_all_are_best():
    found = in_node("return live.radar.scaled([[2, 1], [2, 3]], [true, true], 'worst');")
    assert found == [[1, 0], [1, 1]]


def test_an_axis_moves_past_one_neighbour_after_another():
    script = "return data.places.map((places) => live.radar.moved([0, 1, 2, 3, 4, 5], 1, places));"
    assert in_node(script, places=[0, 1, 2, -1, -2]) == [
        [0, 1, 2, 3, 4, 5],
        [0, 2, 1, 3, 4, 5],
        [0, 2, 3, 1, 4, 5],
        [1, 0, 2, 3, 4, 5],
        [5, 0, 2, 3, 4, 1],
    ]
