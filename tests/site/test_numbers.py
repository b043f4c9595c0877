"""A reported number is a button that shows what it is under other seeds; one that no seed moves is not."""

import json
from pathlib import Path

import nbformat
import pytest
from bs4 import BeautifulSoup
from nbformat import v4

from tests.site.strict_build import Run, strict_build

REPORTED = {"accuracy": 0.971, "images": 667, "old": 1.5, "lead": 1.0}
SEEDS = {
    "1": {"accuracy": 0.9655, "images": 667, "lead": 1.5},
    "2": {"accuracy": 0.9801, "images": 667, "lead": 2.0},
}
LANGUAGE = {"language_info": {"name": "python", "pygments_lexer": "ipython3"}}


def build(book: Path, text: str, seeds: dict) -> tuple[Run, BeautifulSoup]:
    """Build a book of one page that reports numbers; return the run and the page."""
    prefix = "application/papermill.record/"
    outputs = [
        v4.new_output(
            "display_data",
            data={f"{prefix}text/plain": repr(value), "text/plain": f"{name} = {value}"},
            metadata={"scrapbook": {"name": name, "mime_prefix": prefix}},
        )
        for name, value in REPORTED.items()
    ]
    cells = [
        v4.new_markdown_cell(f"# One\n\n{text}", id="text"),
        v4.new_code_cell("1", id="code", outputs=outputs),
    ]
    nbformat.write(v4.new_notebook(cells=cells, metadata=LANGUAGE), book / "one.ipynb")
    (book / "index.md").write_text("# Index\n\n```{toctree}\none\n```\n")
    (book / "_build").mkdir()
    (book / "_build" / "seeds.json").write_text(json.dumps({"one": seeds}))
    run = strict_build(
        book,
        {
            "extensions": ["myst_nb", "course.pages", "course.seeds"],
            "exclude_patterns": ["_build"],
            "nb_execution_mode": "off",
        },
    )
    page = BeautifulSoup((book / "_build" / "one.html").read_text(encoding="utf-8"), "html.parser")
    return run, page


def test_a_number_shows_what_it_is_under_other_seeds(tmp_path):
    text = """\
Right {glue:text}`one.ipynb::accuracy:.1%` of {glue:text}`one.ipynb::images:d`.
{glue:text}`one.ipynb::old:.1f`
"""
    run, page = build(tmp_path, text, SEEDS)
    assert run.returncode == 0, run.stdout
    (button,) = page.select("button.seeded")
    assert button.get_text() == "97.1%"
    assert button["title"] == "Under seeds 1, 2: 96.5%, 98.0%"
    assert page.select_one(f"#{button['popovertarget']}[popover]").get_text() == button["title"]
    assert "667" in page.get_text() and "1.5" in page.get_text()


def test_what_a_notebook_reports_is_shown_by_sentences_alone(tmp_path):
    _, page = build(tmp_path, "{glue:text}`one.ipynb::old:.1f`", {})
    assert "old" not in page.get_text() and "1.5" in page.get_text()


# 1.0 on the page, 1.5, 2.0 and 1.5 under other seeds: the mean of all is 1.5 with a standard error of 0.2. A
# claim is judged by the others: 1.67 with 0.167, which Student's t with two degrees of freedom makes 0.95 to
# 2.38.
LEADS = {"1": {"lead": 1.5}, "2": {"lead": 2.0}, "3": {"lead": 1.5}}


@pytest.mark.parametrize("claim", ["", " > 0", " > 0.9", " < 2.4", "< 2.4", " > -1"])
def test_a_pooled_number_is_a_mean_with_its_error(claim, tmp_path):
    run, page = build(tmp_path, f"ahead by {{pooled}}`one.ipynb::lead:+.1f{claim}` points", LEADS)
    assert run.returncode == 0, run.stdout
    assert "ahead by +1.5 ± 0.2 points" in page.get_text().replace(page.select_one(".seeds").get_text(), "")
    title = "Mean and standard error of 4 runs. This page: +1.0. Under seeds 1, 2, 3: +1.5, +2.0, +1.5"
    assert page.select_one("button.seeded")["title"] == title


@pytest.mark.parametrize("claim", ["> 1", "< 2.3", "< 0", "> 2"])
def test_a_pooled_claim_that_does_not_hold_fails_the_build(claim, tmp_path):
    run, _ = build(tmp_path, f"{{pooled}}`one.ipynb::lead:+.1f {claim}`", LEADS)
    assert run.returncode != 0
    assert f"lead: the claim {claim} does not hold. Over 3 kept runs it is +1.7 ± 0.2" in run.stdout


def test_without_other_seeds_a_pooled_number_is_the_page_s_own(tmp_path):
    run, page = build(tmp_path, "ahead by {pooled}`one.ipynb::lead:+.1f > 3` points", {})
    assert run.returncode == 0, run.stdout
    assert "ahead by +1.0 points" in page.get_text() and not page.select(".seeded")


@pytest.mark.parametrize("text", ["lead", "one.ipynb::lead", "one.ipynb::lead:.1f > much"])
def test_a_misspelt_pooled_number_fails_the_build(text, tmp_path):
    run, _ = build(tmp_path, f"{{pooled}}`{text}`", SEEDS)
    assert run.returncode != 0 and "{pooled} takes" in run.stdout


def test_a_pooled_number_that_is_not_reported_fails_the_build(tmp_path):
    run, _ = build(tmp_path, "{pooled}`one.ipynb::nothing:.1f`", SEEDS)
    assert run.returncode != 0 and "nothing" in run.stdout
