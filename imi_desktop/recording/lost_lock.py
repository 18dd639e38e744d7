"""Whether a study that people took part in has lost its lock."""

from __future__ import annotations

from pathlib import Path

from imi_desktop.errors import StorageError, UserError
from imi_desktop.experiment.lock import FILE_NAME, read_lock
from imi_desktop.recording.participants import participant_ids
from imi_desktop.recording.session_folder import read_description, sessions_of


class LockLostError(UserError):
    """People took part in a study, and its lock is gone."""


def lock_is_lost(study_folder: Path) -> bool:
    """Whether there is no lock although somebody who is not simulated took part.

    Raises
    ------
    StorageError, LockError
        If there is a lock that cannot be read.
    """
    return read_lock(study_folder) is None and any(
        _is_real(session)
        for participant in participant_ids(study_folder)
        for session in sessions_of(study_folder, participant)
    )


def lost_sentence(study_folder: Path) -> str:
    """What is wrong, and what to do."""
    return (
        f"{study_folder / FILE_NAME} is gone although people took part in the study, so nobody can "
        "tell whether it was changed since. Restore the file from a copy, or lock the study as it "
        f"is now: imi-desktop amend {study_folder} --author NAME --reason TEXT."
    )


def refuse_lost_lock(study_folder: Path) -> None:
    """Raise if :func:`lock_is_lost`.

    Raises
    ------
    LockLostError
        With :func:`lost_sentence`.
    """
    if lock_is_lost(study_folder):
        raise LockLostError(lost_sentence(study_folder))


def _is_real(session: Path) -> bool:
    try:
        return read_description(session).get("environment", {}).get("simulated") is not True
    except StorageError:
        return True
