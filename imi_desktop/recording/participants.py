"""Participants of a study: their ids and what was asked of them."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from imi_desktop.atomic import write_text
from imi_desktop.errors import StorageError, storage_error
from imi_desktop.recording.errors import NewerJournalError, ParticipantIdError

PARTICIPANT_NAME = "participant.json"
SESSIONS_FOLDER = "sessions"
FORMAT = 1

Value = str | int | float | bool | None

# Names that Windows gives to devices, whatever their extension.
_RESERVED = re.compile(r"(con|prn|aux|nul|com\d|lpt\d)(\..*)?", re.IGNORECASE)


def check_participant_id(text: str) -> str:
    """Return `text` if it can name a participant and a folder on every system.

    Raises
    ------
    ParticipantIdError
        Unless it has 1 to 64 letters, digits, ``.``, ``_`` or ``-``, starts with a letter or
        digit and does not end with a dot.
    """
    if (
        not re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}", text)
        or text.endswith(".")
        or _RESERVED.fullmatch(text)
    ):
        raise ParticipantIdError(
            f"“{text}” cannot be a participant id. Use up to 64 letters, digits, “.”, “_” and “-”, "
            "starting with a letter or digit, for example P07."
        )
    return text


@dataclass(frozen=True)
class Participant:
    """What is known of one participant, under a pseudonym.

    Parameters
    ----------
    id : str
        Pseudonymous id; see :func:`check_participant_id`.
    fields : mapping
        Answers to what the study asks for, e.g. ``{"age": 31, "expert_level": "2"}``.
    identifying : frozenset of str
        Names of the fields that exports leave out.
    registered : str
        When the record was first made, ISO 8601, UTC.
    """

    id: str
    fields: Mapping[str, Value] = field(default_factory=dict)
    identifying: frozenset[str] = frozenset()
    registered: str = ""

    def shareable(self) -> dict[str, Value]:
        """Fields that may leave the laboratory."""
        return {name: value for name, value in self.fields.items() if name not in self.identifying}


def participant_folder(study_folder: Path, participant: str) -> Path:
    """Folder of one participant's record and sessions.

    Raises
    ------
    ParticipantIdError
        If the id cannot name a folder.
    """
    return study_folder / SESSIONS_FOLDER / check_participant_id(participant)


def write_participant(study_folder: Path, participant: Participant) -> None:
    """Write the participant's record, replacing an earlier one.

    Raises
    ------
    ParticipantIdError, StorageError
        If the id is not usable, or the file cannot be written.
    """
    path = participant_folder(study_folder, participant.id) / PARTICIPANT_NAME
    registered = participant.registered or datetime.now(UTC).isoformat(timespec="seconds")
    values = {
        "format": FORMAT,
        "id": participant.id,
        "registered": registered,
        "fields": dict(participant.fields),
        "identifying": sorted(participant.identifying),
    }
    write_text(path, json.dumps(values, ensure_ascii=False, indent=2) + "\n")


def read_participant(study_folder: Path, participant: str) -> Participant:
    """Read a participant's record; one without a record has only an id.

    Raises
    ------
    StorageError
        If the file cannot be read or is not a participant's record.
    NewerJournalError
        If a newer version of the app wrote it.
    """
    path = participant_folder(study_folder, participant) / PARTICIPANT_NAME
    if not path.exists():
        return Participant(participant)
    try:
        values = json.loads(path.read_text("utf-8"))
        if values["format"] > FORMAT:
            raise NewerJournalError(
                f"{path} was written by a newer version of IMI Desktop. Update the app."
            )
        return Participant(
            id=participant,
            fields=dict(values["fields"]),
            identifying=frozenset(values["identifying"]),
            registered=str(values["registered"]),
        )
    except OSError as error:
        raise storage_error("read", path, error) from error
    except (ValueError, KeyError, TypeError) as error:
        raise StorageError(
            f"{path} is not a participant's record ({error}). Restore it from a copy, or delete it "
            "and register the participant again."
        ) from error


def list_participants(study_folder: Path) -> list[Participant]:
    """Every participant that has a folder in the study, by id.

    Raises
    ------
    StorageError, NewerJournalError
        If a record cannot be read.
    """
    folder = study_folder / SESSIONS_FOLDER
    if not folder.is_dir():
        return []
    names = sorted(entry.name for entry in folder.iterdir() if entry.is_dir())
    return [read_participant(study_folder, name) for name in names if _is_id(name)]


def _is_id(name: str) -> bool:
    try:
        check_participant_id(name)
    except ParticipantIdError:
        return False
    return True
