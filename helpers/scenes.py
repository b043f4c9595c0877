"""Scenes for detection and segmentation: real digits at any place and size on a textured, noisy background.

Each scene has a box and a class for every digit, and a class for every pixel. Scenes are composed from one
part of a data set (`data.train`, say), so the parts never mix.
"""

import math
from dataclasses import dataclass

import torch
from torch import Tensor
from torch.nn import functional as F

from helpers.data import Split

INK = 0.35  # share of full ink above which a pixel belongs to the digit
_TRIES = 12  # places tried for a digit before it is left out
_CHUNK = 500  # scenes painted at once, to keep memory small


@dataclass(frozen=True)
class Scenes:
    """N scenes, on their device; M is the most objects a scene can have.

    Attributes:
        images: (N, 1, H, W) float32 in [0, 1].
        boxes: (N, M, 4) float32: left, top, right, bottom (x1, y1, x2, y2) in pixels, tight around the ink.
            Edges lie between pixels: the whole image is (0, 0, W, H). Rows without an object are zero.
        labels: (N, M) int64: class of each object, -1 for rows without one.
        masks: (N, H, W) int64: 0 for background, k + 1 for a pixel of class k.
    """

    images: Tensor
    boxes: Tensor
    labels: Tensor
    masks: Tensor

    def __len__(self) -> int:
        """Return the number of scenes."""
        return len(self.images)

    def __getitem__(self, index: slice | Tensor) -> "Scenes":
        """Return some of the scenes: `index` is a slice, or a tensor of indices or booleans."""
        parts = self.images, self.boxes, self.labels, self.masks
        return Scenes(*(part[index] for part in parts))

    def objects(self, i: int) -> tuple[Tensor, Tensor]:
        """Return the boxes, (n, 4) in pixels, and classes, (n,), of the objects of scene `i`."""
        real = self.labels[i] >= 0
        return self.boxes[i, real], self.labels[i, real]


def make_scenes(
    digits: Split,
    num_scenes: int,
    *,
    size: int = 64,
    objects: tuple[int, int] = (1, 4),
    side: tuple[float, float] = (16, 32),
    seed: int = 0,
) -> Scenes:
    """Compose scenes from single digits; the same arguments give the same scenes.

    Each digit is drawn at random (with its label), enlarged to a side within `side`, stretched by up to a
    fifth, rotated by up to ten degrees, given a brightness, and put where it hides little of the others. A
    digit for which there is no such place is left out, so a scene may have fewer digits than planned, but
    always has one.

    Args:
        digits: Images (N, 1, h, w), bright ink on black, and their classes: `data.train`, `data.val` or
            `data.test` from `helpers.data.load_images`. The scenes are made on their device.
        num_scenes: Number of scenes, 1 or more.
        size: Height and width of a scene, in pixels.
        objects: Fewest and most digits per scene; the number is uniform between them.
        side: Smallest and largest side of a digit's image in the scene, in pixels; at most `size`.
        seed: Random numbers are drawn on the CPU, so a seed gives the same scenes on every device.

    Raises:
        ValueError: The images are not grey, there are none, `num_scenes` is below 1, or `objects` or `side`
            are out of order or do not fit.
    """
    fewest, most = objects
    smallest, largest = side
    if digits.x.ndim != 4 or digits.x.shape[1] != 1:
        raise ValueError(f"scenes are made from grey images (N, 1, h, w), not {tuple(digits.x.shape)}")
    if len(digits.y) == 0 or num_scenes < 1:
        raise ValueError(f"{num_scenes} scenes cannot be made of {len(digits.y)} digits")
    if not 1 <= fewest <= most:
        raise ValueError(f"objects must be (fewest, most), 1 or more and in order, not {objects}")
    if not 0 < smallest <= largest <= size:
        raise ValueError(f"side must be (smallest, largest), in order and at most {size}, not {side}")
    generator = torch.Generator().manual_seed(seed)

    def uniform(low: float, high: float, *shape: int) -> Tensor:
        return low + (high - low) * torch.rand(*shape, generator=generator)

    N, M = num_scenes, most
    chosen = torch.randint(len(digits.y), (N, M), generator=generator)
    how_many = torch.randint(fewest, most + 1, (N, 1), generator=generator)
    wanted = torch.arange(M) < how_many  # (N, M)
    stretch = uniform(-math.log(1.2), math.log(1.2), N, M).exp().sqrt()
    sides = uniform(smallest, largest, N, M, 1)
    sides = sides * torch.stack([stretch, 1 / stretch], dim=2)  # (N, M, 2): width, height
    sides = sides.clamp(max=size)
    angles = uniform(-math.pi / 18, math.pi / 18, N, M)
    brightness = uniform(0.6, 1.0, N, M)
    places = uniform(0, 1, N, M, _TRIES, 2)
    centres, placed = _place(sides, places, wanted, size)
    coarse = uniform(0, 0.4, N, 1, 5, 5)  # the background's texture, before enlargement
    noise = torch.randn(N, 1, size, size, generator=generator) * 0.06

    device = digits.x.device
    made = []
    for part in torch.arange(N).split(_CHUNK):
        glyphs = digits.x[chosen[part].to(device)].float()  # (n, M, 1, h, w)
        shape = centres[part], sides[part], angles[part]
        ink = _ink(glyphs, *(t.to(device) for t in shape), size)  # (n, M, H, W)
        ink = ink * placed[part].to(device)[:, :, None, None]
        background = F.interpolate(coarse[part].to(device), size=size, mode="bilinear")
        images = background + noise[part].to(device)
        masks = torch.zeros(len(part), size, size, dtype=torch.int64, device=device)
        classes = digits.y[chosen[part].to(device)]  # (n, M)
        for j in range(M):  # later digits are painted over earlier ones
            one = ink[:, j, None]  # (n, 1, H, W)
            bright = brightness[part, j].to(device)[:, None, None, None]
            images = images + one * (bright - images)
            masks = torch.where(ink[:, j] > INK, classes[:, j, None, None] + 1, masks)
        boxes, found = _tight_boxes(ink > INK)
        labels = classes.masked_fill(~found, -1)
        made.append((images.clamp(0, 1), boxes, labels, masks))
    return Scenes(*(torch.cat(parts) for parts in zip(*made, strict=True)))


