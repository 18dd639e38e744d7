"""Participants of a study: their ids and what was asked of them."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from imi_desktop.atomic import write_text
from imi_desktop.errors import StorageError, storage_error
from imi_desktop.experiment.participant import InvalidParticipantIdError, participant_id
from imi_desktop.experiment.plan import plan_session
from imi_desktop.experiment.study import Audience, Study
from imi_desktop.experiment.trial import SessionPlan
from imi_desktop.recording.errors import NewerJournalError, SimilarParticipantError

PARTICIPANT_NAME = "participant.json"
SESSIONS_FOLDER = "sessions"
FORMAT = 1

Value = str | int | float | bool | None


@dataclass(frozen=True)
class Participant:
    """What is known of one participant, under a pseudonym.

    Parameters
    ----------
    id : str
        Pseudonymous id; see :func:`imi_desktop.experiment.participant.participant_id`.
    fields : mapping
        Answers to what the study asks for, e.g. ``{"age": 31, "expert_level": "2"}``.
    identifying : frozenset of str
        Names of the fields that exports leave out.
    number : int or None
        Place in the counterbalancing, where it is not the one that the id tells.
    audience : str or None
        Wording for this participant, where it is not the study's.
    registered : str
        When the record was first made, ISO 8601, UTC.
    """

    id: str
    fields: Mapping[str, Value] = field(default_factory=dict)
    identifying: frozenset[str] = frozenset()
    number: int | None = None
    audience: Audience | None = None
    registered: str = ""

    def shareable(self) -> dict[str, Value]:
        """Fields that may leave the laboratory."""
        return {name: value for name, value in self.fields.items() if name not in self.identifying}


def participant_folder(study_folder: Path, participant: str) -> Path:
    """Folder of one participant's record and sessions.

    Raises
    ------
    InvalidParticipantIdError
        If the id cannot name a folder.
    """
    return study_folder / SESSIONS_FOLDER / participant_id(participant)


def write_participant(study_folder: Path, participant: Participant) -> None:
    """Write the participant's record, replacing an earlier one.

    Raises
    ------
    InvalidParticipantIdError, SimilarParticipantError, StorageError
        If the id is not usable or differs from another only in capitals, or the file cannot be
        written.
    """
    refuse_similar(study_folder, participant.id)
    path = participant_folder(study_folder, participant.id) / PARTICIPANT_NAME
    registered = participant.registered or datetime.now(UTC).isoformat(timespec="seconds")
    values = {
        "format": FORMAT,
        "id": participant.id,
        "registered": registered,
        "fields": dict(participant.fields),
        "identifying": sorted(participant.identifying),
        "number": participant.number,
        "audience": participant.audience,
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
            number=values["number"],
            audience=values["audience"],
            registered=str(values["registered"]),
        )
    except OSError as error:
        raise storage_error("read", path, error) from error
    except (ValueError, KeyError, TypeError) as error:
        raise StorageError(
            f"{path} is not a participant's record ({error}). Restore it from a copy, or delete it "
            "and register the participant again."
        ) from error


def plan_for(study: Study, participant: str, record: Participant | None = None) -> SessionPlan:
    """Plan the session of a participant with the number and wording of their record.

    Parameters
    ----------
    record : Participant or None
        The record; None reads it.

    Raises
    ------
    InvalidParticipantIdError, SimilarParticipantError, StorageError, NewerJournalError
        If the id cannot be used or the record cannot be read.
    TooFewUnitsInStudyError
        If the study lists fewer units than its protocol asks for.
    """
    refuse_similar(study.folder, participant)
    if record is None:
        record = read_participant(study.folder, participant)
    return plan_session(study, participant, number=record.number, audience=record.audience)


def refuse_similar(study_folder: Path, participant: str) -> None:
    """Refuse an id that another participant has in other capitals.

    They would share a folder on Windows and macOS, and look like one person in results.

    Raises
    ------
    SimilarParticipantError
        Naming the other.
    """
    for other in participant_ids(study_folder):
        if other != participant and other.casefold() == participant.casefold():
            raise SimilarParticipantError(
                f"There is a participant {other} already; {participant} differs only in capitals. "
                f"Write {other}, or choose another id."
            )


def participant_ids(study_folder: Path) -> list[str]:
    """Ids of every participant that has a folder in the study, sorted."""
    folder = study_folder / SESSIONS_FOLDER
    if not folder.is_dir():
        return []
    return sorted(entry.name for entry in folder.iterdir() if entry.is_dir() and _is_id(entry.name))


def list_participants(study_folder: Path) -> list[Participant]:
    """Records of every participant that has a folder in the study, by id.

    Raises
    ------
    StorageError, NewerJournalError
        If a record cannot be read.
    """
    return [read_participant(study_folder, name) for name in participant_ids(study_folder)]


def _is_id(name: str) -> bool:
    try:
        participant_id(name)
    except InvalidParticipantIdError:
        return False
    return True
