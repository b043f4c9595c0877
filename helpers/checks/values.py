"""What probes are made of: run a learner's code, and describe whatever it returns in plain values."""

import json
import linecache
import math
import reprlib
import textwrap
import traceback
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from types import SimpleNamespace
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

Json = dict[str, Any]  # only what JSON can hold
MOST_NUMBERS = 10_000  # larger tensors are described without their elements
CPU = torch.device("cpu")
SHORT = reprlib.Repr()
SHORT.maxlevel = 1  # only the outermost of nested lists


@contextmanager
def clean_state() -> Iterator[None]:
    """Work in torch's default state, and restore all settings afterwards. It is also a decorator.

    Gradients are on, new tensors are float32 on the CPU, matrix products are in full precision, warnings stop
    nothing, and random numbers (torch, CPU) are the same every time.
    """
    dtype, debug_mode = torch.get_default_dtype(), torch.get_deterministic_debug_mode()
    matmul = getattr(
        torch.backends.mkldnn, "matmul", SimpleNamespace(fp32_precision="")
    )  # older torch has none
    precision = matmul.fp32_precision
    device = torch.get_default_device()
    elsewhere = device != CPU
    with (
        torch.inference_mode(False),
        torch.enable_grad(),
        torch.autocast("cpu", enabled=False),
        torch.autograd.set_detect_anomaly(False),
        CPU if elsewhere else nullcontext(),  # when not needed, it would only break `as_tensor(x)` on meta
        torch.random.fork_rng(devices=[]),
        warnings.catch_warnings(action="ignore"),
    ):
        torch.default_generator.manual_seed(0)
        try:
            torch.set_default_dtype(torch.float32)
            torch.set_deterministic_debug_mode("default")
            matmul.fp32_precision = "ieee"
            yield
        finally:
            torch.set_default_dtype(dtype)
            torch.set_deterministic_debug_mode(debug_mode)
            matmul.fp32_precision = precision


def normal(*shape: int, seed: int = 0) -> Tensor:
    """Return a tensor of normal random numbers, always the same for a given shape and seed."""
    return torch.randn(shape, generator=torch.Generator().manual_seed(seed))


# Settings of torch that outlast a call: how to read and how to write them.
SETTINGS: dict[str, tuple[Callable[[], Any], Callable[[Any], Any]]] = {
    "gradients": (torch.is_grad_enabled, torch.set_grad_enabled),
    "dtype": (torch.get_default_dtype, torch.set_default_dtype),
    "device": (torch.get_default_device, lambda device: torch.set_default_device(None)),
    "threads": (torch.get_num_threads, torch.set_num_threads),
}
settings_left: dict[str, str] = {}  # what calls of `attempt` have left, by setting


def attempt(function: Any, *args: Any) -> tuple[Any, Json]:
    """Run a learner's code. Return its value (None if it raised), and describe the value or exception.

    Settings of torch that the code changes are set back, and kept in `settings_left`.
    """
    value, seen = safely(function, *args)
    return value, seen or describe(value)


def safely(function: Any, *args: Any) -> tuple[Any, Json]:
    """Do the same, but describe only an exception."""
    before = {name: read() for name, (read, _) in SETTINGS.items()}
    try:
        if not callable(function):
            kind = type(function).__name__
            raise TypeError(f"the answer is not a function or class, but of type {kind}")
        return function(*args), {}
    except (Exception, SystemExit) as error:
        return None, _describe_error(error)
    finally:
        for name, (read, write) in SETTINGS.items():
            if (left := read()) != before[name]:
                settings_left[name] = str(left)
                write(before[name])


def make_model(answer: Any, *args: Any) -> tuple[Any, Json]:
    """Make a model from a learner's class. Return it, and what `expect_model` needs."""
    model, made = attempt(answer, *args)
    return model, {
        "is_model": attempt(isinstance, answer, nn.Module)[0],
        "made": made,
        "makes_modules": attempt(isinstance, model, nn.Module)[0],
    }


def describe(value: Any) -> Json:
    """Return the type of any value, and as much of its contents as judges need and JSON can hold."""
    seen = {"type": type(value).__name__}
    try:
        with torch._C.DisableTorchFunction():  # whoever records what an answer uses does not see this
            contents = _contents(value)
        if "numbers" not in contents:
            json.dumps(contents, allow_nan=False)
    except Exception:  # an answer may do anything when inspected
        return seen | {"shown": "something that cannot be shown"}
    return seen | contents


