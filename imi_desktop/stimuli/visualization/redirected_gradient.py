"""ReLUs that let gradients through where nothing would get through, as Lucid's do.

Random images may leave a unit, and all that it depends on, below zero; then no gradient reaches
the image. Lucid, which Borowski et al. (2021) used, redirects the gradient for the first steps
(``lucid.misc.redirected_relu_grad``). Lucent's ``RedirectedReLU`` is a simpler relative: it always
lets a tenth of the gradient through.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import torch
from torch.nn import functional
from torch.overrides import TorchFunctionMode


class RedirectedReLUs(TorchFunctionMode):
    """Within this context ReLU and ReLU6 have redirected gradients, in any network."""

    def __torch_function__(
        self,
        func: Callable[..., Any],
        types: Any,
        args: tuple[Any, ...] = (),
        kwargs: dict[str, Any] | None = None,
    ) -> Any:
        """Replace ReLUs, and leave everything else as it is."""
        upper = _upper_bound(func, args, kwargs or {})
        if upper is None:
            return func(*args, **(kwargs or {}))
        return redirected_relu(args[0] if args else (kwargs or {})["input"], upper)


def redirected_relu(x: torch.Tensor, upper: float = math.inf) -> torch.Tensor:
    """Clamp to 0 … `upper`.

    Where some gradient of an image gets through, it is that of the clamp. Where none does, it is
    the part that pushes values back into the range.

    Parameters
    ----------
    x : torch.Tensor
        (n, …), one image after the other.
    """
    result: torch.Tensor = _RedirectedClamp.apply(x, upper)
    return result


class _RedirectedClamp(torch.autograd.Function):
    @staticmethod
    def forward(ctx: Any, x: torch.Tensor, upper: float) -> torch.Tensor:
        ctx.save_for_backward(x)
        ctx.upper = upper
        return x.clamp(0, upper)

    @staticmethod
    def backward(ctx: Any, gradient: torch.Tensor) -> tuple[torch.Tensor, None]:
        (x,) = ctx.saved_tensors
        below, above = x < 0, x > ctx.upper
        plain = gradient.masked_fill(below | above, 0)
        # The optimiser goes against the gradient: a positive one pushes values down.
        pushes_out = (below & (gradient > 0)) | (above & (gradient < 0))
        redirected = gradient.masked_fill(pushes_out, 0)
        passes = plain.flatten(1).abs().amax(dim=1) > 0
        return torch.where(passes.view(-1, *[1] * (x.dim() - 1)), plain, redirected), None


_RELUS = (
    functional.relu,
    functional.relu_,
    torch.relu,
    torch.relu_,
    torch.Tensor.relu,
    torch.Tensor.relu_,
)
_HARDTANHS = (functional.hardtanh, functional.hardtanh_)


def _upper_bound(
    func: Callable[..., Any], args: tuple[Any, ...], kwargs: dict[str, Any]
) -> float | None:
    """Where the function cuts off; None if it is neither ReLU nor ReLU6."""
    if func in _RELUS:
        return math.inf
    if func is functional.relu6:
        return 6.0
    if func in _HARDTANHS:
        bounds = dict(zip(("min_val", "max_val"), args[1:3], strict=False)) | kwargs
        return float(bounds.get("max_val", 1.0)) if bounds.get("min_val", -1.0) == 0 else None
    return None
