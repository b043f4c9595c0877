"""The live figure of the update rules takes the steps of torch.optim, on every surface."""

import pytest
import torch
from course import live
from course.nodejs import run_in_node

ASSETS = live.INTERPRETER.parent
STEPS = 60
X = torch.linspace(-1, 1, 21, dtype=torch.float64)
BETA = 0.8  # not torch's default

SURFACES = {
    "ravine": lambda w: (w[0] ** 2 + 30 * w[1] ** 2) / 2,
    "network": lambda w: (w[1] * torch.tanh(w[0] * X) - torch.tanh(2.5 * X)).pow(2).mean(),
    "beale": lambda w: sum(
        (c - w[0] + w[0] * w[1] ** k) ** 2 for k, c in enumerate((1.5, 2.25, 2.625), start=1)
    ),
}
RULES = {
    "sgd": lambda w: torch.optim.SGD(w, 0.003),
    "momentum": lambda w: torch.optim.SGD(w, 0.001, momentum=BETA),
    "nesterov": lambda w: torch.optim.SGD(w, 0.001, momentum=BETA, nesterov=True),
    "adagrad": lambda w: torch.optim.Adagrad(w, 0.3),
    "rmsprop": lambda w: torch.optim.RMSprop(w, 0.03),
    "adadelta": lambda w: torch.optim.Adadelta(w, 3.0),
    "adam": lambda w: torch.optim.Adam(w, 0.1, betas=(BETA, 0.999)),
    "adamw": lambda w: torch.optim.AdamW(w, 0.1, betas=(BETA, 0.999)),
}
STARTS = [(-2.5, 1.2), (1.7, -0.6), (0.0, 0.0)]
SCRIPT = """
globalThis.live = { kinds: {} };
require(data.file);
const { rules, surfaces, path } = live.optimizers;
const walked = data.asked.map(([rule, surface, start, lr]) => {
  const walk = path(rule, surface, start, lr, data.beta);
  return Array.from({ length: data.steps + 1 }, () => walk.next().value);
});
const losses = data.points.map(([surface, w]) => surfaces[surface].at(...w));
return { names: [Object.keys(rules), Object.keys(surfaces)], walked, losses };
"""


def rate(rule: str) -> float:
    return RULES[rule]([torch.zeros(1, requires_grad=True)]).param_groups[0]["lr"]


@pytest.fixture(scope="module")
def page() -> dict:
    asked = [(r, s, start, rate(r)) for r in RULES for s in SURFACES for start in STARTS]
    points = [(s, start) for s in SURFACES for start in STARTS]
    file = str(ASSETS / "live-optimizers.js")
    given = {"file": file, "asked": asked, "points": points, "steps": STEPS, "beta": BETA}
    return {"asked": asked, "points": points, **run_in_node(SCRIPT, given)}


def test_all_rules_and_surfaces_are_compared(page):
    assert page["names"] == [list(RULES), list(SURFACES)]


def test_losses_and_gradients_are_those_of_autograd(page):
    for (surface, start), found in zip(page["points"], page["losses"], strict=True):
        w = torch.tensor(start, dtype=torch.float64, requires_grad=True)
        loss = SURFACES[surface](w)
        loss.backward()
        assert found == pytest.approx([loss.item(), *w.grad.tolist()], abs=1e-12, rel=1e-12), surface


@pytest.mark.parametrize("rule", RULES)
def test_paths_are_those_of_torch(page, rule: str):
    moved = 0.0
    for (name, surface, start, _), points in zip(page["asked"], page["walked"], strict=True):
        if name != rule:
            continue
        w = torch.tensor(start, dtype=torch.float64, requires_grad=True)
        optimizer = RULES[rule]([w])
        expected = [w.tolist()]
        for _ in range(STEPS):
            optimizer.zero_grad()
            SURFACES[surface](w).backward()
            optimizer.step()
            expected.append(w.tolist())
        off = (torch.tensor(points) - torch.tensor(expected)).abs().max()
        assert off < 1e-6, f"{surface} from {start}: off by {off:.1e}"
        moved = max(moved, (torch.tensor(points[-1]) - torch.tensor(start)).abs().max().item())
    assert moved > 0.1
