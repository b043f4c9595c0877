"""The engine for functions: call a learner's function, and compare numbers and gradients with a twin's."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import torch
from torch import Tensor, nn
from torch.overrides import TorchFunctionMode

from helpers.checks.rules import Lines, Rule
from helpers.checks.values import (
    Json,
    attempt,
    describe,
    describe_parts,
    normal,
    numbers,
    safely,
    say,
    say_numbers,
)
from helpers.checks.verdicts import Verdict, explain, right, wrong

Case = dict[str, Any]  # the arguments of a call by name, in order
# What cuts the way back of gradients, by the name under which torch reports its use, as learners write it.
CUTTERS = {
    **{name: name for name in ("detach", "detach_", "numpy", "tolist", "item", "new_tensor")},
    **{"tensor": "torch.tensor", "as_tensor": "torch.as_tensor", "get data": "data"},
    "_set_grad_enabled": "no_grad",
}
# Activations, by the name under which torch reports their use.
BENDS = {
    *(
        "relu",
        "relu_",
        "relu6",
        "leaky_relu",
        "prelu",
        "rrelu",
        "elu",
        "selu",
        "celu",
        "gelu",
        "silu",
        "mish",
    ),
    *("tanh", "sigmoid", "hardtanh", "hardsigmoid", "hardswish", "logsigmoid", "softplus", "softsign"),
}


class Watch(TorchFunctionMode):
    """Records the names of torch's functions that are used while it is entered."""

    def __init__(self) -> None:
        super().__init__()
        self.used: list[str] = []

    def __torch_function__(self, function: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        """Record the name, and call the function."""
        name = getattr(function, "__name__", "")
        if name == "__get__":
            name = f"get {getattr(function.__self__, '__name__', '')}"
        if (kwargs or {}).get("approximate", "none") != "none":
            name = f"{name} ({kwargs['approximate']})"
        self.used.append(name)
        return function(*args, **(kwargs or {}))


def call(
    function: Any,
    case: Case,
    parameters: Mapping[str, tuple[Tensor, slice]] | None = None,
    learns: int | None = None,
) -> Json:
    """Call a learner's function.

    Args:
        function: The function, or a model.
        case: Its arguments.
        parameters: Other tensors whose gradients count, by name, and which rows of them.
        learns: How many of the tensors returned have gradients that count, by default all.

    Returns:
        Descriptions of the result, of its parts, and of the gradients of a fixed sum over it with respect to
        arguments and parameters; the names of the arguments that were changed, and of the functions of torch
        that were used.
    """
    leaves = {name: value.clone().requires_grad_() for name, value in case.items() if _is_real(value)}
    given = {name: leaves[name] * 1 if name in leaves else _copy(value) for name, value in case.items()}
    with Watch() as watch:
        value, returned = attempt(function, *given.values())
    changed = [
        name
        for name, value in given.items()
        if isinstance(value, Tensor) and not torch.equal(value, case[name])
    ]
    of_all = {name: (leaf, slice(None)) for name, leaf in leaves.items()} | dict(parameters or {})
    gradients, way_back = safely(_gradients, value, of_all, learns)
    return {
        "returned": returned,
        **describe_parts(value),
        "changed": changed,
        "gradients": gradients,
        "way_back": way_back,
        "used": watch.used[:200],
    }


def _is_real(value: Any) -> bool:
    return isinstance(value, Tensor) and value.is_floating_point()


def _copy(value: Any) -> Any:
    if isinstance(value, list):
        return list(value)
    return value.clone() if isinstance(value, Tensor) else value


def _gradients(value: Any, leaves: Mapping[str, tuple[Tensor, slice]], learns: int | None) -> Json:
    """Return a description of each gradient, None where there is none."""
    parts = (list(value)[:5] if isinstance(value, tuple | list) else [value])[:learns]
    sums = [
        (part * normal(*part.shape, seed=90 + n).to(part.dtype)).sum()
        for n, part in enumerate(parts)
        if _is_real(part) and part.requires_grad
    ]
    if not sums:
        return dict.fromkeys(leaves)
    asked = {name: leaf for name, (leaf, _) in leaves.items() if leaf.requires_grad}
    found = torch.autograd.grad(sum(sums), list(asked.values()), allow_unused=True)
    gradients = dict.fromkeys(leaves)
    for name, gradient in zip(asked, found, strict=True):
        if gradient is not None:
            gradients[name] = describe(gradient[leaves[name][1]])
    return gradients


def alike(a: Tensor, b: Tensor) -> bool:
    """Return whether shapes and numbers agree. Equal nans agree, as mistakes may produce them."""
    return a.shape == b.shape and torch.allclose(a.double(), b.double(), rtol=1e-4, atol=1e-5, equal_nan=True)


def _same_gradient(a: Tensor, b: Tensor) -> bool:
    scale = b.abs().max().clamp(min=1).item() if b.numel() else 1
    return a.shape == b.shape and torch.allclose(a, b, rtol=1e-3, atol=1e-4 * scale)


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
        shown = f": {lines[0]}" if tensor.numel() else ""
        if tensor.numel() and tensor.dim() > 1:
            place = torch.unravel_index(torch.tensor(first), tensor.shape[:-1])
            shown = f", row {[int(n) for n in place]}: {lines[first]}"
        said.append(f"of shape {tuple(tensor.shape)}{shown}")
    return said


@dataclass
class Function:
    """What a function should return in some cases, and what it would return after a mistake.

    Attributes:
        returns: Names of the tensors returned, in order; each comes before those that it is computed from.
        cases: The arguments of each call.
        twins: Trusted functions, or modules of torch, that return the same.
        rule: How the task computes it by hand, and the mistakes. It may use the twin, as `self`.
        of: Which twin each case is for, by default the first for all.
        learns: How many of the tensors returned must have the twin's gradients, by default all.
        form: Format of the numbers in messages.
        note: Anything else to say about the arguments.
    """

    returns: Sequence[str]
    cases: Sequence[Case]
    twins: Sequence[Callable[..., Any]]
    rule: Rule
    of: Sequence[int] = ()
    learns: int | None = None
    form: str = ".3g"
    note: str = ""

    _known: dict[Any, list[Tensor] | None] = field(default_factory=dict, init=False)  # what `follow` gave

    def twin(self, n: int) -> Any:
        """Return the twin of a case."""
        return self.twins[self.of[n] if self.of else 0]

    @cached_property
    def wanted(self) -> list[list[Tensor]]:
        """What the twin returns in each case."""
        return [[numbers(part) for part in self.parts(seen)] for seen in self._calls_of_twin]

    @cached_property
    def wanted_gradients(self) -> list[dict[str, Tensor]]:
        """The twin's gradients in each case, by name, as far as they are not too large."""
        return [
            {name: numbers(one) for name, one in seen["gradients"].items() if one and "numbers" in one}
            for seen in self._calls_of_twin
        ]

    @cached_property
    def _calls_of_twin(self) -> list[Json]:
        calls = []
        for n, case in enumerate(self.cases):
            twin = self.twin(n)
            parameters = twin.named_parameters() if isinstance(twin, nn.Module) else ()
            calls.append(call(twin, case, {name: (p, slice(None)) for name, p in parameters}, self.learns))
        return calls

    def follow(self, lines: Lines, n: int, answer: Sequence[Tensor] | None = None) -> list[Tensor] | None:
        """Return what the rule gives in a case with some lines changed, or None if it raises.

        A line may use the learner's answer, to find out a number that could be any.
        """
        key = n, *lines.items()
        if key in self._known:
            return self._known[key]
        seen = answer and [part.float() for part in answer]
        values = self.rule.follow(lines, {"self": self.twin(n), "answer": seen} | self.cases[n])
        if values is not None:
            values = [value.detach() for value in (values if isinstance(values, tuple) else (values,))]
        if not any("answer" in getattr(line, "co_names", ()) for line in lines.values()):
            self._known[key] = values
        return values

    def probe(self, answer: Any) -> Json:
        """Call the function in all cases, and again in the first."""
        calls = [call(answer, case, learns=self.learns) for case in self.cases]
        return {"calls": calls, "varies": varies(answer, self.cases[0], calls[0])}

    def judge(self, seen: Json) -> Verdict:
        """Judge the results of all calls."""
        return judge_random(seen) or self.judge_calls(self.all_of(seen["calls"])) or right()

    def all_of(self, calls: Sequence[Json]) -> Sequence[Json]:
        """Return the calls, one for each case.

        Raises:
            ValueError: No probe has seen these: of no calls, all would be right.
        """
        return [call for call, _ in zip(calls, self.cases, strict=True)]

    def judge_calls(self, calls: Sequence[Json], names: Sequence[Mapping[str, str]] = ()) -> Verdict | None:
        """Judge the form of the results, their numbers, then what else the calls did.

        Args:
            calls: Those of the first cases, or of all.
            names: For each twin, what the learner calls its parameters.
        """
        answers: list[list[Tensor] | None] = []
        trouble: Verdict | None = None
        for n, seen in enumerate(calls):
            answers.append(None)
            if "raised" in seen["returned"]:
                trouble = trouble or explain(seen["returned"])
                continue
            if verdict := self._judge_form(seen):
                return verdict
            answers[n] = [numbers(part) for part in self.parts(seen)]
        given = [n for n, answer in enumerate(answers) if answer is not None]
        bad = [n for n in given if not all(map(alike, answers[n], self.wanted[n]))]
        if not bad:
            return trouble or self._judge_rest(calls, names)
        n = bad[0]
        id, change = self._name(answers, n) or (None, {})
        if trouble and not id:
            return trouble
        expected, got = self.say(n, answers[n])
        ours, theirs = (
            [name for name in seen["used"] if name.partition(" ")[0] in BENDS]
            for seen in (calls[n], self._calls_of_twin[n])
        )
        other = [name for name in ours if name not in theirs]
        if id == "other-activation" or (theirs and other and not id):
            name = other[0] if other else change.get("name", "another")
            return wrong("other-activation", expected, got, name=name)
        return wrong(id or self._where(answers[n], n), expected, got)

    def parts(self, seen: Json) -> list[Json]:
        """Return the descriptions of the tensors that a call returned."""
        return seen["parts"] if len(self.returns) > 1 else [seen["returned"]]

    def _judge_form(self, seen: Json) -> Verdict | None:
        returned, names = seen["returned"], " and ".join(self.returns)
        count = {1: "one tensor", 2: "two tensors", 3: "three tensors"}[len(self.returns)]
        several, expected = len(self.returns) > 1, f"{count}: {names}"
        if returned["type"] == "NoneType":
            return wrong("none", expected, "None")
        if several and not seen["several"]:
            return wrong("one-value", expected, say(returned))
        if several and any(
            part.get("shown", "").startswith(("(tensor(", "[tensor(")) for part in seen["parts"]
        ):
            return wrong("nested", expected, say(returned))
        if several and len(seen["parts"]) != len(self.returns):
            return wrong("number-of-values", expected, f"{len(seen['parts'])} values")
        for name, part in zip(self.returns, self.parts(seen), strict=True):
            if "shape" not in part:
                return wrong("no-tensor", expected, f"as {name}, {say(part)}")
            if "numbers" not in part or part["dtype"].startswith("complex"):
                return wrong("numbers", f"{expected}, with their numbers", say(part))
        return None

    def _name(self, answers: list[list[Tensor] | None], first: int) -> tuple[str, Lines] | None:
        """Return the first mistake that gives the same numbers, and raises where the answer did."""
        # Of the same twin alone: a mistake in other sizes has a name of its own.
        order = [n for n in range(len(answers)) if not self.of or self.of[n] == self.of[first]]
        order.sort(key=lambda n: n != first)
        # If no mistake explains all, one may explain all calls without a mask, say, or all with one.
        missing = [{name for name, value in case.items() if value is None} for case in self.cases]
        some = [n for n in order if missing[n] == missing[first]]
        for tried in dict.fromkeys((tuple(order), tuple(some))):
            for id, lines in self.rule.mistaken():
                results = ((answers[n], self.follow(lines, n, answers[n])) for n in tried)
                if all((a is None) is (b is None) and (a is None or _all_alike(a, b)) for a, b in results):
                    return id, lines
        return None

    def _where(self, answer: list[Tensor], n: int) -> str:
        """Return the diagnosis of an unknown mistake."""
        pairs = list(zip(answer, self.wanted[n], strict=True))
        if any(a.shape != b.shape for a, b in pairs):
            return "shape"
        if any(a.isnan().any() for a, _ in pairs):
            return "not-a-number"
        if len(pairs) == 1:
            return "numbers"
        # Report the earliest wrong part: it makes all that is computed from it wrong too.
        bad = [name for name, pair in zip(self.returns, pairs, strict=True) if not alike(*pair)]
        return f"wrong-{bad[-1].split()[-1]}"

    def _judge_rest(self, calls: Sequence[Json], names: Sequence[Mapping[str, str]]) -> Verdict | None:
        for n, seen in enumerate(calls):
            twin = self._calls_of_twin[n]
            if seen["changed"]:
                changed = " and ".join(f"`{name}`" for name in seen["changed"])
                got = f"the right numbers, but {changed} changed"
                return wrong("in-place", "new tensors", got)
            for part, other in zip(self.parts(seen), self.parts(twin), strict=True):
                if part["dtype"] != other["dtype"]:
                    got = f"the right numbers, of dtype {part['dtype']}"
                    return wrong("dtype", f"numbers of dtype {other['dtype']}", got)
            if self.learns != 0:
                shown = names[self.of[n] if self.of else 0] if names else {}
                if verdict := judge_gradients(seen, self.wanted_gradients[n], shown):
                    return verdict
        return None

    def say(self, n: int, answer: Sequence[Tensor]) -> tuple[str, str]:
        """Return what was expected in a case, and what came: the part to fix first."""
        parts = list(zip(self.returns, self.wanted[n], answer, strict=True))
        bad = [part for part in parts if not alike(*part[1:])]
        shapes = [part for part in bad if part[1].shape != part[2].shape]
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


def _all_alike(answer: Sequence[Tensor], other: Sequence[Tensor] | None) -> bool:
    return other is not None and len(answer) == len(other) and all(map(alike, answer, other))


def varies(function: Any, case: Case, first: Json) -> str:
    """Return why more calls give something else ("kept" from earlier calls, "random"), or "" if none does."""
    if "raised" in first["returned"]:
        return ""
    results = []
    for seed in (0, 0, 1):
        torch.default_generator.manual_seed(seed)
        seen = call(function, case, learns=0)
        results.append((seen["returned"], seen["parts"]))
    one, again, other = results
    if one != again:
        return "kept"
    return "random" if one != other or one != (first["returned"], first["parts"]) else ""


def judge_random(seen: Json, kept: str = "random") -> Verdict | None:
    """Return None if the function gives the same result every time, otherwise the verdict.

    Args:
        seen: With what `varies` returned.
        kept: The diagnosis of results that depend on earlier calls.
    """
    if not seen["varies"]:
        return None
    id = kept if seen["varies"] == "kept" else "random"
    return wrong(id, "the same numbers from every call", "others each time")


def judge_gradients(seen: Json, wanted: Mapping[str, Tensor], names: Mapping[str, str]) -> Verdict | None:
    """Return None if a call's gradients are those of the twin, otherwise the verdict.

    Args:
        seen: What `call` has seen.
        wanted: The twin's gradients, by name.
        names: What the learner calls the twin's parameters; arguments have the same name.
    """
    if trouble := explain(seen["way_back"]):
        return trouble
    gradients = seen["gradients"]
    used = [f"`{CUTTERS[name]}`" for name in seen["used"] if name in CUTTERS]
    hint = f"; on the way, {' and '.join(dict.fromkeys(used))}" if used else ""
    if not any(gradients.values()):
        expected = "numbers that remember how they were computed"
        return wrong("no-graph", expected, f"the right numbers, without memory{hint}")
    found = {
        f"`{names.get(key, key)}`": (numbers(gradients[key]) if gradients.get(key) else None, other)
        for key, other in wanted.items()
    }
    none = [name for name, (one, other) in found.items() if other.any() and (one is None or not one.any())]
    if none:
        got = f"the right numbers, but no such gradients{hint}"
        return wrong("cut", f"gradients for {', '.join(none)}", got)
    for name, (one, other) in found.items():
        given = one.reshape(other.shape) if one is not None and one.numel() == other.numel() else None
        if given is not None and not _same_gradient(given, other):
            said = say_rows(other, given, ".3g")
            return wrong("other-gradient", f"gradient of {name} {said[0]}", f"{said[1]}{hint}")
    return None
