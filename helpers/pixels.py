"""A PixelCNN at a single pixel, as a page runs it: what was computed for earlier pixels is given."""

import torch
from torch import Tensor, nn
from torch.nn import functional as F


class OnePixel(nn.Module):
    """A PixelCNN at one pixel: its logit, and what its layers leave for later pixels.

    Args:
        cnn: The trained network, for images of n pixels. It has a masked convolution `look` of 7 by 7
            (D, 1, 7, 7); a `position` (D, H, W) that is added; masked convolutions `layers` of 3 by 3
            (D, D, 3, 3), each with a ReLU before it and a skip connection around it; a linear layer `out`
            (1, D, 1, 1) after a last ReLU; and a bias `b` (n,).
    """

    def __init__(self, cnn: nn.Module):
        super().__init__()
        self.cnn, self.width = cnn, len(cnn.position)
        by_place = torch.cat([cnn.position.flatten(1), cnn.b[None]])  # (D + 1, n)
        self.place = nn.Linear(len(cnn.b), self.width + 1, bias=False)
        self.place.weight = nn.Parameter(by_place.detach())

    def forward(self, past: Tensor) -> Tensor:
        """Return the logit, and D numbers for each layer: its input at this pixel, (1, 1 + depth * D).

        Args:
            past: (1, 49 + depth * 9 * D + n): the 7 by 7 pixels around this one; for each layer, its inputs
                (D, 3, 3) at the places around; and a one at the pixel's own place. What comes after the pixel
                in raster order does not count.
        """
        D, layers = self.width, self.cnn.layers
        pixels, *kept, place = past.split([49, *[9 * D] * len(layers), len(self.cnn.b)], dim=1)
        by_place = self.place(place)[..., None, None]  # (1, D + 1, 1, 1)
        h = by_place[:, :D] + _before(self.cnn.look, pixels.reshape(1, 1, 7, 7))
        left = []
        for layer, around in zip(layers, kept, strict=True):
            left.append(h.relu())
            here = F.conv2d(left[-1], layer.weight[:, :, 1:2, 1:2])  # the pixel itself
            h = h + _before(layer, around.reshape(1, D, 3, 3)) + here
        logit = self.cnn.out(h.relu()) + by_place[:, D:]
        return torch.cat([logit.flatten(), *(maps.flatten() for maps in left)])[None]


def _before(layer: nn.Conv2d, around: Tensor) -> Tensor:
    """Return what a masked convolution makes of the places before its centre, (1, D, 1, 1)."""
    mask = layer.mask.clone()
    mask[len(mask) // 2, len(mask) // 2] = 0
    return F.conv2d(around, layer.weight * mask, layer.bias)
