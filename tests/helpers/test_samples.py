"""The classifier that judges samples."""

import pytest
import torch
from torch import Tensor

from helpers.data import load_images
from helpers.samples import FEATURES, ReferenceClassifier


@pytest.fixture(scope="module")
def digits() -> dict[str, tuple[Tensor, Tensor]]:
    data = load_images("digits")
    parts = {name: getattr(data, name) for name in ("train", "val", "test")}
    return {name: ((part.x > 0.5).float(), part.y) for name, part in parts.items()}


@pytest.fixture(scope="module")
def judge(digits) -> ReferenceClassifier:
    return ReferenceClassifier(*digits["train"], num_epochs=20)


def test_it_knows_digits(judge, digits):
    x, y = digits["val"]
    p = judge.probabilities(x)
    assert p.shape == (len(x), 10)
    assert torch.allclose(p.sum(dim=1), torch.ones(len(x)), atol=1e-5)
    assert (p.argmax(dim=1) == y).float().mean() > 0.9
    assert judge.confidence(x) > 0.9
    assert torch.equal(p, judge.probabilities(x.flatten(start_dim=1)))


def test_shares_of_classes(judge, digits):
    x, y = digits["train"]
    shares = judge.classes(x)
    assert shares.shape == (10,)
    assert torch.isclose(shares.sum(), torch.tensor(1.0))
    assert (shares - y.bincount() / len(y)).abs().max() < 0.01
    assert judge.classes(x[y == 3])[3] > 0.99


def test_features_are_standardised_on_training_images(judge, digits):
    features = judge.features(digits["train"][0])
    assert features.shape == (len(digits["train"][0]), FEATURES)
    assert torch.allclose(features.mean(dim=0), torch.zeros(FEATURES), atol=1e-3)
    assert torch.allclose(features.std(dim=0), torch.ones(FEATURES), atol=1e-3)


def test_frechet_is_the_textbook_formula(judge, digits):
    samples, reference = digits["val"][0], digits["test"][0]
    a, b = (judge.features(x).double() for x in (samples, reference))
    product = a.T.cov() @ b.T.cov()  # not symmetric; its eigenvalues are real up to rounding
    shared = torch.linalg.eigvals(product).real.clamp(min=0).sqrt().sum()
    expected = (a.mean(dim=0) - b.mean(dim=0)).square().sum()
    expected += a.T.cov().trace() + b.T.cov().trace() - 2 * shared
    assert judge.frechet(samples, reference) == pytest.approx(expected.item(), rel=1e-6)


def test_frechet_orders_sets_of_images(judge, digits):
    x, y = digits["val"]
    reference = digits["test"][0]
    assert judge.frechet(reference, reference) < 1e-6
    real = judge.frechet(x, reference)
    few_classes = judge.frechet(x[y < 5], reference)
    rows_moved = judge.frechet(x.roll(3, dims=2), reference)
    assert real < few_classes
    assert 3 * real < rows_moved
    assert judge.frechet(reference, x) == pytest.approx(real, rel=1e-6)


def test_distance_is_the_mean_over_independent_sets(judge, digits):
    x, reference = digits["train"][0], digits["test"][0]
    torch.manual_seed(0)
    drawn = x[torch.randint(len(x), (240,))]
    parts = torch.tensor([judge.frechet(part, reference) for part in drawn.split(60)])
    distance, error = judge.distance(drawn, reference)
    assert distance == pytest.approx(parts.mean().item())
    assert error == pytest.approx(parts.std().item() / 2)
    moved, error_moved = judge.distance(drawn.roll(3, dims=2), reference)
    assert moved - 4 * error_moved > distance + 4 * error


def test_one_seed_gives_one_classifier_and_takes_no_random_number(digits):
    x, y = (part[:200] for part in digits["train"])
    torch.manual_seed(7)
    expected = torch.rand(3)
    torch.manual_seed(7)
    with torch.no_grad():  # it trains all the same
        judge = ReferenceClassifier(x, y, num_epochs=2)
    assert torch.equal(torch.rand(3), expected)
    assert torch.equal(ReferenceClassifier(x, y, num_epochs=2).probabilities(x), judge.probabilities(x))
    other = ReferenceClassifier(x, y, num_epochs=2, seed=1)
    assert not torch.equal(other.probabilities(x), judge.probabilities(x))


def test_it_says_what_is_wrong(judge, digits):
    x, y = digits["val"]
    with pytest.raises(ValueError, match="240 images, but 239 classes"):
        ReferenceClassifier(x, y[1:])
    with pytest.raises(ValueError, match=r"in \[0, 1\]"):
        ReferenceClassifier(x * 16, y)
    with pytest.raises(ValueError, match=r"in \[0, 1\]"):
        judge.confidence(x / 0)
    with pytest.raises(ValueError, match="64 pixels each"):
        judge.classes(x[:, :, :4])
    with pytest.raises(ValueError, match="64 pixels each"):
        judge.classes(x[:0])
    with pytest.raises(ValueError, match="is no square"):
        ReferenceClassifier(x[:, :, :4], y)
    with pytest.raises(ValueError, match="239 samples do not make 4 sets"):
        judge.distance(x[1:], x)
    with pytest.raises(ValueError, match="two images or more"):
        judge.distance(x[:4], x)
    with pytest.raises(ValueError, match="two images or more"):
        judge.frechet(x[:1], x)
