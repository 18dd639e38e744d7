"""Every random draw comes from a named seed derived from the study's one stored seed."""

from __future__ import annotations

import hashlib

import numpy as np


def derive_seed(seed: int, *names: str | int) -> int:
    """Derive the seed of one named purpose.

    Parameters
    ----------
    seed : int
        The study's seed.
    *names : str or int
        The purpose, from general to special: ``("trials", "P07", "main", 2)``.

    Returns
    -------
    int
        0 … 2⁶³ − 1, the same on every machine and Python version.
    """
    text = "\x1f".join([str(int(seed)), *(str(name) for name in names)])
    return int.from_bytes(hashlib.sha256(text.encode()).digest()[:8], "big") >> 1


def generator(seed: int, *names: str | int) -> np.random.Generator:
    """PCG64 generator of one named purpose; see :func:`derive_seed`."""
    return np.random.Generator(np.random.PCG64(derive_seed(seed, *names)))
