"""The figure on bias and variance solves the chapter's own problem, and its terms add up."""

import numpy as np
import pytest
from course import live
from course.nodejs import run_in_node
from numpy.polynomial.legendre import legval, legvander

rng = np.random.default_rng(0)


def in_node(script: str, **data):
    assets = live.INTERPRETER.parent
    head = "require(data.interpreter); live.kinds = {}; require(data.kind);"
    paths = {"interpreter": str(live.INTERPRETER), "kind": str(assets / "live-bias-variance.js")}
    return run_in_node(head + script, {**paths, **data})


@pytest.mark.parametrize("degree", [0, 1, 5, 14])
@pytest.mark.parametrize("penalty", [1e-8, 0.1, 30])
@pytest.mark.parametrize("n", [1, 7, 30])
def test_fits_are_those_of_least_squares(degree: int, penalty: float, n: int):
    x, ys = rng.uniform(-1, 1, n), rng.standard_normal((3, n))
    axis = np.linspace(-1, 1, 41)
    script = """return live.polynomial.fit(data.x, data.ys, data.degree, data.penalty).map((w) =>
        live.polynomial.run(w, data.axis));"""
    given = {"x": x.tolist(), "ys": ys.tolist(), "axis": axis.tolist()}
    values = in_node(script, degree=degree, penalty=penalty, **given)
    rows = np.vstack([legvander(x, degree), np.sqrt(penalty) * np.eye(degree + 1)])
    w = np.linalg.lstsq(rows, np.vstack([ys.T, np.zeros((degree + 1, 3))]))[0]
    expected = legval(axis, w)  # (3, 41)
    assert np.allclose(values, expected, rtol=1e-6, atol=1e-6)


def test_bias_and_variance_are_numpys_and_add_up():
    fits, truth = rng.standard_normal((9, 20)), rng.standard_normal(20)
    found = in_node(
        "return live.polynomial.terms(data.fits, data.truth);", fits=fits.tolist(), truth=truth.tolist()
    )
    variance = fits.var(axis=0, ddof=1).mean()
    assert found["variance"] == pytest.approx(variance)
    assert found["bias"] == pytest.approx(np.mean((fits.mean(axis=0) - truth) ** 2) - variance / 9)
    assert found["bias"] + found["variance"] == pytest.approx(np.mean((fits - truth) ** 2))
