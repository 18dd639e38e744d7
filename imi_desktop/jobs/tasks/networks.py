"""The network that a worker works with; one at a time stays in memory."""

from __future__ import annotations

from functools import lru_cache

from imi_desktop.models.loading import load_network
from imi_desktop.models.network import Network


@lru_cache(maxsize=1)
def loaded(model: str, device: str, seed: int) -> Network:
    """Load a network, or take the one that was loaded last.

    Parameters
    ----------
    seed : int
        The study's, which random weights are drawn with.

    Raises
    ------
    ModelError
        If it cannot be loaded; see :func:`~imi_desktop.models.loading.load_network`.
    """
    return load_network(model, device=device, seed=seed)
