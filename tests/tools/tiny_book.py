"""A book of a few small notebooks, for testing the tools."""

from pathlib import Path

import nbformat
from nbformat import v4

KERNEL = {"name": "python3", "display_name": "Python 3", "language": "python"}


def write_notebook(path: Path, *sources: str, text: str = "Words.") -> None:
    """Write a notebook: a title, then a code cell for each source, named cell-0, cell-1, ..."""
    cells = [v4.new_markdown_cell(f"# {path.stem}\n\n{text}", id="title")]
    cells += [v4.new_code_cell(source, id=f"cell-{i}") for i, source in enumerate(sources)]
    path.parent.mkdir(exist_ok=True)
    nbformat.write(v4.new_notebook(cells=cells, metadata={"kernelspec": KERNEL}), path)


def write_book(root: Path, **chapters: list[str]) -> None:
    """Write a book with a notebook per chapter, and three helpers, of which `one` imports `two`."""
    (root / "helpers").mkdir()
    (root / "helpers" / "__init__.py").touch()
    (root / "helpers" / "one.py").write_text("from helpers.two import NUMBER\n")
    (root / "helpers" / "two.py").write_text("NUMBER = 2\n")
    (root / "helpers" / "three.py").write_text("NUMBER = 3\n")
    (root / "requirements.txt").write_text("torch==2.14.1\n")
    execution = "{execute_notebooks: cache, timeout: 600, raise_on_error: true, exclude_patterns: [drafts/*]}"
    (root / "_config.yml").write_text(
        f"title: Tiny\nauthor: Nobody\nonly_build_toc_files: true\nexecute: {execution}\n"
    )
    for name, sources in chapters.items():
        write_notebook(root / "chapters" / f"{name}.ipynb", *sources)
    files = "".join(f"  - file: chapters/{name}\n" for name in chapters)
    (root / "_toc.yml").write_text(f"format: jb-book\nroot: index\nchapters:\n{files}")
    (root / "index.md").write_text("# Tiny\n\nWords.\n")
