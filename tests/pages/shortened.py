"""Code that runs shortened: long loops are left early, and what is claimed of their results is not checked.

A loop is left if it has trained, or computed enough, in two turns. But a loop over a list or a dictionary has
a turn for each of several things, for which later code may ask: it is not left.
"""

import ast
from collections.abc import Callable, Iterable, Iterator
from functools import partial
from itertools import islice, pairwise
from types import CodeType, GeneratorType
from typing import Any

from helpers.data import TensorLoader

TURNS, OPERATIONS = 2, 500  # of a loop that is left
CLAIMS = "report(", "check.result("
LEFT = range, islice, enumerate, pairwise, GeneratorType, TensorLoader


class Turn:
    """A turn of a loop."""

    trains = False


class Work:
    """What has been done, and by which loops.

    Attributes:
        operations: Number of operations on the GPU.
    """

    def __init__(self):
        self.operations = 0
        self.turns: list[Turn] = []  # of the loops that run, the innermost last

    def notice(self) -> None:
        """Note an operation."""
        self.operations += 1

    def train(self, backward: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
        """Do a backward pass, and note that the innermost loop trains."""
        for turn in self.turns[-1:]:
            turn.trains = True
        return backward(*args, **kwargs)

    def loop(self, items: Iterable[Any], *, enough: int = OPERATIONS) -> Iterator[Any]:
        """Yield the items of a loop until it is left, which takes more operations than are `enough`."""
        before, trained = self.operations, 0
        for n, item in enumerate(items, start=1):
            turn = Turn()
            self.turns.append(turn)
            try:
                yield item
            finally:
                self.turns.remove(turn)
            trained += turn.trains
            done = trained >= TURNS or self.operations - before > enough
            if n >= TURNS and done and isinstance(items, LEFT):
                return

    def names(self) -> dict[str, Any]:
        """Return the names that shortened code uses."""
        repeat = partial(self.loop, enough=0)
        return {"__loop__": self.loop, "__repeat__": repeat, "__while__": as_long_as, "__claim__": let_pass}


def as_long_as(condition: Callable[[], Any]) -> Iterator[None]:
    """Yield as long as a condition holds."""
    while condition():
        yield


def let_pass(error: Exception) -> None:
    """Let an error pass, unless it is about devices."""
    if "device" in str(error):
        raise error


class Shortener(ast.NodeTransformer):
    """Changes code so that its loops are left early, and its claims only computed."""

    def visit_For(self, node: ast.For) -> ast.AST:
        self.generic_visit(node)
        node.iter = call("__repeat__" if is_nothing(node.target) else "__loop__", node.iter)
        return node

    def visit_GeneratorExp(self, node: ast.GeneratorExp) -> ast.AST:
        self.generic_visit(node)
        for part in node.generators:
            if is_nothing(part.target):
                part.iter = call("__repeat__", part.iter)
        return node

    def visit_While(self, node: ast.While) -> ast.AST:
        self.generic_visit(node)
        nothing = ast.arguments([], [], None, [], [], None, [])
        turns = call("__loop__", call("__while__", ast.Lambda(nothing, node.test)))
        return ast.For(ast.Name("_", ast.Store()), turns, node.body, node.orelse)

    def visit_Assert(self, node: ast.Assert) -> ast.AST:
        return self.claim(ast.Expr(node.test))

    def visit_Expr(self, node: ast.Expr) -> ast.AST:
        self.generic_visit(node)
        return self.claim(node) if ast.unparse(node).startswith(CLAIMS) else node

    def claim(self, node: ast.stmt) -> ast.AST:
        """Return a statement that may fail."""
        failed = ast.Expr(call("__claim__", ast.Name("error", ast.Load())))
        return ast.Try(
            [node], [ast.ExceptHandler(ast.Name("Exception", ast.Load()), "error", [failed])], [], []
        )


def is_nothing(target: ast.expr) -> bool:
    """Say whether a loop gives its turns no names, so that all are the same."""
    return isinstance(target, ast.Name) and target.id == "_"


def call(name: str, argument: ast.expr) -> ast.expr:
    """Return the call of a function."""
    return ast.Call(ast.Name(name, ast.Load()), [argument], [])


def shortened(source: str, name: str) -> CodeType:
    """Return code that runs shortened where `Work.names` are known."""
    return compile(ast.fix_missing_locations(Shortener().visit(ast.parse(source))), name, "exec")
