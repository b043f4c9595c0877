"""Boxes drawn on images, for the pages and assignments that detect."""

from collections.abc import Sequence

import matplotlib.pyplot as plt
from matplotlib.axes import Axes
from torch import Tensor

from helpers.plotting import COLORS, PAPER


def image_axes(images: Tensor, titles: Sequence[object] | None = None, columns: int = 4) -> list[Axes]:
    """Show images side by side as a new figure, and return an axes for each, ready for boxes in pixels.

    Args:
        images: (N, C, H, W) in [0, 1]; C is 1 (grey) or 3 (colour).
        titles: N short texts or numbers.
        columns: Images in a row.

    Raises:
        ValueError: The images have another shape, there are none, or there is not one title for each.
    """
    if images.ndim != 4 or images.shape[1] not in (1, 3) or len(images) == 0:
        raise ValueError(f"images must be (N, 1 or 3, H, W), not {tuple(images.shape)}")
    if titles is not None and len(titles) != len(images):
        raise ValueError(f"{len(titles)} titles for {len(images)} images")
    N, _, H, W = images.shape
    columns = min(columns, N)
    rows = -(-N // columns)
    side = min(1.9, 6 / columns)  # inches
    height = side * H / W + (0.25 if titles is not None else 0)
    _, grid = plt.subplots(rows, columns, figsize=(side * columns, height * rows), squeeze=False)
    for ax in grid.flat:
        ax.axis("off")
    axes = list(grid.flat)[:N]
    for i, ax in enumerate(axes):
        # Sixteen shades: noise in more of them makes a heavy file, and looks the same.
        image = (images[i].detach().cpu().clamp(0, 1) * 15).round() / 15
        ax.imshow(
            image.permute(1, 2, 0).numpy(),  # (H, W, C)
            vmin=0,
            vmax=1,
            extent=(0, W, H, 0),  # an edge lies between pixels
            interpolation="none",
        )
        if titles is not None:
            ax.set_title(str(titles[i]), fontsize=9)
    return axes


def draw_boxes(
    ax: Axes, boxes: Tensor, names: Sequence[object] = (), color: str = "orange", **line: object
) -> None:
    """Draw boxes over the image of `ax`, each with its name at a corner.

    Args:
        ax: An axes of `image_axes`.
        boxes: (n, 4): left, top, right, bottom in pixels.
        names: n short texts or numbers, or none.
        color: A name of `helpers.plotting.COLORS`, or any colour of matplotlib.
        **line: More for the outline, for instance `linestyle="--"`.

    Raises:
        ValueError: There are names, but not one for each box.
    """
    if len(names) not in (0, len(boxes)):
        raise ValueError(f"{len(names)} names for {len(boxes)} boxes")
    color = COLORS.get(color, color)
    for i, (x1, y1, x2, y2) in enumerate(boxes.tolist()):
        style = {"linewidth": 1.4, "edgecolor": color, "fill": False, **line}
        ax.add_patch(plt.Rectangle((x1, y1), x2 - x1, y2 - y1, **style))
        if len(names):
            label = {"facecolor": color, "edgecolor": "none", "pad": 0.8}
            place = "top" if y1 < 6 else "bottom"  # inside, where above is no room
            ax.text(
                x1,
                y1,
                str(names[i]),
                fontsize=7,
                color=PAPER,  # turns dark with the theme, as the colours turn light
                va=place,
                bbox=label,
            )
