"""Code that runs shortened: long loops are left early, and what is claimed of their results is not checked."""

import ast
from collections.abc import Callable, Iterable, Iterator
from itertools import islice, pairwise
from types import CodeType, GeneratorType
from typing import Any

from helpers.data import TensorLoader

TURNS = 2  # that a loop has at least
OPERATIONS = 1000
# A loop over anything else has a turn for each of several things, which later code may ask for.
SHORTENED = range, islice, enumerate, pairwise, GeneratorType, TensorLoader


class Counts:
    operations = 0
    steps = 0


class Loop:
    steps = 0  # its own

running: list[Loop] = []

def note_training() -> None:
    if running:
        running[-1].steps += 1


def note_work() -> None:
    Counts.operations += 1


def shorten(items: Iterable[Any]) -> Iterator[Any]:
    """Yield items up to where the loop has trained in `TURNS` turns, or done `OPERATIONS`."""
    may = isinstance(items, SHORTENED)
    loop, before = Loop(), Counts.operations
    for turn, item in enumerate(items, start=1):
        running.append(loop)
        try:
            yield item
        finally:
            running.remove(loop)
        if may and turn >= TURNS and (loop.steps >= TURNS or Counts.operations - before > OPERATIONS):
            return


def while_true(condition: Callable[[], Any]) -> Iterator[None]:
    while condition():
        yield


def repeat_less(items):
    before = Counts.operations
    for turn, item in enumerate(items, start=1):
        yield item
        if turn >= TURNS and Counts.operations >= before + TURNS:
            return


class Shorter(ast.NodeTransformer):
    """Changes code so that its loops are shortened, and its claims are only computed."""

    def visit_Assert(self, node: ast.Assert) -> ast.AST:
        return self.claim(ast.Expr(self.visit(node.test)))

    def visit_Expr(self, node):
        self.generic_visit(node)
        if isinstance(node.value, ast.Call) and isinstance(node.value.func, ast.Name) and node.value.func.id == "report":
            return self.claim(node)
        return node

    def claim(self, node):
        handler = ast.ExceptHandler(ast.Name("Exception", ast.Load()), "error", [ast.Expr(call("only_claims", ast.Name("error", ast.Load())))])
        return ast.Try([node], [handler], [], [])

    def visit_For(self, node: ast.For) -> ast.AST:
        self.generic_visit(node)
        node.iter = call("shorten", node.iter)
        if isinstance(node.target, ast.Name) and node.target.id == "_":
            node.iter = call("repeat_less", node.iter)
        return node

    def visit_GeneratorExp(self, node):
        self.generic_visit(node)
        for c in node.generators:
            if isinstance(c.target, ast.Name) and c.target.id == "_":
                c.iter = call("repeat_less", c.iter)
        return node

    def visit_While(self, node: ast.While) -> ast.AST:
        self.generic_visit(node)
        condition = ast.Lambda(ast.arguments([], [], None, [], [], None, []), node.test)
        again = call("shorten", call("while_true", condition))
        return ast.For(ast.Name("_", ast.Store()), again, node.body, node.orelse)


def call(name: str, argument: ast.expr) -> ast.expr:
    return ast.Call(ast.Name(name, ast.Load()), [argument], [])


def only_claims(error):
    if "device" in str(error):
        raise error
    print("claim:", error)


def shortened(source: str, name: str) -> CodeType:
    """Return code that runs shortened, with `NAMES` among its names."""
    tree = ast.fix_missing_locations(Shorter().visit(ast.parse(source)))
    return compile(tree, name, "exec")


NAMES = {"only_claims": only_claims, "shorten": shorten, "while_true": while_true, "repeat_less": repeat_less}
