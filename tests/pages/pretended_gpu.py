"""A GPU that is only pretended: its tensors are tensors of the CPU whose memory bears a mark.

All numbers are right, and what a GPU refuses is refused: tensors on two devices in one operation, the CPU's
random generator for numbers on the GPU, a NumPy array of a tensor on the GPU. What it does not know: events,
streams and generators of `torch.cuda`, numbers that differ in the last digits, and `new_tensor`, `type_as`.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from typing import Any

import pytest
import torch
from torch import Tensor
from torch.overrides import TorchFunctionMode
from torch.utils._python_dispatch import TorchDispatchMode

CPU, GPU = torch.device("cpu"), torch.device("cuda", 0)
aten = torch.ops.aten
# A tensor on the GPU takes indices on the CPU, but not the other way round. Of these arguments all are on
# one device. The last two stand for `index_put_` where torch believes that all is on the CPU.
INDEXED = {
    aten.index.Tensor: [0],
    aten.index_put_.default: [0, 2],
    aten.index_put.default: [0, 2],
    aten.index_fill_.int_Scalar: [0],
    aten.masked_fill_.Scalar: [0],
}
# The lengths of sequences are on the CPU in any case.
PACKED = {
    aten._pack_padded_sequence.default,
    aten._pack_padded_sequence_backward.default,
    aten._pad_packed_sequence.default,
}
plain_device, plain_to, plain_numpy = Tensor.device, Tensor.to, Tensor.numpy
plain_deepcopy, plain_parse_to = Tensor.__deepcopy__, torch._C._nn._parse_to


def on_gpu(x: Tensor) -> bool:
    """Say whether a tensor's memory is marked."""
    with torch._C.DisableTorchFunction():
        return getattr(x.untyped_storage(), "on_gpu", False)


def device_of(x: Tensor) -> torch.device:
    """Return the device that a tensor seems to be on."""
    return GPU if on_gpu(x) else plain_device.__get__(x)


def mark(x: Tensor, gpu: bool = True) -> Tensor:
    """Put a tensor on the GPU or on the CPU, with all that shares its memory."""
    with torch._C.DisableTorchFunction():
        x.untyped_storage().on_gpu = gpu
    return x


def tensors_in(values: Any) -> list[Tensor]:
    """Return the tensors in lists of lists."""
    found = []
    for value in values:
        if isinstance(value, Tensor):
            found.append(value)
        elif isinstance(value, list | tuple):
            found += tensors_in(value)
    return found


def place_of_work(func: torch._ops.OpOverload, args: tuple[Any, ...], tensors: list[Tensor]) -> torch.device:
    """Return the device on which an operation on tensors is done.

    Raises:
        RuntimeError: They are on two devices. A single number on the CPU may join others on the GPU.
    """
    gpu = [on_gpu(x) for x in tensors]
    if all(gpu) or not any(gpu):
        return GPU if all(gpu) else CPU
    if func is aten.copy_.default:
        return device_of(args[0])
    if func in INDEXED and gpu[0]:
        tensors = [args[i] for i in INDEXED[func]]
    if func in PACKED:
        tensors = [x for x in tensors if x.is_floating_point()]
    strays = [x for x in tensors if not on_gpu(x)]
    written = func._schema.is_mutable and not gpu[0]
    if written or any(x.dim() or func is aten.stack.default for x in strays):
        shapes = ", ".join(f"{tuple(x.shape)} on {device_of(x)}" for x in tensors)
        raise RuntimeError(
            "Expected all tensors to be on the same device, but found at least two devices, "
            f"{device_of(tensors[0])} and others! ({func}: {shapes})"
        )
    return GPU


class Calls(TorchFunctionMode):
    """Remembers with which arguments torch's functions were called that have not returned."""

    def __init__(self):
        super().__init__()
        self.arguments: list[Any] = []

    def __torch_function__(self, func, types, args=(), kwargs=None):
        kwargs = kwargs or {}
        self.arguments.append((args, kwargs))
        try:
            return func(*args, **kwargs)
        finally:
            self.arguments.pop()

    def have_tensors_on_gpu(self) -> bool:
        """Say whether a function was given one: then tensors that it makes inside are there, too."""
        return any(any(map(on_gpu, tensors_in((*a, *k.values())))) for a, k in self.arguments)


