"""Numbers from a notebook's cells to its prose."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from IPython.core.interactiveshell import InteractiveShell
from myst_nb import glue
from myst_nb.core.variables import format_plain_text

import helpers.report
from helpers.report import report

Published = list[tuple[dict[str, Any], dict[str, Any]]]


@pytest.fixture
def published(monkeypatch: pytest.MonkeyPatch) -> Published:
    """Catch what `report` and MyST-NB's `glue` send to the notebook."""
    outputs: Published = []

    def publish(data: dict, metadata: dict, **_: Any) -> None:
        outputs.append((data, metadata))

    for module in ("helpers.report", "IPython.core.display_functions"):
        monkeypatch.setattr(f"{module}.publish_display_data", publish)
    return outputs


@pytest.mark.parametrize("value", [0.1 + 0.2, -1e-9, 3.0, 1_234_567, 0, float("inf")])
def test_report_publishes_what_glue_does(
    value: float, published: Published, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    report(some_name=value)
    monkeypatch.setenv("IPYTHONDIR", str(tmp_path))
    InteractiveShell.instance()  # `glue` needs it to format values
    try:
        glue("some_name", value, display=False)
    finally:
        InteractiveShell.clear_instance()
    ours, theirs = published
    shown = ours[0].pop("text/plain")
    assert ours == theirs and shown.startswith("some_name = ")
    assert ours[1]["scrapbook"]["name"] == "some_name"


def test_the_prose_reads_every_digit(published: Published) -> None:
    report(accuracy=0.98765, parameters=18_954)
    texts = [data[f"{helpers.report._PREFIX}text/plain"] for data, _ in published]
    assert format_plain_text(texts[0], ".1%") == "98.8%"
    assert format_plain_text(texts[1], "") == "18954"


def test_report_shows_each_number(published: Published) -> None:
    report(accuracy=0.98765, parameters=18_954)
    assert [data["text/plain"] for data, _ in published] == ["accuracy = 0.9877", "parameters = 18,954"]


@pytest.mark.parametrize("value", [True, "0.9", None, torch.tensor(0.9), np.float64(0.9), np.int64(3)])
def test_report_refuses_what_is_no_plain_number(value: Any, published: Published) -> None:
    """Not NumPy's either: the prose would say `np.float64(0.9)`."""
    with pytest.raises(TypeError, match=rf"report\(x=\.\.\.\).*{type(value).__name__}"):
        report(x=value)
    assert published == []
