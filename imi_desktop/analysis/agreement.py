"""Whether people and observers give the same answers: Cohen's kappa of all pairs."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from imi_desktop.analysis.agreement_data import Agreement, GroupAgreement
from imi_desktop.analysis.agreement_intervals import jackknife_interval
from imi_desktop.analysis.effect_intervals import Interval, kappa_interval_of
from imi_desktop.analysis.figure_data import level_rank
from imi_desktop.analysis.intervals import two_sem
from imi_desktop.analysis.measures import PARTICIPANT, number, row_keys

_ITEM = ("task", "difficulty", "model", "layer", "channel")
LEAST_COMMON = 5


@dataclass(frozen=True)
class PairAgreement:
    """Agreement of two people on the queries both answered.

    Parameters
    ----------
    first, second : str
        Who; the same person may occur in several conditions.
    groups : tuple of str
        Conditions (or names of observers) of the two.
    kappa : float or None
        None where chance agreement is certain, because both always gave the same answer.
    counts : tuple of tuple of int, shape (2, 2)
        Common trials by whether the first (row) and the second (column) were wrong or right.
    """

    first: str
    second: str
    image_set: str | None
    kappa: float | None
    counts: tuple[tuple[int, int], tuple[int, int]]
    groups: tuple[str, str]

    @property
    def n_trials(self) -> int:
        """Queries that both answered."""
        return sum(map(sum, self.counts))

    @property
    def ci95(self) -> Interval | None:
        """Interval of the kappa; computed when asked for, because there can be many pairs."""
        return None if self.kappa is None else kappa_interval_of(np.array(self.counts))


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
    trials: pd.DataFrame, *, observers: pd.DataFrame | None = None, least: int = LEAST_COMMON
) -> list[PairAgreement]:
    """Kappa of all pairs who judged the same queries of the same image set.

    Zimmermann et al. 2021, appendix B.2: participants of the same and of different conditions, and
    baseline observers. Conditions differ in their references only, so a trial's queries are known
    by task, unit and image set; what is compared is which of the two was chosen, whatever its
    position. Nobody is compared with themselves.

    Parameters
    ----------
    trials : DataFrame
        Selected trials; those without an image set or an answer are left out.
    observers : DataFrame or None
        Answers of observers to the same queries: the columns of the trial table that name the
        query, ``observer`` and ``correct``. They are compared with people of any condition.
    least : int
        Pairs with fewer common trials are left out.
    """
    known = trials["image_set"].notna() & trials["correct"].notna()
    judged = trials[known.to_numpy(dtype=bool)]
    people = _answers(judged, row_keys(judged, PARTICIPANT, "/"), judged["condition"])
    answers = people
    if observers is not None and len(observers):
        machine = _answers(observers, observers["observer"], observers["observer"])
        answers = pd.concat([people, machine], ignore_index=True)
    pairs: list[PairAgreement] = []
    for image_set, rows in answers.groupby("image_set", sort=True):
        pairs += _pairs_within(rows, str(image_set), least)
    return pairs


def agreement(trials: pd.DataFrame, *, observers: pd.DataFrame | None = None) -> Agreement:
    """Mean kappa per pair of conditions and observers; see :func:`pairwise_agreement`."""
    pairs = pairwise_agreement(trials, observers=observers)
    names = {str(name) for name in trials["condition"].dropna().unique()}
    groups = sorted(names, key=lambda name: level_rank("condition", name))
    machines: list[str] = []
    if observers is not None and len(observers):
        machines = [str(name) for name in observers["observer"].unique()]
        groups += machines
    place = {name: i for i, name in enumerate(groups)}
    cells: dict[tuple[str, str], list[PairAgreement]] = {
        (first, second): [] for i, first in enumerate(groups) for second in groups[i:]
    }
    for pair in pairs:
        first, second = sorted(pair.groups, key=lambda name: place[name])
        cells[first, second].append(pair)
    return Agreement(
        tuple(groups),
        tuple(
            _cell(first, second, found, {first, second} & set(machines))
            for (first, second), found in cells.items()
        ),
    )


def mean_agreement(pairs: Sequence[PairAgreement]) -> tuple[float | None, float | None]:
    """Mean kappa over pairs and two standard errors; None without pairs."""
    values = np.array([pair.kappa for pair in pairs if pair.kappa is not None])
    return (float(values.mean()), two_sem(values)) if len(values) else (None, None)


def interval_of_mean(
    pairs: Sequence[PairAgreement], fixed: Collection[str] = ()
) -> Interval | None:
    """95 % interval of :func:`mean_agreement` over people; of a single pair, over its trials.

    Parameters
    ----------
    fixed : collection of str
        Observers among the people compared.
    """
    known = [pair for pair in pairs if pair.kappa is not None]
    if len(known) < 2:
        return known[0].ci95 if known else None
    return jackknife_interval(
        np.array([pair.kappa for pair in known]),
        [(pair.first, pair.second) for pair in known],
        fixed=fixed,
        samples=len({group for pair in known for group in pair.groups} - set(fixed)),
    )


def _cell(
    first: str, second: str, pairs: list[PairAgreement], fixed: Collection[str]
) -> GroupAgreement:
    mean, sem2 = mean_agreement(pairs)
    return GroupAgreement(
        first,
        second,
        mean,
        sem2,
        sum(pair.kappa is not None for pair in pairs),
        interval_of_mean(pairs, fixed),
    )


def _answers(table: pd.DataFrame, person: pd.Series, group: pd.Series) -> pd.DataFrame:
    """One row per person, group and query: the first answer."""
    columns = [name for name in _ITEM if name in table.columns]
    answers = pd.DataFrame(
        {
            "person": person.astype("string"),
            "group": group.astype("string"),
            "image_set": table["image_set"].astype("string"),
            "item": row_keys(table, columns),
            "correct": number(table["correct"]),
        }
    )
    answers = answers.dropna()
    return answers.drop_duplicates(["person", "group", "image_set", "item"])


def _pairs_within(rows: pd.DataFrame, image_set: str, least: int) -> list[PairAgreement]:
    """All pairs of one image set, by counting common answers with matrix products."""
    who, people = pd.factorize(pd.MultiIndex.from_frame(rows[["person", "group"]]), sort=True)
    item, items = pd.factorize(rows["item"])
    answered = np.zeros((len(people), len(items)))
    right = np.zeros_like(answered)
    answered[who, item] = 1
    right[who, item] = rows["correct"].to_numpy(dtype=float)
    common = answered @ answered.T
    both_right = right @ right.T
    right_of_first = right @ answered.T  # right answers of the row's person to common trials
    first, second = np.nonzero(np.triu(common >= least, 1))
    n, right_both = common[first, second], both_right[first, second]
    right_first, right_second = right_of_first[first, second], right_of_first[second, first]
    a, b = right_first / n, right_second / n
    observed = 1 - a - b + 2 * right_both / n
    expected = a * b + (1 - a) * (1 - b)
    chance = expected > 1 - 1e-12
    kappas = (observed - expected) / np.where(chance, 1, 1 - expected)
    only_first, only_second = right_first - right_both, right_second - right_both
    counts = np.stack([n - right_first - only_second, only_second, only_first, right_both], axis=1)
    cells = np.rint(counts).astype(int).tolist()
    pairs = []
    for i, j, kappa, unknown, (w, x, y, z) in zip(
        first, second, kappas, chance, cells, strict=True
    ):
        (one, group), (other, other_group) = people[int(i)], people[int(j)]
        if one == other:
            continue
        pairs.append(
            PairAgreement(
                one, other, image_set, None if unknown else float(kappa), ((w, x), (y, z)),
                (group, other_group),
            )
        )  # fmt: skip
    return pairs
