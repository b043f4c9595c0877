"""The figure that translates numbers speaks as the helpers do, and writes what torch would write."""

import pytest
import torch
from course import live
from course.nodejs import run_in_node

from helpers.seq2seq import END, ENGLISH, KOREAN, PAD, START, english, korean

ABOUT = {"english": ENGLISH, "korean": KOREAN, "places": [12, 16], "heads": 2}


def in_node(script: str, **data):
    kind = live.INTERPRETER.parent / "live-translate-numbers.js"
    head = "globalThis.live = { kinds: {} }; require(data.kind);"
    return run_in_node(head + script, {"kind": str(kind), "about": ABOUT, **data})


def test_numbers_are_spoken_as_in_python():
    torch.manual_seed(0)
    digits = torch.randint(1, 9, (1000,))
    drawn = (10 ** (digits - 1) * (1 + 9 * torch.rand(1000, dtype=torch.float64))).long().tolist()
    numbers = [*range(1, 121), 10_000, 10_110, 210_001, 1_000_000, 10_000_000, 99_999_999, *drawn]
    script = "return data.numbers.map((n) => [live.numbers.english(n), live.numbers.korean(n)]);"
    for number, (read, written) in zip(numbers, in_node(script, numbers=numbers), strict=True):
        assert [ENGLISH[place] for place in read] == english(number), number
        assert [KOREAN[place] for place in written] == korean(number), number


def test_the_network_is_given_what_was_read_what_it_sees_and_what_was_written():
    script = "return Array.from(live.numbers.encode([5, 31], [true, false], [1, 4], data.about));"
    row = torch.tensor(in_node(script))
    parts = row.split([12 * len(ENGLISH), 12, 16 * len(KOREAN), 16])
    source, written = parts[0].view(12, -1).argmax(dim=1), parts[2].view(16, -1).argmax(dim=1)
    assert source.tolist() == [5, 31] + [PAD] * 10 and written.tolist() == [START, 4] + [PAD] * 14
    assert parts[1].tolist() == [1] + [0] * 11 and parts[3].tolist() == [0, 1] + [0] * 14
    assert row.sum() == 12 + 1 + 16 + 1


def test_it_writes_until_the_end():
    # A network that writes 7, 8 and the end; head h gives word s at place t the weight 100h + 10t + s.
    script = """
    const run = (shape, row) => {
      const t = row.slice(-16).indexOf(1);
      const output = new Float32Array(data.about.korean.length);
      output[[7, 8, data.end][t]] = 1;
      const cell = (h) => (_, i) => 100 * h + 10 * Math.floor(i / 12) + i % 12;
      const look = [0, 1].flatMap((h) => Array.from({ length: 16 * 12 }, cell(h)));
      return { output, look: { data: Float32Array.from(look) } };
    };
    return live.numbers.translate(run, [3, 31], [true, true], data.about);
    """
    found = in_node(script, end=END)
    assert found == {"written": [7, 8], "weights": [[[0, 1], [100, 101]], [[10, 11], [110, 111]]]}


@pytest.mark.parametrize(
    ("text", "other", "differing"),
    [
        ("abc", "abc", "---"),
        ("abc", "axc", "-x-"),
        ("abc", "ac", "-x-"),
        ("abc", "", "xxx"),
        ("", "abc", ""),
        ("abab", "bab", "x---"),
        ("abcd", "cd", "xx--"),
    ],
)
def test_words_that_differ(text: str, other: str, differing: str):
    script = "return live.numbers.differing([...data.text], [...data.other]);"
    assert in_node(script, text=text, other=other) == [sign == "x" for sign in differing]
