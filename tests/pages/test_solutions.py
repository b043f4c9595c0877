"""The solutions as they are on the site."""

from pathlib import Path

import pytest
from bs4 import BeautifulSoup

ROOT = Path(__file__).parents[2]
SITE = ROOT / "_build" / "html"
SOLUTIONS = sorted((ROOT / "solutions").glob("*.ipynb"))


@pytest.mark.parametrize("path", SOLUTIONS, ids=lambda path: path.stem)
def test_what_was_trained_answers_in_a_live_figure(path):
    """In a notebook, a figure that cannot be shown is left out with one line; on the site it may not be."""
    html = (SITE / "solutions" / f"{path.stem}.html").read_text(encoding="utf-8")
    (figure,) = BeautifulSoup(html, "html.parser").select(".live")
    assert figure["data-kind"] in ("draw-digit", "decode-digit")
    assert (SITE / "_static" / "live" / f"{figure['data-source']}.js").is_file()
