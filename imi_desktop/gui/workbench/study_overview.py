"""Where a study stands, read from its folder; slow enough to be done outside the main thread."""

from __future__ import annotations

import hashlib
from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from imi_desktop.errors import UserError
from imi_desktop.experiment.lock import Amendment, read_lock, verify_lock
from imi_desktop.experiment.plan import minutes_for, plan_session
from imi_desktop.experiment.requirements import stimuli_needed
from imi_desktop.experiment.study import Study
from imi_desktop.gui.study_facts import folder_size
from imi_desktop.jobs.unit_tasks import plan_tasks
from imi_desktop.recording.participants import list_participants
from imi_desktop.recording.session_folder import sessions_of, state_of
from imi_desktop.stimuli.image_folder import ImageFolder

INDEX = "dataset.csv"
_FILES = (
    ("study.toml", "the experiment"),
    (INDEX, "index of the image folder"),
    ("activations", "activations of the recorded layers"),
    ("stimuli", "images shown to participants, and their manifest"),
    ("lock.json", "what was locked by the first session"),
    ("sessions", "journals, one folder per participant"),
    ("exports", "derived tables and reports; can be rebuilt"),
)


@dataclass(frozen=True)
class FileFact:
    """One file or folder of the study.

    Parameters
    ----------
    size : int or None
        Bytes; None if it does not exist yet.
    """

    name: str
    about: str
    size: int | None
    changed: datetime | None


@dataclass(frozen=True)
class StudyOverview:
    """What there is and what is missing.

    Parameters
    ----------
    images, usable : int or None
        Files in the index, and how many can be used; None without an index.
    images_needed : int
        Usable images that the natural stimuli need.
    images_gone : bool
        Whether the folder that was indexed is not there any more.
    stimuli, stimuli_missing : int
        Files that are made for the study's trials, and how many of them do not exist.
    sessions : Counter
        Sessions by state: ``done``, ``interrupted``, ``running``, ``aborted``, ``unreadable``.
    amendments : tuple of Amendment
        Changes accepted after the lock.
    changed : tuple of str
        Sentences of what is not as it was locked.
    problems : tuple of str
        Sentences about what could not be read.
    """

    study: Study
    trials: int
    minutes: int
    images: int | None
    usable: int | None
    images_needed: int
    images_gone: bool
    stimuli: int
    stimuli_missing: int
    participants: int
    sessions: Counter[str]
    locked: datetime | None
    amendments: tuple[Amendment, ...]
    changed: tuple[str, ...]
    sha256: str
    files: tuple[FileFact, ...]
    problems: tuple[str, ...] = field(default=())


def overview(study: Study) -> StudyOverview:
    """Read everything. What cannot be read becomes a sentence, the rest is still told."""
    problems: list[str] = []
    images = usable = None
    try:
        if (study.folder / INDEX).is_file():
            index = ImageFolder.read(study.folder / INDEX, study.images_folder)
            images, usable = len(index.files), len(index.usable)
    except UserError as error:
        problems.append(error.sentence)
    lock = None
    changed: tuple[str, ...] = ()
    try:
        lock = read_lock(study.folder)
        changed = tuple(difference.sentence for difference in verify_lock(study))
    except UserError as error:
        problems.append(error.sentence)
    needed = stimuli_needed(study)
    layers = dict.fromkeys(needed.layers, "")
    files = [file for task in plan_tasks(study, needed, "", layers) for file in task.files]
    plan = plan_session(study, "P1")
    sessions: Counter[str] = Counter()
    participants = 0
    try:
        for participant in list_participants(study.folder):
            participants += 1
            for folder in sessions_of(study.folder, participant.id):
                sessions[_state(folder, problems)] += 1
    except UserError as error:
        problems.append(error.sentence)
    return StudyOverview(
        study=study,
        trials=plan.n_trials,
        minutes=minutes_for(plan.n_trials),
        images=images,
        usable=usable,
        images_needed=needed.images_needed,
        images_gone=images is not None and not study.images_folder.is_dir(),
        stimuli=len(files),
        stimuli_missing=sum(not (study.folder / file).is_file() for file in files),
        participants=participants,
        sessions=sessions,
        locked=None if lock is None else datetime.fromisoformat(lock.made),
        amendments=() if lock is None else lock.amendments,
        changed=changed,
        sha256=hashlib.sha256(study.file.read_bytes()).hexdigest(),
        files=tuple(_file(study.folder, name, about) for name, about in _FILES),
        problems=tuple(problems),
    )


def _state(folder: Path, problems: list[str]) -> str:
    try:
        return state_of(folder)
    except UserError as error:
        problems.append(error.sentence)
        return "unreadable"


def _file(folder: Path, name: str, about: str) -> FileFact:
    path = folder / name
    if not path.exists():
        return FileFact(name, about, None, None)
    size = folder_size(path) if path.is_dir() else path.stat().st_size
    return FileFact(name, about, size, datetime.fromtimestamp(path.stat().st_mtime))
