"""How alike images are to a layer: the diversity term, by whichever exact kernel is cheaper."""

from __future__ import annotations

import torch
from torch.nn import functional

_SPATIAL_FROM = 0.4
"""Channels per position of the whole batch from which the spatial kernel is faster (measured)."""

_TINY = 1e-12
"""Smallest norm to divide by, as in :func:`torch.nn.functional.normalize`."""


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
    if len(features) < 2:
        return features.new_zeros(())
    return spatial_similarity(features) if _is_wide(features) else gram_similarity(features)


def mean_cosine(features: torch.Tensor) -> float:
    """Mean cosine between the Gram matrices of all pairs of at least two images, 0 … 1."""
    n = len(features)
    return float(similarity(features)) / (n * (n - 1))


def similarity_gradient(
    features: torch.Tensor, companions: torch.Tensor | None = None
) -> torch.Tensor:
    """Gradient of :func:`similarity` with respect to `features`.

    Parameters
    ----------
    features : torch.Tensor
        Without gradients, float (n, channels, positions).
    companions : torch.Tensor or None
        Activations for further images that stay as they are, (m, channels, positions).

    Returns
    -------
    torch.Tensor
        float (n, channels, positions).
    """
    everybody = features if companions is None else torch.cat([features, companions])
    if len(everybody) < 2:
        return torch.zeros_like(features)
    if not _is_wide(everybody):
        return _gram_gradient(features, everybody)
    own = features.detach().requires_grad_(True)
    everybody = own if companions is None else torch.cat([own, companions])
    (gradient,) = torch.autograd.grad(spatial_similarity(everybody), own)
    return gradient


def _is_wide(features: torch.Tensor) -> bool:
    n, channels, positions = features.shape
    return channels >= _SPATIAL_FROM * n * positions


def _gram_gradient(features: torch.Tensor, everybody: torch.Tensor) -> torch.Tensor:
    # By hand, because autograd takes two products as large as the features, and a sum of them.
    grams = torch.bmm(everybody, everybody.transpose(1, 2))
    norms = torch.linalg.vector_norm(grams, dim=(1, 2), keepdim=True).clamp_min(_TINY)
    units = grams / norms
    own = units[: len(features)]
    pull = units.sum(dim=0) - own
    along = (pull * own).sum(dim=(1, 2), keepdim=True)
    return torch.bmm(4 * (pull - along * own) / norms[: len(features)], features)


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
