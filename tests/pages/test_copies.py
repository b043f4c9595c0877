"""The plain copies of the chapters, which readers download."""

import re
from pathlib import Path

import nbformat
import pytest
from bs4 import BeautifulSoup

ROOT = Path(__file__).parents[2]
SITE = ROOT / "_build" / "html"
CHAPTERS = sorted((ROOT / "chapters").glob("*.ipynb"))
MYST = re.compile(r"^ *:{3,}.*|^ *`{3,} *\{.*|\{[\w:-]+\}`.*|^\(.*\)=.*|^:[\w-]+:.*", re.MULTILINE)


@pytest.mark.parametrize("path", CHAPTERS, ids=lambda path: path.stem)
def test_the_page_offers_a_copy_that_jupyter_can_show(path):
    page = BeautifulSoup((SITE / "chapters" / f"{path.stem}.html").read_text(encoding="utf-8"), "html.parser")
    button = page.select_one("a.btn-download-source-button[download]")
    copy = nbformat.read((SITE / "chapters" / button["href"]).resolve(), as_version=4)
    nbformat.validate(copy)
    for cell in copy.cells:
        if cell.cell_type == "markdown":
            assert MYST.findall(cell.source) == [], cell.id

    def code(notebook: nbformat.NotebookNode) -> list[tuple[str, str]]:
        return [(cell.id, cell.source) for cell in notebook.cells if cell.cell_type == "code"]

    install, *rest = code(copy)
    assert install[0] == "install"
    assert rest == code(nbformat.read(path, as_version=4))
