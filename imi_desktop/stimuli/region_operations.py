"""Which operations of a traced network are local, and how far each of them reaches."""

from __future__ import annotations

import math
import operator
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import torch
from timm.layers import Conv2dSame
from torch import fx, nn
from torch.nn import functional
from torch.nn.modules.utils import _pair

from imi_desktop.stimuli.visualization.frozen_operations import (
    ChannelNormalisation,
    ClampInPlace,
    PointwiseConvolution,
    SameConvolution,
)
from imi_desktop.stimuli.visualization.input_affine import ChannelAffine

_CHANNELWISE = (
    nn.ReLU,
    nn.ReLU6,
    nn.SiLU,
    nn.GELU,
    nn.Hardswish,
    nn.Hardsigmoid,
    nn.LeakyReLU,
    nn.ELU,
    nn.Sigmoid,
    nn.Tanh,
    nn.Identity,
    nn.Dropout,
    ClampInPlace,
)
_POINTWISE = (
    *_CHANNELWISE,
    nn.BatchNorm2d,
    nn.LocalResponseNorm,
    PointwiseConvolution,
    ChannelAffine,
    ChannelNormalisation,
)
_CHANNELWISE_CALLS = {
    "relu",
    "relu_",
    "relu6",
    "silu",
    "gelu",
    "hardswish",
    "sigmoid",
    "tanh",
}
_POINTWISE_CALLS = {*_CHANNELWISE_CALLS, "local_response_norm"}
_SUMS = (operator.add, operator.iadd, torch.add)


