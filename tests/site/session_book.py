"""A small book of peer sessions, for unit tests and, in the site's own theme, for browser tests."""

from pathlib import Path

from tests.site.strict_build import Run, strict_build

ROOT = Path(__file__).parents[2]
EXTENSIONS = ["myst_nb", "sphinx_external_toc", "sphinxcontrib.bibtex", "sphinx_design"]
PARTS = [
    f"course.{part}" for part in ("pages", "components", "formulas", "interview", "progress", "sessions")
]
SETTINGS = {
    "extensions": EXTENSIONS + PARTS,
    "language": "en",
    "exclude_patterns": ["_build", "peer-sessions/interview"],
    "myst_enable_extensions": ["colon_fence", "dollarmath", "tasklist"],
    "nb_execution_mode": "off",
    "bibtex_bibfiles": ["references.bib"],
    "html_math_renderer": "katex",
    "html_sourcelink_suffix": "",
}
THEME = {
    "extensions": [*EXTENSIONS, "sphinx_book_theme", "course"],
    "html_theme": "sphinx_book_theme",
    "html_static_path": ["_static"],
    "html_css_files": ["course.css", "components.css"],
    "html_title": "Tiny",
    "html_favicon": "_static/logo.svg",
    "html_context": {"default_mode": "auto"},
    "html_theme_options": {"primary_sidebar_end": [], "navbar_persistent": []},
}
TOC = """\
format: jb-book
root: index
parts:
  - caption: Monday
    chapters: [file: chapters/one, file: chapters/two, file: peer-sessions/monday]
  - caption: Wednesday
    chapters: [file: peer-sessions/wednesday]
  - caption: Friday
    chapters: [file: peer-sessions/friday]
  - caption: Peer sessions
    chapters: [file: peer-sessions/interview-questions, file: peer-sessions/retrospective, file: references]
"""
ONE = """\
# One and $1$

(scaled)=
## Scaled attention

:::{question} Is $1 < 2$, see {ref}`scaled`?
- [x] Yes, `1` is less

  Because.
- [ ] No

  It is.
:::

:::{question} What does `this` print?
```python
print(1 + 1)
```

- [x] 2

  A sum.
- [ ] 11

  Not a string.
:::
"""
TWO = """\
# Two

:::{question} Is water wet?
- [x] Yes

  Because.
- [ ] No

  It is.
:::
"""
AGENDA = """\
:::{agenda}
- 5 min: **Arrive.** Sit down, and say `hello` to $x$.
- 25 min: **Talk.** About the questions.

  A second paragraph.
- 30 min: **Part.** Say goodbye.
:::
"""
QUIZ = ":::{quiz} chapters/one chapters/two\n:::\n"
WORDS = " ".join(f"word{i}" for i in range(100))
RUBRIC = """\
1. Knows the name of $x$.
2. Says *what* it does.

   And why.
3. Says when it fails.
"""
FOLLOW_UPS = """\
- What if $d$ is one?
- And if it is two?
"""


def interview(name: str = "a-name", title: str = "Why $\\sqrt{d}$?", **parts: str) -> str:
    """Return the source of a question; each part can be replaced, or left empty."""
    parts = {
        "options": f":name: {name}\n:section: scaled\n:probes: Whether `softmax` and $d$ are known.\n",
        "answer": f"The answer {{cite:t}}`vaswani` is {WORDS} $a + b$.\n",
        "rubric": RUBRIC,
        "follow_ups": FOLLOW_UPS,
    } | parts
    body = "\n".join(parts.values())
    return f"::::{{interview}} {title}\n{body}::::\n"


def bank(topic: str, n: int) -> str:
    """Return the source of several questions on one topic."""
    names = (f"{topic.lower()}-{i}" for i in range(1, n + 1))
    questions = (interview(name, f"What is {name} of $x^2$?") for name in names)
    return f"## {topic}\n\nA sentence.\n\n" + "\n".join(questions)


PAGES = {
    "index": "# Tiny\n\nWords.\n",
    "chapters/one": ONE,
    "chapters/two": TWO,
    "references": "# References\n\n```{bibliography}\n```\n",
    "peer-sessions/monday": f"# Monday\n\nWords.\n\n{AGENDA}\n## Quiz\n\n{QUIZ}",
    "peer-sessions/wednesday": f"# Wednesday\n\n{AGENDA}\n## Draw\n\n:::{{draw}}\n:::\n",
    "peer-sessions/friday": f"# Friday\n\n{AGENDA}\n## Presentations\n\n:::{{presentations}}\n:::\n",
    "peer-sessions/interview/vision": bank("Vision", 3),
    "peer-sessions/interview/transformers": bank("Transformers", 4),
    "peer-sessions/interview-questions": (
        "# Interview questions\n\n:::{interview-tools}\n:::\n\n"
        "```{include} interview/vision.md\n```\n\n```{include} interview/transformers.md\n```\n"
    ),
    "peer-sessions/retrospective": "# Retrospective\n\n## Yours\n\n:::{retrospective}\n:::\n",
}


def write_book(folder: Path, **changed: str) -> Path:
    """Write the book. Name `changed` pages by the end of their path: `monday`, `vision`."""
    for name, text in PAGES.items():
        path = folder / f"{name}.md"
        path.parent.mkdir(exist_ok=True, parents=True)
        path.write_text(changed.get(path.stem, text), encoding="utf-8")
    (folder / "_toc.yml").write_text(TOC, encoding="utf-8")
    (folder / "_static").symlink_to(ROOT / "_static")
    (folder / "references.bib").write_text(
        "@misc{vaswani, author = {Ashish Vaswani}, title = {Attention}, year = {2017}}\n"
    )
    return folder


def build(book: Path, **settings: object) -> Run:
    """Build the book; the settings `THEME` make it look like the site."""
    return strict_build(book, SETTINGS | settings)
