"""One generation at a time writes into a study."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from imi_desktop.errors import UserError, storage_error

if sys.platform == "win32":
    import msvcrt
else:
    import fcntl


class StudyBusyError(UserError):
    """Another process is generating stimuli for the same study."""


@contextmanager
def generating(study_dir: Path) -> Iterator[None]:
    """Hold the study's generation lock; the system frees it even if this process is killed.

    Raises
    ------
    StudyBusyError
        If another process holds it.
    StorageError
        If the study folder cannot be written.
    """
    path = study_dir / "stimuli" / ".generating"
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o644)
    except OSError as error:
        raise storage_error(
            "write into the study", path, error, "Make the study folder writable."
        ) from error
    try:
        _lock(descriptor, study_dir)
        yield
    finally:
        os.close(descriptor)


def _lock(descriptor: int, study_dir: Path) -> None:
    try:
        if sys.platform == "win32":
            msvcrt.locking(descriptor, msvcrt.LK_NBLCK, 1)
        else:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        raise StudyBusyError(
            f"Stimuli of {study_dir} are being generated already. "
            "Wait until that is done, or stop it first."
        ) from error
