"""How the sessions of studies were recorded: frames, focus, displays, and who answered."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from imi_desktop.recording.facts import SessionFacts
from imi_desktop.recording.journal import JOURNAL_NAME
from imi_desktop.recording.participants import participant_ids
from imi_desktop.recording.records import read_journal
from imi_desktop.recording.session_folder import read_description, sessions_of


@dataclass(frozen=True)
class RecordingChecks:
    """Counts over all recorded sessions; imported answers have none.

    Parameters
    ----------
    sessions, simulated : int
        Recorded sessions, and those that an observer answered in a participant's place.
    missed_frames, with_missed_frames, with_counted_frames : int
        Frames that came late, sessions with at least one, and sessions in which they were counted.
    focus_lost : int
        How often the participant's window lost the focus.
    calibrated : int
        Sessions of people on a display with a measured profile.
    """

    sessions: int = 0
    simulated: int = 0
    missed_frames: int = 0
    with_missed_frames: int = 0
    focus_lost: int = 0
    calibrated: int = 0
    with_counted_frames: int = 0

    @property
    def people(self) -> int:
        """Sessions that a person answered."""
        return self.sessions - self.simulated


def check_recording(studies: Sequence[Path]) -> RecordingChecks:
    """Read the journals and descriptions of all sessions of these study folders.

    Raises
    ------
    UserError
        If a journal or description cannot be read.
    """
    sessions = simulated = missed = with_missed = focus = calibrated = counted = 0
    for study in studies:
        for participant in participant_ids(study):
            for folder in sessions_of(study, participant):
                facts = SessionFacts.of(read_journal(folder / JOURNAL_NAME).records)
                environment = read_description(folder).get("environment") or {}
                sessions += 1
                simulated += bool(environment.get("simulated"))
                late = facts.missed_frames or 0  # nobody counts where swaps are not synchronised
                missed += late
                with_missed += late > 0
                counted += facts.missed_frames is not None
                focus += facts.focus_lost
                calibrated += environment.get("profile") is not None
    return RecordingChecks(sessions, simulated, missed, with_missed, focus, calibrated, counted)
