"""The trial table of a study: one row for each answer in its journals."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pandas as pd

from imi_desktop.experiment.exclusion import exclusion_reasons
from imi_desktop.experiment.study import FILE_NAME, Study
from imi_desktop.recording.facts import SessionFacts
from imi_desktop.recording.journal import JOURNAL_NAME
from imi_desktop.recording.participants import list_participants
from imi_desktop.recording.quality import quality_checks
from imi_desktop.recording.records import Record, read_journal
from imi_desktop.recording.session_folder import sessions_of

#: Columns in order with their pandas types. Missing is missing: never −1 and never "".
COLUMNS: dict[str, str] = {
    "study": "string",
    "site": "string",
    "participant": "string",
    "session": "string",
    "expert_level": "string",
    "task": "string",
    "phase": "string",
    "catch": "boolean",
    "block": "Int64",
    "trial": "Int64",
    "attempt": "Int64",
    "condition": "string",
    "scheme": "string",
    "difficulty": "string",
    "model": "string",
    "layer": "string",
    "branch": "string",
    "channel": "Int64",
    "unit_selection": "string",
    "image_set": "string",
    "target_position": "string",
    "chosen_position": "string",
    "correct": "boolean",
    "confidence": "Int64",
    "rating": "float64",
    "reaction_time_ms": "float64",
    "onset_ns": "Int64",
    "response_ns": "Int64",
    "timeout": "boolean",
    "included": "boolean",
    "exclusion_reasons": "string",
}

_OF_TRIAL = (
    "task", "phase", "catch", "block", "trial", "attempt", "condition", "scheme", "difficulty",
    "model", "layer", "branch", "channel", "unit_selection", "image_set", "target_position",
)  # fmt: skip
_OF_RESPONSE = (
    "chosen_position", "correct", "confidence", "rating", "onset_ns", "response_ns",
)  # fmt: skip


def read_trials(study_folder: Path) -> pd.DataFrame:
    """Read every answer of every session of a study, interrupted and aborted ones included.

    Sessions that the experimenter excluded or that fail an exclusion rule of the protocol are
    marked in `included` and `exclusion_reasons`, never left out. Without a study file only the
    experimenter's marks count.

    Parameters
    ----------
    study_folder : Path
        The study.

    Returns
    -------
    DataFrame
        One row per answer with the columns and types of :data:`COLUMNS`, by participant, session
        and time. `reaction_time_ms` is response minus onset; `attempt` counts the repetitions of
        a practice block.

    Raises
    ------
    JournalDamagedError, NewerJournalError, StorageError
        If a journal or a participant's record cannot be read.
    UserError
        If there is a study file that is not valid.
    """
    rows: list[dict[str, Any]] = []
    study = Study.load(study_folder) if (study_folder / FILE_NAME).is_file() else None
    for participant in list_participants(study_folder):
        level = participant.fields.get("expert_level")
        folders = sessions_of(study_folder, participant.id)
        for participations, folder in enumerate(folders, start=1):
            session = {
                "participant": participant.id,
                "session": folder.name,
                "expert_level": None if level is None else str(level),
            }
            records = read_journal(folder / JOURNAL_NAME).records
            reasons = _exclusion_reasons(records, study, participations)
            marks = {"included": not reasons, "exclusion_reasons": "; ".join(reasons) or None}
            rows += [session | row | marks for row in answer_rows(records)]
    return _typed(rows)


def answer_rows(records: list[Record]) -> Iterator[dict[str, Any]]:
    """Rows of one journal: study, site and what is known of each trial and its answer.

    Whether the session is included is not told here.
    """
    started: dict[str, Any] = {}
    shown: dict[str, Any] = {}
    for record in records:
        if record.type == "session_started":
            started = record.data
        elif record.type == "trial_shown":
            shown = record.data
        elif record.type == "response":
            answer = record.data
            yield {
                "study": started.get("study") or None,
                "site": started.get("site") or None,
                **{name: shown.get(name) for name in _OF_TRIAL},
                **{name: answer.get(name) for name in _OF_RESPONSE},
                "reaction_time_ms": (answer["response_ns"] - answer["onset_ns"]) / 1e6,
                "timeout": False,
            }


def _exclusion_reasons(
    records: list[Record], study: Study | None, participations: int
) -> list[str]:
    """Reasons of the experimenter, then those of the protocol's rules."""
    facts = SessionFacts.of(records)
    if study is None:
        return facts.exclusion_reasons
    failed = exclusion_reasons(quality_checks(study, facts, participations))
    return [*facts.exclusion_reasons, *failed]


def _typed(rows: list[dict[str, Any]]) -> pd.DataFrame:
    # As objects first: ns would lose digits where pandas makes floats of a column with gaps.
    return pd.DataFrame(rows, columns=list(COLUMNS), dtype="object").astype(COLUMNS)
