"""Scenes of `helpers.scenes`: boxes, labels and masks must match the pixels."""

import pytest
import torch
from torchvision.ops import masks_to_boxes

from helpers.data import Split, load_images
from helpers.scenes import make_scenes


@pytest.fixture(scope="module")
def digits():
    return load_images("digits")


@pytest.fixture(scope="module")
def scenes(digits):
    return make_scenes(digits.train, 600, seed=3)  # more than one chunk


def test_shapes_and_ranges(scenes):
    assert len(scenes) == 600
    assert scenes.images.shape == (600, 1, 64, 64)
    assert scenes.images.dtype == torch.float32
    assert scenes.images.min() >= 0 and scenes.images.max() <= 1
    assert scenes.boxes.shape == (600, 4, 4) and scenes.boxes.dtype == torch.float32
    assert scenes.labels.shape == (600, 4) and scenes.labels.dtype == torch.int64
    assert scenes.masks.shape == (600, 64, 64) and scenes.masks.dtype == torch.int64
    assert set(scenes.labels.unique().tolist()) == set(range(-1, 10))
    assert set(scenes.masks.unique().tolist()) == set(range(11))


def test_rows_without_an_object_are_empty(scenes):
    real = scenes.labels >= 0
    assert real.any(dim=1).all() and not real.all()
    assert (scenes.boxes[~real] == 0).all()
    width, height = (scenes.boxes[real][:, 2:] - scenes.boxes[real][:, :2]).T
    assert width.min() > 2 and height.min() > 8


def test_boxes_are_tight_around_single_digits(digits):
    scenes = make_scenes(digits.val, 200, objects=(1, 1), seed=1)
    assert (scenes.labels >= 0).all()
    found = masks_to_boxes(scenes.masks > 0)  # the last pixel's index, not its edge
    found[:, 2:] += 1
    assert torch.equal(found, scenes.boxes[:, 0])
    for mask, label in zip(scenes.masks, scenes.labels[:, 0], strict=True):
        assert set(mask.unique().tolist()) == {0, label.item() + 1}


def test_every_painted_pixel_lies_in_a_box_of_its_class(scenes):
    for i in range(100):
        boxes, labels = scenes.objects(i)
        y, x = torch.nonzero(scenes.masks[i]).T
        classes = scenes.masks[i, y, x] - 1
        x1, y1, x2, y2 = boxes.T[:, :, None]
        inside = (x1 <= x) & (x < x2) & (y1 <= y) & (y < y2)
        assert (inside & (labels[:, None] == classes)).any(dim=0).all()


def test_digits_are_brighter_than_the_background(scenes):
    ink = scenes.masks[:, None] > 0
    assert scenes.images[ink].mean() > scenes.images[~ink].mean() + 0.2


def test_upright_digit_is_the_image_itself(digits):
    """A digit as large as the scene fills it: the mask is the enlarged image."""
    image = torch.zeros(1, 1, 8, 8)
    image[:, :, 2:6, 3:5] = 1
    alone = Split(image, torch.tensor([7]))
    scenes = make_scenes(alone, 20, objects=(1, 1), side=(64, 64), seed=0)
    x1, y1, x2, y2 = scenes.boxes[:, 0].mean(dim=0)
    assert scenes.labels.unique().tolist() == [7]
    assert abs((x1 + x2) / 2 - 32) < 2 and abs((y1 + y2) / 2 - 32) < 2
    assert y2 - y1 > x2 - x1  # height and width are not swapped


def test_number_of_objects(digits):
    scenes = make_scenes(digits.train, 300, objects=(2, 3), seed=0)
    counts = (scenes.labels >= 0).sum(dim=1)
    assert counts.max() == 3 and (counts >= 2).float().mean() > 0.9


def test_one_seed_one_set_of_scenes(digits, scenes):
    again = make_scenes(digits.train, 600, seed=3)
    for name in ("images", "boxes", "labels", "masks"):
        assert torch.equal(getattr(again, name), getattr(scenes, name))
    other = make_scenes(digits.train, 600, seed=4)
    assert not torch.equal(other.images, scenes.images)


def test_random_state_of_torch_is_left_alone(digits):
    before = torch.get_rng_state()
    make_scenes(digits.train, 2, seed=0)
    assert torch.equal(torch.get_rng_state(), before)


def test_choosing_scenes(scenes):
    some = scenes[torch.tensor([5, 2])]
    assert len(some) == 2 and torch.equal(some.images[1], scenes.images[2])
    assert len(scenes[:10]) == 10
    boxes, labels = some.objects(0)
    assert torch.equal(boxes, scenes.objects(5)[0])
    assert len(boxes) == len(labels) > 0


def test_wrong_arguments(digits):
    colour = Split(torch.zeros(3, 3, 8, 8), torch.zeros(3, dtype=torch.int64))
    with pytest.raises(ValueError, match="grey"):
        make_scenes(colour, 2)
    for objects in ((0, 3), (3, 2)):
        with pytest.raises(ValueError, match="objects"):
            make_scenes(digits.train, 2, objects=objects)
    for side in ((0, 20), (30, 20), (20, 65)):
        with pytest.raises(ValueError, match="side"):
            make_scenes(digits.train, 2, side=side)
