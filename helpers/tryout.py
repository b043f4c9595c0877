"""What a learner has trained, in a live figure at the end of an assignment.

The figure is on the solution's page, and in a notebook, where it runs the learner's own networks. It is an
extra: if something stands in its way, it says so in a sentence, and the notebook goes on.
"""

import copy
import io
import logging
import warnings
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, redirect_stderr, redirect_stdout

import matplotlib.pyplot as plt
import torch
from torch import Tensor, nn

from helpers import live
from helpers.data import ImageData

SHAPE = (1, 28, 28)  # of an image that the reader draws


def draw_digit(models: Mapping[str, nn.Module], data: ImageData) -> None:
    """Show a figure in which the reader draws an image, and networks name its class.

    Args:
        models: By name, networks that map images (B, 1, H, W) of this data set to logits (B, K).
        data: Its images are grey, of 28 × 28 pixels, and there are ten classes.
    """
    with _if_possible():
        x, y, names = data.test.x.cpu(), data.test.y.cpu(), data.class_names
        shape = tuple(x.shape[1:])
        if shape != SHAPE or len(names) != 10:
            raise ValueError(f"images are drawn in the shape {SHAPE}, and those of {data.name} have {shape}")
        networks = {name: _ready(model) for name, model in models.items()}
        firsts = torch.stack([x[y == k][0] for k in range(len(names))])
        examples = torch.cat([firsts, x[:90]])
        fig, ax = plt.subplots(figsize=(4.8, 2))
        name, network = next(iter(networks.items()))
        with torch.no_grad():
            ax.bar(names, network(examples[:1]).softmax(dim=1)[0].tolist())
        ax.set(ylabel="probability", title=f"{name}: an image of the class {names[0]}")
        pixels = (255 * examples[: len(names)]).round().to(torch.uint8)
        live.show("draw-digit", fig, networks, examples, alone=True, images=pixels, names=names, truths=names)


def decode_digit(decoder: nn.Module, codes: Tensor, data: ImageData) -> None:
    """Show a figure in which the reader moves a point, and the decoder draws what belongs there.

    Args:
        decoder: Maps codes (B, 2) to images of numbers from 0 to 1, (B, H * W).
        codes: Those of the validation images, (N, 2); the figure shows the first few hundred.
        data: Its images are grey.
    """
    with _if_possible():
        channels, *shape = data.val.x.shape[1:]
        if channels != 1 or codes.shape[1] != 2:
            raise ValueError("it shows grey images, and codes of two numbers")
        decoder, codes = _ready(decoder), codes.detach().cpu()[:240]
        labels = data.val.y[: len(codes)].tolist()
        edge = round(1.1 * max(codes.abs().max().item(), 1), 2)
        start = [0.5, 0.5]
        fig, (left, right) = plt.subplots(1, 2, figsize=(6, 3))
        for (a, b), k in zip(codes.tolist(), labels, strict=True):
            left.text(a, b, data.class_names[k], color=f"C{k % 5}", fontsize=6, ha="center", va="center")
        left.plot(*start, "o")
        left.set(xlim=(-edge, edge), ylim=(-edge, edge), aspect="equal", title="Codes, and a point")
        with torch.no_grad():
            right.imshow(decoder(torch.tensor([start])).view(*shape), vmin=0, vmax=1, interpolation="none")
        right.set(title="What the decoder makes of it", xticks=[], yticks=[])
        live.show(
            "decode-digit",
            fig,
            {"Decoder": decoder},
            codes[:64],
            tolerance=0.1,
            alone=True,
            points=[[round(value, 2) for value in code] for code in codes.tolist()],
            labels=labels,
            names=data.class_names,
            edge=edge,
            start=start,
            shape=shape,
        )


def _ready(model: nn.Module) -> nn.Module:
    """Return a copy to show: on the CPU, in evaluation mode."""
    return copy.deepcopy(model).cpu().eval()


@contextmanager
def _if_possible() -> Iterator[None]:
    """Say in one sentence why there is no figure, if there is none."""
    figures, logged = plt.get_fignums(), logging.root.manager.disable
    logging.disable()  # torch complains at length, in three ways
    printed = io.StringIO()
    try:
        with warnings.catch_warnings(action="ignore"), redirect_stdout(printed), redirect_stderr(printed):
            yield
    except Exception as error:
        for number in {*plt.get_fignums()} - {*figures}:
            plt.close(number)
        reason = str(error).partition(". ")[0] if isinstance(error, ValueError) else ""
        reason = reason or "the page's small interpreter does not understand this network"
        print(f"There is no live figure here: {reason}. All else works without it.")
    finally:
        logging.disable(logged)
