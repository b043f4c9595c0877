"""A page that has live figures and nothing else."""

from collections.abc import Callable
from pathlib import Path

from course.live import data_script, live_html

from helpers import live

ROOT = Path(__file__).parents[2]
START = (
    '<!doctype html><html lang="en" data-theme="light"><meta charset="utf-8"><title>Live</title>'
    '<meta name="viewport" content="width=device-width"><link rel="icon" href="data:,">'
    '<link rel="stylesheet" href="course.css"><link rel="stylesheet" href="components.css">'
    '<script defer src="keep.js"></script><script defer src="live.js"></script><main>'
)


def bundles(show: Callable[[], None]) -> list[dict]:
    """Return what the figures that a function shows put out, in their order."""
    shown: list[dict] = []
    publish, live.publish_display_data = live.publish_display_data, shown.append
    try:
        show()
    finally:
        live.publish_display_data = publish
    return shown


def figures(show: Callable[[], None]) -> list[dict]:
    """Return what the site gets of the figures that a function shows."""
    return [bundle[live.MIME] for bundle in bundles(show)]


def write_page(folder: Path, contents: list[dict], end: str = "") -> str:
    """Write a page with figures below one another, and all it needs, into a folder; return its address."""
    assets = ROOT / "_ext" / "course" / "assets"
    scripts = [assets / "keep.js", assets / "interpreter.js", *assets.glob("live*.js")]
    for path in [*scripts, *(ROOT / "_static").glob("co*.css")]:
        (folder / path.name).symlink_to(path)
    (folder / "live").mkdir()
    boxes = ""
    for i, content in enumerate(contents):
        (folder / "live" / f"figure-{i}.js").write_text(data_script(content, f"figure-{i}"), "utf-8")
        boxes += live_html(content, "In words.", f"c{i}-", f"figure-{i}")
    (folder / "index.html").write_text(START + boxes + end, "utf-8")
    return (folder / "index.html").as_uri()
