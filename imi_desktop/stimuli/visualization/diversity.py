"""How alike images are to a layer: the diversity term, by whichever exact kernel is cheaper."""

from __future__ import annotations

import torch
from torch.nn import functional

_SPATIAL_FROM = 0.4
"""Channels per position of the whole batch from which the spatial kernel is faster (measured)."""


def similarity(features: torch.Tensor) -> torch.Tensor:
    """Sum of the cosines between all pairs of Gram matrices, i ≠ j.

    Lucent's ``objectives.diversity`` is this divided by the number of images, with the sign of an
    objective to be subtracted (Olah et al. 2017).

    Parameters
    ----------
    features : torch.Tensor
        Activations of the layer, float (n, channels, positions).

    Returns
    -------
    torch.Tensor
        Scalar within 0 … n·(n − 1); Gram matrices are positive semidefinite, so it is never
        negative.
    """
    n, channels, positions = features.shape
    if n < 2:
        return features.new_zeros(())
    if channels >= _SPATIAL_FROM * n * positions:
        return spatial_similarity(features)
    return gram_similarity(features)


def gram_similarity(features: torch.Tensor) -> torch.Tensor:
    """:func:`similarity` through channels × channels matrices: ‖ΣĜ‖² − Σ‖Ĝ‖²."""
    grams = torch.bmm(features, features.transpose(1, 2)).flatten(1)
    grams = functional.normalize(grams, dim=1)
    return grams.sum(dim=0).square().sum() - grams.square().sum()


def spatial_similarity(features: torch.Tensor) -> torch.Tensor:
    """:func:`similarity` through positions: ⟨Gᵢ, Gⱼ⟩ = ‖AᵢᵀAⱼ‖²."""
    n, channels, positions = features.shape
    rows = features.transpose(1, 2).reshape(n * positions, channels)
    products = (rows @ rows.T).square().view(n, positions, n, positions).sum(dim=(1, 3))
    norms = products.diagonal().clamp_min(1e-24).sqrt()
    cosines = products / (norms[:, None] * norms[None, :])
    return cosines.sum() - cosines.diagonal().sum()
