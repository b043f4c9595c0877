"""Units of English pages, texts in Korean, and what is composed of them."""

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output

from tools.korean import compose, figures, status, units
from tools.korean.units import Translation, Unit

PAGE = """\
---
orphan: true
---

(top)=
# One page

Words.

## A part: it's here

```python
# no heading
```

:::{glossary}
Loss function
{ko}`손실 함수`
  One sentence. {section}`loss`

Logit
  Another, of
  two lines.
:::

### End
"""
CODE = '''\
def f(x):  # (N,) and more
    """Return a thing.

    Args:
        x: A number that
            goes on.
    """
    # A first line that goes on
    # in the next one.
    return x + 1  # one more
'''
SVG = '<svg><text x="1">hidden units</text><text>16 units &amp; more</text><path d=""/><text>x</text></svg>'


def test_a_page_in_markdown_is_cut_into_sections_and_entries():
    found = units.markdown_units(PAGE)
    assert "".join(unit.text for unit in found) == PAGE
    assert [unit.id for unit in found if unit.id] == [
        *("one-page", "a-part-its-here", "term-loss-function", "term-logit", "end")
    ]
    assert found[1].text.startswith("\n(top)=\n# One page") or found[2].text.startswith("(top)=\n# One page")
    assert found[-2].text.startswith(":::")


def test_words_of_code_are_its_comments_and_docstrings():
    assert [text for _, _, text in units.code_words(CODE)] == [
        "(N,) and more",
        "Return a thing.",
        "Args:",
        "x: A number that\ngoes on.",
        "A first line that goes on\nin the next one.",
        "one more",
    ]
    assert not units.worth("(B, C*H*W)") and not units.worth("`x`, $y$") and not units.worth("nn.Linear")
    assert units.worth("(N,) and more")


def test_code_keeps_its_program_and_gets_other_words():
    pairs = {
        "(N,) and more": "(N,) 그리고 더",
        "Return a thing.": "무언가를 돌려준다.",
        "x: A number that\ngoes on.": "x: 두 줄에\n걸친 수.",
        "A first line that goes on\nin the next one.": "한 줄로 줄었다.",
    }
    assert (
        compose.translate_code(CODE, pairs)
        == '''\
def f(x):  # (N,) 그리고 더
    """무언가를 돌려준다.

    Args:
        x: 두 줄에
        걸친 수.
    """
    # 한 줄로 줄었다.
    return x + 1  # one more
'''
    )
    with pytest.raises(ValueError, match="another program"):
        compose.translate_code(CODE, {"Return a thing.": '"""; x = 2; """'})


def test_a_text_is_read_unit_by_unit():
    text = (
        "head\n\n<!-- a 12345678 -->\n# 하나\n\n> quoted\n\n<!-- b -->\n> one\n> two\n\n하나\n둘\n\n> three\n"
    )
    assert units.parse(text, {"b"}) == {
        "a": Translation("# 하나\n\n> quoted", "12345678"),
        "b": Translation(pairs={"one\ntwo": "하나\n둘", "three": ""}),
    }
    with pytest.raises(ValueError, match="'a' is there twice"):
        units.parse("<!-- a -->\n하나\n<!-- a -->\n둘\n", set())


ENGLISH = "(x)=\n## Title\n\n{ref}`This <x>`, `c`, $a$, [link](#b): {glue:text}`n.ipynb::k:.1f`.\n\n- [x] Yes"
GOOD = "(x)=\n## 제목\n\n{glue:text}`n.ipynb::k:.1f`: {ref}`여기 <x>`, [링크](#b), `c`, $a$, `c`.\n\n- [x] 예"


@pytest.mark.parametrize(
    ("korean", "named"),
    [
        (GOOD, ""),
        (GOOD.replace("(x)=", "(y)="), "labels: lacks x; has y"),
        (GOOD.replace(".1f", ".2f"), "roles: lacks glue:text}`n.ipynb::k:.1f; has glue:text}`n.ipynb::k:.2f"),
        (GOOD.replace("<x>", "<y>"), "roles: lacks ref}`x"),
        (GOOD.replace("`c`", "`k`"), "code: lacks `c`"),
        (GOOD.replace("$a$", "$b$"), "formulas"),
        (GOOD.replace("#b", "#c"), "links"),
        (GOOD.replace("[x]", "[ ]"), "marks"),
        (GOOD.replace("## ", "### "), "headings"),
    ],
)
def test_a_translation_has_the_skeleton_of_its_english(korean, named):
    said = status.differences(ENGLISH, korean)
    assert bool(said) == bool(named)
    assert not named or any(one.startswith(named) for one in said)


