"""The folder of a session: its name, what ``session.json`` tells, and the state it is in."""

from __future__ import annotations

import hashlib
import json
import platform
import sys
from collections import Counter
from dataclasses import asdict
from datetime import UTC, datetime
from importlib import metadata
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from imi_desktop import __version__
from imi_desktop.atomic import sync_folder, write_text
from imi_desktop.errors import StorageError, storage_error
from imi_desktop.experiment.trial import BlockPlan, SessionPlan
from imi_desktop.recording import lock
from imi_desktop.recording.errors import NewerJournalError, SessionLockedError
from imi_desktop.recording.journal import JOURNAL_NAME, LOCK_NAME
from imi_desktop.recording.participants import participant_folder
from imi_desktop.recording.records import Record, read_journal
from imi_desktop.stimuli.manifest import manifest_path
from imi_desktop.stimuli.pack import sha256_of

if TYPE_CHECKING:
    from imi_desktop.experiment.study import Study

DESCRIPTION_NAME = "session.json"
FORMAT = 1

SessionState = Literal["running", "interrupted", "done", "aborted"]


def create(study_folder: Path, participant: str) -> Path:
    """Make the folder of a new session, named by the time; an existing one is never used.

    Raises
    ------
    InvalidParticipantIdError, StorageError
        If the id cannot be used or the folder cannot be made.
    """
    parent = participant_folder(study_folder, participant)
    stamp = datetime.now(UTC).strftime("%Y%m%dT%H%M%SZ")
    number = 1
    while True:
        folder = parent / (stamp if number == 1 else f"{stamp}-{number}")
        try:
            parent.mkdir(parents=True, exist_ok=True)
            folder.mkdir()
            sync_folder(parent)
        except FileExistsError:
            number += 1
            continue
        except OSError as error:
            raise storage_error("create the folder", folder, error) from error
        return folder


def sessions_of(study_folder: Path, participant: str) -> list[Path]:
    """Folders of a participant's sessions that have a journal, oldest first."""
    parent = participant_folder(study_folder, participant)
    if not parent.is_dir():
        return []
    return sorted(folder for folder in parent.iterdir() if (folder / JOURNAL_NAME).is_file())


def state_of(folder: Path, records: list[Record] | None = None) -> SessionState:
    """Tell the state of a session from its journal and its lock.

    Parameters
    ----------
    folder : Path
        The session's folder.
    records : list of Record or None
        Its journal, if it was read already.

    Raises
    ------
    JournalDamagedError, NewerJournalError, StorageError
        If the journal cannot be read.
    """
    if records is None:
        records = read_journal(folder / JOURNAL_NAME).records
    types = {record.type for record in records}
    if "aborted" in types:
        return "aborted"
    if "session_ended" in types:
        return "done"
    return "interrupted" if lock.holder(folder / LOCK_NAME) is None else "running"


def last_unfinished(study_folder: Path, participant: str) -> Path | None:
    """The participant's latest session that is neither done nor aborted."""
    for folder in reversed(sessions_of(study_folder, participant)):
        if state_of(folder) in {"running", "interrupted"}:
            return folder
    return None


def refuse_running(folder: Path) -> None:
    """Raise :class:`SessionLockedError` if another process records the session."""
    if lock.holder(folder / LOCK_NAME) is not None:
        raise SessionLockedError(lock.locked_sentence(folder / LOCK_NAME))


def plan_hash(plan: SessionPlan) -> str:
    """SHA-256 of everything the plan holds, as hexadecimal digits."""
    text = json.dumps(asdict(plan), sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


def planned_trials(plan: SessionPlan) -> int:
    """Trials of a plan, repetitions of practice left out."""
    return sum(planned_length(block) for block in plan.blocks)


def planned_length(block: BlockPlan) -> int:
    """Trials of a block's first attempt, those that its answers will choose included."""
    if block.repeats is None:
        return len(block.trials)
    return block.repeats.most_confident + block.repeats.least_confident


def _conditions(block: BlockPlan) -> dict[str, int]:
    if block.repeats is not None:
        return {block.repeats.condition: planned_length(block)}
    return dict(Counter(trial.condition for trial in block.trials))


def describe(
    study: Study, folder: Path, plan: SessionPlan, environment: dict[str, Any]
) -> dict[str, Any]:
    """What ``session.json`` holds: who, which plan, which seed, which software, where."""
    return {
        "format": FORMAT,
        "study": study.name,
        "site": study.site,
        "participant": plan.participant,
        "session": folder.name,
        "started": datetime.now(UTC).isoformat(timespec="seconds"),
        "plan_hash": plan_hash(plan),
        "study_seed": study.seed,
        "seed": plan.seed,
        "counterbalancing": dict(plan.counterbalancing),
        "stimuli_manifest_sha256": _manifest_hash(study.folder),
        "trials": planned_trials(plan),
        "catch_trials": sum(trial.catch and trial.phase == "main" for trial in plan.trials),
        "blocks": [
            {
                "number": block.number,
                "name": block.name,
                "phase": block.phase,
                "conditions": _conditions(block),
                "trials": planned_length(block),
            }
            for block in plan.blocks
        ],
        "software": {
            "imi_desktop": __version__,
            "python": sys.version.split()[0],
            "platform": platform.platform(),
            "numpy": metadata.version("numpy"),
        },
        "environment": environment,
    }


def _manifest_hash(study_folder: Path) -> str | None:
    """Hash of the file that holds the hash of every stimulus; None without one."""
    path = manifest_path(study_folder)
    return sha256_of(path) if path.is_file() else None


def write_description(folder: Path, description: dict[str, Any]) -> None:
    """Write ``session.json``, atomically."""
    text = json.dumps(description, ensure_ascii=False, indent=2, allow_nan=False)
    write_text(folder / DESCRIPTION_NAME, text + "\n")


def read_description(folder: Path) -> dict[str, Any]:
    """Read ``session.json``.

    Raises
    ------
    StorageError
        If it is missing or not what :func:`describe` makes.
    NewerJournalError
        If a newer version of the app wrote it.
    """
    path = folder / DESCRIPTION_NAME
    try:
        description = json.loads(path.read_text("utf-8"))
        newer = description["format"] > FORMAT
        description["plan_hash"]
    except OSError as error:
        raise storage_error("read", path, error) from error
    except (ValueError, KeyError, TypeError) as error:
        raise StorageError(
            f"{path} is not the description of a session ({error!r}). Restore it from a copy."
        ) from error
    if newer:
        raise NewerJournalError(
            f"{path} was written by a newer version of IMI Desktop. Update the app."
        )
    return dict(description)