def _place(sides: Tensor, places: Tensor, wanted: Tensor, size: int) -> tuple[Tensor, Tensor]:
    """Return centres, (N, M, 2) in pixels, and which objects found a place, (N, M).

    An object takes the first of its places where it overlaps each earlier object by at most a quarter of the
    smaller of the two.
    """
    N, M = places.shape[:2]
    corners = places * (size - sides[:, :, None])  # (N, M, T, 2): left, top
    tried = torch.cat([corners, corners + sides[:, :, None]], dim=3)  # (N, M, T, 4)
    taken = torch.zeros(N, M, 4)
    placed = torch.zeros(N, M, dtype=torch.bool)
    rows = torch.arange(N)
    for j in range(M):
        ours = tried[:, j, :, None]  # (N, T, 1, 4)
        theirs = taken[:, None]  # (N, 1, M, 4)
        low = torch.maximum(ours[..., :2], theirs[..., :2])
        high = torch.minimum(ours[..., 2:], theirs[..., 2:])
        shared = (high - low).clamp(min=0).prod(dim=3)  # (N, T, M)
        areas = sides.prod(dim=2)  # (N, M)
        smaller = torch.minimum(areas[:, j, None, None], areas[:, None])
        free = (shared <= smaller / 4).all(dim=2)  # (N, T)
        placed[:, j] = free.any(dim=1) & wanted[:, j]
        taken[:, j] = tried[rows, j, free.int().argmax(dim=1)] * placed[:, j, None]
    return (taken[..., :2] + taken[..., 2:]) / 2, placed


def _ink(glyphs: Tensor, centres: Tensor, sides: Tensor, angles: Tensor, size: int) -> Tensor:
    """Draw each glyph, (n, M, 1, h, w), on a canvas of its own, (n, M, H, W) in [0, 1]."""
    n, M = glyphs.shape[:2]
    cos, sin = angles.cos(), angles.sin()
    dx, dy = (size / 2 - centres).unbind(dim=2)
    w, h = sides.unbind(dim=2)
    # From canvas to glyph coordinates, both from -1 to 1.
    to_x = torch.stack([cos * size, sin * size, 2 * (cos * dx + sin * dy)], dim=2)
    to_y = torch.stack([-sin * size, cos * size, 2 * (cos * dy - sin * dx)], dim=2)
    theta = torch.stack([to_x / w[..., None], to_y / h[..., None]], dim=2)
    theta = theta.flatten(0, 1)  # (n * M, 2, 3)
    grid = F.affine_grid(theta, [n * M, 1, size, size], align_corners=False)
    drawn = F.grid_sample(glyphs.flatten(0, 1), grid, align_corners=False)
    return drawn.view(n, M, size, size)


def _tight_boxes(inked: Tensor) -> tuple[Tensor, Tensor]:
    """Return a tight box for each canvas, (n, M, 4) in pixels, and whether it has any ink, (n, M)."""
    found = inked.flatten(2).any(dim=2)
    edges = []
    for along in (2, 3):  # over rows: columns with ink; over columns: rows with ink
        line = inked.any(dim=along).int()  # (n, M, size)
        edges.append((line.argmax(dim=2), line.shape[2] - line.flip(2).argmax(dim=2)))
    (x1, x2), (y1, y2) = edges
    boxes = torch.stack([x1, y1, x2, y2], dim=2) * found[..., None]
    return boxes.float(), found
