"""Small facts about a study folder and this computer for the frame of the window."""

from __future__ import annotations

import json
import os
import shutil
from datetime import UTC, datetime
from pathlib import Path

from imi_desktop.experiment.study import Study

LOCK_FILE = "lock.json"


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
    """When the study was locked by its first participant; None if it is not."""
    path = study.folder / LOCK_FILE
    try:
        written = json.loads(path.read_text(encoding="utf-8"))
        stamp = written.get("locked") or written.get("locked_at") or written.get("utc")
        return datetime.fromisoformat(str(stamp))
    except FileNotFoundError:
        return None
    except (OSError, ValueError, AttributeError):
        return datetime.fromtimestamp(path.stat().st_mtime, UTC)


def manifest_count(study: Study) -> int:
    """Number of records in the stimulus manifest; 0 without one."""
    path = study.folder / "stimuli" / "manifest.jsonl"
    if not path.is_file():
        return 0
    with path.open("rb") as file:
        return sum(1 for line in file if line.strip())
