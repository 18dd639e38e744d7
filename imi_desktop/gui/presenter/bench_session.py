"""One real session in a process of its own, answered by clicks injected at known times."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import psutil

from imi_desktop.display.geometry import DESIGN_PX, page_layout, trial_layout
from imi_desktop.experiment.plan import plan_session
from imi_desktop.experiment.study import Study
from imi_desktop.gui.presenter.bench_load import BenchError
from imi_desktop.gui.presenter.x_input import XInput
from imi_desktop.recording.follow import JournalFollower
from imi_desktop.recording.records import Record

_START_S = 300.0  # the first session of a study locks it, which takes long for many trials
_WAIT_S = 30.0
_MB = 2**20


@dataclass
class Measured:
    """What one session gave.

    Attributes
    ----------
    first_frame_ms : float
        From the start of the process to its first page.
    presses : dict
        Monotonic time of each injected press by trial, ns.
    responses, shown : list of dict
        Data of the records ``response`` and ``trial_shown``.
    to_disk_ms : list of float
        From each press's own time to its durable record.
    memory_mb : list of float
        Resident memory of the presenter at every trial.
    seconds : float
        From the first trial to the last.
    """

    first_frame_ms: float = 0.0
    presses: dict[int, int] = field(default_factory=dict)
    responses: list[dict[str, Any]] = field(default_factory=list)
    shown: list[dict[str, Any]] = field(default_factory=list)
    to_disk_ms: list[float] = field(default_factory=list)
    memory_mb: list[float] = field(default_factory=list)
    seconds: float = 0.0

    @property
    def lost(self) -> int:
        """Injected clicks that became no answer."""
        return len(self.presses) - len(self.responses)

    def click_errors_ms(self, clock: str) -> np.ndarray:
        """Recorded minus injected time of every answer, shape (answers,), float64, ms.

        Parameters
        ----------
        clock : str
            ``response_ns`` or ``handler_ns``.
        """
        pairs = [(answer[clock], self.presses[answer["trial"]]) for answer in self.responses]
        return np.array([(recorded - pressed) / 1e6 for recorded, pressed in pairs])


def first_frame_ms(study: Study, participant: str, display: str) -> float:
    """Start a session, and end it when its first page is on the screen."""
    session = _Session(study, participant, display)
    with session.presenter() as process:
        for record in session.records(process):
            if record.type == "page_shown":
                return session.since_start_ms(int(record.data["onset_ns"]))
    raise BenchError("The presenter showed nothing.")


def play(study: Study, participant: str, display: str, *, pace_s: float = 0.0) -> Measured:
    """Answer every trial of a session.

    Parameters
    ----------
    pace_s : float
        Least time from one answer to the next, in seconds.

    Raises
    ------
    BenchError
        If the session does not run.
    """
    session = _Session(study, participant, display)
    with session.presenter() as process, XInput(display) as mouse:
        return session.answered(process, mouse, pace_s)


class _Session:
    def __init__(self, study: Study, participant: str, display: str) -> None:
        self._study, self._participant, self._display = study, participant, display
        self._started_ns = 0

    def presenter(self) -> _Presenter:
        command = [sys.executable, "-m", "imi_desktop", "run", str(self._study.folder)]
        self._started_ns = time.monotonic_ns()
        return _Presenter([*command, "--participant", self._participant], self._display)

    def since_start_ms(self, onset_ns: int) -> float:
        return (onset_ns - self._started_ns) / 1e6

    def answered(self, process: subprocess.Popen[str], mouse: XInput, pace_s: float) -> Measured:
        trials = {t.number: t for t in plan_session(self._study, self._participant).trials}
        rng = np.random.default_rng(1)
        memory = psutil.Process(process.pid)
        measured = Measured()
        first = next_answer = 0.0
        for record in self.records(process):
            data = record.data
            if record.type == "page_shown":
                shown_ms = self.since_start_ms(int(data["onset_ns"]))
                measured.first_frame_ms = measured.first_frame_ms or shown_ms
                x, y = page_layout(DESIGN_PX).button.centre
                time.sleep(0.05)
                mouse.click(round(x), round(y))
            elif record.type == "trial_shown":
                measured.shown.append(data)
                measured.memory_mb.append(memory.memory_info().rss / _MB)
                button = trial_layout(trials[data["trial"]], DESIGN_PX).buttons[data["trial"] % 6]
                x, y = button.rect.centre
                now = time.monotonic()
                first = first or now
                time.sleep(max(0.08 + 0.04 * float(rng.random()), next_answer - now))
                measured.presses[data["trial"]] = mouse.click(round(x), round(y))
                next_answer = max(next_answer, now) + pace_s
                measured.seconds = time.monotonic() - first
            elif record.type == "response":
                measured.responses.append(data)
            elif record.type == "answer_durable":
                measured.to_disk_ms.append(float(data["after_click_ms"]))
            elif record.type == "session_ended":
                return measured
        raise BenchError("The session ended before its last trial.")

    def records(self, process: subprocess.Popen[str]) -> Iterator[Record]:
        """The journal's records as they come, until the presenter is silent."""
        follower: JournalFollower | None = None
        last = time.monotonic()
        while time.monotonic() - last < (_START_S if follower is None else _WAIT_S):
            if follower is None:
                sessions = self._study.folder / "sessions" / self._participant
                found = list(sessions.glob("*/journal.jsonl"))
                follower = JournalFollower(found[0]) if found else None
            for record in follower.poll() if follower is not None else ():
                last = time.monotonic()
                yield record
            if process.poll() is not None and process.returncode != 0:
                said = process.stderr.read() if process.stderr else ""
                raise BenchError(f"The presenter ended early: {said}".strip())
            time.sleep(0.002)
        raise BenchError(f"The presenter said nothing for {_WAIT_S:.0f} seconds.")


class _Presenter:
    """The presenter's process while somebody measures it."""

    def __init__(self, command: list[str], display: str) -> None:
        self._process = subprocess.Popen(
            command,
            env=os.environ | {"DISPLAY": display, "QT_QPA_PLATFORM": "xcb"},
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            text=True,
        )

    def __enter__(self) -> subprocess.Popen[str]:
        return self._process

    def __exit__(self, *_: object) -> None:
        self._process.kill()
        self._process.communicate()
