"""`cohort.html`: which mistakes a cohort makes. It names nobody, so it can be shown to everybody."""

import ast
import html
import re
import unicodedata
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from itertools import permutations
from typing import TYPE_CHECKING

import matplotlib.pyplot as plt

from grading.judge import message
from grading.notebooks import assignments
from grading.page import figure, page, table, text
from grading.words import say
from helpers import plotting
from helpers.checks.verdicts import COMMON, PATTERNS

if TYPE_CHECKING:
    from grading.report import Graded, Outcomes

OUTCOMES = {  # in the order of the figure, each with its colour
    **{"right": "green", "wrong": "orange", "raised": "purple"},
    **{"stopped": "blue", "not attempted": "grey", "missing": "grey"},
}
HATCHES = {"wrong": "//", "raised": "xx", "stopped": "..", "missing": "--"}  # seen without colours, too
FEW = 5  # learners, of whom one alone is worth ten minutes
MOST_LINES = 30  # of an example
NO_TOPIC = {  # mistakes that no section mends: slips, and what checks say where they know no name
    *("another-number", "arguments-changed", "instance", "layers", "list", "local", "names", "nested"),
    *("no-module", "no-tensor", "none", "not-a-number", "numbers", "other-loss", "other-weights", "random"),
    *("settings-left", "shape", "sizes", "still-open"),
}


def cohort(graded: "Sequence[Graded]", now: "Outcomes", before: "Outcomes | None") -> str:
    """Return the page. It has no names, and no example in which one occurs.

    Args:
        graded: All submissions.
        now: Their outcomes.
        before: The outcomes at an earlier deadline, if there was one.
    """
    unread = sum(one.work is None for one in graded)
    counts = [f"{len(now)} learners."] + [f"Notebooks that could not be graded: {unread}."] * bool(unread)
    body = [f"<p>{' '.join(map(say, counts))}</p>"]
    for assignment in assignments():
        own = [one for one in graded if one.work and one.assignment == assignment and one.records]
        if own:
            title = say(f"Assignment {assignment}: {len(own)} submissions")
            body += [f"<h2>{title}</h2>", *_outcomes(assignment, own)]
            usual = " ".join(assignments()[assignment].cells.values())
            body += _mistakes(assignment, own, Names((one.learner for one in graded), usual))
            body += _changes(assignment, now, before) if before else []
    return page(say("What the cohort gets wrong"), body)


def _split(text: str) -> list[str]:
    text = unicodedata.normalize("NFKC", text)  # some systems take letters in names of files apart
    return [word for word in re.split(r"[\W\d_]+", text.lower()) if word]


def _words(text: str) -> set[str]:
    return {word for word in _split(text) if len(word) > (2 if word.isascii() else 1)}


class Names:
    """What gives learners away: their names as words, or within words, also two parts of one in a row.

    Args:
        learners: Their names.
        usual: A text whose words give nobody away.
    """

    def __init__(self, learners: Iterable[str], usual: str) -> None:
        self.usual, self.words, self.parts = _words(usual), set(), set()
        for words in map(_split, learners):
            self.words |= _words(" ".join(words))
            self.parts |= {word for word in words if len(word) > 4 or not word.isascii()}
            self.parts |= {word[1:] for word in words if re.fullmatch("[가-힣]{3,4}", word)}  # given names
            self.parts |= {first + second for first, second in permutations(words[:4], 2)}
        self.parts = {part for part in self.parts if len(part) > (4 if part.isascii() else 1)}

    def occur_in(self, text: str, usual: str = "") -> bool:
        """Say whether one occurs in a text, `usual` words left out."""
        words = _words(text) - self.usual - _words(usual)
        return bool(words & self.words) or any(part in word for word in words for part in self.parts)


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
    ax.xaxis.get_major_locator().set_params(integer=True)
    fig.legend(loc="outside upper left", ncols=3)
    alt = "A bar for each task, divided by outcome; the table below has the numbers."
    yield figure(fig, say(alt))
    rows = [[f"<code>{task}</code>", *(counts[task][outcome] for outcome in OUTCOMES)] for task in tasks]
    yield table(say("Tasks by outcome"), [*map(say, ["task", *OUTCOMES])], rows)