class Operations(TorchDispatchMode):
    """Does each operation on the CPU, and marks its results."""

    def __init__(self, calls: Calls, notice: Callable[[], None]):
        super().__init__()
        self.calls, self.notice = calls, notice

    def __torch_dispatch__(self, func, types, args=(), kwargs=None):
        kwargs = kwargs or {}
        given = (*args, *kwargs.values())
        if tensors := tensors_in(given):
            device = place_of_work(func, args, tensors)
        else:
            device = GPU if self.calls.have_tensors_on_gpu() else CPU
        asked = kwargs.get("device")
        if asked and asked.type == GPU.type:
            device, kwargs = GPU, {**kwargs, "device": CPU}
        if device == CPU:
            return func(*args, **kwargs)
        if any(isinstance(value, torch.Generator) for value in given):
            raise RuntimeError(f"Expected a 'cuda' device type for generator but found 'cpu' ({func})")
        if func in PACKED and any(on_gpu(x) and not x.is_floating_point() for x in tensors):
            raise RuntimeError(f"Lengths should be on the device cpu, but are on cuda:0 ({func})")
        self.notice()
        result = func(*args, **kwargs)
        for x in tensors_in([result]):
            if func not in PACKED or x.is_floating_point():
                mark(x)
        return result


class Move(torch.autograd.Function):
    """A copy on the other device, from which gradients come back."""

    @staticmethod
    def forward(ctx, x, to_gpu):
        ctx.to_gpu = to_gpu
        with torch._C.DisableTorchFunction():  # a parameter without a shape allows no function
            return mark(x.clone(), to_gpu)

    @staticmethod
    def backward(ctx, gradient):
        return Move.apply(gradient, not ctx.to_gpu), None


def parse_to(*args: Any, **kwargs: Any) -> tuple[Any, ...]:
    """Read the arguments of `to`, which may be a tensor that is on the GPU."""
    if args and isinstance(args[0], Tensor):
        args = args[0].device, args[0].dtype, *args[1:]
    return plain_parse_to(*args, **kwargs)


def to(x: Tensor, *args: Any, copy: bool = False, **kwargs: Any) -> Tensor:
    """Do what `Tensor.to` does."""
    device, dtype, *_ = parse_to(*args, **kwargs)
    if device and {device.type, x.device.type} == {CPU.type, GPU.type}:
        x = Move.apply(x, device.type == GPU.type)
    elif device and device.type != GPU.type:
        return plain_to(x, *args, copy=copy, **kwargs)
    return plain_to(x, dtype or x.dtype, copy=copy)


def numpy(x: Tensor, **kwargs: Any) -> Any:
    """Do what `Tensor.numpy` does."""
    if on_gpu(x):
        raise TypeError("can't convert cuda:0 device type tensor to numpy. Use Tensor.cpu() first.")
    return plain_numpy(x, **kwargs)


def deepcopy(x: Tensor, memo: dict[int, Any]) -> Tensor:
    """Do what `copy.deepcopy` does."""
    return mark(plain_deepcopy(x, memo), on_gpu(x))


def make(maker: Any, data: Any, *, device: Any = None, **kwargs: Any) -> Tensor:
    """Do what `torch.tensor` or `torch.as_tensor` does."""
    made = maker(data, **kwargs)
    return made.to(device) if device else made


@contextmanager
def pretended_gpu(notice: Callable[[], None] = lambda: None) -> Iterator[None]:
    """Pretend that there is a GPU; call `notice` at each operation there."""
    calls = Calls()
    with pytest.MonkeyPatch.context() as patch, calls, Operations(calls, notice):
        patch.setattr(Tensor, "device", property(device_of))
        patch.setattr(Tensor, "to", to)
        patch.setattr(Tensor, "cpu", lambda x: x.to(CPU))
        patch.setattr(Tensor, "cuda", lambda x: x.to(GPU))
        patch.setattr(Tensor, "numpy", numpy)
        patch.setattr(Tensor, "__deepcopy__", deepcopy)
        patch.setattr(torch, "tensor", partial(make, torch.tensor))
        patch.setattr(torch, "as_tensor", partial(make, torch.as_tensor))
        patch.setattr(torch._C._nn, "_parse_to", parse_to)
        patch.setattr(torch.backends.cudnn, "enabled", False)
        patch.setattr(torch.cuda, "_lazy_init", lambda: None)
        yield
