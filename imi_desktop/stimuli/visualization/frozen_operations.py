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

    Parameters
    ----------
    owns_gradient : bool
        Whether nobody else gets the gradient of the output, so that it may be overwritten too:
        the output has one reader, which makes a new tensor of the gradient that it passes on.
    """

    def __init__(self, owns_gradient: bool = False) -> None:
        super().__init__()
        self.owns_gradient = owns_gradient

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """Clamp to 0 … 6."""
        if torch.is_grad_enabled() and x.requires_grad:
            return _Clamp.apply(x, self.owns_gradient)
        return x.clamp_(0, 6)


class _Clamp(torch.autograd.Function):
    @staticmethod
    def forward(ctx: Any, x: torch.Tensor, owns_gradient: bool) -> torch.Tensor:
        x.clamp_(0, 6)
        ctx.mark_dirty(x)
        ctx.save_for_backward(x)
        ctx.owns_gradient = owns_gradient
        return x

    @staticmethod
    def backward(ctx: Any, gradient: torch.Tensor) -> tuple[torch.Tensor, None]:
        (output,) = ctx.saved_tensors
        backward = torch.ops.aten.hardtanh_backward
        if ctx.owns_gradient:
            backward.grad_input(gradient, output, 0.0, 6.0, grad_input=gradient)
            return gradient, None
        return backward(gradient, output, 0.0, 6.0), None


class PointwiseConvolution(nn.Module):
    """A 1 × 1 convolution as the matrix product that it is on channels-last images.

    On one CPU thread torch takes a convolution with copies of its input and output instead.

    Parameters
    ----------
    original : nn.Conv2d
        Of kernel and stride 1, without groups or padding; stays as it is.
    """

    _matrix: torch.Tensor

    def __init__(self, original: nn.Conv2d) -> None:
        super().__init__()
        self.bias = original.bias
        self.register_buffer("_matrix", original.weight.detach().flatten(1).contiguous())

    def narrowed(self, channel: int) -> PointwiseConvolution:
        """The same with one of its output channels."""
        one = PointwiseConvolution.__new__(PointwiseConvolution)
        nn.Module.__init__(one)
        one.bias = None if self.bias is None else self.bias[channel : channel + 1]
        one.register_buffer("_matrix", self._matrix[channel : channel + 1].contiguous())
        return one

    @staticmethod
    def can_replace(convolution: nn.Module) -> bool:
        """Whether a module is such a convolution."""
        return (
            type(convolution) is nn.Conv2d
            and convolution.kernel_size == (1, 1)
            and convolution.stride == (1, 1)
            and convolution.groups == 1
            and convolution.padding in {(0, 0), "valid", "same"}
        )

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """Convolve."""
        return _Product.apply(x, self._matrix, self.bias)


class _Product(torch.autograd.Function):
    # Its results are no views, so that what follows can work in place without a copy.

    @staticmethod
    def forward(
        ctx: Any, x: torch.Tensor, matrix: torch.Tensor, bias: torch.Tensor | None
    ) -> torch.Tensor:
        ctx.save_for_backward(matrix)
        result = _empty_like_with(x, matrix.shape[0])
        if bias is None:
            torch.mm(_pixels(x), matrix.T, out=_pixels(result))
        else:
            torch.addmm(bias, _pixels(x), matrix.T, out=_pixels(result))
        return result

    @staticmethod
    def backward(ctx: Any, gradient: torch.Tensor) -> tuple[torch.Tensor, None, None]:
        (matrix,) = ctx.saved_tensors
        result = _empty_like_with(gradient, matrix.shape[1])
        torch.mm(_pixels(gradient), matrix, out=_pixels(result))
        return result, None, None


def _empty_like_with(x: torch.Tensor, channels: int) -> torch.Tensor:
    n, _, height, width = x.shape
    return torch.empty(
        (n, channels, height, width),
        dtype=x.dtype,
        device=x.device,
        memory_format=torch.channels_last,
    )


def _pixels(x: torch.Tensor) -> torch.Tensor:
    """(n, channels, h, w) as (n·h·w, channels); a view where it is channels-last."""
    return x.permute(0, 2, 3, 1).reshape(-1, x.shape[1])


class ChannelNormalisation(nn.Module):
    """Local response normalization as a matrix product over the channels of each place.

    torch pools squares over channels instead, as if they were the depth of a volume, which takes
    three to four times as long.

    Parameters
    ----------
    size, alpha, beta, k
        As :func:`torch.nn.functional.local_response_norm` takes them.
    """

    _band: torch.Tensor

    def __init__(self, size: int, alpha: float = 1e-4, beta: float = 0.75, k: float = 1.0) -> None:
        super().__init__()
        self.size, self.alpha, self.beta, self.k = size, alpha, beta, k
        self.register_buffer("_band", torch.empty(0, 0))

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """Normalise."""
        channels = x.shape[1]
        if len(self._band) != channels:
            self._band = self._sums(channels).to(x)
        pixels = _pixels(x)
        scale = torch.mm(pixels.square(), self._band).add_(self.k)
        scale = scale.rsqrt() if self.beta == 0.5 else scale.pow(-self.beta)
        n, _, height, width = x.shape
        return (pixels * scale).view(n, height, width, channels).permute(0, 3, 1, 2)

    def _sums(self, channels: int) -> torch.Tensor:
        """Which channels count in which other's mean of squares, (channels, channels)."""
        place = torch.arange(channels)
        after = place[:, None] - place[None, :]
        near = (after >= -(self.size // 2)) & (after <= (self.size - 1) // 2)
        return near.float() * (self.alpha / self.size)


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
