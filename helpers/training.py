"""Seeds, devices and the training loop, for use after a chapter has written the loop out.

It is the loop from the chapter on the multi-layer perceptron: forward, loss, backward, step, and after
every epoch a look at the validation data. Test data is left to the caller, to look at once.
"""

import random
import re
from collections.abc import Iterable
from dataclasses import dataclass, field

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional as F
from torch.optim import Optimizer

Batches = Iterable[tuple[Tensor, Tensor]]
NO_BATCH = "The loader gave no batch: it is empty, or an iterator, which can be read only once."


def seed_everything(seed: int) -> None:
    """Seed the random numbers of Python, NumPy and torch, on every device.

    With one CPU thread, the same seed then gives bit-identical runs; on another kind of CPU or a GPU, results
    may differ from the fourth digit on.
    """
    random.seed(seed)
    np.random.seed(seed)
    torch.manual_seed(seed)


def pick_device(name: str) -> torch.device:
    """Return the device called `name`: "cpu", "cuda", "cuda:1", "mps", or "auto" for the best available.

    Raises:
        ValueError: This machine has no such device; the message says what to set instead.
    """
    if name == "auto":
        name = str(torch.accelerator.current_accelerator(check_available=True) or "cpu")
    try:
        torch.empty(1, device=name)
    except (RuntimeError, AssertionError, ImportError) as error:
        reason = re.split(r"\. |\n", str(error))[0]  # its first sentence
        raise ValueError(
            f'DEVICE = "{name}" does not work here ({reason}). Set DEVICE = "cpu": everything runs there.'
        ) from None
    return torch.device(name)


@dataclass
class History:
    """What `fit` measured, one number per epoch: mean losses per example, and accuracies from 0 to 1."""

    train_loss: list[float] = field(default_factory=list)
    val_loss: list[float] = field(default_factory=list)
    val_accuracy: list[float] = field(default_factory=list)


def fit(
    model: nn.Module, train_loader: Batches, val_loader: Batches, optimizer: Optimizer, num_epochs: int
) -> History:
    """Train `model` in place to lower its cross-entropy; leave it in evaluation mode and return the history.

    Args:
        model: Maps a batch `x` to logits (B, K), on the loaders' device.
        train_loader: Batches `(x, y)`, in a new order every epoch.
        val_loader: Batches `(x, y)` for the curves; never trained on.
        optimizer: Holds the model's parameters.
        num_epochs: Passes over the training data.

    Raises:
        ValueError: A loader gave no batch, for instance because it can be read only once.
    """
    history = History()
    for _ in range(num_epochs):
        model.train()
        loss_sum, n_total = 0.0, 0
        for x, y in train_loader:
            loss = F.cross_entropy(model(x), y)
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            loss_sum += loss.item() * len(y)
            n_total += len(y)
        if n_total == 0:
            raise ValueError(NO_BATCH)
        val_loss, val_accuracy = evaluate(model, val_loader)
        history.train_loss.append(loss_sum / n_total)
        history.val_loss.append(val_loss)
        history.val_accuracy.append(val_accuracy)
    return history


@torch.no_grad()
def evaluate(model: nn.Module, loader: Batches) -> tuple[float, float]:
    """Return the mean cross-entropy and the accuracy (0 to 1) of `model` on all of `loader`.

    The model is left in evaluation mode.

    Raises:
        ValueError: The loader gave no batch.
    """
    model.eval()
    loss_sum, n_correct, n_total = 0.0, 0, 0
    for x, y in loader:
        logits = model(x)  # (B, K)
        loss_sum += F.cross_entropy(logits, y).item() * len(y)
        n_correct += (logits.argmax(dim=1) == y).sum().item()
        n_total += len(y)
    if n_total == 0:
        raise ValueError(NO_BATCH)
    return loss_sum / n_total, n_correct / n_total
