"""Whether people (and simulated observers) give the same answers: Cohen's kappa."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np
import pandas as pd

from imi_desktop.analysis.intervals import two_sem
from imi_desktop.analysis.measures import PARTICIPANT, row_keys

_TRIAL = ("task", "condition", "scheme", "model", "layer", "channel", "image_set")


@dataclass(frozen=True)
class PairAgreement:
    """Agreement of two people on the trials both answered.

    Parameters
    ----------
    kappa : float or None
        None where chance agreement is certain, because both always gave the same answer.
    """

    first: str
    second: str
    image_set: str | None
    kappa: float | None
    n_trials: int


def cohens_kappa(first: np.ndarray, second: np.ndarray) -> float | None:
    """Agreement beyond chance (Cohen 1960), (p_o − p_e) / (1 − p_e).

    Parameters
    ----------
    first, second : ndarray, shape (n_trials,)
        Answers to the same trials.
    """
    if not len(first):
        return None
    levels = np.unique(np.concatenate([first, second]))
    observed = float(np.mean(first == second))
    expected = float(sum(np.mean(first == level) * np.mean(second == level) for level in levels))
    return None if expected > 1 - 1e-12 else (observed - expected) / (1 - expected)


def pairwise_agreement(
    trials: pd.DataFrame, *, answer: str = "correct", least: int = 5
) -> list[PairAgreement]:
    """Kappa of all pairs of participants who answered the same image set.

    Zimmermann et al. 2021, section 4.3: kappa is computed between all pairs on the same set.

    Parameters
    ----------
    answer : str
        Column whose values are compared. ``correct`` says which of the two images was chosen
        whatever its position; ``chosen_position`` says only where.
    least : int
        Pairs with fewer common trials are left out.
    """
    known = trials[trials[answer].notna().to_numpy()]
    if not len(known):
        return []
    person = row_keys(known, PARTICIPANT, "/")
    item = row_keys(known, _TRIAL)
    image_set = known["image_set"].astype("string")
    answers = known[answer].astype("string")
    results: list[PairAgreement] = []
    for name in [*sorted(image_set.dropna().unique())]:
        here = (image_set == name).fillna(False).to_numpy(dtype=bool)
        wide = (
            pd.DataFrame({"person": person[here], "item": item[here], "answer": answers[here]})
            .drop_duplicates(["person", "item"])
            .pivot(index="item", columns="person", values="answer")
        )
        for first, second in combinations(wide.columns, 2):
            both = wide[[first, second]].dropna()
            if len(both) >= least:
                kappa = cohens_kappa(both[first].to_numpy(), both[second].to_numpy())
                results.append(PairAgreement(first, second, str(name), kappa, len(both)))
    return results


def mean_agreement(pairs: Sequence[PairAgreement]) -> tuple[float | None, float | None]:
    """Mean kappa over pairs and two standard errors; None without pairs."""
    values = np.array([pair.kappa for pair in pairs if pair.kappa is not None])
    return (float(values.mean()), two_sem(values)) if len(values) else (None, None)
