"""A feature visualization made on demand, while one looks at a unit."""

from __future__ import annotations

import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from PySide6.QtCore import QObject, QTimer, Signal

from imi_desktop.experiment.study import Study
from imi_desktop.gui.jobs import Job, JobList
from imi_desktop.models.unit import Unit
from imi_desktop.progress import Progress
from imi_desktop.stimuli.pack import SIDES, Side

_SHOWN_EVERY_S = 0.5


@dataclass(frozen=True)
class PreviewState:
    """How far the preview is.

    Parameters
    ----------
    side : str
        ``max`` or ``min``.
    step, steps : int
        Optimisation steps done and planned.
    activation : float or None
        Of the image as it is now.
    image : Path or None
        File that shows it.
    verified : bool
        Whether this is the last image, its activation that of the original network without
        transforms.
    """

    side: Side
    step: int
    steps: int
    activation: float | None
    image: Path | None
    seconds_left: float | None = None
    verified: bool = False

    @property
    def name(self) -> str:
        """As the trace calls it."""
        return f"{self.side} preview"

    @property
    def fraction(self) -> float:
        """0 … 1."""
        return min(1.0, self.step / self.steps) if self.steps else 0.0


class UnitPreview(QObject):
    """At most one preview at a time; it ends when the unit is left.

    The picture is replaced at most twice a second, the last state is never left out.
    """

    advanced = Signal(object)
    """PreviewState."""
    ended = Signal(str)
    """Nothing runs any more; a sentence if it failed, else empty."""

    def __init__(self, jobs: JobList, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._jobs = jobs
        self._job: Job | None = None
        self._unit: Unit | None = None
        self._latest: dict[Side, PreviewState] = {}
        self._shown_at = 0.0
        self._later = QTimer(self, singleShot=True)
        self._later.timeout.connect(self._show)

    @property
    def unit(self) -> Unit | None:
        """Unit being visualized, or None."""
        return self._unit if self._job is not None else None

    @property
    def paused(self) -> bool:
        """Whether the job waits."""
        return self._job is not None and self._job.state.value == "paused"

    def start(self, study: Study, unit: Unit, device: str = "auto") -> None:
        """Visualize a unit; an earlier preview is cancelled."""
        self.cancel()
        self._unit, self._latest = unit, {}
        spec = {
            "kind": "preview_unit",
            "study": str(study.folder),
            "model": unit.model,
            "layer": unit.layer,
            "channel": unit.channel,
            "device": device,
            "seed": study.seed,
        }
        job = self._jobs.start(spec, f"Preview of {unit.address}", study.folder, light=True)
        job.progressed.connect(lambda progress: self._progressed(job, progress))
        job.finished.connect(lambda result: self._finished(job, result))
        job.failed.connect(lambda sentence: self._over(job, sentence))
        job.cancelled.connect(lambda: self._over(job, ""))
        self._job = job

    def cancel(self) -> None:
        """Stop; nothing more of it is shown."""
        job, self._job = self._job, None
        self._later.stop()
        if job is not None:
            job.cancel()
            self.ended.emit("")

    def toggle_pause(self) -> None:
        """Halt, or go on."""
        if self._job is not None:
            if self.paused:
                self._job.resume()
            else:
                self._job.pause()

    def _progressed(self, job: Job, progress: Progress) -> None:
        if job is not self._job:
            return
        state = read_state(progress, job.seconds_left)
        if state is None:
            return
        self._latest[state.side] = state
        wait = self._shown_at + _SHOWN_EVERY_S - time.monotonic()
        if wait <= 0:
            self._show()
        elif not self._later.isActive():
            self._later.start(round(wait * 1000))

    def _show(self) -> None:
        if self._job is not None:
            self._shown_at = time.monotonic()
            latest, self._latest = self._latest, {}
            for state in latest.values():
                self.advanced.emit(state)

    def _finished(self, job: Job, result: dict[str, Any]) -> None:
        if job is not self._job:
            return
        for side in SIDES:
            done = result.get(side)
            if done:
                self._latest[side] = PreviewState(
                    side, 1, 1, float(done["activation"]), Path(done["preview"]), verified=True
                )
        self._over(job, "")

    def _over(self, job: Job, sentence: str) -> None:
        if job is not self._job:
            return
        self._later.stop()
        self._show()
        self._job = None
        self.ended.emit(sentence)


def read_state(progress: Progress, seconds_left: float | None = None) -> PreviewState | None:
    """What a progress report says of the picture; None if it says nothing of one."""
    data = progress.data
    if "step" not in data:
        return None
    preview = data.get("preview")
    activation = data.get("activation")
    return PreviewState(
        side="min" if data.get("side") == "min" else "max",
        step=int(data["step"]),
        steps=int(data.get("steps") or progress.total or 0),
        activation=None if activation is None else float(activation),
        image=Path(preview) if preview else None,
        seconds_left=seconds_left,
    )