def describe_parts(value: Any) -> Json:
    """Return whether a value is a tuple or list, and describe its first five items."""
    several = attempt(isinstance, value, tuple | list)[0]
    parts, _ = attempt(lambda: list(value)[:5]) if several else ((), None)
    return {"several": bool(several), "parts": [describe(part) for part in parts or ()]}


def _contents(value: Any) -> Json:
    if isinstance(value, np.generic):  # a NumPy number
        value = value.item()
    if value is None or isinstance(value, (bool, int, str)):
        return {"value": value}
    if isinstance(value, float):
        return {"value": _number(value)}
    if not isinstance(value, Tensor):
        return {"shown": SHORT.repr(value)}
    seen = {
        "shape": list(value.shape),
        "dtype": str(value.dtype).removeprefix("torch."),
        "device": value.device.type,
        "requires_grad": value.requires_grad,
    }
    if value.device.type != "meta" and value.numel() <= MOST_NUMBERS:
        seen["numbers"] = [_number(number) for number in value.detach().flatten().tolist()]
    return seen


def _number(number: float) -> float | str:
    # JSON has no nan; float() reads both forms.
    return number if math.isfinite(number) else str(number)


def _describe_error(error: BaseException) -> Json:
    text = "".join(traceback.format_exception_only(error))
    seen = {"raised": textwrap.shorten(text, 400, placeholder=" ...")}
    outermost = ""
    for frame, number in traceback.walk_tb(error.__traceback__):
        # A notebook's cells have this name, so the frame is the learner's own.
        if frame.f_globals.get("__name__") == "__main__":
            code = linecache.getline(frame.f_code.co_filename, number).strip()
            function = frame.f_code.co_name
            outermost = outermost or function
            # An answer may call the learner's other functions, even from other cells.
            inner = function != outermost and not function.startswith("<")
            place = f"in `{function}`, line" if inner else "line"
            seen |= {"function": function, "line": f"{place} {number} of the cell: {code}", "called": ""}
        elif seen.get("called") == "":
            seen["called"] = frame.f_code.co_qualname
    return seen


def numbers(seen: Json) -> Tensor:
    """Return a described tensor as a float64 tensor of the same shape, with nan for unknown numbers."""
    if "numbers" not in seen:
        return torch.full(seen["shape"], math.nan, dtype=torch.float64)
    return torch.tensor([float(n) for n in seen["numbers"]], dtype=torch.float64).reshape(seen["shape"])


def number(seen: Json) -> Any:
    """Return the number in a described value, plain or in a tensor, or None."""
    if seen.get("shape") == [] and "numbers" in seen:
        return seen["numbers"][0]
    return seen.get("value")


def agree(answer: Any, wanted: float) -> bool:
    """Return whether two counts, or two fractions of different precision, are the same."""
    return answer == wanted or (isinstance(answer, float) and math.isclose(answer, wanted, rel_tol=1e-3))


def same(a: Tensor, b: Tensor) -> bool:
    """Return whether shapes and numbers agree, up to a different order of summation."""
    return a.shape == b.shape and torch.allclose(a.double(), b.double(), rtol=1e-4, atol=1e-5)


def say(seen: Json) -> str:
    """Put a description into words."""
    if seen["type"] == "NoneType":
        return "None"
    if "shape" in seen:
        kind = "" if seen["dtype"].startswith("float") else f" and dtype {seen['dtype']}"
        holds = "" if seen["shape"] or "numbers" not in seen else f" that holds {seen['numbers'][0]}"
        return f"a tensor of shape {tuple(seen['shape'])}{kind}{holds}"
    shown = seen["shown"] if "shown" in seen else SHORT.repr(seen["value"])
    return (
        f"something of type {seen['type']}" if shown.startswith("<") else f"{shown} (of type {seen['type']})"
    )


def say_numbers(row: Tensor, form: str = ".2f") -> str:
    """Return a tensor's numbers, or the first of them, for comparison by eye."""
    texts = [f"{number:{form}}" for number in row.flatten().tolist()]
    return f"{', '.join(texts[:8])}{' ...' if len(texts) > 8 else ''}"


def say_row(table: Tensor) -> str:
    """Return a table's first row, or its beginning, for comparison by eye."""
    return f"first row {say_numbers(torch.atleast_2d(table)[:1])}"


def probe_score(score: Any) -> Json:
    """Return what `judge_score` needs: a trained model's score, at most 1."""
    return {"score": describe(score)}


def probe_accuracy(accuracy: Any, dataset: Any) -> Json:
    """Return what `judge_accuracy` needs: the accuracy a trained model reached, and on which data."""
    return {"accuracy": describe(accuracy), "dataset": describe(dataset)}
