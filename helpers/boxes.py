"""Boxes drawn on images, for the chapters on detection and segmentation."""

from collections.abc import Sequence

import matplotlib.pyplot as plt
from matplotlib.axes import Axes
from torch import Tensor

from helpers.plotting import COLORS, PAPER, grid_shape


def image_axes(images: Tensor, titles: Sequence[object] | None = None, columns: int = 4) -> list[Axes]:
    """Show images side by side in a new figure. Return an axes for each, in pixels, ready for boxes.

    Args:
        images: (N, C, H, W) in [0, 1]; C is 1 (grey) or 3 (colour).
        titles: N short texts or numbers.
        columns: Images per row.

    Raises:
        ValueError: There are no images, their shape is wrong, or the number of titles differs.
    """
    rows, columns = grid_shape(images, titles, columns)
    N, _, H, W = images.shape
    side = min(1.9, 6 / columns)  # inches
    height = side * H / W + (0.25 if titles is not None else 0)
    _, grid = plt.subplots(rows, columns, figsize=(side * columns, height * rows), squeeze=False)
    for ax in grid.flat:
        ax.axis("off")
    axes = list(grid.flat)[:N]
    for i, ax in enumerate(axes):
        # Sixteen shades are enough: with more, noise makes a heavy file and looks no different.
        image = (images[i].detach().cpu().clamp(0, 1) * 15).round() / 15
        ax.imshow(
            image.permute(1, 2, 0).numpy(),  # (H, W, C)
            vmin=0,
            vmax=1,
            extent=(0, W, H, 0),  # edges lie between pixels
            interpolation="none",
        )
        if titles is not None:
            ax.set_title(str(titles[i]), fontsize=9)
    return axes


def draw_boxes(
    ax: Axes, boxes: Tensor, names: Sequence[object] = (), color: str = "orange", **line: object
) -> None:
    """Draw boxes on an image, each with its name at a corner.

    Args:
        ax: An axes from `image_axes`.
        boxes: (n, 4): left, top, right, bottom in pixels.
        names: n short texts or numbers, or nothing.
        color: A name in `helpers.plotting.COLORS`, or any matplotlib colour.
        **line: Other properties of the outline, such as `linestyle="--"`.

    Raises:
        ValueError: There are names, but not one per box.
    """
    if len(names) not in (0, len(boxes)):
        raise ValueError(f"{len(names)} names for {len(boxes)} boxes")
    color = COLORS.get(color, color)
    for i, (x1, y1, x2, y2) in enumerate(boxes.tolist()):
        style = {"linewidth": 1.4, "edgecolor": color, "fill": False, **line}
        ax.add_patch(plt.Rectangle((x1, y1), x2 - x1, y2 - y1, **style))
        if len(names):
            label = {"facecolor": color, "edgecolor": "none", "pad": 0.8}
            place = "top" if y1 < 6 else "bottom"  # inside the box if there is no room above it
            ax.text(
                x1,
                y1,
                str(names[i]),
                fontsize=7,
                color=PAPER,  # in the dark theme it turns dark, as the colours turn light
                va=place,
                bbox=label,
            )
