"""Measures the presenter in real sessions: clicks injected at known times on an X server.

Ratios are peer ÷ ours, so more than 1 means that ours is better. Peers, measured in the same run:
the clock read in the click's handler instead of the event's own time; decoding the images when
the trial is due instead of before; an SQLite transaction per answer instead of the journal.
"""

from __future__ import annotations

import json
import os
import platform
import sqlite3
import time
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path
from typing import Any

import numpy as np

from imi_desktop.display.geometry import DESIGN_PX
from imi_desktop.gui.presenter.bench_load import busy_process, generator, x_server
from imi_desktop.gui.presenter.bench_session import Measured, first_frame_ms, play
from imi_desktop.gui.presenter.bench_study import write_bench_study
from imi_desktop.progress import Progress, ProgressReporter, silent
from imi_desktop.recording.journal import Journal

TRIALS = 100
SOAK_TRIALS = 1000
SOAK_PACE_S = 0.6
_STARTS = 5
_RECORDS = 300
_LOADS: dict[str, Callable[[], AbstractContextManager[None]]] = {
    "idle": nullcontext,
    "busy process beside it": busy_process,
    "generator beside it": generator,
}


def presenter_benchmark(
    folder: Path, *, trials: int = TRIALS, progress: ProgressReporter = silent
) -> list[dict[str, Any]]:
    """Click times, trial switches, durable records and the first frame, with and without load.

    Parameters
    ----------
    folder : Path
        Empty; takes the study and its sessions.
    trials : int
        Answers to inject per load, a multiple of ten.

    Returns
    -------
    list of dict
        ``name, work, ours, peer, ratio, unit, repeats, machine``; `peer` and `ratio` are None
        where a limit counts instead of a peer.

    Raises
    ------
    BenchError
        If there is no Xvfb or a session does not run.
    """
    rows = []
    with x_server(DESIGN_PX) as display:
        starts = [f"start{number}" for number in range(_STARTS)]
        players = {load: f"bench{number}" for number, load in enumerate(_LOADS)}
        study = write_bench_study(folder / "study", trials, [*starts, *players.values()])
        frames = [first_frame_ms(study, participant, display) for participant in starts]
        rows.append(
            _row("first frame", "start of the process, idle", np.median(frames), "ms", _STARTS)
        )
        for done, (load, begin) in enumerate(_LOADS.items()):
            progress(Progress("Presenting", done, len(_LOADS), load))
            with begin():
                rows += _session_rows(play(study, players[load], display), load)
    return [*rows, *_record_rows(folder)]


def soak_benchmark(
    folder: Path,
    *,
    trials: int = SOAK_TRIALS,
    pace_s: float = SOAK_PACE_S,
    progress: ProgressReporter = silent,
) -> list[dict[str, Any]]:
    """Memory and clicks over 1 000 trials in ten minutes; see :func:`presenter_benchmark`.

    Memory is that of the middle of the first, the middle and the last twentieth of the session;
    growth is counted from the first of them.
    """
    progress(Progress("Presenting", 0, 0, f"{trials} trials"))
    with x_server(DESIGN_PX) as display:
        study = write_bench_study(folder / "study", trials, ["soak"])
        measured = play(study, "soak", display, pace_s=pace_s)
    twentieth = max(1, trials // 20)
    parts = [measured.memory_mb[at : at + twentieth] for at in _starts_of(trials, twentieth)]
    start, half, end = (float(np.median(part)) for part in parts)
    work = f"{trials} trials in {measured.seconds / 60:.1f} minutes, "
    work += f"{start:.0f} MB at the start, {half:.0f} half-way, {end:.0f} at the end"
    detail = {"start_mb": round(start, 1), "half_mb": round(half, 1), "end_mb": round(end, 1)}
    return [
        _row("soak, memory growth", work, end - start, "MB", trials) | detail,
        *_session_rows(measured, "soak"),
    ]


def _starts_of(trials: int, length: int) -> tuple[int, int, int]:
    """First trials of the second, the middle and the last stretch of `length` trials."""
    return min(length, trials - length), (trials - length) // 2, trials - length


def _session_rows(measured: Measured, load: str) -> list[dict[str, Any]]:
    ours = measured.click_errors_ms("response_ns")
    handler = measured.click_errors_ms("handler_ns")
    switch = np.array(
        [(s["display"]["swapped_ns"] - s["display"]["requested_ns"]) / 1e6 for s in measured.shown]
    )
    lazy = switch + np.array([s["display"]["preparation_ms"] for s in measured.shown])
    n = len(ours)
    clicks = f"{n} injected clicks, {load}"
    switches = f"20 images at 1920 × 1080, {n} trials, {load}"
    disk = measured.to_disk_ms
    return [
        _row("click time, mean error", clicks, abs(ours.mean()), "ms", n, abs(handler.mean())),
        _row("click time, SD", clicks, ours.std(ddof=1), "ms", n, handler.std(ddof=1)),
        _row("click time, largest error", clicks, abs(ours).max(), "ms", n, abs(handler).max()),
        _row("clicks lost", clicks, measured.lost, "clicks", n),
        _row("trial switch, median", switches, np.median(switch), "ms", n, np.median(lazy)),
        _row("trial switch, p99", switches, _p99(switch), "ms", n, _p99(lazy)),
        _row("click to durable record, p50", clicks, np.median(disk), "ms", len(disk)),
        _row("click to durable record, p99", clicks, _p99(disk), "ms", len(disk)),
    ]


def _record_rows(folder: Path) -> list[dict[str, Any]]:
    """Time until an answer survives a power cut, against a transaction of SQLite."""
    data = {"trial": 1, "chosen_position": "upper", "confidence": 3, "text": "x" * 300}
    journal = Journal.open(folder / "journal.jsonl")
    base = sqlite3.connect(folder / "journal.sqlite")
    base.execute("create table records (data text)")
    ours, peer = [], []
    for _ in range(_RECORDS):
        begun = time.perf_counter()
        journal.append("response", data, sync=True)
        ours.append((time.perf_counter() - begun) * 1e3)
        begun = time.perf_counter()
        base.execute("insert into records values (?)", (json.dumps(data),))
        base.commit()
        peer.append((time.perf_counter() - begun) * 1e3)
    journal.close()
    base.close()
    work = "one answer, written and synced"
    return [
        _row("durable record, p50", work, np.median(ours), "ms", _RECORDS, np.median(peer)),
        _row("durable record, p99", work, _p99(ours), "ms", _RECORDS, _p99(peer)),
    ]


def _row(
    name: str, work: str, ours: Any, unit: str, repeats: int, peer: Any = None
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
