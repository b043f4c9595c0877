"""Plain copies of chapters, made by a small book that Sphinx builds without a theme."""

import json
import re
from pathlib import Path
from types import SimpleNamespace

import nbformat
import pytest
from nbclient import NotebookClient

from tests.site.strict_build import Run, strict_build

ROOT = Path(__file__).parents[2]
EXTENSIONS = ["myst_nb", "sphinx_design", "sphinxcontrib.bibtex"]
PARTS = [f"course.{part}" for part in ("pages", "components", "plain", "seeds", "timeline")]
TITLE = """\
# A chapter

Words."""
TEXT = r"""(kinks)=
## Where `kinks` are

It is {glue:text}`one.ipynb::half:.1%`, over runs {pooled}`one.ipynb::half:+.2f > -1`, see {numref}`fig-line`,
{ref}`kinks`, {ref}`below <deeper-more>`, {doc}`two`, {doc}`the other </chapters/two>` and [the end](#kinks).
A {concept}`dead unit <dead-unit>` and a {concept}`dead-unit`, {ko}`죽은 유닛` {cite}`oord2016,he2016`, as
{cite:t}`kingma2014` say: $\text{a} < b$.

:::{admonition} Often said: "`ReLU` is **linear**"
:class: often-said
Not at {glue:text}`one.ipynb::half:.1f`.

| a | b |
|---|---|
| 1 | {ref}`kinks` |
:::

::::{grid} 1 1 2 2
:gutter: 3

:::{grid-item-card} A card
In a grid.
:::
::::

:::{timeline}
- **2012 · AlexNet** (vision)

  Many weights.

  {section}`kinks`
:::"""
QUESTIONS = """\
## Check yourself

:::{question} Is $1 < 2$?

- [x] Yes, `1` is less

  See {ref}`kinks`.

- [ ] No

  It is.
:::

:::{question} How much?
:number:

Look closely.

- [x] 0.5 ± 0.1

  A half.
:::

:::{question} In which order?

1. Forward

   First.

2. Backward

   It needs the loss.
:::

(deeper-more)=
### Deeper: more

Words."""
TWO = """\
# Two

:::{glossary}
Dead unit
  It never fires. {section}`dead-unit`

Kink
  Where a slope changes. {section}`kinks`
:::

```{bibliography}
```
"""
BIBLIOGRAPHY = r"""
@misc{oord2016, author={van den Oord, A{\"a}ron and Kalchbrenner, Nal and K, K}, title={A}, year=2016}
@misc{he2016, author={Dollár, Piotr}, title={B}, year=2016}
@misc{kingma2014, author={Kingma, Diederik P. and Welling, Max}, title={C}, year=2014}
"""


def chapter(text: str = TEXT) -> nbformat.NotebookNode:
    def output(data: dict, metadata: dict) -> nbformat.NotebookNode:
        return nbformat.v4.new_output("display_data", data, metadata=metadata)

    mime = "application/papermill.record/"
    reported = output({f"{mime}text/plain": "0.5"}, {"scrapbook": {"name": "half", "mime_prefix": mime}})
    svg = '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 10 10"/>'
    figure = {"figure": {"caption": "A *line*.", "name": "fig-line"}, "image": {"alt": "A line."}}
    draw = f"from IPython.display import SVG, display\n\ndisplay(SVG({svg!r}))"
    cells = [
        nbformat.v4.new_markdown_cell(TITLE, id="title"),
        nbformat.v4.new_code_cell("from helpers.report import report", id="imports"),
        nbformat.v4.new_code_cell("report(half=0.5)", id="half", outputs=[reported]),
        nbformat.v4.new_markdown_cell(text, id="kinks"),
        nbformat.v4.new_code_cell(
            draw, id="fig-line", metadata={"mystnb": figure}, outputs=[output({"image/svg+xml": svg}, {})]
        ),
        nbformat.v4.new_markdown_cell(QUESTIONS, id="self-check"),
    ]
    kernel = {"name": "python3", "display_name": "Python 3", "language": "python"}
    metadata = {"kernelspec": kernel, "language_info": {"name": "python"}}
    return nbformat.v4.new_notebook(cells=cells, metadata=metadata)


def build(book: Path, text: str = TEXT, **settings: object) -> Run:
    (book / "chapters").mkdir()
    (book / "index.md").write_text("# Index\n\n```{toctree}\nchapters/one\nchapters/two\n```\n")
    nbformat.write(chapter(text), book / "chapters" / "one.ipynb")
    (book / "chapters" / "two.md").write_text(TWO)
    (book / "references.bib").write_text(BIBLIOGRAPHY, encoding="utf-8")
    (book / "pyproject.toml").symlink_to(ROOT / "pyproject.toml")
    (book / "_build").mkdir()
    (book / "_build" / "seeds.json").write_text(json.dumps({"chapters/one": {"1": {"half": 0.7}}}))
    settings = {
        "extensions": [*EXTENSIONS, *PARTS],
        "exclude_patterns": ["_build"],
        "myst_enable_extensions": ["colon_fence", "dollarmath", "tasklist"],
        "myst_heading_anchors": 3,
        "nb_execution_mode": "off",
        "html_sourcelink_suffix": "",
        "bibtex_bibfiles": ["references.bib"],
        "numfig": True,
        "numfig_format": {"figure": "Fig. %s"},  # the default is of whatever language was built last
        **settings,
    }
    return strict_build(book, settings)


