"""`cohort.html`: which mistakes a cohort makes. It names nobody, so it can be shown to everybody."""

import ast
import html
import re
import unicodedata
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

import matplotlib.pyplot as plt

from grading.judge import message
from grading.notebooks import assignments
from grading.page import figure, page, table, text
from grading.words import say
from helpers import plotting
from helpers.checks.verdicts import COMMON

if TYPE_CHECKING:
    from grading.report import Graded, Outcomes

OUTCOMES = {  # in the order of the figure, each with its colour
    **{"right": "green", "wrong": "orange", "raised": "purple"},
    **{"stopped": "blue", "not attempted": "grey", "missing": "grey"},
}
HATCHES = {"wrong": "//", "raised": "xx", "stopped": "..", "missing": "--"}  # seen without colours, too
MOST_LINES = 30  # of an example
UNNAMED = {"another-number", "other-weights"}  # what checks say of mistakes that they do not know


def cohort(graded: "Sequence[Graded]", now: "Outcomes", before: "Outcomes | None") -> str:
    """Return the page. It has no names, and no example in which one occurs.

    Args:
        graded: All submissions.
        now: Their outcomes.
        before: The outcomes at an earlier deadline, if there was one.
    """
    names = {word for one in graded for word in _words(one.learner)}
    unread = sum(one.work is None for one in graded)
    counts = [f"{len(now)} learners."] + [f"Notebooks that could not be graded: {unread}."] * bool(unread)
    body = [f"<p>{' '.join(map(say, counts))}</p>"]
    for assignment in assignments():
        own = [one for one in graded if one.work and one.assignment == assignment and one.records]
        if own:
            title = say(f"Assignment {assignment}: {len(own)} submissions")
            body += [f"<h2>{title}</h2>", *_outcomes(assignment, own)]
            usual = _words(" ".join(assignments()[assignment].cells.values()))
            body += _mistakes(assignment, own, names - usual)
            body += _changes(assignment, now, before) if before else []
    return page(say("What the cohort gets wrong"), body)


def _words(name: str) -> set[str]:
    name = unicodedata.normalize("NFKC", name)  # some systems take letters in names of files apart
    return {word for word in re.split(r"[\W\d_]+", name.lower()) if len(word) > (2 if word.isascii() else 1)}


def _outcomes(assignment: str, own: "Sequence[Graded]") -> Iterator[str]:
    tasks = assignments()[assignment].stubs
    counts = {task: Counter(one.records[task]["outcome"] for one in own) for task in tasks}
    plotting.use_style()
    fig, ax = plt.subplots(figsize=(4.8, 0.7 + 0.42 * len(tasks)))
    left = dict.fromkeys(tasks, 0)
    for outcome, colour in OUTCOMES.items():
        widths = [counts[task][outcome] for task in tasks]
        if any(widths):
            look = {
                "color": plotting.COLORS[colour],
                "hatch": HATCHES.get(outcome),
                "edgecolor": plotting.PAPER,
            }
            ax.barh([*tasks], widths, left=[*left.values()], label=outcome, **look)
            left = {task: left[task] + counts[task][outcome] for task in tasks}
    ax.invert_yaxis()
    ax.grid(axis="y", visible=False)
    ax.set(xlabel="submissions", xlim=(0, len(own)))
    fig.legend(loc="outside upper left", ncols=3)
    alt = "A bar for each task, divided by outcome; the table below has the numbers."
    yield figure(fig, say(alt))
    rows = [[f"<code>{task}</code>", *(counts[task][outcome] for outcome in OUTCOMES)] for task in tasks]
    yield table(say("Tasks by outcome"), [*map(say, ["task", *OUTCOMES])], rows)


