"""A twin written out by hand, and what it gives with a known mistake in its lines."""

import ast
import inspect
import re
import textwrap
from collections.abc import Callable, Iterable, Iterator, Mapping
from itertools import combinations
from types import CodeType
from typing import Any

from helpers.checks.verdicts import load_texts

Lines = dict[str, CodeType]  # by the name that a line assigns; "return" for the last one
CANNOT = IndexError, RuntimeError, TypeError, ValueError, ZeroDivisionError  # shapes or sizes that do not fit


class Rule:
    """A function, and the lines that mistakes put in the place of its own.

    A mistake is source code. Each of its lines takes the place of the line that assigns the same name, or of
    `return`; a line that assigns another name comes first. A rule only names the mistake in numbers that a
    trusted twin has shown to be wrong.

    Args:
        function: Assignments, then one `return`. What it uses beside its arguments is in its own module.
        mistakes: For each diagnosis, the ways to make the mistake.
        styles: Lines that are just as right as the function's own. Each mistake is tried with each of them.
    """

    def __init__(
        self, function: Callable[..., Any], mistakes: Mapping[str, Iterable[str]], styles: Iterable[str] = ()
    ) -> None:
        self.scope = function.__globals__
        (definition,) = ast.parse(textwrap.dedent(inspect.getsource(function))).body
        self.lines = _compile(line for line in definition.body if not isinstance(line, ast.Expr))
        self.mistakes = {id: [*map(changes, ways)] for id, ways in mistakes.items()}
        self.styles = [{}, *map(changes, styles)]

    def follow(self, changed: Lines, case: Mapping[str, Any]) -> Any:
        """Return what the function gives in a case with some lines changed, or None if it raises."""
        scope = {**self.scope, **case}
        first = {name: line for name, line in changed.items() if name not in self.lines}
        try:
            for line in (first | self.lines | changed).values():
                exec(line, scope)
        except CANNOT:
            return None
        return scope["return"]

    def mistaken(self) -> Iterator[tuple[str, Lines]]:
        """Yield each mistake in each style, then each pair of mistakes that change different lines."""
        single = [(id, lines) for id, ways in self.mistakes.items() for lines in ways]
        for style in self.styles:
            yield from ((id, style | lines) for id, lines in single)
        for (id, one), (other, two) in combinations(single, 2):
            if id != other and not one.keys() & two.keys():
                yield id, one | two


def changes(source: str) -> Lines:
    """Return the lines of a mistake, such as `scaled = scores; return scaled`."""
    return _compile(ast.parse(source).body)


def _compile(statements: Iterable[ast.stmt]) -> Lines:
    lines = {}
    for statement in statements:
        if isinstance(statement, ast.Return):
            name, value = "return", statement.value
        else:
            (target,) = statement.targets
            name, value = ast.unparse(target), statement.value
        target = ast.Name("return", ast.Store()) if name == "return" else target
        line = ast.fix_missing_locations(ast.Module([ast.Assign([target], value, lineno=1)], []))
        lines[name] = compile(line, f"<{name}>", "exec")
    return lines


def load_rule(
    assignment: str,
    task: str,
    function: Callable[..., Any],
    families: Mapping[str, Iterable[str]] | None = None,
) -> Rule:
    """Return a task's rule, with the mistakes of the assignment's file of texts.

    Args:
        assignment: Name of the file, without extension.
        task: Name of the task. Besides the lines of each mistake, its table may hold `styles`.
        function: The rule.
        families: More ways to make mistakes, too many to be written down.
    """
    texts, families = load_texts(assignment)[task], families or {}
    mistakes = {id: [*one.lines, *families.get(id, ())] for id, one in texts["wrong"].items()}
    return Rule(function, {id: ways for id, ways in mistakes.items() if ways}, texts.get("styles", ()))


def regrouped(line: str) -> list[str]:
    """Return a line with parentheses forgotten, moved or added, wherever this gives other numbers.

    Args:
        line: An assignment of names, numbers and operators, with a space between any two of them.
    """
    name, _, right = line.partition(" = ")
    plain = re.sub("[()]", "", right).split()
    scope = {word: 0.3 + n / 7 for n, word in enumerate(plain) if word.isidentifier()}
    found: dict[str, str] = {}
    for words in (right.split(), plain):
        for start, end in [(0, len(plain) - 1), *combinations(range(0, len(plain), 2), 2)]:
            pair = {start: f"({words[start]}", end: f"{words[end]})"}
            text = " ".join(pair.get(n, word) for n, word in enumerate(words))
            found.setdefault(f"{eval(text, {}, scope):.9g}", text)
    return [f"{name} = {text}" for text in [*found.values()][1:]]  # the first is the line itself
