"""Where a study departs from what was stated before its data."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import pandas as pd

from imi_desktop.analysis.cells import PARTICIPANT, UNIT, distinct
from imi_desktop.analysis.selection import Selection
from imi_desktop.analysis.verdict_data import Verdict
from imi_desktop.experiment.hypothesis import Hypothesis
from imi_desktop.experiment.lock import read_lock
from imi_desktop.experiment.study import Study


@dataclass(frozen=True)
class Deviation:
    """One departure from the plan.

    Parameters
    ----------
    hypothesis : str or None
        Id of the hypothesis it concerns; None for the whole study.
    sentence : str
        What was planned and what happened.
    """

    study: str
    hypothesis: str | None
    sentence: str


def deviations(
    study: Study, trials: pd.DataFrame, verdicts: Sequence[Verdict]
) -> tuple[Deviation, ...]:
    """Compare samples, tests and the lock with the hypotheses.

    Amendments are told on their own (:class:`imi_desktop.experiment.lock.Amendment`).

    Parameters
    ----------
    trials : DataFrame
        All trials loaded; those of other studies, and those not planned for, are left out.
    verdicts : sequence of Verdict
        Of this study, in the order of its hypotheses.
    """
    own = (trials["study"].astype("string") == study.name).fillna(False).to_numpy(dtype=bool)
    selected = Selection().apply(trials[own])
    if not study.hypotheses or not len(selected):
        return ()
    found: list[Deviation] = []
    locked = read_lock(study.folder) is not None
    if not locked:
        sentence = "The hypotheses were not locked before the first session."
        found.append(Deviation(study.name, None, sentence))
    people = len(distinct(selected[list(PARTICIPANT)])[1])
    units = len(distinct(selected[list(UNIT)])[1])
    for hypothesis, verdict in zip(study.hypotheses, verdicts, strict=True):
        sentences = [*_sample(hypothesis, people, units), *_test(verdict)]
        if locked and not verdict.locked:
            sentences.insert(0, "It was stated or changed after the lock.")
        found += [Deviation(study.name, hypothesis.id, sentence) for sentence in sentences]
    return tuple(found)


def _sample(hypothesis: Hypothesis, people: int, units: int) -> list[str]:
    planned = (
        ("participants", hypothesis.planned_participants, people),
        ("units", hypothesis.planned_units, units),
    )
    return [
        f"{wanted} {name} were planned, {there} entered."
        for name, wanted, there in planned
        if wanted is not None and wanted != there
    ]


def _test(verdict: Verdict) -> list[str]:
    sentences = []
    if verdict.test.reason:
        sentences.append(f"The planned test could not run: {verdict.test.reason}.")
    if verdict.test.dropped != verdict.test.dropped_by_rule:
        sentences.append(f"The planned test left out {verdict.test.dropped}.")
    return sentences
