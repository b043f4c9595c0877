"""A reported number is a button that shows what it is under other seeds; one that no seed moves is not."""

import json

import nbformat
from bs4 import BeautifulSoup
from nbformat import v4

from tests.site.strict_build import strict_build

REPORTED = {"accuracy": 0.971, "images": 667, "old": 1.5}
TEXT = """# One

Right {glue:text}`one.ipynb::accuracy:.1%` of {glue:text}`one.ipynb::images:d`.
{glue:text}`one.ipynb::old:.1f`
"""
LANGUAGE = {"language_info": {"name": "python", "pygments_lexer": "ipython3"}}


def test_a_number_shows_what_it_is_under_other_seeds(tmp_path):
    prefix = "application/papermill.record/"
    outputs = [
        v4.new_output(
            "display_data",
            data={f"{prefix}text/plain": repr(value)},
            metadata={"scrapbook": {"name": name, "mime_prefix": prefix}},
        )
        for name, value in REPORTED.items()
    ]
    cells = [v4.new_markdown_cell(TEXT, id="text"), v4.new_code_cell("1", id="code", outputs=outputs)]
    nbformat.write(v4.new_notebook(cells=cells, metadata=LANGUAGE), tmp_path / "one.ipynb")
    (tmp_path / "index.md").write_text("# Index\n\n```{toctree}\none\n```\n")
    (tmp_path / "_build").mkdir()
    seeds = {"1": {"accuracy": 0.9655, "images": 667}, "2": {"accuracy": 0.9801, "images": 667}}
    (tmp_path / "_build" / "seeds.json").write_text(json.dumps({"one": seeds}))
    run = strict_build(
        tmp_path,
        {
            "extensions": ["myst_nb", "course.pages", "course.seeds"],
            "exclude_patterns": ["_build"],
            "nb_execution_mode": "off",
        },
    )
    assert run.returncode == 0, run.stdout
    page = BeautifulSoup((tmp_path / "_build" / "one.html").read_text(encoding="utf-8"), "html.parser")
    (button,) = page.select("button.seeded")
    assert button.get_text() == "97.1%"
    assert button["title"] == "Under seeds 1, 2: 96.5%, 98.0%"
    assert page.select_one(f"#{button['popovertarget']}[popover]").get_text() == button["title"]
    assert "667" in page.get_text() and "1.5" in page.get_text()
