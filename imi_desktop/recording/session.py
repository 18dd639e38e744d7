"""A session: one participant walks through a plan once, and every step of it is recorded."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from imi_desktop.experiment.lock import lock_study
from imi_desktop.experiment.trial import (
    PageStep,
    QuestionStep,
    SessionPlan,
    Step,
    TrialStep,
)
from imi_desktop.recording import requests, session_folder
from imi_desktop.recording.errors import (
    JournalDamagedError,
    NothingToResumeError,
    PlanChangedError,
    UnfinishedSessionError,
)
from imi_desktop.recording.journal import JOURNAL_NAME, Journal
from imi_desktop.recording.machine import STRUCTURAL_TYPES, OutOfStepError, SessionWalk
from imi_desktop.recording.participants import plan_for, refuse_similar
from imi_desktop.recording.pause_page import pause_page
from imi_desktop.recording.response import Response
from imi_desktop.recording.step_data import is_correct, page_left, place_of, trial_shown_data

if TYPE_CHECKING:
    from imi_desktop.experiment.study import Study

__all__ = ["Response", "Session"]


class Session:
    """A running session; made by :meth:`open`. Each call is recorded before it returns.

    Attributes
    ----------
    folder : Path
        Where the session is recorded.
    study_folder : Path
        The study, to which the trials' image paths are relative.
    plan : SessionPlan
        What the participant goes through.
    resumed : bool
        Whether this continues an interrupted session.
    """

    def __init__(self, study: Study, folder: Path, plan: SessionPlan, journal: Journal) -> None:
        self.study_folder: Path = study.folder
        self.folder = folder
        self.plan = plan
        self.resumed = False
        self._journal = journal
        self._walk = SessionWalk(plan)
        self._study = study
        self._interlude: PageStep | None = None

    @classmethod
    def open(
        cls,
        study: Study,
        participant_id: str,
        *,
        resume: bool = False,
        environment: dict[str, Any] | None = None,
        plan: SessionPlan | None = None,
        lock: bool = False,
    ) -> Session:
        """Start a new session, or resume the participant's last unfinished one.

        Parameters
        ----------
        study : Study
            The study.
        participant_id : str
            The participant's id.
        resume : bool
            Continue at the first step that was not answered.
        environment : dict
            Software, display profile, timing self-test: JSON values for ``session.json`` (or,
            when resuming, for the journal).
        plan : SessionPlan or None
            The participant's plan; None makes it from the study.
        lock : bool
            Lock the study before its first session; see :mod:`imi_desktop.experiment.lock`.

        Raises
        ------
        InvalidParticipantIdError, SimilarParticipantError
            If the id cannot be used, or differs from another only in capitals.
        LockError
            If there is a lock that cannot be read.
        UnfinishedSessionError
            If a new session is asked for while one is unfinished.
        NothingToResumeError
            If there is no unfinished session to resume.
        PlanChangedError
            If the study changed since the session was started.
        SessionLockedError
            If another process records it.
        JournalDamagedError, NewerJournalError, StorageError
            If the journal cannot be continued or written.
        """
        if plan is None:
            plan = plan_for(study, participant_id)
        unfinished = cls.refuse(study, participant_id, resume=resume)
        if lock:
            lock_study(study)
        if unfinished is not None:
            return cls._resume(study, unfinished, plan, environment or {})
        return cls._start(study, participant_id, plan, environment or {})

    @classmethod
    def refuse(cls, study: Study, participant_id: str, *, resume: bool) -> Path | None:
        """Refuse what :meth:`open` would refuse because of the participant's other sessions.

        Returns
        -------
        Path or None
            Folder of the session to resume, if that is asked for.

        Raises
        ------
        UnfinishedSessionError, NothingToResumeError, SessionLockedError, SimilarParticipantError
            See :meth:`open`.
        """
        refuse_similar(study.folder, participant_id)
        unfinished = session_folder.last_unfinished(study.folder, participant_id)
        if unfinished is None and resume:
            raise NothingToResumeError(
                f"Participant {participant_id} has no unfinished session in {study.folder}. "
                "Start one without --resume."
            )
        if unfinished is not None:
            session_folder.refuse_running(unfinished)
        if unfinished is not None and not resume:
            raise UnfinishedSessionError(
                f"Participant {participant_id} has an unfinished session ({unfinished.name}). "
                "Continue it with --resume, or end it for good on the Sessions page."
            )
        return unfinished

    @classmethod
    def _start(
        cls, study: Study, participant_id: str, plan: SessionPlan, environment: dict[str, Any]
    ) -> Session:
        folder = session_folder.create(study.folder, participant_id)
        description = session_folder.describe(study, folder, plan, environment)
        session_folder.write_description(folder, description)
        session = cls(study, folder, plan, Journal.open(folder / JOURNAL_NAME))
        started = {key: value for key, value in description.items() if key != "environment"}
        session._append("session_started", started, sync=True)
        session._end_if_done()
        return session

    @classmethod
    def _resume(
        cls, study: Study, folder: Path, plan: SessionPlan, environment: dict[str, Any]
    ) -> Session:
        description = session_folder.read_description(folder)
        if description["plan_hash"] != session_folder.plan_hash(plan):
            raise PlanChangedError(
                f"The study changed after session {folder.name} was started, and the trials would "
                "not be the same. Restore the study file as it was, or abort this session and "
                "start a new one."
            )
        session = cls(study, folder, plan, Journal.open(folder / JOURNAL_NAME))
        requests.take(folder)  # what was asked of the process that died is out of date
        try:
            session._replay()
            session.resumed = True
            session._append("session_resumed", {"environment": environment}, sync=True)
            session._end_if_done()
        except BaseException:
            session._journal.close()
            raise
        return session

    def _replay(self) -> None:
        started = False
        for record in self._journal.records:
            started = started or record.type == "session_started"
            try:
                self._walk.apply(record.type, record.data)
            except (OutOfStepError, KeyError) as error:
                raise JournalDamagedError(
                    f"{self._journal.path} does not follow its trial list at line "
                    f"{record.seq + 1}: {error}. Nothing was changed."
                ) from error
        if not started:  # it died before its first record
            description = session_folder.read_description(self.folder)
            started_data = {k: v for k, v in description.items() if k != "environment"}
            self._append("session_started", started_data, sync=True)
        self._walk.shown = False
        if self._walk.answered:
            self._walk.advance()

    # -- where the session stands ------------------------------------------------------------

    @property
    def step(self) -> Step | None:
        """What the participant is to see now; None when the session is over."""
        if self._interlude is not None and self._walk.outcome is None:
            return self._interlude
        return self._walk.step

    @property
    def outcome(self) -> str | None:
        """``"done"``, ``"aborted"``, or None while the session goes on."""
        return self._walk.outcome

    def upcoming(self, count: int) -> list[TrialStep]:
        """Up to `count` trials after the current step, for preparing their images."""
        return self._walk.upcoming(count)

    @property
    def right_in_block(self) -> tuple[int, int]:
        """Right answers and all answers in the current block and attempt."""
        answers = [a for a in self._walk.answers_in_block() if a.correct is not None]
        return sum(bool(answer.correct) for answer in answers), len(answers)

    @property
    def answered(self) -> int:
        """Number of answers so far, practice and its repetitions included."""
        return len(self._walk.answers)

    # -- what happens ------------------------------------------------------------------------

    def page_shown(self, onset_ns: int) -> None:
        """Record that the current page or question is on the screen since `onset_ns`."""
        step = self._current(PageStep, QuestionStep)
        if self._interlude is not None:
            self._append("paused", {"reason": "experimenter", "page": step.name})
            return
        kind = step.kind if isinstance(step, PageStep) else "question"
        self._walk_on("page_shown", {"page": step.name, "kind": kind, "onset_ns": onset_ns})

    def page_done(
        self,
        choice: Literal["continue", "declined"] = "continue",
        *,
        done_ns: int | None = None,
    ) -> None:
        """Record that the page was left, and move on; declining consent ends the session.

        Parameters
        ----------
        choice : {"continue", "declined"}
            Which button.
        done_ns : int or None
            When, by the clock of the onsets; None takes the monotonic clock now.
        """
        step = self._current(PageStep)
        if self._interlude is not None:
            self._append("resumed", page_left(step, done_ns), sync=True)
            self._interlude = None
            self._do_what_was_asked()
            return
        record_type = "consent" if step.kind == "consent" else "page_done"
        self._walk_on(record_type, page_left(step, done_ns) | {"choice": choice}, sync=True)
        if choice == "declined":
            self.abort("consent was declined")
        self._end_if_done()
        self._do_what_was_asked()

    def answer_text(self, text: str, *, done_ns: int | None = None) -> None:
        """Record the answer to the current free-text question, and move on."""
        step = self._current(QuestionStep)
        data = page_left(step, done_ns) | {"question": step.question, "text": text}
        self._walk_on("answer_text", data, sync=True)
        self._end_if_done()
        self._do_what_was_asked()

    def trial_shown(self, onset_ns: int, data: dict[str, Any]) -> None:
        """Record that the current trial is on the screen.

        Parameters
        ----------
        onset_ns : int
            Time of its first frame, monotonic, ns.
        data : dict
            JSON values of the presenter: frame times, cursor, geometry of every image.
        """
        step = self._current(TrialStep)
        place = place_of(step) | {
            "block_position": step.block_position,
            "block_length": step.block_length,
        }
        shown = place | {"onset_ns": onset_ns} | trial_shown_data(step.trial) | {"display": data}
        self._walk_on("trial_shown", shown)

    def respond(self, response: Response) -> bool | None:
        """Record the answer; it is on disk when this returns.

        Returns
        -------
        bool or None
            Whether it was right; None where no answer is right or wrong.

        Raises
        ------
        RecordingError
            If it could not be made durable. The answer is not in the journal; the same call may
            be tried again.
        """
        step = self._current(TrialStep)
        if not self._walk.shown:
            raise RuntimeError("a trial cannot be answered before it was shown")
        if self._walk.answered:
            raise RuntimeError("a trial cannot be answered twice")
        correct = is_correct(step.trial, response)
        self._walk_on(
            "response", place_of(step) | asdict(response) | {"correct": correct}, sync=True
        )
        return correct

    def feedback_shown(self, onset_ns: int) -> None:
        """Record that the feedback of the answered trial is on the screen since `onset_ns`."""
        step = self._current(TrialStep)
        self._append("feedback", place_of(step) | {"onset_ns": onset_ns})

    def trial_done(self) -> None:
        """Move on from the answered trial."""
        self._current(TrialStep)
        if not self._walk.answered:
            raise RuntimeError("a trial cannot be left before it was answered")
        self._walk.advance()
        self._end_if_done()
        self._do_what_was_asked()

    def record(self, record_type: str, data: dict[str, Any]) -> None:
        """Record something that does not move the session: ``focus_lost``, ``paused`` …

        Raises
        ------
        ValueError
            If the type is one that the session's own calls record.
        RecordingError
            If it could not be written.
        """
        if record_type in STRUCTURAL_TYPES:
            raise ValueError(f"{record_type} is recorded by a call of its own")
        self._append(record_type, data)

    def abort(self, reason: str) -> None:
        """End the session for good, before its plan is finished."""
        if self._walk.outcome is None:
            self._walk_on("aborted", {"reason": reason, "answers": self.answered}, sync=True)

    def close(self) -> None:
        """Give the session back; unless it is over, it can be resumed.

        Raises
        ------
        RecordingError
            If the last records could not be synced; the session is closed all the same.
        """
        if self._journal.closed:
            return
        try:
            if self._walk.outcome is None:
                self._append("interrupted", {"answers": self.answered}, sync=True)
        finally:
            self._journal.close()

    def _current(self, *kinds: type) -> Any:
        if not isinstance(self.step, kinds):
            names = " or ".join(kind.__name__ for kind in kinds)
            raise RuntimeError(f"the session stands at {self.step!r}, not at a {names}")
        return self.step

    def _walk_on(self, record_type: str, data: dict[str, Any], *, sync: bool = False) -> None:
        self._append(record_type, data, sync=sync)
        self._walk.apply(record_type, data)

    def _append(self, record_type: str, data: dict[str, Any], *, sync: bool = False) -> None:
        self._journal.append(record_type, data, sync=sync)

    def _do_what_was_asked(self) -> None:
        """Take what the experimenter asked from another process; see :mod:`.requests`."""
        for request in requests.take(self.folder):
            if request.kind == "note":
                self._append("note", {"text": request.text, "by": "experimenter"}, sync=True)
            elif request.kind == "end":
                self.abort(request.text)
            elif self._walk.step is not None:
                self._interlude = pause_page(self._study.language, self._study.audience)

    def _end_if_done(self) -> None:
        if self.step is None and self._walk.outcome is None:
            self._walk_on("session_ended", {"answers": self.answered}, sync=True)
