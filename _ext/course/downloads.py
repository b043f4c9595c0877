"""What learners can download: each assignment, and an archive with all of them and what they need.

Solutions are in it for `check.TASK.solution()`.

The archive holds the helpers as a wheel, built offline by the locked build backend.
"""

import html
import os
import shutil
import subprocess
import sys
import tempfile
import zipfile
from pathlib import Path

from sphinx.application import Sphinx
from sphinx.util import logging
from sphinx.util.osutil import relative_uri

from course.words import _, whole

ARCHIVE = "downloads/week-of-deep-learning.zip"
NO_REPOSITORY = "https://github.com/executablebooks/jupyter-book"  # Jupyter Book's default
FIXED_DATE = "315532800"  # 1 January 1980, in s: with one date for all files, the archive is reproducible
WHEEL_SOURCES = ("pyproject.toml", "LICENSE", "helpers", "_ext/course/assets", "_static")
BUILD_WHEEL = "import setuptools.build_meta as backend; backend.build_wheel('.')"
HOW_TO_START = """\
A Week of Deep Learning: the assignments

You need Python 3.11 or newer. Open a terminal in this folder. On Linux and macOS:

    python3 -m venv .venv
    .venv/bin/python -m pip install jupyterlab assignments/{wheel}
    .venv/bin/python -m jupyter lab assignments

On Windows:

    py -m venv .venv
    .venv\\Scripts\\python -m pip install jupyterlab assignments\\{wheel}
    .venv\\Scripts\\python -m jupyter lab assignments

On Linux, torch comes with CUDA, some 5 GB. For the CPU-only build (1 GB), install torch right after the first
command: pytorch.org/get-started shows how, for "Pip" and "CPU". Put .venv/bin/python -m in front of it.

In VS Code, open this folder, choose .venv as the kernel, and agree if it wants to install ipykernel.

In Colab, open an assignment, upload assignments/{wheel}
(folder symbol on the left), and run this in a cell of its own first. It leaves an installed torch as it is:

    %pip install {wheel}

The assignments need no network then. Do them in this order: {order}. Each explains its tasks and
checks your answers; look into the solutions only afterwards.

The code is under the MIT license, see LICENSE; the text is under CC BY 4.0.
"""

logger = logging.getLogger(__name__)


def repository(app: Sphinx) -> str:
    """Return the address of the book's repository, if `_config.yml` names it."""
    address = app.config.html_theme_options.get("repository_url", "").rstrip("/")
    return "" if address == NO_REPOSITORY else address


def links(app: Sphinx, docname: str) -> str:
    """Return the list of links on an assignment's page to download or launch it.

    Notebook services are linked if `_config.yml` names the repository they should use.
    """
    target = app.builder.get_target_uri(docname)
    notebook, archive = (relative_uri(target, path) for path in (f"_sources/{docname}.ipynb", ARCHIVE))
    items = [
        f'<a href="{notebook}" download>{_("Download this notebook")}</a>',
        f'<a href="{archive}" download>{_("Download all assignments, with what they need")}</a>',
    ]
    note = ""
    options = app.config.html_theme_options
    if home := repository(app):
        owner_and_name = home.removeprefix("https://github.com/")
        folder = "/".join(filter(None, [options.get("path_to_docs", "").strip("/"), docname]))
        path = f"{owner_and_name}/blob/{options.get('repository_branch') or 'main'}/{folder}.ipynb"
        for service, address in {
            "Colab": f"https://colab.research.google.com/github/{path}",
            "Kaggle": f"https://kaggle.com/kernels/welcome?src=https://github.com/{path}",
        }.items():
            items.append(f'<a href="{html.escape(address)}">{_("Open in {}", service)}</a>')
        install = f"%pip install git+{html.escape(home)}"
        first = _("In Colab and Kaggle, run this in a cell of its own first: {}", f"<code>{install}</code>")
        note = f"<p>{first}</p>"
    listed = "".join(f"<li>{item}</li>" for item in items)
    return f'<div class="downloads"><ul>{listed}</ul>{note}</div>'


def build_wheel(root: Path, folder: Path) -> Path:
    """Build a wheel of the helpers.

    Args:
        root: The project's folder; nothing is written to it.
        folder: An empty folder to build in.

    Raises:
        subprocess.CalledProcessError: The build failed; its `stderr` says why.
    """
    for name in WHEEL_SOURCES:
        if (root / name).is_dir():
            shutil.copytree(root / name, folder / name, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copy(root / name, folder)
    subprocess.run(
        [sys.executable, "-c", BUILD_WHEEL],
        cwd=folder,
        env=os.environ | {"SOURCE_DATE_EPOCH": FIXED_DATE},
        capture_output=True,
        encoding="utf-8",
        check=True,
    )
    return next(folder.glob("*.whl"))


def write_archive(app: Sphinx, assignments: list[str]) -> None:
    """Write the archive into the site."""
    root = Path(app.srcdir)
    with tempfile.TemporaryDirectory() as folder:
        try:
            wheel = build_wheel(root, Path(folder))
        except subprocess.CalledProcessError as error:
            logger.warning("The wheel of the helpers was not built:\n%s", error.stderr)
            return
        solutions = [name.replace("assignments", "solutions", 1) for name in assignments]
        files = [root / f"{name}.ipynb" for name in (*assignments, *solutions)]
        content = {file.relative_to(root).as_posix(): file.read_bytes() for file in files if file.is_file()}
        content[f"assignments/{wheel.name}"] = wheel.read_bytes()  # where notebooks find it
    content["LICENSE"] = (root / "LICENSE").read_bytes()
    order = ", ".join(name.rpartition("/")[2] for name in assignments)
    content["START.txt"] = whole("start", HOW_TO_START).format(wheel=wheel.name, order=order).encode()
    archive = Path(app.outdir, ARCHIVE)
    archive.parent.mkdir(exist_ok=True)
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED) as file:
        for name, data in content.items():
            entry = zipfile.ZipInfo(f"week-of-deep-learning/{name}")
            entry.external_attr = 0o644 << 16  # readable by all; the default is the owner only
            file.writestr(entry, data, zipfile.ZIP_DEFLATED)
