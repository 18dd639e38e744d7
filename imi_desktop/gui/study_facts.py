"""Small facts about a study folder and this computer for the frame of the window."""

from __future__ import annotations

import logging
import os
import shutil
from datetime import datetime
from pathlib import Path

from imi_desktop.errors import UserError
from imi_desktop.experiment.lock import read_lock
from imi_desktop.experiment.study import Study

log = logging.getLogger(__name__)


def folder_size(folder: Path) -> int:
    """Bytes of all files below `folder`; files that vanish meanwhile do not count."""
    total = 0
    for parent, _folders, files in os.walk(folder):
        for name in files:
            try:
                total += os.lstat(f"{parent}{os.sep}{name}").st_size
            except FileNotFoundError:
                continue
    return total


def free_space(folder: Path) -> int:
    """Bytes free on the disk of `folder`, or of the nearest parent that exists."""
    place = folder.resolve()
    while not place.exists() and place != place.parent:
        place = place.parent
    return shutil.disk_usage(place).free


def locked_since(study: Study) -> datetime | None:
    """When the study was locked by its first participant; None if it is not, or nobody can tell."""
    try:
        lock = read_lock(study.folder)
    except UserError as error:  # the Study page tells the sentence
        log.info("%s", error.sentence)
        return None
    return None if lock is None else datetime.fromisoformat(lock.made)


def manifest_count(study: Study) -> int:
    """Number of records in the stimulus manifest; 0 without one."""
    path = study.folder / "stimuli" / "manifest.jsonl"
    if not path.is_file():
        return 0
    with path.open("rb") as file:
        return sum(1 for line in file if line.strip())
