"""95 % interval of a mean kappa over pairs, which share people and so are not independent."""

from __future__ import annotations

import math
from collections.abc import Collection, Sequence

import numpy as np
from scipy import stats

from imi_desktop.analysis.effect_intervals import Interval

_LEAST_PEOPLE = 3


def jackknife_interval(
    kappas: np.ndarray,
    pairs: Sequence[tuple[str, str]],
    *,
    fixed: Collection[str] = (),
    samples: int = 1,
) -> Interval | None:
    """Interval of the mean of `kappas`, by leaving out one person after the other.

    All pairs of a person are left out together, so that the error is that over people (the
    jackknife of a U statistic; Arvesen 1969). Queries count as fixed.

    Parameters
    ----------
    kappas : ndarray of float, shape (n_pairs,)
    pairs : sequence of (str, str), n_pairs long
        Whom each kappa compares.
    fixed : collection of str
        Names that were not drawn from a population (observers); they are never left out.
    samples : int
        Samples of people that were drawn: two for pairs of different conditions.

    Returns
    -------
    tuple of float or None
        None for fewer than three people, or where all pairs have one person in common.
    """
    codes, names = _codes(pairs)
    sums = np.bincount(codes.ravel(), np.repeat(kappas, 2), len(names))
    counts = np.bincount(codes.ravel(), minlength=len(names))
    drawn = np.array([name not in fixed for name in names])
    left = len(kappas) - counts[drawn]
    people = int(drawn.sum())
    if people < max(_LEAST_PEOPLE, samples + 1) or not left.all():
        return None
    without = (kappas.sum() - sums[drawn]) / left
    error = math.sqrt((people - 1) / people * float(((without - without.mean()) ** 2).sum()))
    reach = float(stats.t.ppf(0.975, people - samples)) * error
    mean = float(kappas.mean())
    return (max(-1.0, mean - reach), min(1.0, mean + reach)) if reach > 0 else None


def _codes(pairs: Sequence[tuple[str, str]]) -> tuple[np.ndarray, list[str]]:
    names = sorted({name for pair in pairs for name in pair})
    place = {name: i for i, name in enumerate(names)}
    return np.array([[place[first], place[second]] for first, second in pairs]), names
