"""Seeds, devices and the training loop."""

import random

import numpy as np
import pytest
import torch
from torch import Tensor, nn
from torch.nn import functional as F

from helpers.data import TensorLoader
from helpers.training import evaluate, fit, pick_device, seed_everything

N, K = 23, 3  # no batch size below divides N: the last batch is short


def make(seed: int = 0) -> tuple[nn.Module, TensorLoader, TensorLoader]:
    """Return a model with dropout, training data and validation data, always the same."""
    seed_everything(seed)
    x, y = torch.randn(2 * N, 4), torch.randint(K, (2 * N,))
    model = nn.Sequential(nn.Linear(4, 8), nn.ReLU(), nn.Dropout(0.5), nn.Linear(8, K))
    train = TensorLoader(x[:N], y[:N], 5, shuffle=True, seed=seed)
    return model, train, TensorLoader(x[N:], y[N:], 10)


def test_fit_is_the_loop_written_out() -> None:
    model, train, val = make()
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1, momentum=0.9)
    losses, val_losses, val_accuracies = [], [], []
    for _ in range(3):
        model.train()
        total = 0.0
        for x, y in train:
            optimizer.zero_grad()
            loss = F.cross_entropy(model(x), y)
            loss.backward()
            optimizer.step()
            total += loss.item() * len(y)
        losses.append(total / N)
        model.eval()
        with torch.no_grad():
            batches = [(model(x), y) for x, y in val]
        total = sum(F.cross_entropy(out, y).item() * len(y) for out, y in batches)
        val_losses.append(total / N)
        hits = sum((out.argmax(1) == y).sum().item() for out, y in batches)
        val_accuracies.append(hits / N)
    wanted = model.state_dict()

    model, train, val = make()
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1, momentum=0.9)
    history = fit(model, train, val, optimizer, num_epochs=3)
    assert history.train_loss == losses
    assert history.val_loss == val_losses
    assert history.val_accuracy == val_accuracies
    assert all(torch.equal(wanted[k], v) for k, v in model.state_dict().items())


class Modes(nn.Module):
    """Records, at every call, whether it is in training mode and whether gradients are on."""

    def __init__(self) -> None:
        super().__init__()
        self.linear = nn.Linear(4, K)
        self.seen: list[tuple[bool, bool]] = []

    def forward(self, x: Tensor) -> Tensor:
        self.seen.append((self.training, torch.is_grad_enabled()))
        return self.linear(x)


def test_fit_trains_in_training_mode_and_validates_in_evaluation_mode() -> None:
    _, train, val = make()
    model = Modes().eval()
    fit(model, train, val, torch.optim.SGD(model.parameters(), lr=0.1), 2)
    epoch = [(True, True)] * len(train) + [(False, False)] * len(val)
    assert model.seen == 2 * epoch
    assert not model.training


def test_fit_never_learns_from_validation_data() -> None:
    weights = []
    for factor in (1, -100):
        model, train, val = make()
        val.x = factor * val.x
        fit(model, train, val, torch.optim.SGD(model.parameters(), lr=0.1), 2)
        weights.append(model[0].weight)
    assert torch.equal(*weights)


def test_evaluate_counts_every_example_once() -> None:
    logits = torch.tensor([[2.0, 0, 0], [0, 1, 0], [0, 0, 3], [4, 0, 0], [0, 0, 5]])
    y = torch.tensor([0, 1, 1, 0, 0])
    loader = TensorLoader(logits, y, 2)  # batches of 2, 2 and 1
    model = nn.Dropout(0.5)
    loss, accuracy = evaluate(model, loader)
    assert accuracy == 3 / 5
    # By hand: log-sum-exp minus the label's logit.
    by_hand = [
        np.log(np.exp(row).sum()) - row[label] for row, label in zip(logits.double().numpy(), y, strict=True)
    ]
    assert loss == pytest.approx(np.mean(by_hand), rel=1e-6)
    assert not model.training


def test_seed_everything_repeats_all_random_numbers() -> None:
    def draw(seed: int) -> tuple[float, float, float]:
        seed_everything(seed)
        return random.random(), np.random.rand(), torch.rand(()).item()

    first = draw(1)
    assert draw(1) == first
    assert all(a != b for a, b in zip(draw(2), first, strict=True))


def test_pick_device_takes_the_best_one_when_asked_to(monkeypatch: pytest.MonkeyPatch) -> None:
    assert pick_device("cpu") == torch.device("cpu")
    for found, wanted in ((None, "cpu"), (torch.device("meta"), "meta")):
        monkeypatch.setattr(torch.accelerator, "current_accelerator", lambda found=found, **_: found)
        assert pick_device("auto") == torch.device(wanted)


def test_auto_falls_back_to_the_cpu() -> None:
    """For real: torch knows which accelerator it was built for, even where there is none."""
    wanted = "cpu"
    if torch.accelerator.is_available():
        wanted = torch.accelerator.current_accelerator().type
    assert pick_device("auto").type == wanted


@pytest.mark.parametrize("name", ["cuda:99", "gpu", "fpga", "hpu", ""])
def test_pick_device_says_what_to_set_instead(name: str) -> None:
    with pytest.raises(ValueError, match='Set DEVICE = "cpu"') as caught:
        pick_device(name)
    message = str(caught.value)
    assert message.startswith(f'DEVICE = "{name}" does not work here (')
    assert "()" not in message and "\n" not in message
    # A notebook shows only this error, without torch's.
    assert caught.value.__suppress_context__ and caught.value.__cause__ is None
