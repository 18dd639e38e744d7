"""What can be exported from a study, by the format's name."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pandas as pd

from imi_desktop.analysis.load import load_trials
from imi_desktop.errors import UserError
from imi_desktop.exchange.bids import export_bids
from imi_desktop.exchange.jspsych_tasks import export_jspsych_tasks
from imi_desktop.exchange.psych_ds import export_psych_ds
from imi_desktop.exchange.stimuli_folder import export_stimuli_folder
from imi_desktop.exchange.table_files import write_trials


class NothingToExportError(UserError):
    """A study holds nothing of what was asked for."""


def export_study(study: Path, into: Path, kind: str) -> list[Path]:
    """Export a study's answers (all phases, excluded sessions marked) or its stimuli.

    Personal fields of participants (age, gender …) are never among them.

    Parameters
    ----------
    kind : str
        ``csv``, ``parquet``, ``psych-ds``, ``bids``, ``stimuli-folder`` or ``jspsych-tasks``.

    Raises
    ------
    NothingToExportError
        If the study holds no answers, or no stimuli.
    """
    if kind in _OF_STIMULI:
        written = _OF_STIMULI[kind](study, into)
        if not written:
            raise NothingToExportError(f"{study} holds no stimuli yet, so nothing was written.")
        return written
    trials = load_trials([study]).trials
    if not len(trials):
        raise NothingToExportError(f"{study} holds no answers yet, so nothing was written.")
    return _OF_TRIALS[kind](trials, into, study.resolve().name)


def _csv(trials: pd.DataFrame, into: Path, name: str) -> list[Path]:
    return _table(trials, into / f"{name}_trials.csv")


def _parquet(trials: pd.DataFrame, into: Path, name: str) -> list[Path]:
    return _table(trials, into / f"{name}_trials.parquet")


def _table(trials: pd.DataFrame, path: Path) -> list[Path]:
    write_trials(trials, path)
    return [path]


_OF_TRIALS: dict[str, Callable[[pd.DataFrame, Path, str], list[Path]]] = {
    "csv": _csv,
    "parquet": _parquet,
    "psych-ds": export_psych_ds,
    "bids": export_bids,
}
_OF_STIMULI: dict[str, Callable[[Path, Path], list[Path]]] = {
    "stimuli-folder": export_stimuli_folder,
    "jspsych-tasks": export_jspsych_tasks,
}
