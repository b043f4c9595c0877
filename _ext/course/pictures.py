"""Small pictures from the chapters' figures: their lines, points and images, without axes and words.

A picture shows the figure as it was drawn when the book was built, in the colours of the reader's theme, and
weighs a few KB.
"""

import base64
import io
import re
from xml.etree import ElementTree

from PIL import Image

from course.figures import follow_theme

SVG, LINK = "{http://www.w3.org/2000/svg}", "{http://www.w3.org/1999/xlink}href"
WORDS = re.compile(r"matplotlib\.axis|text|legend")  # how the ids of groups begin that a picture leaves out
COLORS = 24  # of an image
SIDE = 112  # px, the longest side of an image


def picture(svg: str, panel: int, prefix: str) -> str:
    """Turn one of matplotlib's figures into a small picture.

    Args:
        svg: The file, as matplotlib writes it.
        panel: Which of the figure's axes to take, from 1.
        prefix: Goes before every id, as ids must be unique on the page.

    Returns:
        An `<svg>`; its class is `photo` if it holds an image, which may be cropped, else `marks`.

    Raises:
        ValueError: The figure has no such panel.
    """
    root = ElementTree.fromstring(svg[svg.index("<svg") :])
    panels = [group for group in root.iter(f"{SVG}g") if re.fullmatch(r"axes_\d+", group.get("id", ""))]
    if not 1 <= panel <= len(panels):
        raise ValueError(f"it has {len(panels)} panels, and panel {panel} was asked for")
    axes = panels[panel - 1]
    left, top, width, height = box(root, axes)
    parents = {child: parent for parent in axes.iter() for child in parent}
    for element in list(axes.iter()):
        if element in parents and (WORDS.match(element.get("id", "")) or is_frame(element)):
            parents[element].remove(element)
    used = {element.get(LINK, "")[1:] for element in axes.iter(f"{SVG}use")}
    here = {element.get("id") for element in axes.iter()}
    shared = [element for element in root.iter() if element.get("id") in used - here]  # with another panel
    images = list(axes.iter(f"{SVG}image"))
    for element in axes.iter():
        element.attrib.pop("clip-path", None)
        if element.get("id") not in used:
            element.attrib.pop("id", None)
    for image in images:
        image.set(LINK, smaller(image.get(LINK)))
    body = "".join(map(written, axes))
    if shared:
        body = f"<defs>{''.join(map(written, shared))}</defs>{body}"
    body = re.sub(r'(\bid="|href="#)', rf"\g<1>{prefix}", body)
    kind = "photo" if images else "marks"
    fit = "slice" if images else "meet"
    return (
        f'<svg class="{kind}" viewBox="{left:.0f} {top:.0f} {width:.0f} {height:.0f}"'
        f' preserveAspectRatio="xMidYMid {fit}" aria-hidden="true">{follow_theme(body)}</svg>'
    )


def box(root: ElementTree.Element, axes: ElementTree.Element) -> tuple[float, float, float, float]:
    """Return the left and upper edge, the width and the height of axes: what is drawn in them ends there."""
    clipped = re.search(r'clip-path="url\(#(\w+)\)"', ElementTree.tostring(axes, encoding="unicode"))
    if clipped:
        for clip in root.iter(f"{SVG}clipPath"):
            area = clip.find(f"{SVG}rect")
            if clip.get("id") == clipped[1] and area is not None:
                return tuple(float(area.get(name)) for name in ("x", "y", "width", "height"))
    outline = next(axes.iter(f"{SVG}path")).get("d")  # what lies behind everything in the axes
    numbers = list(map(float, re.findall(r"-?[\d.]+", outline)))
    xs, ys = numbers[::2], numbers[1::2]
    return min(xs), min(ys), max(xs) - min(xs), max(ys) - min(ys)


def is_frame(element: ElementTree.Element) -> bool:
    """Tell whether a group is the paper behind the axes, or one of the lines around them."""
    paths = element.findall(f"{SVG}path")
    style = paths[0].get("style", "") if len(paths) == 1 else ""
    if not element.get("id", "").startswith("patch_"):
        return False
    return "fill: #fefefe" in style or ("fill: none" in style and "stroke-linecap: square" in style)


def smaller(address: str) -> str:
    """Return an image's data URL with fewer pixels, if it has many, and fewer colours."""
    image = Image.open(io.BytesIO(base64.b64decode(address.partition(",")[2]))).convert("RGBA")
    if max(image.size) > SIDE:
        image.thumbnail((SIDE, SIDE))
    file = io.BytesIO()
    image.quantize(COLORS, Image.Quantize.FASTOCTREE).save(file, "PNG", optimize=True)
    return f"data:image/png;base64,{base64.b64encode(file.getvalue()).decode()}"


def written(element: ElementTree.Element) -> str:
    """Write an element as HTML: without namespaces, with one digit after the point, without empty groups."""
    tag = element.tag.removeprefix(SVG)
    inner = "".join(map(written, element))
    if tag == "g" and not inner:
        return ""
    attributes = ""
    for name, value in element.attrib.items():
        if name not in (LINK, "transform"):
            value = re.sub(r"\s+", " ", re.sub(r"(\.\d)\d+", r"\1", value)).strip()
        attributes += f' {"href" if name == LINK else name}="{value}"'
    return f"<{tag}{attributes}>{inner}</{tag}>"
