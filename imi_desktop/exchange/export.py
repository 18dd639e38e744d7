"""What can be exported from a study, by the format's name."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pandas as pd

from imi_desktop import atomic
from imi_desktop.analysis.load import load_trials
from imi_desktop.errors import UserError, storage_error
from imi_desktop.exchange.bids import export_bids
from imi_desktop.exchange.jspsych_tasks import export_jspsych_tasks
from imi_desktop.exchange.psych_ds import export_psych_ds
from imi_desktop.exchange.stimuli_folder import export_stimuli_folder
from imi_desktop.exchange.table_files import write_trials
from imi_desktop.recording.participants import list_participants

MARK = ".imi-desktop-export"
"""Hidden file in a folder that was exported to; holds the format's name."""


class NothingToExportError(UserError):
    """A study holds nothing of what was asked for."""


class FolderInUseError(UserError):
    """A folder that was to be exported to holds something else."""


def export_study(study: Path, into: Path, kind: str) -> list[Path]:
    """Export a study's answers (all phases, excluded sessions marked) or its stimuli.

    Of what participants told about themselves, ``bids`` writes what is not identifying
    (:meth:`~imi_desktop.recording.participants.Participant.shareable`); the others write nothing.

    Parameters
    ----------
    kind : str
        ``csv``, ``parquet``, ``psych-ds``, ``bids``, ``stimuli-folder`` or ``jspsych-tasks``.

    Raises
    ------
    NothingToExportError
        If the study holds no answers, or no stimuli.
    FolderInUseError
        If `into` holds files that no earlier export of this kind wrote.
    """
    _refuse_foreign(into, kind)
    if kind in _OF_STIMULI:
        written = _OF_STIMULI[kind](study, into)
        if not written:
            raise NothingToExportError(f"{study} holds no stimuli yet, so nothing was written.")
    else:
        trials = load_trials([study]).trials
        if not len(trials):
            raise NothingToExportError(f"{study} holds no answers yet, so nothing was written.")
        written = _OF_TRIALS[kind](trials, into, study)
    atomic.write_text(into / MARK, f"{kind}\n")
    return written


def _refuse_foreign(into: Path, kind: str) -> None:
    """Refuse a folder with other things in it; an earlier export of the same kind is replaced."""
    try:
        if not into.exists() or not any(into.iterdir()):
            return
        mark = into / MARK
        earlier = mark.read_text("utf-8").strip() if mark.is_file() else ""
    except OSError as error:
        raise storage_error("read", into, error) from error
    if earlier != kind:
        holds = f"an export as {earlier}" if earlier else "other files"
        raise FolderInUseError(
            f"{into} holds {holds} already, so nothing was written. Name a new or an empty folder."
        )


def _csv(trials: pd.DataFrame, into: Path, study: Path) -> list[Path]:
    return _table(trials, into / f"{study.resolve().name}_trials.csv")


def _parquet(trials: pd.DataFrame, into: Path, study: Path) -> list[Path]:
    return _table(trials, into / f"{study.resolve().name}_trials.parquet")


def _psych_ds(trials: pd.DataFrame, into: Path, study: Path) -> list[Path]:
    return export_psych_ds(trials, into, study.resolve().name)


def _bids(trials: pd.DataFrame, into: Path, study: Path) -> list[Path]:
    people = {person.id: person.shareable() for person in list_participants(study)}
    return export_bids(trials, into, study.resolve().name, people)


def _table(trials: pd.DataFrame, path: Path) -> list[Path]:
    write_trials(trials, path)
    return [path]


_OF_TRIALS: dict[str, Callable[[pd.DataFrame, Path, Path], list[Path]]] = {
    "csv": _csv,
    "parquet": _parquet,
    "psych-ds": _psych_ds,
    "bids": _bids,
}
_OF_STIMULI: dict[str, Callable[[Path, Path], list[Path]]] = {
    "stimuli-folder": export_stimuli_folder,
    "jspsych-tasks": export_jspsych_tasks,
}
