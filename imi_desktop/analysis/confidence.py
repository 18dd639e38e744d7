"""How well confidence tells right answers from wrong ones."""

from __future__ import annotations

import numpy as np
import pandas as pd

from imi_desktop.analysis.cells import CellMeans, group_rows

LEVELS = 3


def confidence_discrimination(
    trials: pd.DataFrame, by: tuple[str, ...], correct: np.ndarray, confidence: np.ndarray
) -> CellMeans:
    """Area under the type-2 ROC curve of every participant in every group.

    The probability that a right answer was given with more confidence than a wrong one, equal
    confidence counting half (Fleming & Lau 2014, Frontiers in Human Neuroscience 8, 443): 0.5 is
    confidence that knows nothing, 1 confidence that is never mistaken. Participants without both
    a right and a wrong answer have none.

    Parameters
    ----------
    correct : ndarray of float, shape (n_trials,)
        1 right, 0 wrong, NaN neither.
    confidence : ndarray of float, shape (n_trials,)
        1 … 3; NaN where none was given.
    """
    known = np.isfinite(correct) & np.isfinite(confidence)
    grouped = group_rows(trials, by, known)
    cells = len(grouped.table)
    place = grouped.codes * LEVELS + confidence[known].astype(int) - 1
    right = np.bincount(place, weights=correct[known] == 1, minlength=cells * LEVELS)
    answers = np.bincount(place, minlength=cells * LEVELS)
    right = right.reshape(cells, LEVELS)
    wrong = answers.reshape(cells, LEVELS) - right
    below = np.cumsum(wrong, axis=1) - wrong
    pairs = right.sum(axis=1) * wrong.sum(axis=1)
    table = grouped.table
    with np.errstate(invalid="ignore", divide="ignore"):
        table["mean"] = ((right * (below + wrong / 2)).sum(axis=1)) / pairs
    table["n_trials"] = answers.reshape(cells, LEVELS).sum(axis=1)
    kept = table[pairs > 0].reset_index(drop=True)
    return CellMeans(kept, by, grouped.within)
