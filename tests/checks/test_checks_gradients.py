"""What trains: wherever the way back is cut, and whatever is frozen, the checks notice."""

import ast
import re
from inspect import unwrap
from typing import Any

import pytest
import torch
from checks_testing import ALL, Answers

from helpers.checks.classes import Model
from helpers.checks.functions import Function
from helpers.checks.verdicts import Verdict

ENGINES = {
    (assignment, name): unwrap(task.probe).__self__
    for assignment, answers in ALL.items()
    for name, task in answers.check.tasks.items()
    if isinstance(getattr(unwrap(task.probe), "__self__", None), Function | Model)
}


class Cut(ast.NodeTransformer):
    """Wraps the expression of a given number, in functions other than `__init__`, in a call of `cut`."""

    def __init__(self, wanted: int) -> None:
        self.wanted, self.count = wanted, 0

    def visit_FunctionDef(self, node: ast.FunctionDef) -> ast.AST:
        if node.name != "__init__":
            node.body = [self.visit(line) for line in node.body]
        return node

    def visit_ClassDef(self, node: ast.ClassDef) -> ast.AST:
        node.body = [self.visit(one) if isinstance(one, ast.FunctionDef) else one for one in node.body]
        return node

    def generic_visit(self, node: ast.AST) -> ast.AST:
        node = super().generic_visit(node)
        if any(isinstance(one, ast.Slice) for one in (node, *getattr(node, "elts", ()))):
            return node  # `:` is no value
        if isinstance(node, ast.expr) and not isinstance(getattr(node, "ctx", None), ast.Store):
            self.count += 1
            if self.count == self.wanted:
                return ast.Call(ast.Name("cut", ast.Load()), [node], [])
        return node


def cut_somewhere(answers: Answers, task: str) -> list[tuple[str, Verdict]]:
    """Return the solution with each of its expressions cut, where this cuts something, and the verdict."""
    source = ast.unparse(ast.parse(answers.cells("solutions")[task]))
    (counter := Cut(0)).visit(ast.parse(source))
    found = []
    for n in range(1, counter.count + 1):
        cuts: list[Any] = []

        def cut(value: Any, cuts: list[Any] = cuts) -> Any:
            if isinstance(value, torch.Tensor) and value.requires_grad:
                cuts.append(value)
                return value.detach()
            return value

        answer = answers.run(task, ast.unparse(ast.fix_missing_locations(Cut(n).visit(ast.parse(source)))))
        getattr(answer, "forward", answer).__globals__["cut"] = cut
        verdict = answers.judge(task, answer)
        if cuts:
            found.append((ast.unparse(Cut(n).visit(ast.parse(source))), verdict))
    return found


# What passes no gradient on: sizes, first states, and attention weights that are only looked at.
HARMLESS = r"cut\(.*\)\.(shape|size|device)|len\(cut\(|, cut\(weights\)\)|initial_states\(cut\(x\),"


def learns(engine: Function | Model) -> bool:
    return (engine.forward if isinstance(engine, Model) else engine).learns != 0


@pytest.mark.parametrize(("assignment", "task"), [key for key in ENGINES if learns(ENGINES[key])])
def test_wherever_the_way_back_is_cut_it_is_noticed(assignment: str, task: str) -> None:
    answers = ALL[assignment]
    tried = cut_somewhere(answers, task)
    assert tried
    unseen = [source for source, verdict in tried if verdict.outcome == "right"]
    assert [source for source in unseen if not re.search(HARMLESS, source)] == []


@pytest.mark.parametrize(("assignment", "task"), [k for k in ENGINES if isinstance(ENGINES[k], Model)])
def test_whatever_is_frozen_is_noticed(assignment: str, task: str) -> None:
    answers = ALL[assignment]
    solution, name = answers.cells("solutions")[task], answers.names[task]
    n_parameters = len(list(answers.run(task, solution)(*ENGINES[assignment, task].sizes[0]).parameters()))
    for n in range(n_parameters):
        # Models of other sizes may have fewer.
        freeze = f"[p.requires_grad_(False) for p in [*self.parameters()][{n}:{n + 1}]]"
        source = (
            f"{solution}\nclass {name}({name}):\n    def __init__(self, *sizes):\n"
            f"        super().__init__(*sizes)\n        {freeze}\n"
        )
        assert answers.verdict(task, source).outcome == "wrong", n
