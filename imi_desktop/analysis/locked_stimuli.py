"""Whether the stimuli of studies are still those that were locked, without reading any image."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from imi_desktop.analysis import wording
from imi_desktop.experiment.lock import read_lock
from imi_desktop.stimuli.manifest import Manifest


@dataclass(frozen=True)
class LockedStimuli:
    """Counts over all studies that are locked.

    Parameters
    ----------
    studies : int
        Locked studies.
    locked : int
        Stimuli in their locks.
    missing, changed : int
        Those that are no longer there, and those of which the manifest says otherwise.
    """

    studies: int = 0
    locked: int = 0
    missing: int = 0
    changed: int = 0

    @property
    def matching(self) -> int:
        """Stimuli that are as they were locked."""
        return self.locked - self.missing - self.changed

    @property
    def words(self) -> str:
        """How many match: ``30 of 32``, or why there is nothing to compare."""
        if not self.studies:
            return "not locked"
        if not self.locked:
            return "none locked"
        return f"{wording.count(self.matching)} of {wording.count(self.locked)}"


def check_locked_stimuli(studies: Sequence[Path]) -> LockedStimuli:
    """Compare locks with manifests; a file without a record counts as unchanged.

    Only :func:`imi_desktop.experiment.lock.verify_lock` reads the images themselves.

    Parameters
    ----------
    studies : sequence of Path
        Study folders; those without a lock are left out.

    Raises
    ------
    UserError
        If a lock or a manifest cannot be read.
    """
    found = locked = missing = changed = 0
    for folder in studies:
        lock = read_lock(folder)
        if lock is None:
            continue
        found += 1
        manifest = Manifest.read(folder)
        for file, sha256 in (lock.contents.get("stimuli") or {}).items():
            record = manifest.get(file)
            locked += 1
            if not (folder / file).is_file():
                missing += 1
            elif record is not None and record.sha256 != sha256:
                changed += 1
    return LockedStimuli(found, locked, missing, changed)
