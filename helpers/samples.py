"""Judging samples with a small classifier trained on real images.

Some models cannot say how probable an image is. Their samples can still be compared with real images, by
the features of a classifier. That is one view, not the truth: the features miss whatever does not help to
tell the classes apart.
"""

import math

import torch
from torch import Tensor, nn
from torch.nn import functional as F

FEATURES = 32
BATCH_SIZE, LR = 32, 6e-3
SETS = 4  # of samples, for a distance and its error


class ReferenceClassifier:
    """A classifier trained on real images, to judge samples by.

    It has two convolutions followed by `FEATURES` features, and is trained with Adam for a second or two. It
    has its own seed: the caller's random state is untouched, and two notebooks with the same data get the
    same classifier.

    Images are square and grey, (N, 1, H, W) or (N, pixels), with values in [0, 1].

    Args:
        x_train: Real images, two or more.
        y_train: Their classes, (N,) int64, counted from 0.
        num_epochs: Passes over the training images.
        seed: Seed of the initial weights and the order of the images.

    Raises:
        ValueError: There are fewer than two images, they are not square, their values are not in [0, 1] or
            not finite, or the number of classes differs.
    """

    def __init__(self, x_train: Tensor, y_train: Tensor, *, num_epochs: int = 6, seed: int = 0):
        self.n_pixels = x_train[0].numel()
        self.side = math.isqrt(self.n_pixels)
        if self.side**2 != self.n_pixels:
            raise ValueError(f"images must be square and grey, and {self.n_pixels} is no square")
        rows = self._rows(x_train)  # (N, pixels)
        if len(rows) != len(y_train):
            raise ValueError(f"{len(rows)} images, but {len(y_train)} classes")
        if len(rows) < 2:
            raise ValueError("the spread of features needs two images or more")
        self.n_classes = int(y_train.max()) + 1
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(seed)
            small = -(-self.side // 4)  # the side after two strides of 2
            self.body = nn.Sequential(
                nn.Unflatten(1, (1, self.side, self.side)),
                *(nn.Conv2d(1, 16, kernel_size=5, stride=2, padding=2), nn.ReLU()),
                *(nn.Conv2d(16, 32, kernel_size=3, stride=2, padding=1), nn.ReLU()),
                *(nn.Flatten(), nn.Linear(32 * small**2, FEATURES)),
            )
            self.head = nn.Sequential(nn.Tanh(), nn.Linear(FEATURES, self.n_classes))
            orders = [torch.randperm(len(rows)) for _ in range(num_epochs)]
        self.body.to(rows.device)
        self.head.to(rows.device)
        parameters = [*self.body.parameters(), *self.head.parameters()]
        optimizer = torch.optim.Adam(parameters, lr=LR, weight_decay=1e-4, fused=True)
        num_steps = num_epochs * -(-len(rows) // BATCH_SIZE)
        schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, LR, num_steps)
        with torch.enable_grad():
            for order in orders:
                for batch in order.to(rows.device).split(BATCH_SIZE):
                    logits = self.head(self.body(rows[batch]))  # (B, K)
                    loss = F.cross_entropy(logits, y_train[batch])
                    optimizer.zero_grad()
                    loss.backward()
                    optimizer.step()
                    schedule.step()
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
        how far real images are from `reference`: both are what `distance` is for.

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

    def distance(self, samples: Tensor, reference: Tensor) -> tuple[float, float]:
        """Return the Fréchet distance of samples from real images, and the standard error of it.

        The samples are taken as `SETS` sets, each compared with all of `reference`: the distance is the mean
        over the sets, and how much they differ gives the error. Smaller sets look further away, so give
        every model the same number of samples. For the floor, give real images that were *drawn*, one
        independently of the other, as samples are: `x_val[torch.randint(len(x_val), (240,))]`. A set with an
        equal share of each class, as a split of the data is, looks nearer than any draw.

        Args:
            samples: Independent draws from one model; as many as make sets of two or more, all of one size.
            reference: At least two real images.

        Raises:
            ValueError: The samples do not make such sets, or their size differs from that in training.
        """
        if len(samples) % SETS:
            raise ValueError(f"{len(samples)} samples do not make {SETS} sets of one size")
        distances = torch.tensor([self.frechet(part, reference) for part in samples.chunk(SETS)])
        return distances.mean().item(), distances.std().item() / SETS**0.5

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
