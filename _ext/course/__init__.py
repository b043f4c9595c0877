"""The site's own Sphinx extension: figures, formulas, components, and repairs of the theme."""

import hashlib
from pathlib import Path

from sphinx.application import Sphinx
from sphinx.util.typing import ExtensionMetadata

HERE = Path(__file__).parent
STATIC = HERE.parents[1] / "_static"
PARTS = (
    *(
        "words",
        "pages",
        "bookkeeping",
        "components",
        "deeper",
        "figures",
        "formulas",
        "interview",
        "live",
        "plain",
    ),
    *("progress", "search", "seeds", "sessions", "theme", "timeline", "translation", "week"),
)


def setup(app: Sphinx) -> ExtensionMetadata:
    """Register all parts of the extension with Sphinx."""
    app.connect("build-finished", forget_failed_build)
    for part in PARTS:
        app.setup_extension(f"course.{part}")
    return {
        "version": "1",
        "env_version": own_digest(app.config.course_words),
        "parallel_read_safe": True,
        "parallel_write_safe": True,
    }


def own_digest(words: str) -> int:
    """Return a number that changes with the extension, style sheets and words, so that Sphinx rebuilds all.

    Sphinx 7.4 by itself does not even copy them unless some page's text has changed.
    """
    digest = hashlib.sha256()
    for path in [*sorted([*HERE.rglob("*.*"), *STATIC.rglob("*.*")]), Path(words)]:
        if path.is_file() and path.suffix != ".pyc":
            digest.update(path.read_bytes())
    return int(digest.hexdigest()[:8], 16)


def forget_failed_build(app: Sphinx, exception: Exception | None) -> None:
    """Forget a build with warnings, so that the next build shows them again.

    Sphinx 7.4 warns when it reads or writes a page, then remembers the page as done: without this,
    `jb build -W --keep-going` fails once, and passes when run again.
    """
    if app._warncount:
        Path(app.doctreedir, "environment.pickle").unlink(missing_ok=True)
