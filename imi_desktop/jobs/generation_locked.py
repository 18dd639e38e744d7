"""Generating for a study that people took part in: what they saw stays as it is, byte for byte."""

from __future__ import annotations

import shutil
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from imi_desktop import atomic
from imi_desktop.errors import storage_error
from imi_desktop.experiment.lock import Lock, read_lock, refuse_changes
from imi_desktop.experiment.study import Study
from imi_desktop.jobs.unit_tasks import UnitTask
from imi_desktop.recording.lost_lock import refuse_lost_lock
from imi_desktop.stimuli.manifest import Record
from imi_desktop.stimuli.pack import StimulusPack, sha256_of

_KEPT = ".locked"
"""Folder below ``stimuli`` with copies of the images that are being made again."""


class LockedStimuli:
    """The stimuli of a locked study; missing ones are made again if they come out the same.

    Parameters
    ----------
    folder : Path
        The study folder.
    lock : Lock
        Its lock.
    """

    def __init__(self, folder: Path, lock: Lock) -> None:
        self._folder = folder
        self._kept = folder / "stimuli" / _KEPT
        self._hashes: dict[str, str] = dict(lock.contents.get("stimuli", {}))

    @classmethod
    def of(cls, study: Study) -> LockedStimuli | None:
        """Those of a study; None if it is not locked.

        Raises
        ------
        StudyLockedError
            If the study is not as it was locked.
        LockLostError
            If people took part and the lock is gone.
        StorageError, LockError
            If the lock cannot be read.
        """
        refuse_lost_lock(study.folder)
        lock = read_lock(study.folder)
        if lock is None:
            return None
        refuse_changes(study)
        return cls(study.folder, lock)

    def is_done(self, task: UnitTask, pack: StimulusPack) -> bool:
        """Whether all images of a task are there and whole, whatever they were made from."""
        if pack.missing(task.files):
            return False
        known = [file for file in task.files if file in self._hashes]
        changed = any(sha256_of(pack.path(file)) != self._hashes[file] for file in known)
        return not changed and not pack.damaged(task.files)

    def allows(self, records: Iterable[Record]) -> bool:
        """Whether new images are those that were locked, where they were."""
        return all(self._hashes.get(r.file, r.sha256) == r.sha256 for r in records)

    def refusal(self) -> str:
        """Why images that :meth:`allows` does not allow are not kept."""
        return (
            "Made again, its images differ from those that participants saw, so they were not "
            "kept. Restore the missing ones from a copy; or, to replace them on purpose, delete "
            "all images of this unit and kind, record that with imi-desktop amend "
            f"{self._folder}, and generate again."
        )

    @contextmanager
    def protected(self, tasks: Sequence[UnitTask], accepted: set[str]) -> Iterator[None]:
        """Put everything back afterwards, except what tasks with an `accepted` hash made.

        Parameters
        ----------
        accepted : set of str
            Filled meanwhile.

        Raises
        ------
        StorageError
            If images cannot be copied or put back.
        """
        files = {task.hash: task.files for task in tasks}
        for file in (file for own in files.values() for file in own):
            if (self._folder / file).is_file():
                _copy(self._folder / file, self._kept / file)
        try:
            yield
        finally:
            for task_hash, own in files.items():
                if task_hash not in accepted:
                    self._drop_new(own)
                else:
                    for file in own:
                        _remove(self._kept / file)
            self.put_back()

    def put_back(self) -> None:
        """Put back what an earlier run that was killed had kept.

        Raises
        ------
        StorageError
            If the images cannot be written.
        """
        if not self._kept.is_dir():
            return
        for copy in sorted(path for path in self._kept.rglob("*") if path.is_file()):
            _copy(copy, self._folder / copy.relative_to(self._kept))
        shutil.rmtree(self._kept, ignore_errors=True)

    def _drop_new(self, files: Iterable[str]) -> None:
        for file in files:
            if not (self._kept / file).is_file():
                _remove(self._folder / file)


def _remove(path: Path) -> None:
    try:
        path.unlink(missing_ok=True)
    except OSError as error:
        raise storage_error("delete", path, error) from error


def _copy(source: Path, target: Path) -> None:
    try:
        atomic.write_bytes(target, source.read_bytes())
    except OSError as error:
        raise storage_error("copy", source, error) from error
