"""What can go wrong with a session, in sentences for the experimenter."""

from __future__ import annotations

from imi_desktop.errors import StorageError, UserError


class JournalDamagedError(UserError):
    """A journal holds a line, before its last, that is not what was written."""


class NewerJournalError(UserError):
    """A journal was written by a newer version of the app."""


class RecordingError(StorageError):
    """A record could not be made durable; the journal is valid and ends before it."""


class SessionLockedError(UserError):
    """Another process is recording this session."""


class UnfinishedSessionError(UserError):
    """The participant has a session that should be resumed before a new one starts."""


class NothingToResumeError(UserError):
    """The participant has no unfinished session."""


class SimilarParticipantError(UserError):
    """Another participant has the same id in other capitals."""


class PlanChangedError(UserError):
    """The study now gives another trial list than the one the session was started with."""