def _mistakes(assignment: str, own: "Sequence[Graded]", names: Names) -> Iterator[str]:
    made: dict[tuple[str, str], list[Graded]] = defaultdict(list)
    for one in own:
        for task, record in one.tasks.items():
            if record["outcome"] in ("wrong", "raised"):
                made[task, record["verdict"]["id"]].append(one)
    # Most frequent first; of equals, in the order of the tasks.
    order = sorted(made, key=lambda mistake: -len(made[mistake]))
    shared = [mistake for mistake in order if len(made[mistake]) > (len(own) > FEW)]
    named = [mistake for mistake in shared if _section(assignment, *mistake)]
    if named:
        title, says = say("For tomorrow's session"), say("Worth ten minutes each; begin with the first.")
        yield f"<h3>{title}</h3>\n<p>{says}</p>\n<ol>"
        for task, id in named[:3]:
            says = _says(assignment, task, made[task, id][0], names)
            number = say(f"{len(made[task, id])} of {len(own)} submissions")
            read = text(say(f"Read: {_section(assignment, task, id)}."))
            yield f"<li>{number}, <code>{task}</code>: {says} {read}</li>"
        yield "</ol>"
    rows = []
    for task, id in order[:15]:
        example = _example(task, made[task, id], names)
        code = f'<pre tabindex="0">{html.escape(example)}</pre>'
        code = f"<details><summary>{say('An example')}</summary>{code}</details>"
        says = _says(assignment, task, made[task, id][0], names)
        kind = f"<code>{task}</code>: <code>{html.escape(id)}</code>"
        rows.append([kind, len(made[task, id]), says + (code if example else "")])
    if rows:
        heads = ["task: mistake", "learners", "what the check says"]
        yield table(say("The most frequent mistakes"), [*map(say, heads)], rows)


def _section(assignment: str, task: str, id: str) -> str:
    """Return the section that mends a mistake; "" if none does."""
    texts = assignments()[assignment].checks.tasks[task].texts
    own, common = texts.get("wrong", {}).get(id), COMMON["wrong"].get(id)
    fallback = "" if id in (*PATTERNS, "error") else texts["section"]  # of an exception
    read = (own and own.read) or (common and common.read) or fallback
    return "" if id in NO_TOPIC else COMMON["sections"].get(read, "")


def _says(assignment: str, task: str, one: "Graded", names: Names) -> str:
    record = one.records[task]
    rows = dict(message(assignment, task, record).rows)
    says = rows.get("Looks like") or rows.get("Meaning") or "An error."
    mistakes = assignments()[assignment].checks.tasks[task].texts.get("wrong", {}), COMMON["wrong"]
    template = " ".join(wrong[id].says for wrong in mistakes if (id := record["verdict"]["id"]) in wrong)
    return text(say("A mistake of its own." if names.occur_in(says, template) else says))


def _example(task: str, made: "Sequence[Graded]", names: Names) -> str:
    """Return the shortest cell with a mistake, without comments and docstrings, in which no name occurs."""
    plain = sorted((anonymous(one.work.cells[task]) for one in made), key=len)
    short = (code for code in plain if code and code.count("\n") < MOST_LINES)
    return next((code for code in short if not names.occur_in(code)), "")


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
    if not both:
        return
    title, says = say("Since the earlier deadline"), say(f"{len(both)} learners handed in both times.")
    yield f"<h3>{title}</h3>\n<p>{says}</p>"
    heads = ["task", "right both times", "right now", "no longer right", "still open"]
    yield table(say("Changes"), [*map(say, heads)], rows)
