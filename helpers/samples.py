"""A judge of samples: a small classifier of real images, and what it sees in made ones.

Some models cannot say how probable an image is. Their samples can still be compared with real images, in
the features of a classifier. It is a view, not the truth: what does not help to tell the classes apart is
not seen.
"""

import torch
from torch import Tensor, nn
from torch.nn import functional as F

FEATURES = 32


class ReferenceClassifier:
    """A classifier trained on real images, which then looks at samples.

    It is a multi-layer perceptron with one hidden layer of 128 units before `FEATURES` features, trained
    with Adam for about a second. Its seed is its own: the caller's random numbers stay as they are, and two
    notebooks with the same data have the same judge.

    Images are (N, C, H, W) or (N, pixels), with values in [0, 1] as in training.

    Args:
        x_train: Real images, two or more.
        y_train: Their classes, (N,) int64, counted from 0.
        num_epochs: Passes over the training images.
        seed: What the first weights and the order of the images depend on.

    Raises:
        ValueError: There are fewer than two images, they are not in [0, 1] or not finite, or there is not one
            class for each.
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
            self.std = features.std(dim=0).clamp(min=1e-6)  # where all images look the same

    @torch.no_grad()
    def features(self, x: Tensor) -> Tensor:
        """Return the features of images, (N, FEATURES): mean 0 and spread 1 on the training images."""
        return (self.body(self._rows(x)) - self.mean) / self.std

    @torch.no_grad()
    def probabilities(self, x: Tensor) -> Tensor:
        """Return the probability of each class for each image, (N, K)."""
        return self.head(self.body(self._rows(x))).softmax(dim=1)

    def frechet(self, samples: Tensor, reference: Tensor) -> float:
        """Return the Fréchet distance of two sets of images: 0 if mean and covariance of features agree.

        It is the squared distance of the means, plus trace(A + B - 2 (A B)^(1/2)) for the covariances A and
        B. Small sets look further apart than they are, so compare sets of one size, and give beside it the
        distance of real images from `reference`.

        Args:
            samples: At least two images.
            reference: At least two real images.

        Raises:
            ValueError: There are fewer than two images, or they are of another size than in training.

        Source: Heusel et al., GANs Trained by a Two Time-Scale Update Rule, 2017 (with other features).
        """
        if min(len(samples), len(reference)) < 2:
            raise ValueError("The Fréchet distance needs two images or more on each side")
        a, b = (self.features(x).double().cpu() for x in (samples, reference))
        cov_a, cov_b = a.T.cov(), b.T.cov()  # (FEATURES, FEATURES)
        values, vectors = torch.linalg.eigh(cov_a)
        root = vectors * values.clamp(min=0).sqrt() @ vectors.T
        # The trace of (A B)^(1/2): the same eigenvalues, of a symmetric matrix.
        shared = torch.linalg.eigvalsh(root @ cov_b @ root).clamp(min=0).sqrt().sum()
        means = (a.mean(dim=0) - b.mean(dim=0)).square().sum()
        distance = means + cov_a.trace() + cov_b.trace() - 2 * shared
        return max(distance.item(), 0.0)  # rounding may go just below

    def confidence(self, samples: Tensor) -> float:
        """Return the mean of the largest class probability of each image, from 1 / K to 1."""
        return self.probabilities(samples).max(dim=1).values.mean().item()

    def classes(self, samples: Tensor) -> Tensor:
        """Return the share of images that the judge takes for each class, (K,); they sum to 1."""
        answers = self.probabilities(samples).argmax(dim=1)
        return answers.bincount(minlength=self.n_classes) / len(answers)

    def _rows(self, x: Tensor) -> Tensor:
        """Return images as rows of pixels, (N, pixels), on their device."""
        if len(x) == 0 or x[0].numel() != self.n_pixels:
            raise ValueError(f"images must have {self.n_pixels} pixels each, not shape {tuple(x.shape)}")
        if not (x.min() >= 0 and x.max() <= 1):  # also where a value is nan
            raise ValueError("images must have values in [0, 1]")
        return x.flatten(start_dim=1).float()
