"""Images as what is optimised: a decorrelated Fourier spectrum, after Lucent's ``param.image``."""

from __future__ import annotations

import numpy as np
import torch
from lucent.optvis.param.color import color_correlation_normalized
from lucent.optvis.param.spatial import rfft2d_freqs

_MAGIC = 4.0  # Lucid's constant against saturation


class FourierImages:
    """A batch of images whose spectra are optimised.

    The same numbers as ``lucent.optvis.param.image(size, batch=n)`` gives, but with a generator
    of its own and on any device (Lucent takes the global generator and ``cuda:0``).

    Parameters
    ----------
    n : int
        Images.
    size : int
        Width and height in px.
    generator : torch.Generator
        Draws the initial spectra, on the CPU.
    deviation : float
        Standard deviation of the initial spectra.
    """

    def __init__(
        self,
        n: int,
        size: int,
        generator: torch.Generator,
        device: torch.device,
        deviation: float = 0.01,
    ) -> None:
        self.n = n
        self.size = size
        freqs = rfft2d_freqs(size, size)
        spectrum = torch.randn(n, 3, *freqs.shape, 2, generator=generator) * deviation
        self.spectrum = spectrum.to(device).requires_grad_(True)
        scale = 1.0 / np.maximum(freqs, 1.0 / size) / _MAGIC
        self._scale = torch.tensor(scale, dtype=torch.float32, device=device)[None, None, ..., None]
        self._colours = torch.tensor(color_correlation_normalized, device=device)

    @property
    def parameters(self) -> list[torch.Tensor]:
        """What the optimiser changes."""
        return [self.spectrum]

    def keep(self, indices: list[int]) -> None:
        """Leave out all other images."""
        self.spectrum = self.spectrum.detach()[indices].clone().requires_grad_(True)
        self.n = len(indices)

    def images(self) -> torch.Tensor:
        """The images, float32 (n, 3, size, size) within 0 … 1."""
        scaled = torch.view_as_complex(self._scale * self.spectrum)
        pixels = torch.fft.irfftn(scaled, s=(self.size, self.size), norm="ortho")
        mixed = torch.matmul(self._colours, pixels.flatten(2))
        return torch.sigmoid(mixed.view_as(pixels))

    def gradient_norms(self) -> torch.Tensor:
        """L2 norms of the last gradient in image space, float32 (n,).

        As in the released code of Zimmermann et al. 2023 the spectrum's gradient is transformed
        back as it is, without the frequency scaling.
        """
        assert self.spectrum.grad is not None
        gradient = torch.view_as_complex(self.spectrum.grad)
        pixels = torch.fft.irfftn(gradient, s=(self.size, self.size), norm="ortho")
        return torch.linalg.vector_norm(pixels, dim=(1, 2, 3))
