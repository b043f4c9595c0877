"""Chapters and solutions put every tensor on the right device, which a GPU that is only pretended tells.

They run shortened, on a part of the data: what they print means nothing.
"""

import json
from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import cache, partial
from pathlib import Path
from typing import Any

import matplotlib.pyplot as plt
import pytest
import torch
from pretended_gpu import pretended_gpu
from shortened import Work, shortened
from torch import Tensor, nn

from helpers import data, live, report, samples, scenes, seq2seq, text, training, tuning

ROOT = Path(__file__).parents[2]
NOTEBOOKS = {
    f"{path.parent.name}/{path.stem}": path
    for folder in ("chapters", "solutions")
    for path in sorted((ROOT / folder).glob("*.ipynb"))
    if 'DEVICE = \\"' in path.read_text(encoding="utf-8")
}
# What takes long, and has nothing to do with devices.
SHORTER = {
    "PIECE = 4000": "PIECE = 400",
    "learn_merges(frequent, 200)": "learn_merges(frequent, 20)",
    "torch.randperm(n)[:40]": "torch.randperm(n)[:4]",
    "batches = [1, 2, 4, 8, 16, 32]": "batches = [1, 2]",
    "in (3e-4, 1e-3, 3e-3, 1e-2)": "in (1e-3, 3e-3)",
}
# Cells that fail after a shortened training, because they ask for what only a longer one leaves.
UNTRAINED = {
    "diffusion": {"fig-live-steps", "fig-few"},
    "history": {"fig-live-cart-pole"},
    "latent-variable-models": {
        *("iwae", "fig-iwae", "fig-gan-losses", "fig-gan-steps", "mode-collapse", "mode-collapse-claims")
    },
    "rnn-lstm": {"fig-clipping"},
    "transformer": {"parallel-equal", "parallel-time"},
    "visualization": {"fig-missing-twin"},
}
mnist_5k = cache(data._mnist_5k)


def load_few(load: Callable[..., data.ImageData], *args: Any, **kwargs: Any) -> data.ImageData:
    """Load a part of a set of images."""
    images = load(*args, **kwargs)

    def few(part: data.Split, n: int) -> data.Split:
        return data.Split(part.x[:n].clone(), part.y[:n].clone())

    return replace(
        images, train=few(images.train, 1000), val=few(images.val, 100), test=few(images.test, 100)
    )


def make_few(make: Callable[..., scenes.Scenes], digits: data.Split, n: int, **kwargs: Any) -> scenes.Scenes:
    """Make fewer scenes."""
    return make(digits, min(n, 16), **kwargs)


def load_few_pairs(load: Callable[..., Any], num_train: int = 0, seed: int = 0) -> list[seq2seq.Pairs]:
    """Load a part of the pairs of numbers."""
    sets = zip(load(640, seed), (640, 100, 100), strict=True)
    return [seq2seq.Pairs(*(part[:n] for part in pairs)) for pairs, n in sets]


def load_short_text(load: Callable[..., text.Text], **kwargs: Any) -> text.Text:
    """Load a part of the text."""
    return text.Text(*(part[: 5 * text.PIECE] for part in load(**kwargs)))


def fit_once(fit_at: Callable[[float], Any], loss_of: Callable[[Any], float], grid: Any) -> tuple[float, Any]:
    """Fit at one setting, as if it were the best."""
    fitted = fit_at(grid[0])
    loss_of(fitted)
    return grid[0], fitted


def run_once(model: nn.Module, examples: Tensor, look: str | None = None) -> dict[str, Any]:
    """Run a model for a live figure, instead of writing it down."""
    return {"parameters": 0, "expected": live.pack(model.eval()(examples[:1]))}


@pytest.fixture
def work(monkeypatch) -> Iterator[Work]:
    """Pretend that there is a GPU, and shorten what helpers do on it."""
    work = Work()
    for module in (samples, seq2seq, training):
        scope = {"__name__": module.__name__, **work.names()}
        exec(shortened(Path(module.__file__).read_text(encoding="utf-8"), module.__file__), scope)
        for name, value in scope.items():
            if getattr(value, "__module__", "") == module.__name__:
                monkeypatch.setattr(module, name, value)
    for module, name, instead in [
        (data, "load_images", load_few),
        (scenes, "make_scenes", make_few),
        (seq2seq, "load_pairs", load_few_pairs),
        (text, "load_text", load_short_text),
        (torch.autograd, "backward", work.train),
        (torch.autograd, "grad", work.train),
    ]:
        monkeypatch.setattr(module, name, partial(instead, getattr(module, name)))
    monkeypatch.setattr(data, "_mnist_5k", mnist_5k)
    monkeypatch.setattr(tuning, "tune", fit_once)
    monkeypatch.setattr(live, "export", run_once)
    for module in (live, report):
        monkeypatch.setattr(module, "publish_display_data", lambda *_: None)
    with pretended_gpu(work.notice):
        yield work
    plt.close("all")


def run(name: str, work: Work, old: str = "", new: str = "") -> None:
    """Run a notebook on the pretended GPU, with a part of its code replaced."""
    scope: dict[str, Any] = {"__name__": "__main__", **work.names()}
    notebook = NOTEBOOKS[name].read_text(encoding="utf-8")
    untrained = UNTRAINED.get(NOTEBOOKS[name].stem, set())
    for cell in json.loads(notebook)["cells"]:
        if cell["cell_type"] == "code":
            source = "".join(cell["source"])
            for long, short in (SHORTER | {old or "\0": new}).items():
                source = source.replace(long, short)
            try:
                exec(shortened(source, cell["id"]), scope)
            except Exception as error:
                error.add_note(f"in the cell {cell['id']}")
                if cell["id"] not in untrained or "device" in str(error):
                    raise
            plt.close("all")
            if cell["id"] == "parameters":
                scope.update(EPOCHS=1, DEVICE="cuda")


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("name", NOTEBOOKS)
def test_a_notebook_keeps_its_tensors_together(name, work, capsys):
    run(name, work)
    assert "There is no live figure here" not in capsys.readouterr().out


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize(
    ("name", "old", "new", "message"),
    [
        ("chapters/convolution", "make().to(device)", "make()", "two devices"),  # a network
        ("chapters/visualization", "ones_like(labels,", "ones(len(labels),", "two devices"),  # a mask
        ("chapters/history", ".cpu(), dash", ", dash", "to numpy"),  # a figure
    ],
)
def test_a_forgotten_tensor_is_found(name, old, new, message, work):
    with pytest.raises((RuntimeError, TypeError), match=message):
        run(name, work, old, new)


def test_every_shorter_text_is_used():
    code = "".join(path.read_text(encoding="utf-8") for path in NOTEBOOKS.values())
    assert all(long in code for long in SHORTER)