@dataclass(frozen=True)
class Window:
    """A sliding window: kernel, stride, padding and dilation along one axis."""

    kernel: int
    stride: int
    padding: int
    dilation: int

    def changed(self, start: list[int], length: int, total: int) -> tuple[list[int], int]:
        """Outputs that see inputs `start` … `start + length`, of `total` outputs."""
        reach = (self.kernel - 1) * self.dilation
        size = min(total, (length - 1 + reach) // self.stride + 1)
        first = [
            min(max(-((reach - s - self.padding) // self.stride), 0), total - size) for s in start
        ]
        return first, size

    def needed(self, first: list[int], size: int) -> tuple[list[int], int]:
        """Inputs that outputs `first` … `first + size` see; may lie outside of the map."""
        starts = [f * self.stride - self.padding for f in first]
        return starts, (size - 1) * self.stride + (self.kernel - 1) * self.dilation + 1


@dataclass(frozen=True)
class Sliding:
    """An operation that slides a window over a map.

    Parameters
    ----------
    down, across : Window
        Along rows and columns.
    apply : callable
        The operation without any padding.
    padding : float
        What lies outside of the map.
    """

    down: Window
    across: Window
    apply: Callable[[torch.Tensor], torch.Tensor]
    padding: float = 0.0


def sliding(node: fx.Node, module: nn.Module | None, size: tuple[int, int]) -> Sliding | None:
    """How a node slides over its input of `size` (height, width); None if it does not."""
    if isinstance(module, SameConvolution):
        module = module.original
    if isinstance(module, nn.Conv2d):
        return _convolution(module, size)
    if isinstance(module, nn.MaxPool2d):
        return _max_pool(
            module.kernel_size,
            module.stride,
            module.padding,
            module.dilation,
            return_indices=module.return_indices,
        )
    if isinstance(module, nn.AvgPool2d):
        return _average_pool(module.kernel_size, module.stride, module.padding)
    if node.op == "call_function" and node.target is functional.max_pool2d:
        return _max_pool(*node.args[1:], **node.kwargs)  # type: ignore[arg-type]
    return None


def is_pointwise(node: fx.Node, module: nn.Module | None) -> bool:
    """Whether each place of the output depends on the same place of the only input."""
    return _is_one_of(node, module, _POINTWISE, _POINTWISE_CALLS) or _takes_channels(node)


def is_channelwise(node: fx.Node, module: nn.Module | None) -> bool:
    """Whether each place of each channel is computed from that alone, alike in all channels."""
    return _is_one_of(node, module, _CHANNELWISE, _CHANNELWISE_CALLS)


def _is_one_of(
    node: fx.Node, module: nn.Module | None, modules: tuple[type[nn.Module], ...], calls: set[str]
) -> bool:
    if len(node.all_input_nodes) != 1:
        return False
    if module is not None:
        return isinstance(module, modules) and not module.training
    name = node.target if node.op == "call_method" else getattr(node.target, "__name__", "")
    return node.op in {"call_function", "call_method"} and name in calls


def _takes_channels(node: fx.Node) -> bool:
    """Whether a node gives some channels of a map, all places of them."""
    if node.op != "call_function" or node.target is not operator.getitem:
        return False
    taken: Any = node.args[1]
    return (
        isinstance(taken, tuple)
        and len(taken) == 2
        and taken[0] == slice(None)
        and isinstance(taken[1], slice)
    )


def is_join(node: fx.Node) -> bool:
    """Whether a node sums maps, or concatenates their channels."""
    if node.op != "call_function":
        return False
    if node.target in _SUMS:
        return _all_maps(node)
    if node.target not in (torch.cat, torch.concat):
        return False
    axis: Any = node.args[1] if len(node.args) > 1 else node.kwargs.get("dim", 0)
    return bool(axis == 1)


def _all_maps(node: fx.Node) -> bool:
    """Whether all positional arguments are maps, not numbers."""
    first = node.args[0]
    arguments = first if isinstance(first, list | tuple) else node.args
    return all(isinstance(argument, fx.Node) for argument in arguments)


def margins(node: fx.Node) -> tuple[int, int, float] | None:
    """Rows above, columns before, and the value, that a node adds round a map; None if it does not.

    Only additions count; a node that cuts off has no margins.
    """
    if node.op != "call_function" or node.target is not functional.pad:
        return None
    pad: Any = node.args[1] if len(node.args) > 1 else node.kwargs["pad"]
    mode: Any = node.args[2] if len(node.args) > 2 else node.kwargs.get("mode", "constant")
    value: Any = node.args[3] if len(node.args) > 3 else node.kwargs.get("value")
    if mode != "constant" or len(pad) != 4 or min(pad) < 0:
        return None
    return int(pad[2]), int(pad[0]), float(value or 0.0)


def _convolution(module: nn.Conv2d, size: tuple[int, int]) -> Sliding | None:
    if module.padding_mode != "zeros":
        return None
    if isinstance(module, Conv2dSame):
        axes = zip(size, module.kernel_size, module.stride, module.dilation, strict=True)
        padding = [_same_padding(*axis) // 2 for axis in axes]
    elif type(module).forward is not nn.Conv2d.forward:
        return None
    elif isinstance(module.padding, str):
        spans = zip(module.kernel_size, module.dilation, strict=True)
        same = module.padding == "same"
        padding = [(kernel - 1) * dilation // 2 if same else 0 for kernel, dilation in spans]
    else:
        padding = list(module.padding)
    down, across = (
        Window(*axis)
        for axis in zip(module.kernel_size, module.stride, padding, module.dilation, strict=True)
    )

    def apply(crop: torch.Tensor) -> torch.Tensor:
        return functional.conv2d(
            crop, module.weight, module.bias, module.stride, 0, module.dilation, module.groups
        )

    return Sliding(down, across, apply)


def _same_padding(size: int, kernel: int, stride: int, dilation: int) -> int:
    # TensorFlow's rule, which timm follows for networks that were trained with it.
    return max((math.ceil(size / stride) - 1) * stride + (kernel - 1) * dilation + 1 - size, 0)


def _max_pool(
    kernel_size: Any,
    stride: Any = None,
    padding: Any = 0,
    dilation: Any = 1,
    ceil_mode: bool = False,
    return_indices: bool = False,
) -> Sliding | None:
    # With ceil_mode the last windows reach beyond the map, where the padding lies anyway.
    if return_indices:
        return None
    stride = stride or kernel_size
    down, across = (
        Window(*axis)
        for axis in zip(
            _pair(kernel_size), _pair(stride), _pair(padding), _pair(dilation), strict=True
        )
    )
    return Sliding(
        down,
        across,
        lambda crop: functional.max_pool2d(crop, kernel_size, stride, 0, dilation),
        float("-inf"),
    )


def _average_pool(kernel_size: Any, stride: Any, padding: Any) -> Sliding | None:
    if _pair(padding) != (0, 0):
        return None
    kernels, strides = _pair(kernel_size), _pair(stride or kernel_size)
    down, across = (Window(k, s, 0, 1) for k, s in zip(kernels, strides, strict=True))
    return Sliding(
        down, across, lambda crop: functional.avg_pool2d(crop, kernel_size, stride or kernel_size)
    )
