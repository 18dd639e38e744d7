"""What the optimisation loop needs to know of a parameterisation."""

from __future__ import annotations

from typing import Protocol

import torch


class OptimisedImages(Protocol):
    """A batch of square images that follow from tensors which an optimiser changes."""

    n: int
    size: int

    @property
    def parameters(self) -> list[torch.Tensor]:
        """What the optimiser changes."""

    def keep(self, indices: list[int]) -> None:
        """Leave out all other images; the parameters are new tensors afterwards."""

    def images(self) -> torch.Tensor:
        """The images, float32 (n, 3, size, size) within 0 … 1."""

    def gradient_norms(self) -> torch.Tensor:
        """L2 norms of the last gradient in image space, float32 (n,)."""
