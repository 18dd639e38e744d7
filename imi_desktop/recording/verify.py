"""Looks for everything that is wrong with the recorded sessions of a study."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from imi_desktop.errors import UserError
from imi_desktop.experiment.lock import read_lock
from imi_desktop.experiment.trial import SessionPlan
from imi_desktop.recording.journal import JOURNAL_NAME
from imi_desktop.recording.machine import OutOfStepError, SessionWalk
from imi_desktop.recording.participants import (
    SESSIONS_FOLDER,
    read_participant,
)
from imi_desktop.recording.records import JournalContents, read_journal
from imi_desktop.recording.session_folder import plan_hash, read_description, state_of


@dataclass(frozen=True)
class SessionProblem:
    """Something wrong with a file.

    Parameters
    ----------
    file : Path
        Which one.
    sentence : str
        What, and what to do.
    """

    file: Path
    sentence: str


def session_problems(
    study_folder: Path, plan_of: Callable[[str], SessionPlan] | None
) -> Iterator[SessionProblem]:
    """Check every participant's record and every session.

    Parameters
    ----------
    study_folder : Path
        The study.
    plan_of : callable or None
        Gives a participant's plan, to check that the journals follow it; None where the study
        file is not valid.
    """
    folder = study_folder / SESSIONS_FOLDER
    if not folder.is_dir():
        return
    for participant in sorted(entry for entry in folder.iterdir() if entry.is_dir()):
        try:
            read_participant(study_folder, participant.name)
        except UserError as error:
            yield SessionProblem(participant, error.sentence)
        for session in sorted(entry for entry in participant.iterdir() if entry.is_dir()):
            yield from _problems_of(session, participant.name, plan_of)


def _problems_of(
    session: Path, participant: str, plan_of: Callable[[str], SessionPlan] | None
) -> Iterator[SessionProblem]:
    path = session / JOURNAL_NAME
    if not path.is_file():
        yield SessionProblem(session, f"{session} holds no journal; nothing was recorded there.")
        return
    try:
        contents = read_journal(path)
    except UserError as error:
        yield SessionProblem(path, error.sentence)
        return
    if contents.torn and state_of(session, contents.records) != "running":
        answers = sum(record.type == "response" for record in contents.records)
        yield SessionProblem(
            path,
            f"The last line of {path} is torn ({len(contents.torn)} bytes); {answers} answers "
            "before it are safe. Resuming the session cuts it off.",
        )
    try:
        description = read_description(session)
        plan = plan_of(participant) if plan_of else None
    except UserError as error:
        yield SessionProblem(session, error.sentence)
        return
    if plan is None:
        return
    if description["plan_hash"] == plan_hash(plan):
        yield from _replay_problem(path, contents, plan)
    elif not _amended_since(session.parents[2], contents):
        yield SessionProblem(
            path,
            f"The study changed after {session} was started: it now gives {participant} another "
            "trial list.",
        )


def _amended_since(study_folder: Path, contents: JournalContents) -> bool:
    """Whether an amendment explains that the study is not what a session was started with."""
    try:
        lock = read_lock(study_folder)
    except UserError:
        return False  # told with the lock
    if lock is None or not contents.records:
        return False
    started = datetime.fromisoformat(contents.records[0].utc)
    return any(datetime.fromisoformat(amendment.made) > started for amendment in lock.amendments)


def _replay_problem(
    path: Path, contents: JournalContents, plan: SessionPlan
) -> Iterator[SessionProblem]:
    walk = SessionWalk(plan)
    for record in contents.records:
        try:
            walk.apply(record.type, record.data)
        except (OutOfStepError, KeyError) as error:
            yield SessionProblem(
                path, f"{path} does not follow its trial list at line {record.seq + 1}: {error}."
            )
            return