def _mistakes(assignment: str, own: "Sequence[Graded]", names: set[str]) -> Iterator[str]:
    made: dict[tuple[str, str], list[Graded]] = defaultdict(list)
    for one in own:
        for task, record in one.tasks.items():
            if record["outcome"] in ("wrong", "raised"):
                made[task, record["verdict"]["id"]].append(one)
    # Most frequent first; of equals, in the order of the tasks.
    order = sorted(made, key=lambda mistake: -len(made[mistake]))
    named = [mistake for mistake in order if _section(assignment, *mistake)]
    if named:
        title, says = say("For tomorrow's session"), say("Worth ten minutes each.")
        yield f"<h3>{title}</h3>\n<p>{says}</p>\n<ol>"
        for task, id in named[:3]:
            says = _says(assignment, task, made[task, id][0], names)
            number = say(f"{len(made[task, id])} of {len(own)} submissions")
            read = text(say(f"Read: {_section(assignment, task, id)}."))
            yield f"<li>{number}, <code>{task}</code>: {says} {read}</li>"
        yield "</ol>"
    if order:
        yield f"<h3>{say('The most frequent mistakes')}</h3>"
    rows = []
    for task, id in order[:15]:
        example = _example(task, made[task, id], names)
        code = f"<details><summary>{say('An example')}</summary><pre>{html.escape(example)}</pre></details>"
        says = _says(assignment, task, made[task, id][0], names)
        kind = f"<code>{task}</code>: <code>{html.escape(id)}</code>"
        rows.append([kind, len(made[task, id]), says + (code if example else "")])
    if rows:
        heads = ["task: mistake", "learners", "what the check says"]
        yield table(say("Mistakes by frequency"), [*map(say, heads)], rows)


def _section(assignment: str, task: str, id: str) -> str:
    """Return the section that mends a mistake; "" if it is none of understanding, or one of many."""
    if id in UNNAMED:
        return ""
    texts = assignments()[assignment].checks.tasks[task].texts
    own, common = texts.get("wrong", {}).get(id), COMMON["wrong"].get(id)
    read = (own and own.read) or (common and common.read) or (texts["section"] if own else "")
    return COMMON["sections"].get(read, "")


def _says(assignment: str, task: str, one: "Graded", names: set[str]) -> str:
    rows = dict(message(assignment, task, one.records[task]).rows)
    says = rows.get("Looks like") or rows.get("Meaning") or "An error."
    if names & _words(says) - _words(one.work.cells[task]):
        says = "A mistake of its own."
    return text(say(says))


def _example(task: str, made: "Sequence[Graded]", names: set[str]) -> str:
    """Return the shortest cell with a mistake, without comments and docstrings, in which no name occurs."""
    plain = [code for one in made if (code := anonymous(one.work.cells[task]))]
    kept = [code for code in plain if not names & _words(code) and code.count("\n") < MOST_LINES]
    return min(kept, key=len, default="")


def anonymous(source: str) -> str:
    """Return code in one style, without comments and docstrings; "" if it cannot be read."""
    try:
        tree = ast.parse(source)
        for node in ast.walk(tree):
            if isinstance(node, ast.FunctionDef | ast.ClassDef) and ast.get_docstring(node) is not None:
                node.body = node.body[1:] or [ast.Pass()]
        return ast.unparse(tree)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return ""


def _changes(assignment: str, now: "Outcomes", before: "Outcomes") -> Iterator[str]:
    both = [name for name in now if assignment in now[name] and assignment in before.get(name, {})]
    rows = []
    for task in assignments()[assignment].stubs:
        pairs = Counter(
            (before[name][assignment].get(task) == "right", now[name][assignment].get(task) == "right")
            for name in both
        )
        kinds = [(True, True), (False, True), (True, False), (False, False)]
        rows.append([f"<code>{task}</code>", *(pairs[kind] for kind in kinds)])
    title, says = say("Since the earlier deadline"), say(f"{len(both)} learners handed in both times.")
    yield f"<h3>{title}</h3>\n<p>{says}</p>"
    heads = ["task", "right both times", "right now", "no longer right", "still open"]
    yield table(say("Changes"), [*map(say, heads)], rows)