def plain(book: Path) -> nbformat.NotebookNode:
    return nbformat.read(book / "_build" / "_sources" / "chapters" / "one.ipynb", as_version=4)


def words(notebook: nbformat.NotebookNode, cell_id: str) -> str:
    (text,) = (cell.source for cell in notebook.cells if cell.id == cell_id)
    return text


@pytest.fixture(scope="module")
def copy(tmp_path_factory) -> nbformat.NotebookNode:
    book = tmp_path_factory.mktemp("book")
    run = build(book)
    assert run.returncode == 0, run.stdout
    return plain(book)


def test_numbers_references_and_papers_are_words(copy):
    text = words(copy, "kinks")
    assert text.startswith("## Where `kinks` are\n\nIt is 50.0%, over runs +0.60 ± 0.10, see Fig. 1,\n")
    assert "*Where kinks are*, below, *Two*, the other and the end.\n" in text
    assert "A dead unit and a dead unit, 죽은 유닛 [van den Oord et al., 2016; Dollár, 2016], as\n" in text
    assert r"Kingma and Welling (2014) say: $\text{a} < b$." in text
    assert words(copy, "fig-line-caption") == "*Fig. 1:* A *line*."


def test_boxes_are_quotes(copy):
    box = '> **Often said: "`ReLU` is **linear**"**\n> \n> Not at 0.5.\n> \n> | a | b |\n> |---|---|\n'
    assert f"{box}> | 1 | *Where kinks are* |\n" in words(copy, "kinks")
    assert "> **A card**\n> \n> In a grid.\n" in words(copy, "kinks")
    event = "- **2012 · AlexNet** (vision)\n\n  Many weights.\n\n  Run it: *Where kinks are*"
    assert words(copy, "kinks").endswith(event)


def test_questions_hide_their_answers_in_a_fold(copy):
    one, number, order = re.split(r"\*\*Question \d\.\*\* ", words(copy, "self-check"))[1:]
    fold = "<details><summary>Answers</summary>\n\n"
    assert one.startswith(f"Is $1 < 2$?\n\n- Yes, `1` is less\n- No\n\n{fold}- ✓ Right: Yes, `1` is less\n\n")
    assert "  See *Where kinks are*.\n\n- ✗ Wrong: No\n\n  It is.\n\n</details>" in one
    assert number.startswith(f"How much?\n\nLook closely.\n\n{fold}- ✓ Right: 0.5 ± 0.1\n\n  A half.")
    assert order.startswith(
        f"In which order?\n\n- Backward\n- Forward\n\n{fold}1. Forward\n\n   First.\n\n2. B"
    )
    assert order.endswith("</details>\n\n### Deeper: more\n\nWords.")


def test_the_code_is_the_same_and_runs(copy):
    code = [(cell.id, cell.source) for cell in copy.cells if cell.cell_type == "code"]
    own = [(cell.id, cell.source) for cell in chapter().cells if cell.cell_type == "code"]
    assert (code[0][0], code[1:]) == ("install", own)
    assert [cell.id for cell in copy.cells][:3] == ["title", "plain-copy", "install"]
    run = NotebookClient(copy, kernel_name="python3", resources={"metadata": {"path": ROOT}}).execute()
    install, _, half, *_ = [cell for cell in run.cells if cell.cell_type == "code"]
    assert install.outputs == [] and half.outputs[0].data["text/plain"] == "half = 0.5"


def test_references_are_links_where_the_site_has_an_address(tmp_path):
    run = build(tmp_path, html_baseurl="https://example.org/week/")
    assert run.returncode == 0, run.stdout
    here = "https://example.org/week/chapters/one.html"
    text = words(plain(tmp_path), "kinks")
    assert f"[Where kinks are]({here}#kinks), [below]({here}#deeper-more)," in text
    assert "[the other](https://example.org/week/chapters/two.html) and" in text
    assert f"the page [A chapter]({here})." in words(plain(tmp_path), "plain-copy")


def test_what_has_no_plain_form_fails_the_build_and_is_named(tmp_path):
    run = build(tmp_path, TEXT.replace("{ref}`kinks`,", "{kbd}`Ctrl`, {ref}`kinks`,"))
    assert run.returncode != 0
    assert "chapters/one" in run.stdout and "does not know the role 'kbd'" in run.stdout


@pytest.mark.parametrize("home", ["", "https://github.com/someone/course"])
def test_the_first_cell_says_what_is_missing(home, monkeypatch, capsys):
    monkeypatch.syspath_prepend(ROOT / "_ext")
    from course import plain

    config = SimpleNamespace(html_theme_options={"repository_url": home})
    code = plain.install(
        SimpleNamespace(config=config, srcdir=ROOT), "import json\nimport nowhere.at_all as x"
    )
    exec(code, {})
    (said,) = capsys.readouterr().out.splitlines()
    assert said.startswith("nowhere missing. ")
    command = said.partition(" in a cell of its own: ")[2]
    assert re.fullmatch(r'%pip install "\S+\[chapters\]( @ git\+\S+)?"', command)
    assert home in command and (".whl" in command) == (not home)
