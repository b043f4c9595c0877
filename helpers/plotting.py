"""One look for all figures, made to be read on light and dark pages.

Call `use_style()` once, in the notebook's import cell. In a notebook the figures are dark on light paper.
On the site their colours follow the reader's theme: `_static/course.css` has a light and a dark value for
each of the colours below. `helpers.interactive` has the same look for plotly.
"""

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING

import matplotlib.pyplot as plt
import numpy as np
from cycler import cycler
from matplotlib.axes import Axes

if TYPE_CHECKING:
    from torch import Tensor

INK, PAPER, GRID = "#1f2328", "#fefefe", "#d8dde3"
# Colour-blind readers can tell them apart too, and each can be read as text on paper (contrast 4.5 or more).
COLORS = {"blue": "#0072b2", "orange": "#c04a00", "green": "#00795c", "purple": "#7a1f6e", "grey": "#6b7280"}


def use_style() -> None:
    """Set the course's style for matplotlib in place of the user's own; in notebooks, draw lines as SVG."""
    plt.rcdefaults()
    plt.rcParams.update(
        {
            # In inches: 460 px on the site, so that a phone shrinks its text little.
            "figure.figsize": (4.8, 2.8),
            "figure.facecolor": PAPER,
            "figure.constrained_layout.use": True,
            "font.size": 11,
            "text.color": INK,
            "axes.facecolor": PAPER,
            "axes.edgecolor": INK,
            "axes.labelcolor": INK,
            "axes.titlecolor": INK,
            "axes.titlesize": "medium",
            "axes.titlelocation": "left",
            "axes.prop_cycle": cycler(color=COLORS.values()),
            "axes.spines.top": False,
            "axes.spines.right": False,
            "axes.grid": True,
            "axes.axisbelow": True,
            "grid.color": GRID,
            "xtick.color": INK,
            "ytick.color": INK,
            "lines.linewidth": 1.8,
            "legend.frameon": False,
            "image.cmap": "gray",
            "svg.fonttype": "none",  # text stays text: the page's font, and it can be selected
            "svg.hashsalt": "course",  # the same figure gives the same file
        }
    )
    try:
        from matplotlib_inline.backend_inline import set_matplotlib_formats

        get_ipython()
    except (ImportError, NameError):
        return  # not in a notebook
    set_matplotlib_formats("svg")


def label_lines(ax: Axes) -> None:
    """Write each line's label at its end, in its colour: no legend to look up.

    The end is the last point inside the axes' limits. Labels that would overlap are moved apart. Lines
    without a label of their own are left alone.

    Args:
        ax: Axes whose lines were drawn with `label=...`, and whose limits are final.
    """
    (left, right), (bottom, top) = sorted(ax.get_xlim()), sorted(ax.get_ylim())
    ends = []
    for line in ax.get_lines():
        x, y = line.get_xydata().T
        (inside,) = np.nonzero((left <= x) & (x <= right) & (bottom <= y) & (y <= top))
        if len(inside) and not line.get_label().startswith("_"):
            end = line.get_xydata()[inside[-1]]
            ends.append((ax.transData.transform(end)[1] * 72 / ax.figure.dpi, tuple(end), line))
    height, lowest = plt.rcParams["font.size"] * 1.2, -np.inf  # points
    for y, end, line in sorted(ends, key=lambda item: item[0]):
        lowest = max(y, lowest + height)
        ax.annotate(
            line.get_label(),
            end,
            xytext=(6, lowest - y),
            textcoords="offset points",
            color=line.get_color(),
            va="center",
            annotation_clip=False,
        )


def plain_ticks(ax: Axes, x: Sequence[float] = (), y: Sequence[float] = ()) -> None:
    """Put ticks at these values, labelled with plain numbers: for logarithmic axes of a short range."""
    for axis, values in ((ax.xaxis, x), (ax.yaxis, y)):
        if len(values):
            axis.set_ticks(values, [f"{value:g}" for value in values])
            axis.set_ticks([], minor=True)


def image_grid(images: "Tensor", titles: "Sequence[object] | Tensor | None" = None, columns: int = 8) -> None:
    """Show images side by side, pixel by pixel, as a new figure.

    Args:
        images: (N, C, H, W) in [0, 1]; C is 1 (grey) or 3 (colour).
        titles: N short texts or numbers, each shown above its image.
        columns: Images in a row.

    Raises:
        ValueError: The images have another shape, or there is not one title for each.
    """
    if images.ndim != 4 or images.shape[1] not in (1, 3) or len(images) == 0:
        raise ValueError(f"images must be (N, 1 or 3, H, W), not {tuple(images.shape)}")
    if titles is not None and len(titles) != len(images):
        raise ValueError(f"{len(titles)} titles for {len(images)} images")
    N, _, H, W = images.shape
    columns = min(columns, N)
    rows = -(-N // columns)
    labels = [""] * N if titles is None else [str(title) for title in np.asarray(titles)]
    width = columns * (W + W // 8)
    inches = min(6.0, 0.75 * columns)
    # A line of a title is 12 points high; the images' gap is an eighth of their side.
    gap_y = H // 8 + math.ceil(
        12 * max(label.count("\n") + bool(label) for label in labels) * width / (72 * inches)
    )
    # All images in one, red, green, blue and opacity: the gaps are transparent.
    canvas = np.zeros((rows * (H + gap_y), width, 4), dtype=np.float32)
    _, ax = plt.subplots(figsize=(inches, inches * len(canvas) / width))
    for i, image in enumerate(images.detach().cpu().clamp(0, 1)):
        top, left = i // columns * (H + gap_y) + gap_y, i % columns * (W + W // 8)
        tile = canvas[top : top + H, left : left + W]
        tile[..., :3] = image.permute(1, 2, 0)  # (H, W, C): grey is all three colours
        tile[..., 3] = 1
        ax.text(left + W / 2 - 0.5, top - 0.5, labels[i], ha="center", va="bottom", fontsize=9)
    # An interpolation of "none" keeps the pixels as they are in an SVG.
    ax.imshow(canvas, interpolation="none")
    ax.axis("off")


def count_matrix(counts: "Tensor", names: Sequence[str], x_title: str, y_title: str) -> None:
    """Show a square table of counts, such as a confusion matrix, as a new figure; zeros are left blank.

    Args:
        counts: (K, K) whole numbers, not negative; rows run down, columns to the right.
        names: The K classes.
        x_title: What the columns are, for instance "predicted".
        y_title: What the rows are, for instance "true".

    Raises:
        ValueError: There is not one name for each row and column.
    """
    table = np.asarray(counts.cpu())
    K = len(names)
    if table.shape != (K, K):
        raise ValueError(f"counts must be ({K}, {K}) for {K} names, not {table.shape}")
    size = 1 + 0.34 * K  # inches
    _, ax = plt.subplots(figsize=(size, size))
    for row, column in np.argwhere(table):
        # Light enough for the number to stay readable on it.
        strength = 0.1 + 0.35 * table[row, column] / table.max()
        corner = (column - 0.5, row - 0.5)
        ax.add_patch(plt.Rectangle(corner, 1, 1, color=COLORS["blue"], alpha=strength, linewidth=0))
        ax.text(column, row, table[row, column], ha="center", va="center", fontsize="small")
    ax.set(xlim=(-0.5, K - 0.5), ylim=(K - 0.5, -0.5), xlabel=x_title, ylabel=y_title, aspect="equal")
    ax.set_xticks(range(K), names)
    ax.set_yticks(range(K), names)
    ax.tick_params(length=0)
    ax.grid(visible=False)
