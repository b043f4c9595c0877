import pytest

from helpers import language
from helpers.language import Phrases, josa, width, wrap


@pytest.fixture(autouse=True)
def no_choice(monkeypatch):
    monkeypatch.setattr(language, "chosen", "")
    monkeypatch.delenv("WEEK_LANGUAGE", raising=False)


def test_the_notebook_chooses_then_the_environment_else_it_is_english(monkeypatch):
    assert language.current() == "en"
    monkeypatch.setenv("WEEK_LANGUAGE", "ko")
    assert language.current() == "ko"
    language.use("en")
    assert language.current() == "en"
    monkeypatch.setenv("WEEK_LANGUAGE", "xx")
    language.chosen = ""
    assert language.current() == "en"
    with pytest.raises(ValueError, match="There are texts in en and ko, not in 'fr'"):
        language.use("fr")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("손실[은/는]", "손실은"),
        ("기울기[을/를]", "기울기를"),
        ("`lr`[을/를]", "`lr`을"),
        ("ReLU[은/는] Adam[과/와]", "ReLU는 Adam과"),
        ("`backward()`[은/는]", "`backward()`는"),
        ("3[이/가] 4[이/가] 10[이/가]", "3이 4가 10이"),
        (
            "7[으로/로] 6[으로/로] 2[으로/로] 층[으로/로] 수[으로/로] 실[으로/로]",
            "7로 6으로 2로 층으로 수로 실로",
        ),
        ("(B, K)[을/를]", "(B, K)를"),
        ("98.5%[을/를]", "98.5%를"),
        ("CPU[으로/로] RNN[은/는]", "CPU로 RNN은"),
    ],
)
def test_particles_follow_the_sound(text, expected):
    assert josa(text) == expected


def test_a_finished_sentence_is_recognised_by_its_template_with_its_parts():
    phrases = Phrases(
        {
            "a tensor of shape {}": "모양이 {}인 텐서",
            "{} of {} predictions": "예측 {1}개 가운데 {0}개",
            "the type {type}": "{type} 형",
            "{score:.1%} right": "{score:.1%}[을/를] 맞힘",
            "the class": "클래스",
            "{}, {}": "{}, {}",
            "{name} has {} of {}": "{name}: {1} 가운데 {0}",
        }
    )
    for english, korean in {
        "the class": "클래스",
        "a tensor of shape (3, 4)": "모양이 (3, 4)인 텐서",
        "the class, a tensor of shape (2,)": "클래스, 모양이 (2,)인 텐서",
        "3 of 8 predictions": "예측 8개 가운데 3개",
        "the type numpy.ndarray": "numpy.ndarray 형",
        "the type any words": "any words 형",
        "Kim has 3 of 8": "Kim: 8 가운데 3",
        "97.5% right": "97.5%를 맞힘",
        "something else": None,
        "the class, something else": None,
    }.items():
        assert phrases.translate(english) == korean


def test_lines_break_by_columns_and_hangul_takes_two():
    assert width("층 2개") == 6
    lines = wrap("가나다 라마바 사아자", 16, "  ", "    ").split("\n")
    assert lines == ["  가나다 라마바", "    사아자"]
    assert wrap("a few words", 100, "  ", "") == "  a few words"


def test_phrases_in_one_another_have_an_end():
    phrases = Phrases({"one {} two": "하나 {} 둘"})
    assert phrases.translate("one " * 3 + "1" + " two" * 3) == "하나 하나 하나 1 둘 둘 둘"
    assert phrases.translate("one " * 9 + "1" + " two" * 9) is None
