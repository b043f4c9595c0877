import pytest

from tools.korean import lint


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("**손실**(loss)은 **기울기**, 층입니다. `lr`을 {glue:text}`a.ipynb::b:.1f`까지", ""),
        ("**손실(loss)**은", "asterisks"),
        ("{glue:text}`a.ipynb::b:.1f`은", "a particle after a number"),
        ("{pooled}`a.ipynb::b:.1%`을", "a particle after a number"),
        ("{glue:text}`a.ipynb::b:.1%`는", ""),
        ("당신의 신경망", "not a word of ours"),
        ("`lr`를", "another particle"),
        ("ReLU은", "another particle"),
        ("This is an English sentence 입니다", "English"),
        ("논문 *Attention is all you need*", ""),
    ],
)
def test_faults_are_named(text, named):
    found = lint.faults(text)
    assert bool(found) == bool(named) and all(one.startswith(named) for one in found)


def test_numbers_and_columns_are_counted():
    assert lint.lost_numbers("From 2 to 1,000, `3`, $4$.", "2에서 1,000까지") == []
    assert lint.lost_numbers("From 2 to 256.", "2에서") == ["256"]
    assert lint.long_lines("x = 1  # " + "가" * 40) != []
    assert lint.long_lines("x = 1  # " + "a" * 100) == []
