"""Measures the presenter in a real session: clicks injected at known times on an X server.

``python -m imi_desktop.gui.presenter.bench [--trials N] [--busy]`` prints JSON rows
``{name, work, ours, peer, ratio, unit, repeats, machine}``; ``ratio`` is peer ÷ ours, so more than
1 means that ours is better. Peers, measured in the same run: the clock read in the click's handler
instead of the event's own time; decoding the images when the trial is due instead of before; an
SQLite transaction per answer instead of the journal.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import shutil
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import psutil

from imi_desktop.display.geometry import DESIGN_PX, page_layout, trial_layout
from imi_desktop.errors import UserError
from imi_desktop.experiment.plan import plan_session
from imi_desktop.experiment.study import Study
from imi_desktop.gui.presenter.bench_study import write_bench_study
from imi_desktop.gui.presenter.x_input import XInput
from imi_desktop.recording.follow import JournalFollower
from imi_desktop.recording.journal import Journal
from imi_desktop.recording.records import Record

PARTICIPANT = "bench"
_WAIT_S = 30.0
_MS = 1e6
_RECORDS = 300
_BUSY = "while True: pass"


class BenchError(UserError):
    """The benchmark cannot run here."""


def bench_presenter(trials: int = 100, *, busy: bool = False) -> list[dict[str, Any]]:
    """Run one session of `trials` trials with injected clicks and measure it.

    Parameters
    ----------
    trials : int
        Answers to inject, a multiple of ten.
    busy : bool
        Whether another process keeps a processor busy meanwhile.

    Returns
    -------
    list of dict
        One row per figure.

    Raises
    ------
    BenchError
        If there is no Xvfb or the session does not run.
    """
    with tempfile.TemporaryDirectory(prefix="imi-bench-") as name:
        folder = Path(name)
        study = write_bench_study(folder / "study", trials)
        with _x_server() as display, _busy_process() if busy else _nothing():
            run = _Run(study, display)
            run.play()
        rows = run.rows(" with a busy process" if busy else "")
        return [*rows, _durable_record(folder)]


class _Run:
    """One session, driven from outside."""

    def __init__(self, study: Study, display: str) -> None:
        self._study, self._display = study, display
        self._trials = {trial.number: trial for trial in plan_session(study, PARTICIPANT).trials}
        self._presses: dict[int, int] = {}
        self._shown: list[Record] = []
        self._responses: list[Record] = []
        self._first_frame_ms = 0.0
        self._memory: list[float] = []

    def play(self) -> None:
        """Start the presenter and answer every trial."""
        command = [sys.executable, "-m", "imi_desktop", "run", str(self._study.folder)]
        environment = os.environ | {"DISPLAY": self._display, "QT_QPA_PLATFORM": "xcb"}
        started = time.monotonic_ns()
        process = subprocess.Popen(
            [*command, "--participant", PARTICIPANT],
            env=environment,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            text=True,
        )
        try:
            with XInput(self._display) as mouse:
                self._follow(process, mouse, started)
        finally:
            process.kill()
            process.communicate()

    def _follow(self, process: subprocess.Popen[str], mouse: XInput, started: int) -> None:
        rng = np.random.default_rng(1)
        memory = psutil.Process(process.pid)
        for record in self._records(process):
            if record.type == "page_shown":
                onset = int(record.data["onset_ns"])
                self._first_frame_ms = self._first_frame_ms or (onset - started) / _MS
                x, y = page_layout(DESIGN_PX).button.centre
                time.sleep(0.05)
                mouse.click(round(x), round(y))
            elif record.type == "trial_shown":
                self._shown.append(record)
                number = int(record.data["trial"])
                button = trial_layout(self._trials[number], DESIGN_PX).buttons[number % 6]
                time.sleep(0.08 + 0.04 * float(rng.random()))
                x, y = button.rect.centre
                self._presses[number] = mouse.click(round(x), round(y))
                self._memory.append(memory.memory_info().rss / 2**20)
            elif record.type == "response":
                self._responses.append(record)
            elif record.type == "session_ended":
                return

    def _records(self, process: subprocess.Popen[str]) -> Iterator[Record]:
        follower: JournalFollower | None = None
        last = time.monotonic()
        while time.monotonic() - last < _WAIT_S:
            if follower is None:
                found = list(self._study.folder.glob(f"sessions/{PARTICIPANT}/*/journal.jsonl"))
                follower = JournalFollower(found[0]) if found else None
            for record in follower.poll() if follower is not None else ():
                last = time.monotonic()
                yield record
            if process.poll() is not None and process.returncode != 0:
                raise BenchError(f"The presenter ended early: {process.stderr.read()}".strip())
            time.sleep(0.002)
        raise BenchError(f"The presenter said nothing for {_WAIT_S:.0f} seconds.")

    def rows(self, suffix: str) -> list[dict[str, Any]]:
        """The figures of the session."""
        answers = [record.data for record in self._responses]
        pressed = np.array([self._presses[a["trial"]] for a in answers], dtype=float)
        ours = (np.array([a["response_ns"] for a in answers]) - pressed) / _MS
        handler = (np.array([a["handler_ns"] for a in answers]) - pressed) / _MS
        shown = [record.data["display"] for record in self._shown]
        switch = np.array([(d["swapped_ns"] - d["requested_ns"]) / _MS for d in shown])
        lazy = switch + np.array([d["preparation_ms"] for d in shown])
        n = len(answers)
        clicks = f"{n} injected clicks{suffix}"
        switches = f"20 images at 1920 × 1080, {n} trials{suffix}"
        lost = len(self._presses) - n
        half = len(self._memory) // 2
        grown = float(np.median(self._memory[half:]) - np.median(self._memory[:half]))
        return [
            _row("click time, mean error", clicks, abs(ours.mean()), abs(handler.mean()), "ms", n),
            _row("click time, SD", clicks, ours.std(ddof=1), handler.std(ddof=1), "ms", n),
            _row("click time, largest", clicks, abs(ours).max(), abs(handler).max(), "ms", n),
            _row("clicks lost", clicks, lost, None, "clicks", n),
            _row("trial switch, median", switches, np.median(switch), np.median(lazy), "ms", n),
            _row("trial switch, p99", switches, _p99(switch), _p99(lazy), "ms", n),
            _row("first frame", "start of the process", self._first_frame_ms, None, "ms", 1),
            _row("memory growth", f"half to half of {n} trials", grown, None, "MB", n),
        ]


def _durable_record(folder: Path) -> dict[str, Any]:
    """Time until an answer survives a power cut, against a transaction of SQLite."""
    data = {"trial": 1, "chosen_position": "upper", "confidence": 3, "text": "x" * 300}
    journal = Journal.open(folder / "journal.jsonl")
    ours = []
    for _ in range(_RECORDS):
        begun = time.perf_counter()
        journal.append("response", data, sync=True)
        ours.append((time.perf_counter() - begun) * 1e3)
    journal.close()
    base = sqlite3.connect(folder / "journal.sqlite")
    base.execute("create table records (data text)")
    peer = []
    for _ in range(_RECORDS):
        begun = time.perf_counter()
        base.execute("insert into records values (?)", (json.dumps(data),))
        base.commit()
        peer.append((time.perf_counter() - begun) * 1e3)
    base.close()
    work = "one answer, on disk"
    return _row("durable record, p99", work, _p99(ours), _p99(peer), "ms", _RECORDS)


def _row(
    name: str, work: str, ours: float, peer: float | None, unit: str, repeats: int
) -> dict[str, Any]:
    ratio = None if peer is None or ours == 0 else round(float(peer) / float(ours), 3)
    return {
        "name": f"presenter: {name}",
        "work": work,
        "ours": round(float(ours), 3),
        "peer": None if peer is None else round(float(peer), 3),
        "ratio": ratio,
        "unit": unit,
        "repeats": repeats,
        "machine": f"{platform.processor() or platform.machine()}, {os.cpu_count()} cores",
    }


def _p99(values: Sequence[float] | np.ndarray) -> float:
    return float(np.percentile(values, 99))


@contextmanager
def _x_server() -> Iterator[str]:
    if shutil.which("Xvfb") is None:
        raise BenchError("The presenter's benchmark needs Xvfb. Install it, then run it again.")
    reading, writing = os.pipe()
    width, height = DESIGN_PX
    server = subprocess.Popen(
        ["Xvfb", "-displayfd", str(writing), "-screen", "0", f"{width}x{height}x24"],
        pass_fds=[writing],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    os.close(writing)
    try:
        with os.fdopen(reading) as told:
            number = told.readline().strip()
        if not number:
            raise BenchError("Xvfb did not start.")
        yield f":{number}"
    finally:
        server.terminate()
        server.wait()


@contextmanager
def _busy_process() -> Iterator[None]:
    process = subprocess.Popen([sys.executable, "-c", _BUSY])
    try:
        yield
    finally:
        process.kill()
        process.wait()


@contextmanager
def _nothing() -> Iterator[None]:
    yield


def main(argv: Sequence[str] | None = None) -> int:
    """Command line of the benchmark."""
    parser = argparse.ArgumentParser(prog="bench", description="Measure the presenter.")
    parser.add_argument("--trials", type=int, default=100, help="1000 for the soak")
    parser.add_argument("--busy", action="store_true", help="with a busy process beside it")
    options = parser.parse_args(argv)
    try:
        rows = bench_presenter(options.trials, busy=options.busy)
    except UserError as error:
        sys.stderr.write(error.sentence + "\n")
        return 2
    sys.stdout.write(json.dumps(rows, indent=1) + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
