"""Judging samples with a small classifier trained on real images.

Some models cannot say how probable an image is. Their samples can still be compared with real images, by
the features of a classifier. That is one view, not the truth: the features miss whatever does not help to
tell the classes apart.
"""

import torch
from torch import Tensor, nn
from torch.nn import functional as F

FEATURES = 32


class ReferenceClassifier:
    """A classifier trained on real images, to judge samples by.

    It is a multi-layer perceptron with a hidden layer of 128 units followed by `FEATURES` features, trained
    with Adam for about a second. It has its own seed: the caller's random state is untouched, and two
    notebooks with the same data get the same classifier.

    Images are (N, C, H, W) or (N, pixels), with values in [0, 1].

    Args:
        x_train: Real images, two or more.
        y_train: Their classes, (N,) int64, counted from 0.
        num_epochs: Passes over the training images.
        seed: Seed of the initial weights and the order of the images.

    Raises:
        ValueError: There are fewer than two images, their values are not in [0, 1] or not finite, or the
            number of classes differs.
    """

    def __init__(self, x_train: Tensor, y_train: Tensor, *, num_epochs: int = 30, seed: int = 0):
        self.n_pixels = x_train[0].numel()
        rows = self._rows(x_train)  # (N, pixels)
        if len(rows) != len(y_train):
            raise ValueError(f"{len(rows)} images, but {len(y_train)} classes")
        if len(rows) < 2:
            raise ValueError("the spread of features needs two images or more")
        self.n_classes = int(y_train.max()) + 1
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(seed)
            self.body = nn.Sequential(nn.Linear(self.n_pixels, 128), nn.ReLU(), nn.Linear(128, FEATURES))
            self.head = nn.Sequential(nn.Tanh(), nn.Linear(FEATURES, self.n_classes))
            orders = [torch.randperm(len(rows)) for _ in range(num_epochs)]
        self.body.to(rows.device)
        self.head.to(rows.device)
        parameters = [*self.body.parameters(), *self.head.parameters()]
        optimizer = torch.optim.Adam(parameters, lr=3e-3, weight_decay=1e-4)
        with torch.enable_grad():
            for order in orders:
                for batch in order.to(rows.device).split(64):
                    logits = self.head(self.body(rows[batch]))  # (B, K)
                    loss = F.cross_entropy(logits, y_train[batch])
                    optimizer.zero_grad()
                    loss.backward()
                    optimizer.step()
        with torch.no_grad():
            features = self.body(rows)
            self.mean = features.mean(dim=0)
            self.std = features.std(dim=0).clamp(min=1e-6)  # in case all images look the same

    @torch.no_grad()
    def features(self, x: Tensor) -> Tensor:
        """Return the features of images, (N, FEATURES): mean 0 and spread 1 on the training images."""
        return (self.body(self._rows(x)) - self.mean) / self.std

    @torch.no_grad()
    def probabilities(self, x: Tensor) -> Tensor:
        """Return the probability of each class for each image, (N, K)."""
        return self.head(self.body(self._rows(x))).softmax(dim=1)

    def frechet(self, samples: Tensor, reference: Tensor) -> float:
        """Return the Fréchet distance of two sets of images: 0 if their features' mean and covariance agree.

        It is the squared distance between the means, plus trace(A + B - 2 (A B)^(1/2)) for the covariances A
        and B. Small sets look further apart than they are, so compare sets of the same size, and also report
        how far real images are from `reference`.

        Args:
            samples: At least two images.
            reference: At least two real images.

        Raises:
            ValueError: There are fewer than two images, or their size differs from that in training.

        Source: Heusel et al., GANs Trained by a Two Time-Scale Update Rule, 2017 (with other features).
        """
        if min(len(samples), len(reference)) < 2:
            raise ValueError("The Fréchet distance needs two images or more on each side")
        a, b = (self.features(x).double().cpu() for x in (samples, reference))
        cov_a, cov_b = a.T.cov(), b.T.cov()  # (FEATURES, FEATURES)
        values, vectors = torch.linalg.eigh(cov_a)
        root = vectors * values.clamp(min=0).sqrt() @ vectors.T
        # The trace of (A B)^(1/2), from a symmetric matrix with the same eigenvalues.
        shared = torch.linalg.eigvalsh(root @ cov_b @ root).clamp(min=0).sqrt().sum()
        means = (a.mean(dim=0) - b.mean(dim=0)).square().sum()
        distance = means + cov_a.trace() + cov_b.trace() - 2 * shared
        return max(distance.item(), 0.0)  # rounding may take it just below

    def confidence(self, samples: Tensor) -> float:
        """Return the largest class probability, averaged over the images, from 1 / K to 1."""
        return self.probabilities(samples).max(dim=1).values.mean().item()

    def classes(self, samples: Tensor) -> Tensor:
        """Return the share of images assigned to each class, (K,); they sum to 1."""
        answers = self.probabilities(samples).argmax(dim=1)
        return answers.bincount(minlength=self.n_classes) / len(answers)

    def _rows(self, x: Tensor) -> Tensor:
        """Return images as rows of pixels, (N, pixels), on their device."""
        if len(x) == 0 or x[0].numel() != self.n_pixels:
            raise ValueError(f"images must have {self.n_pixels} pixels each, not shape {tuple(x.shape)}")
        if not (x.min() >= 0 and x.max() <= 1):  # false for nan, too
            raise ValueError("images must have values in [0, 1]")
        return x.flatten(start_dim=1).float()