def test_a_claims_bound_is_checked_in_english_alone():
    one, other = "{pooled}`n.ipynb::k:+.1f > 0.5`", "{pooled}`n.ipynb::k:+.1f < -2`"
    assert status.differences(one, other) == []
    unit = Unit("a", one)
    text = Translation(f"{other}입니다", unit.digest)
    assert compose.markdown(unit, {"a": text}, {}) == "{pooled}`n.ipynb::k:+.1f`입니다"


def test_what_changed_keeps_its_korean_with_a_mark_unless_it_fits_no_more():
    said = {"book": {"stale": "바뀜"}}
    unit = Unit("a", ENGLISH)
    fresh, old = Translation(GOOD, unit.digest), Translation(GOOD, "00000000")
    assert compose.markdown(unit, {"a": fresh}, said) == GOOD
    assert compose.markdown(unit, {"a": old}, said) == f'{GOOD}\n\n<p class="stale">바뀜</p>'
    assert compose.markdown(unit, {"a": Translation("## 제목", "00000000")}, said) == ENGLISH
    assert compose.markdown(unit, {}, said) == ENGLISH


def test_figures_get_korean_words_in_drawings_in_plotly_and_in_live_figures():
    plotly = {
        "data": [{"type": "scatter", "mode": "lines", "name": "hidden units", "x": ["lines"]}],
        "frames": [{"name": "hidden units", "data": [{"name": "hidden units"}]}],
    }
    live = {
        "still": SVG,
        "about": {"names": ["hidden units"], "width": 3},
        "models": [{"name": "hidden units"}],
    }
    outputs = [new_output("display_data", {"image/svg+xml": SVG, figures.PLOTLY: plotly, figures.LIVE: live})]
    assert figures.words(outputs) == ["hidden units", "{} units & more", "lines"]
    pairs = {"hidden units": "은닉 유닛", "{} units & more": "유닛 {}개 <이상>", "lines": "선"}
    data = figures.translated(outputs, pairs)[0].data
    assert data["image/svg+xml"] == SVG.replace("hidden units", "은닉 유닛").replace(
        "16 units &amp; more", "유닛 16개 &lt;이상&gt;"
    )
    shown = data[figures.PLOTLY]
    assert shown["data"] == [{"type": "scatter", "mode": "lines", "name": "은닉 유닛", "x": ["선"]}]
    assert shown["frames"] == [{"name": "hidden units", "data": [{"name": "은닉 유닛"}]}]
    assert data[figures.LIVE]["about"] == {"names": ["은닉 유닛"], "width": 3}
    assert data[figures.LIVE]["models"] == [{"name": "은닉 유닛"}]
    assert outputs[0].data[figures.LIVE] == live  # the English is as it was


def test_status_names_what_is_missing_out_of_date_or_gone(tmp_path):
    cells = [new_markdown_cell("# Title", id="title"), new_markdown_cell("Words.", id="words")]
    cells.append(new_code_cell("x = 1  # a number", id="code"))
    cells.append(new_code_cell("y = 1  # another one", id="more"))
    (tmp_path / "chapters").mkdir()
    nbformat.write(new_notebook(cells=cells), tmp_path / "chapters" / "a.ipynb")
    (tmp_path / "_toc.yml").write_text("root: index\nchapters: [file: chapters/a]\n")
    title = Unit("title", "# Title").digest
    text = f"<!-- title {title} -->\n# 제목\n\n<!-- words 00000000 -->\n## 말.\n\n"
    text += "<!-- code -->\n> a number\n\n수\n"
    (tmp_path / "ko" / "chapters").mkdir(parents=True)
    file = tmp_path / "ko" / "chapters" / "a.md"
    file.write_text(text + "\n<!-- gone 00000000 -->\n없음\n")
    page = status.check(tmp_path, "chapters/a", lambda name: [])
    assert (page.total, page.missing) == (4, ["more: 'another one'"])
    assert page.stale == ["words (shown in English, as it fits no more)"]
    assert (page.wrong, page.gone) == ([], ["gone"])
    assert status.check(tmp_path, "index", lambda name: []) is None
    status.stamp(tmp_path, "chapters/a")
    page = status.check(tmp_path, "chapters/a", lambda name: [])
    assert (page.stale, page.wrong) == ([], ["words: headings: lacks []; has ['##']"])
