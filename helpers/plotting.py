"""One style for all figures, readable on light and dark pages.

Call `use_style()` once, in the notebook's import cell. In a notebook the figures are dark on light paper.
On the site their colours follow the reader's theme: `_static/course.css` has a light and a dark value for
each colour below. `helpers.interactive` does the same for plotly.
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
# Colour-blind readers can tell them apart, and each is legible as text on paper (contrast 4.5 or more).
COLORS = {"blue": "#0072b2", "orange": "#c04a00", "green": "#00795c", "purple": "#7a1f6e", "grey": "#6b7280"}


def use_style() -> None:
    """Replace the user's matplotlib style with the course's; in notebooks, draw as SVG."""
    plt.rcdefaults()
    plt.rcParams.update(
        {
            # inches: 460 px on the site, so a phone hardly shrinks the text
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
            "svg.fonttype": "none",  # text stays text: selectable, and in the page's font
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
    """Write each line's label at its end, in its colour, so that no legend is needed.

    The end is the last point inside the axes' limits. Labels that would overlap are moved apart. Lines
    without a label are skipped.

    Args:
        ax: Axes with final limits, whose lines were drawn with `label=...`.
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
    """Put ticks at these values, labelled with plain numbers: for logarithmic axes with a short range."""
    for axis, values in ((ax.xaxis, x), (ax.yaxis, y)):
        if len(values):
            axis.set_ticks(values, [f"{value:g}" for value in values])
            axis.set_ticks([], minor=True)


def grid_shape(images: "Tensor", titles: "Sequence[object] | Tensor | None", columns: int) -> tuple[int, int]:
    """Return the rows and columns that show images side by side.

    Args:
        images: (N, C, H, W); C is 1 (grey) or 3 (colour).
        titles: One for each image, or None.
        columns: Most images in a row.

    Raises:
        ValueError: There are no images, their shape is wrong, or the number of titles differs.
    """
    if images.ndim != 4 or images.shape[1] not in (1, 3) or len(images) == 0:
        raise ValueError(f"images must be (N, 1 or 3, H, W), not {tuple(images.shape)}")
    if titles is not None and len(titles) != len(images):
        raise ValueError(f"{len(titles)} titles for {len(images)} images")
    columns = min(columns, len(images))
    return -(-len(images) // columns), columns


def image_grid(images: "Tensor", titles: "Sequence[object] | Tensor | None" = None, columns: int = 8) -> None:
    """Show images side by side, pixel by pixel, in a new figure.

    Args:
        images: (N, C, H, W) in [0, 1]; C is 1 (grey) or 3 (colour).
        titles: N short texts or numbers, each shown above its image.
        columns: Images per row.

    Raises:
        ValueError: There are no images, their shape is wrong, or the number of titles differs.
    """
    rows, columns = grid_shape(images, titles, columns)
    N, _, H, W = images.shape
    labels = [""] * N if titles is None else [str(title) for title in np.asarray(titles)]
    width = columns * (W + W // 8)
    inches = min(6.0, 0.75 * columns)
    # A line of a title is 12 points high; the gap between images is an eighth of their side.
    gap_y = H // 8 + math.ceil(
        12 * max(label.count("\n") + bool(label) for label in labels) * width / (72 * inches)
    )
    # One image for all, in red, green, blue and opacity: the gaps are transparent.
    canvas = np.zeros((rows * (H + gap_y), width, 4), dtype=np.float32)
    _, ax = plt.subplots(figsize=(inches, inches * len(canvas) / width))
    for i, image in enumerate(images.detach().cpu().clamp(0, 1)):
        top, left = i // columns * (H + gap_y) + gap_y, i % columns * (W + W // 8)
        tile = canvas[top : top + H, left : left + W]
        tile[..., :3] = image.permute(1, 2, 0)  # (H, W, C): grey is all three colours
        tile[..., 3] = 1
        ax.text(left + W / 2 - 0.5, top - 0.5, labels[i], ha="center", va="bottom", fontsize=9)
    # Interpolation "none" keeps the pixels as they are in an SVG.
    ax.imshow(canvas, interpolation="none")
    ax.axis("off")


def count_matrix(counts: "Tensor", names: Sequence[str], x_title: str, y_title: str) -> None:
    """Show a square table of counts, such as a confusion matrix, in a new figure; zeros stay blank.

    Args:
        counts: (K, K) whole numbers, 0 or more; row 0 is at the top.
        names: Names of the K classes.
        x_title: What the columns are, such as "predicted".
        y_title: What the rows are, such as "true".

    Raises:
        ValueError: The table is not square, or the number of names differs.
    """
    table = np.asarray(counts.cpu())
    K = len(names)
    if table.shape != (K, K):
        raise ValueError(f"counts must be ({K}, {K}) for {K} names, not {table.shape}")
    size = 1 + 0.34 * K  # inches
    _, ax = plt.subplots(figsize=(size, size))
    for row, column in np.argwhere(table):
        # light enough for the number on it to stay readable
        strength = 0.1 + 0.35 * table[row, column] / table.max()
        corner = (column - 0.5, row - 0.5)
        ax.add_patch(plt.Rectangle(corner, 1, 1, color=COLORS["blue"], alpha=strength, linewidth=0))
        ax.text(column, row, table[row, column], ha="center", va="center", fontsize="small")
    ax.set(xlim=(-0.5, K - 0.5), ylim=(K - 0.5, -0.5), xlabel=x_title, ylabel=y_title, aspect="equal")
    ax.set_xticks(range(K), names)
    ax.set_yticks(range(K), names)
    ax.tick_params(length=0)
    ax.grid(visible=False)
