"""Seeds, devices and the training loop, once a chapter has written the loop out.

The loop is the one of the chapter on the multi-layer perceptron: forward, loss, backward, step, and after
every epoch a look at the validation data. Test data is for the caller to look at, once.
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
NO_BATCH = "The loader gave no batch: it has no data, or it is an iterator, which can be read only once."


def seed_everything(seed: int) -> None:
    """Seed Python's, NumPy's and torch's random numbers, on every device.

    With one thread on a CPU, the same seed then gives the same bits run after run; another kind of CPU or a
    GPU may differ from the fourth digit on.
    """
    random.seed(seed)
    np.random.seed(seed)
    torch.manual_seed(seed)


def pick_device(name: str) -> torch.device:
    """Return the device called `name`: "cpu", "cuda", "cuda:1", "mps", or "auto" for the best one here.

    Raises:
        ValueError: no such device on this machine; the message says what to set instead.
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
    """What `fit` saw, one number per epoch; losses are means per example, accuracies fractions of one."""

    train_loss: list[float] = field(default_factory=list)
    val_loss: list[float] = field(default_factory=list)
    val_accuracy: list[float] = field(default_factory=list)


def fit(
    model: nn.Module, train_loader: Batches, val_loader: Batches, optimizer: Optimizer, num_epochs: int
) -> History:
    """Train `model` in place by its cross-entropy; return the history. The model is left in evaluation mode.

    Args:
        model: maps a batch `x` of a loader to logits of shape (B, K), on the loaders' device.
        train_loader: batches `(x, y)`, in a new order every epoch.
        val_loader: batches `(x, y)` for the curves; never trained on.
        optimizer: holds the model's parameters.
        num_epochs: passes over the training data.

    Raises:
        ValueError: a loader gave no batch, as one that can be read only once does in the second epoch.
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
    """Return the mean cross-entropy and the accuracy, a fraction of one, of `model` on all of `loader`.

    The model is put into evaluation mode and stays there.

    Raises:
        ValueError: the loader gave no batch.
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
