"""Images with natural spectra: only their phases are optimised (MACO; Fel et al. 2023).

Differs from the published method in that the magnitudes come from the study's own images, and
that transforms, optimiser and colour space are those of the other presets here.
"""

from __future__ import annotations

import math
from collections.abc import Iterable

import numpy as np
import torch
from lucent.optvis.param.color import color_correlation_normalized
from numpy.typing import NDArray

_CLIP = 0.02
"""Colours are kept this far from black and white, where the logit has no bound."""


def natural_magnitudes(images: Iterable[NDArray[np.uint8]], size: int) -> torch.Tensor:
    """Mean magnitude spectrum of some images in the decorrelated colour space before the sigmoid.

    Parameters
    ----------
    images : iterable of ndarray of uint8, shape (size, size, 3)

    Returns
    -------
    torch.Tensor
        float32 (3, size, size // 2 + 1).

    Raises
    ------
    ValueError
        If there are no images.
    """
    decorrelate = torch.linalg.inv(torch.tensor(color_correlation_normalized.T))
    total, count = torch.zeros(3, size, size // 2 + 1), 0
    for pixels in images:
        rgb = torch.from_numpy(pixels.copy()).float() / 255
        colours = torch.logit(rgb.clamp(_CLIP, 1 - _CLIP)) @ decorrelate
        total += torch.fft.rfft2(colours.permute(2, 0, 1), norm="ortho").abs()
        count += 1
    if not count:
        raise ValueError("a spectrum needs at least one image")
    return total / count


class NaturalSpectrumImages:
    """A batch of images with one given magnitude spectrum whose phases are optimised.

    Parameters
    ----------
    n : int
        Images.
    magnitudes : torch.Tensor
        float32 (3, size, size // 2 + 1); see :func:`natural_magnitudes`.
    generator : torch.Generator
        Draws the initial phases, on the CPU.
    """

    def __init__(
        self,
        n: int,
        magnitudes: torch.Tensor,
        generator: torch.Generator,
        device: torch.device,
    ) -> None:
        self.n = n
        self.size = int(magnitudes.shape[1])
        phases = torch.rand(n, *magnitudes.shape, generator=generator) * (2 * math.pi)
        self.phases = phases.to(device).requires_grad_(True)
        self._magnitudes = magnitudes.to(device)
        self._colours = torch.tensor(color_correlation_normalized.T, device=device)

    @property
    def parameters(self) -> list[torch.Tensor]:
        """What the optimiser changes."""
        return [self.phases]

    def keep(self, indices: list[int]) -> None:
        """Leave out all other images."""
        self.phases = self.phases.detach()[indices].clone().requires_grad_(True)
        self.n = len(indices)

    def images(self) -> torch.Tensor:
        """The images, float32 (n, 3, size, size) within 0 … 1."""
        spectrum = torch.polar(self._magnitudes.expand_as(self.phases).contiguous(), self.phases)
        pixels = torch.fft.irfft2(spectrum, s=(self.size, self.size), norm="ortho")
        mixed = torch.matmul(pixels.permute(0, 2, 3, 1), self._colours).permute(0, 3, 1, 2)
        return torch.sigmoid(mixed)

    def gradient_norms(self) -> torch.Tensor:
        """L2 norms of the last gradient with respect to the phases, float32 (n,)."""
        assert self.phases.grad is not None
        return torch.linalg.vector_norm(self.phases.grad, dim=(1, 2, 3))
