"""Shortened code leaves its long loops early, and goes on where its claims fail."""

from functools import partial

import pytest
import torch
from pretended_gpu import pretended_gpu
from shortened import Work, shortened


@pytest.mark.parametrize(
    ("loop", "turns"),
    [
        ("for i in range(50): note(i); (w * w).backward()", 2),
        ("for i in [1, 2, 3]: note(i); (w * w).backward()", 3),
        ("for i in range(50): note(i)", 50),
        ("for i in range(50): note(i); [w + k for k in range(300)]", 2),
        ("for _ in range(50): note(w + 1)", 2),
        ("for _ in range(50): note(1)", 50),
        ("while True: note(1); (w * w).backward()", 2),
        ("for i in range(3):\n    note(i)\n    for k in range(50): (w * w).backward()", 3),
    ],
)
def test_a_loop_is_left(loop, turns):
    work, noted = Work(), []
    with pytest.MonkeyPatch.context() as patch, pretended_gpu(work.notice):
        patch.setattr(torch.autograd, "backward", partial(work.train, torch.autograd.backward))
        scope = {"w": torch.ones((), device="cuda", requires_grad=True), "note": noted.append, **work.names()}
        exec(shortened(loop, "loop"), scope)
    assert len(noted) == turns


def test_claims_may_fail():
    exec(shortened("assert False\nreport(a=1 / 0)", "claims"), Work().names())
    with pytest.raises(RuntimeError, match="device"):
        exec(shortened("assert fail()", "claims"), {"fail": fail, **Work().names()})


def fail():
    raise RuntimeError("tensors on two devices")
