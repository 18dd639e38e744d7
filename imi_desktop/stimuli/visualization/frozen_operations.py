"""Operations of networks whose weights are frozen, with the same values and less copying."""

from __future__ import annotations

from typing import Any

import torch
from timm.layers import Conv2dSame
from torch import nn
from torch.nn import functional


class ClampInPlace(nn.Module):
    """ReLU6 that overwrites its input and needs no copy of it for the gradient.

    torch's own in-place ReLU6 keeps a clone, which costs a fifth of a step on the CPU.
    """

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """Clamp to 0 … 6."""
        if torch.is_grad_enabled() and x.requires_grad:
            return _Clamp.apply(x)
        return x.clamp_(0, 6)


class _Clamp(torch.autograd.Function):
    @staticmethod
    def forward(ctx: Any, x: torch.Tensor) -> torch.Tensor:
        x.clamp_(0, 6)
        ctx.mark_dirty(x)
        ctx.save_for_backward(x)
        return x

    @staticmethod
    def backward(ctx: Any, gradient: torch.Tensor) -> torch.Tensor:
        (output,) = ctx.saved_tensors
        result: torch.Tensor = torch.ops.aten.hardtanh_backward(gradient, output, 0.0, 6.0)
        return result


class SameConvolution(nn.Module):
    """A convolution with TensorFlow's “same” padding that needs no padded copy of its input.

    Where one row and column more is padded after the image than before it, the kernel is given a
    first row and column of zeros, which makes the padding symmetric.

    Parameters
    ----------
    original : Conv2dSame
        Stays as it is, and is used for inputs that are padded otherwise.
    """

    _wide: torch.Tensor

    def __init__(self, original: Conv2dSame) -> None:
        super().__init__()
        self.original = original
        wide = functional.pad(original.weight.detach(), (1, 0, 1, 0))
        self.register_buffer("_wide", wide.contiguous(memory_format=torch.channels_last))

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """Convolve."""
        convolution = self.original
        if convolution.dilation != (1, 1):
            return convolution(x)
        before = []
        for size, kernel, stride in zip(
            x.shape[-2:], convolution.kernel_size, convolution.stride, strict=True
        ):
            total = max((-(-size // stride) - 1) * stride + kernel - size, 0)
            if total % 2 == 0:
                return convolution(x)
            before.append(total // 2 + 1)
        return functional.conv2d(
            x,
            self._wide,
            convolution.bias,
            convolution.stride,
            before,
            groups=convolution.groups,
        )
