"""The live figure of letters guesses as torch's network and the table of `helpers.text` do."""

import pytest
import torch
from course import live
from course.nodejs import run_in_node
from torch import nn

from helpers.live import export
from helpers.text import Backoff, encode

FILE = str(live.INTERPRETER.parent / "live-guess-letters.js")
V = 4  # of the letters a, b, c and d
HEAD = "require(data.interpreter); live.kinds = {}; require(data.file);"


def in_page(script: str, **given: object) -> object:
    paths = {"interpreter": str(live.INTERPRETER), "file": FILE}
    return run_in_node(HEAD + script, {**paths, **given})


def ids(text: str) -> torch.Tensor:
    return encode(text) - encode("a")


@pytest.mark.parametrize("order", [0, 1, 3])
@pytest.mark.parametrize("context", ["", "a", "ab", "abc", "dda", "cabcab", "bbbb"])
def test_the_page_counts_as_the_table(order: int, context: str):
    train = ids("abcabcacbbacabdacbabcabcbacb")
    expected = Backoff(order, 0.8, num_values=V).fit(train).next(ids(context))
    script = "return Array.from(live.letters.table(data.train, 4, data.about, data.context));"
    given = {"train": train.tolist(), "context": ids(context).tolist()}
    found = in_page(script, about={"order": order, "discount": 0.8}, **given)
    torch.testing.assert_close(torch.tensor(found, dtype=torch.float64), expected)


class Letters(nn.Module):
    def __init__(self):
        super().__init__()
        self.lstm, self.linear = nn.LSTM(V, 6, batch_first=True), nn.Linear(6, V)

    def forward(self, x):
        return self.linear(self.lstm(x)[0]).softmax(dim=-1)


@pytest.mark.parametrize("context", ["a", "abcd", "ddcbabcda"])
def test_zeros_behind_the_text_change_nothing(context: str):
    torch.manual_seed(0)
    network, length = Letters(), 6
    graph = export(network, torch.zeros(1, length, V))
    script = """
    const run = live.compile(data.graph);
    return Array.from(live.letters.network(run, data.length, 4, data.context));
    """
    found = in_page(script, graph=graph, length=length, context=ids(context).tolist())
    x = nn.functional.one_hot(ids(context)[-length:], V).float()
    torch.testing.assert_close(torch.tensor(found), network(x[None])[0, -1].detach())


def test_what_is_read_and_what_comes_first():
    script = """
    const { read, first } = live.letters;
    return [read("a한bcd", "abcd", 3), read("", "abcd", 3), first([0.1, 0.5, 0.4], 2)];
    """
    read, empty, first = in_page(script)
    assert read == {"places": [1, 2, 3], "unknown": ["한"]}
    assert empty == {"places": [], "unknown": []}
    assert first == [[1, 0.5], [2, 0.4]]
