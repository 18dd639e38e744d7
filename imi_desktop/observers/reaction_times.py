"""Reaction times of observers that have none of their own."""

from __future__ import annotations

import numpy as np

_SHIFT_MS = 400.0  # nobody sees twenty images and clicks faster
_MEDIAN_MS = {1: 7500.0, 2: 6000.0, 3: 4500.0}
_SPREAD = 0.5


def draw_reaction_time(rng: np.random.Generator, confidence: int) -> float:
    """Draw a plausible reaction time in ms: shifted log-normal, faster when more confident.

    The medians lie around those of Borowski et al. 2021, Experiment I (means of correct trials:
    natural 6.6 s, synthetic 9.7 s). They say nothing about any real observer.

    Parameters
    ----------
    rng : Generator
        Of the trial.
    confidence : int
        1 to 3.
    """
    median = _MEDIAN_MS[confidence] - _SHIFT_MS
    return _SHIFT_MS + float(rng.lognormal(np.log(median), _SPREAD))
