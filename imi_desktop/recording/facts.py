"""What a journal tells about a session so far: progress, attention, times, quality."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from imi_desktop.recording.records import Record

_READING = frozenset({"instructions"})


@dataclass(frozen=True)
class AnsweredTrial:
    """One answer, without what was chosen unless it was a catch or practice trial.

    Parameters
    ----------
    trial, attempt, block : int
        Its place.
    reaction_time_ms : float
        From onset to answer.
    right : bool or None
        Of catch trials only: main trials stay hidden from whoever runs the session.
    """

    trial: int
    attempt: int
    block: int
    phase: str
    condition: str
    catch: bool
    reaction_time_ms: float
    right: bool | None


@dataclass
class SessionFacts:
    """Facts of one session, brought up to date record by record.

    Attributes
    ----------
    started : dict
        What ``session_started`` holds: study, planned trials, blocks, counterbalancing.
    started_utc, last_utc : str
        Wall clock of the first and the last record; empty without records.
    outcome : str or None
        ``done``, ``aborted`` or None.
    reason : str
        Why it was aborted.
    answered : list of AnsweredTrial
        In order.
    current : dict or None
        Data of the trial on the screen, if one is.
    chosen : Counter
        How often each position was chosen, catch trials included.
    missed_frames : int or None
        Frames that came too late; None where no frame was synchronised to the display.
    focus_lost, pauses : int
        How often.
    paused : bool
        Whether the session stands still now.
    practice_attempts : int
        Most rounds that a practice block took.
    instruction_ms, session_ms : float
        Time on instruction pages, and from first to last screen without the interruptions.
    exclusion_reasons : list of str
        Given by the experimenter.
    read_instructions : bool
        Whether an instruction page was left.
    rows : list of dict
        What the exclusion rules look at, of each answer, as in the trial table.
    records : int
        Number of records.
    """

    started: dict[str, Any] = field(default_factory=dict)
    started_utc: str = ""
    last_utc: str = ""
    outcome: str | None = None
    reason: str = ""
    answered: list[AnsweredTrial] = field(default_factory=list)
    current: dict[str, Any] | None = None
    chosen: Counter[str] = field(default_factory=Counter)
    missed_frames: int | None = None
    focus_lost: int = 0
    pauses: int = 0
    paused: bool = False
    practice_attempts: int = 0
    instruction_ms: float = 0.0
    session_ms: float = 0.0
    exclusion_reasons: list[str] = field(default_factory=list)
    rt_clock: str = ""
    records: int = 0
    read_instructions: bool = False
    rows: list[dict[str, Any]] = field(default_factory=list, repr=False)
    _shown: dict[str, Any] = field(default_factory=dict, repr=False)
    _page: dict[str, Any] = field(default_factory=dict, repr=False)
    _last_screen_ns: int | None = field(default=None, repr=False)

    @classmethod
    def of(cls, records: Iterable[Record]) -> SessionFacts:
        """Facts of a whole journal."""
        facts = cls()
        for record in records:
            facts.add(record)
        return facts

    @property
    def planned_trials(self) -> int:
        """Trials of the plan, without repetitions of practice."""
        return int(self.started.get("trials", 0))

    @property
    def planned_catch(self) -> int:
        """Catch trials of the plan."""
        return int(self.started.get("catch_trials", 0))

    @property
    def trials_done(self) -> int:
        """Different trials of the plan that were answered."""
        return len({answer.trial for answer in self.answered})

    @property
    def catch(self) -> tuple[int, int]:
        """Catch trials answered right, and answered at all; practice left out."""
        catch = [answer.right for answer in self.answered if answer.catch]
        return sum(bool(right) for right in catch), len(catch)

    @property
    def resting(self) -> bool:
        """Whether the participant rests: in a break, or because the session was paused."""
        at_break = self.current is None and self._page.get("kind") == "break"
        return self.paused or at_break

    @property
    def minutes(self) -> float:
        """Time from first to last screen, in minutes."""
        return self.session_ms / 60_000

    def add(self, record: Record) -> None:
        """Take the next record into account."""
        self.records += 1
        self.started_utc = self.started_utc or record.utc
        self.last_utc = record.utc
        data = record.data
        if record.type == "session_started":
            self.started = data
        elif record.type == "session_resumed":
            self._last_screen_ns = None  # another process, perhaps another computer's clock
            self.paused = False
        elif record.type == "page_shown":
            self._page, self.current = data, None
            self._pass_time(data["onset_ns"])
        elif record.type in {"page_done", "consent", "answer_text"}:
            self._leave_page(data)
        elif record.type == "trial_shown":
            self._show_trial(data)
        elif record.type == "response":
            self._answer(data)
        elif record.type == "feedback":
            self._pass_time(data["onset_ns"])
        else:
            self._add_event(record)

    def _add_event(self, record: Record) -> None:
        data = record.data
        if record.type == "frame_missed":
            self.missed_frames = (self.missed_frames or 0) + int(data.get("frames", 1))
        elif record.type == "focus_lost":
            self.focus_lost += 1
        elif record.type == "paused":
            self.pauses += not self.paused
            self.paused = True
        elif record.type == "failed":  # the participant waits for somebody
            self.paused = True
        elif record.type == "resumed":
            self.paused = False
        elif record.type == "excluded":
            self.exclusion_reasons.append(str(data["reason"]))
        elif record.type == "included":
            self.exclusion_reasons.clear()
        elif record.type == "session_ended":
            self.outcome, self.current = "done", None
        elif record.type == "aborted":
            self.outcome, self.current = "aborted", None
            self.reason = str(data.get("reason", ""))
        elif record.type == "interrupted":
            self.current = None

    def _show_trial(self, data: dict[str, Any]) -> None:
        self._shown = self.current = data
        if data.get("display", {}).get("missed_frames") is not None:
            self.missed_frames = self.missed_frames or 0
        self._pass_time(data["onset_ns"])
        if data["phase"] == "practice":
            self.practice_attempts = max(self.practice_attempts, int(data["attempt"]))

    def _leave_page(self, data: dict[str, Any]) -> None:
        self._pass_time(data["done_ns"])
        if self._page.get("kind") in _READING and self._page.get("page") == data["page"]:
            self.read_instructions = True
            self.instruction_ms += (data["done_ns"] - self._page["onset_ns"]) / 1e6

    def _answer(self, data: dict[str, Any]) -> None:
        shown = self._shown
        self._pass_time(data["response_ns"])
        self.rt_clock = data["rt_clock"]
        if data["chosen_position"] is not None:
            self.chosen[data["chosen_position"]] += 1
        self.answered.append(
            AnsweredTrial(
                trial=data["trial"],
                attempt=data["attempt"],
                block=data["block"],
                phase=shown["phase"],
                condition=shown["condition"],
                catch=shown["catch"],
                reaction_time_ms=(data["response_ns"] - data["onset_ns"]) / 1e6,
                right=data["correct"] if shown["catch"] else None,
            )
        )

        row = {name: shown[name] for name in ("task", "phase", "catch", "attempt")}
        self.rows.append(
            row | {"correct": data["correct"], "chosen_position": data["chosen_position"]}
        )

    def _pass_time(self, now_ns: int) -> None:
        if self._last_screen_ns is not None:
            self.session_ms += max(now_ns - self._last_screen_ns, 0) / 1e6
        self._last_screen_ns = now_ns
