"""The timeline, in a small book that Sphinx builds without a theme."""

import re
from pathlib import Path

import pytest

from tests.site.test_components import EXTENSIONS, ROOT, build, page, write_book

LIST = """\
- **2012 · First** (vision, training)

  Words, see {concept}`backpropagation`.

  {section}`backpropagation`, {section}`dropout`

- **2012 · Second** (language)

  Other words.

  {section}`dropout`
"""


def build_timeline(folder: Path, body: str):
    """Build a book whose second page is a timeline."""
    book = write_book(folder)
    text = f"# Two\n\n:::{{timeline}}\n{body}:::\n"
    (book / "chapters" / "two.md").write_text(text, encoding="utf-8")
    return book, build(book, extensions=[*EXTENSIONS, "course.timeline"])


@pytest.fixture(scope="module")
def line(tmp_path_factory):
    book, run = build_timeline(tmp_path_factory.mktemp("book"), LIST)
    assert run.returncode == 0, run.stdout
    return page(book, "chapters/two").select_one(".timeline")


def test_events_are_folds_with_year_name_and_fields(line):
    summaries = [summary.get_text().split() for summary in line.select("summary")]
    assert summaries == [["2012", "·", "First", "vision,", "training"], ["2012", "·", "Second", "language"]]
    assert line.select_one("li > details > summary ~ p").get_text().startswith("Words,")
    assert [li["data-fields"] for li in line.select("li")] == ["vision training", "language"]


def test_the_fields_can_be_chosen(line):
    radios = line.select("fieldset label > input[type=radio]")
    assert [radio["value"] for radio in radios] == ["all", "vision", "language", "training"]
    assert [radio["value"] for radio in radios if radio.has_attr("checked")] == ["all"]
    assert len({radio["name"] for radio in radios}) == 1


def test_links_appear_with_their_sections(line):
    first, second = line.select("li")
    (link,) = first.select("details > p:last-child a")
    assert link["href"] == "one.html#backpropagation"
    assert first.select("p")[-1].get_text().strip() == "Run it: Backwards"
    assert "Run it" not in second.get_text()  # its section does not exist yet


def test_every_field_has_its_rule(monkeypatch):
    monkeypatch.syspath_prepend(ROOT / "_ext")
    from course.timeline import FIELDS

    css = (ROOT / "_static" / "components.css").read_text(encoding="utf-8")
    rules = re.findall(r'\.timeline:has\(\[value="([\w-]+)"\]:checked\) li:not\(\[data-fields~="\1"\]\)', css)
    assert sorted(rules) == sorted(FIELDS)


@pytest.mark.parametrize(
    ("body", "message"),
    [
        ("Words.\n", "must be one list of events"),
        ("- **AlexNet** (vision)\n", "'AlexNet (vision)' does not start as in"),
        ("- **2012 · AlexNet**\n", "does not start as in"),
        ("- **2012 · AlexNet** (sight)\n", "no field 'sight'"),
        ("- **2013 · B** (vision)\n- **2012 · A** (vision)\n", "not in order"),
    ],
)
def test_a_faulty_timeline_fails_the_build_and_is_named(tmp_path, body, message):
    _, run = build_timeline(tmp_path, body)
    assert run.returncode != 0
    assert re.search(rf"two\.md:3: .*{re.escape(message)}", run.stdout), run.stdout
