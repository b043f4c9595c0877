"""A learner's function, called and compared with a trusted twin and with known mistakes."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import torch
from torch import Tensor

from helpers.checks.models import Rule, follow, mistaken
from helpers.checks.values import Json, attempt, describe_parts, numbers, say, say_numbers
from helpers.checks.verdicts import Verdict, explain, wrong

Case = dict[str, Any]  # the arguments of a call by name, in order


def _known(value: Any) -> Any:
    """Return a copy of a tensor that has a graph and can be changed in place; leave other values alone."""
    if not isinstance(value, Tensor):
        return value
    return value.clone().requires_grad_() * 1 if value.is_floating_point() else value


def call(function: Any, case: Case) -> Json:
    """Call a learner's function. Return its result, the result's parts, and which arguments it changed."""
    given = {name: _known(value) for name, value in case.items()}
    value, returned = attempt(function, *given.values())
    changed = [
        name
        for name, tensor in given.items()
        if isinstance(tensor, Tensor) and not torch.equal(tensor, case[name])
    ]
    return {"returned": returned, "changed": changed, **describe_parts(value)}


def alike(a: Tensor, b: Tensor) -> bool:
    """Return whether shapes and numbers agree. Equal nans agree, as mistakes may produce them."""
    return a.shape == b.shape and torch.allclose(a.double(), b.double(), rtol=1e-4, atol=1e-5, equal_nan=True)


def say_rows(one: Tensor, two: Tensor, form: str) -> list[str]:
    """Put two tensors into words: their shapes, and the first row that differs, for comparison by eye."""
    rows = [t.reshape(-1, t.shape[-1]) if t.numel() and t.dim() else t.reshape(1, -1) for t in (one, two)]
    texts = [[say_numbers(row, form) for row in table] for table in rows]
    first = 0
    if one.shape == two.shape:
        pairs = enumerate(zip(*texts, strict=True))
        first = next((n for n, (a, b) in pairs if a != b), 0)
    said = []
    for tensor, lines in zip((one, two), texts, strict=True):
        shown = ""
        if tensor.numel() and tensor.dim() > 1:
            place = torch.unravel_index(torch.tensor(first), tensor.shape[:-1])
            shown = f", row {[int(n) for n in place]}: {lines[first]}"
        said.append(f"of shape {tuple(tensor.shape)}{shown}")
    return said


@dataclass
class Twin:
    """What a function should return in some cases, and what it would return after a mistake.

    Attributes:
        returns: Names of the tensors returned, in order.
        cases: The arguments of each call.
        wanted: What a trusted twin returns for each.
        rule: How the task computes it. The last line is the tuple of all return values.
        mistakes: For each mistake, the lines it puts in place of the rule's.
        scope: What the formulas use besides the arguments, for each case.
        form: Format of the numbers in messages.
        note: Anything else to say about the arguments.
        known: Cached results of rules.
    """

    returns: Sequence[str]
    cases: Sequence[Case]
    wanted: Sequence[Sequence[Tensor]]
    rule: Rule
    mistakes: dict[str, list[Rule]]
    scope: Sequence[Case]
    form: str = ".3g"
    note: str = ""
    known: dict[tuple[str, int], list[Tensor] | None] = field(default_factory=dict, init=False)

    def follow(self, rule: Rule, n: int) -> list[Tensor] | None:
        """Return what a rule gives in a case, or None if it raises."""
        key = str(rule), n
        if key not in self.known:
            try:
                values = list(follow(rule, self.scope[n] | self.cases[n]))
            except (IndexError, RuntimeError):  # from torch: shapes that do not fit
                values = None
            self.known[key] = values
        return self.known[key]

    def judge(self, calls: Sequence[Json]) -> Verdict | None:
        """Return None if the learner's function was right in these calls, otherwise the verdict."""
        answers: list[list[Tensor] | None] = []
        trouble: Verdict | None = None
        for n, seen in enumerate(calls):
            answers.append(None)
            if "raised" in seen["returned"]:
                trouble = trouble or explain(seen["returned"])
                continue
            if verdict := self._judge_form(seen, n):
                return verdict
            answers[n] = [numbers(part) for part in self._parts(seen)]
        given = [n for n, answer in enumerate(answers) if answer is not None]
        bad = [n for n in given if not all(map(alike, answers[n], self.wanted[n]))]
        if not bad:
            return trouble or self._judge_rest(calls)
        n = bad[0]
        id = self._name(answers, n)
        if trouble and not id:
            return trouble
        expected, got = self._say(n, answers[n])
        return wrong(id or self._where(answers[n], n), expected, got)

    def _parts(self, seen: Json) -> list[Json]:
        return seen["parts"] if len(self.returns) > 1 else [seen["returned"]]

    def _judge_form(self, seen: Json, n: int) -> Verdict | None:
        returned, names = seen["returned"], " and ".join(self.returns)
        several = len(self.returns) > 1
        expected = f"{'two tensors' if several else 'one tensor'}: {names}"
        if returned["type"] == "NoneType":
            return wrong("none", expected, "None")
        if several and not seen["several"]:
            return wrong("one-value", expected, say(returned))
        if several and len(seen["parts"]) != len(self.returns):
            return wrong("number-of-values", expected, f"{len(seen['parts'])} values")
        for name, part in zip(self.returns, self._parts(seen), strict=True):
            if "shape" not in part:
                return wrong("no-tensor", expected, f"as {name}, {say(part)}")
            if "numbers" not in part or part["dtype"].startswith("complex"):
                return wrong("numbers", f"{expected}, with their numbers", say(part))
        return None

    def _name(self, answers: list[list[Tensor] | None], first: int) -> str | None:
        """Return the first mistake that gives the same numbers, and raises where the answer did."""
        order = sorted(range(len(answers)), key=lambda n: n != first)
        for id, rule in mistaken(self.rule, self.mistakes):
            results = ((answers[n], self.follow(rule, n)) for n in order)
            if all((a is None) is (b is None) and (a is None or all(map(alike, a, b))) for a, b in results):
                return id
        return None

    def _where(self, answer: list[Tensor], n: int) -> str:
        """Return the diagnosis of an unknown mistake."""
        pairs = list(zip(answer, self.wanted[n], strict=True))
        if any(a.shape != b.shape for a, b in pairs):
            return "shape"
        if any(a.isnan().any() for a, _ in pairs):
            return "not-a-number"
        if len(pairs) > 1:
            return "wrong-output" if alike(*pairs[1]) else "wrong-weights"
        return "numbers"

    def _judge_rest(self, calls: Sequence[Json]) -> Verdict | None:
        for seen in calls:
            if seen["changed"]:
                changed = " and ".join(f"`{name}`" for name in seen["changed"])
                got = f"the right numbers, but {changed} changed"
                return wrong("in-place", "new tensors", got)
            if not self._parts(seen)[0]["requires_grad"]:
                expected = "numbers that remember how they were computed"
                got = "the right numbers, without memory"
                return wrong("no-graph", expected, got)
        return None

    def _say(self, n: int, answer: Sequence[Tensor]) -> tuple[str, str]:
        """Return what was expected in a case, and what came: the part to fix first."""
        parts = list(zip(self.returns, self.wanted[n], answer, strict=True))
        bad = [part for part in parts if not alike(*part[1:])]
        shapes = [part for part in bad if part[1].shape != part[2].shape]
        # Report the earliest wrong part: wrong weights make the output wrong too.
        told = [(name, say_rows(*pair, self.form)) for name, *pair in shapes or bad[-1:]]
        expected, got = ("; ".join(f"{name} {said[side]}" for name, said in told) for side in (0, 1))
        return f"for {self._say_case(n)}: {expected}", got

    def _say_case(self, n: int) -> str:
        given = [
            f"{name} {tuple(value.shape) if isinstance(value, Tensor) else value}"
            for name, value in self.cases[n].items()
            if value is not None
        ]
        given += [f"no {name}" for name, value in self.cases[n].items() if value is None]
        return ", ".join([*given, *([self.note] if self.note else [])])


def judge_random(seen: Json) -> Verdict | None:
    """Return None if the function gives the same result twice, otherwise the verdict."""
    if not seen["random"]:
        return None
    return wrong("random", "the same numbers from two calls", "others each time")
