"""Chapters and solutions put every tensor on the right device, which a GPU that is only pretended tells.

They run shortened, on a part of the data. What they do there has the right shapes, but means nothing.
"""

import json
from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import cache, partial
from pathlib import Path
from typing import Any

import matplotlib
import matplotlib.pyplot as plt
import pytest
import torch
from pretended_gpu import pretended_gpu
from shortened import Work, shortened
from torch import Tensor, nn

from helpers import data, live, report, samples, scenes, seq2seq, text, training, tuning

ROOT = Path(__file__).parents[2]
NOTEBOOKS = [
    path
    for folder in ("chapters", "solutions")
    for path in sorted((ROOT / folder).glob("*.ipynb"))
    if 'DEVICE = \\"' in path.read_text(encoding="utf-8")
]
# Cells that ask for what a longer training would have left.
UNTRAINED = {
    "diffusion": {"fig-live-steps", "fig-few"},
    "history": {"fig-live-cart-pole"},
    "latent-variable-models": {"iwae", "fig-iwae", "fig-gan-losses", "fig-gan-steps", "mode-collapse"}
    | {"mode-collapse-claims"},
    "rnn-lstm": {"fig-clipping"},
    "transformer": {"parallel-equal", "parallel-time"},
    "visualization": {"fig-missing-twin"},
}
# What takes long and has nothing to do with devices.
SHORTER = {
    "PIECE = 4000": "PIECE = 400",
    "torch.randn(2, 3, 64, 64)": "torch.randn(2, 3, 32, 32)",
    "learn_merges(frequent, 200)": "learn_merges(frequent, 20)",
}
mnist_5k = cache(data._mnist_5k)


def smaller(load: Callable[..., data.ImageData], *args: Any, **kwargs: Any) -> data.ImageData:
    """Load a part of a set of images."""
    images = load(*args, **kwargs)
    parts = {"train": 1000, "val": 100, "test": 100}
    return replace(images, **{k: data.Split(*(x[:n].clone() for x in getattr(images, k))) for k, n in parts.items()})


def fewer_scenes(make: Callable[..., scenes.Scenes], digits: data.Split, n: int, **kwargs: Any) -> scenes.Scenes:
    return make(digits, min(n, 32), **kwargs)


def fewer_pairs(load: Callable[..., Any], num_train: int = 640, seed: int = 0) -> tuple[seq2seq.Pairs, ...]:
    """Load a part of the pairs of numbers."""
    return tuple(seq2seq.Pairs(*(x[:n] for x in pairs)) for pairs, n in zip(load(640, seed), (640, 100, 100)))


def less_text(load: Callable[..., text.Text], **kwargs: Any) -> text.Text:
    """Load a part of the text."""
    return text.Text(*(x[: 5 * text.PIECE] for x in load(**kwargs)))


def first_setting(fit_at: Callable[[float], Any], loss_of: Callable[[Any], float], grid: Any) -> Any:
    """Fit at one setting, as if it were the best."""
    loss_of(fitted := fit_at(grid[0]))
    return grid[0], fitted


def run_once(model: nn.Module, examples: Tensor, look: str | None = None) -> dict[str, Any]:
    """Run a model that a live figure shows, instead of writing it down."""
    return {"expected": live.pack(model.eval()(examples[:1]))}


@pytest.fixture
def work(monkeypatch) -> Iterator[Work]:
    """Pretend that there is a GPU; shorten what notebooks do on it by themselves or by helpers."""
    work = Work()
    for module in (samples, seq2seq, training):
        scope = {"__name__": module.__name__, **work.names()}
        exec(shortened(Path(module.__file__).read_text("utf-8"), module.__file__), scope)
        for name, value in scope.items():
            if getattr(value, "__module__", "") == module.__name__:
                monkeypatch.setattr(module, name, value)
    for module, name, change in [
        (data, "load_images", smaller),
        (scenes, "make_scenes", fewer_scenes),
        (seq2seq, "load_pairs", fewer_pairs),
        (text, "load_text", less_text),
        (torch.autograd, "backward", work.train),
        (torch.autograd, "grad", work.train),
    ]:
        monkeypatch.setattr(module, name, partial(change, getattr(module, name)))
    monkeypatch.setattr(data, "_mnist_5k", mnist_5k)
    monkeypatch.setattr(tuning, "tune", first_setting)
    monkeypatch.setattr(live, "export", run_once)
    monkeypatch.setattr(live, "page", lambda content: "")
    for module in (live, report):
        monkeypatch.setattr(module, "publish_display_data", lambda *_: None)
    monkeypatch.setattr(matplotlib, "use", lambda *_: None)
    with pretended_gpu(work.notice):
        yield work
    plt.close("all")


def run(path: Path, work: Work, old: str = "", new: str = "") -> None:
    """Run a notebook on the pretended GPU, with a part of its code replaced."""
    scope: dict[str, Any] = {"__name__": "__main__", **work.names()}
    stopped = set()
    for cell in json.loads(path.read_text(encoding="utf-8"))["cells"]:
        if cell["cell_type"] == "code":
            source = "".join(cell["source"])
            for long, short in (SHORTER | {old or "\0": new}).items():
                source = source.replace(long, short)
            try:
                exec(shortened(source, cell["id"]), scope)
            except Exception as error:
                print(cell["id"], repr(error))
                if cell["id"] not in UNTRAINED.get(path.stem, ()) or "device" in str(error):
                    raise
                stopped.add(cell["id"])
            plt.close("all")
            if cell["id"] == "parameters":
                scope.update(EPOCHS=1, DEVICE="cuda")
    assert stopped == UNTRAINED.get(path.stem, set())


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_a_notebook_keeps_its_tensors_together(path, work):
    run(path, work)
