"""What became of hypotheses, and where their studies departed from what was stated before."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import pandas as pd

from imi_desktop.analysis.deviations import Deviation, deviations
from imi_desktop.analysis.verdict_data import Verdict
from imi_desktop.analysis.verdicts import judge
from imi_desktop.experiment.lock import Amendment, read_lock
from imi_desktop.experiment.study import Study


@dataclass(frozen=True)
class Judgement:
    """Verdicts of one or many studies.

    Parameters
    ----------
    deviations : tuple of Deviation
        Where the data depart from what the hypotheses planned.
    amendments : tuple of (str, Amendment)
        Study, and a change made on purpose after its lock.
    """

    verdicts: tuple[Verdict, ...] = ()
    deviations: tuple[Deviation, ...] = ()
    amendments: tuple[tuple[str, Amendment], ...] = ()


def judge_studies(studies: Sequence[Study], trials: pd.DataFrame) -> Judgement:
    """Judge the hypotheses of all studies, each on its own trials.

    Parameters
    ----------
    trials : DataFrame
        All trials loaded, of any study.

    Raises
    ------
    StorageError, LockError
        If a lock cannot be read or understood.
    """
    judged = [(study, judge(study, trials)) for study in studies]
    locks = [(study.name, read_lock(study.folder)) for study in studies]
    return Judgement(
        verdicts=tuple(verdict for _, own in judged for verdict in own),
        deviations=tuple(
            entry for study, own in judged for entry in deviations(study, trials, own)
        ),
        amendments=tuple(
            (name, entry) for name, lock in locks if lock is not None for entry in lock.amendments
        ),
    )
