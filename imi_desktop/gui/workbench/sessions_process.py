"""Sessions run in processes of their own; this starts one and tells how it ended."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from PySide6.QtCore import QObject, QProcess, Signal

from imi_desktop.gui.presenter.words import STANDS_STILL


@dataclass(frozen=True)
class RunOptions:
    """How ``imi-desktop run`` is called.

    Parameters
    ----------
    screen : int or None
        From 1.
    override : str
        Written reason to use a screen that the study would refuse.
    observer : str
        A simulated participant; ``""`` for a person.
    again : bool
        Another session of somebody who has finished one.
    """

    participant: str
    resume: bool = False
    screen: int | None = None
    windowed: bool = False
    override: str = ""
    observer: str = ""
    again: bool = False

    def arguments(self, study: Path) -> list[str]:
        """Arguments for the Python interpreter."""
        arguments = ["-m", "imi_desktop", "run", str(study), "--participant", self.participant]
        if self.resume:
            arguments.append("--resume")
        if self.screen is not None:
            arguments += ["--screen", str(self.screen)]
        if self.windowed:
            arguments.append("--windowed")
        if self.override:
            arguments += ["--override", self.override]
        if self.observer:
            arguments += ["--observer", self.observer]
        if self.again:
            arguments.append("--again")
        return arguments


class SessionProcess(QObject):
    """One session's process.

    Signals
    -------
    ended : int, str
        Exit code (0 done, 1 left, 2 refused, −1 crashed) and the sentence it gave, if any.
    stands_still : str
        It cannot go on, and its participant waits; why, and what to do.
    """

    ended = Signal(int, str)
    stands_still = Signal(str)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._process = QProcess(self)
        self._process.finished.connect(self._finished)
        self._process.errorOccurred.connect(self._failed)
        self._told = bytearray()
        self._process.readyReadStandardError.connect(self._listen)
        self._process.readyReadStandardOutput.connect(self._process.readAllStandardOutput)
        self.options: RunOptions | None = None

    @property
    def running(self) -> bool:
        """Whether the process lives."""
        return self._process.state() is not QProcess.ProcessState.NotRunning

    def start(self, study: Path, options: RunOptions) -> None:
        """Start a session of the study in folder `study`."""
        self.options = options
        self._told.clear()
        self._process.start(sys.executable, options.arguments(study))

    def stop(self, wait_ms: int = 2000) -> None:
        """End the process; the session can be resumed."""
        if self.running:
            self._process.terminate()
            if not self._process.waitForFinished(wait_ms):
                self._process.kill()
                self._process.waitForFinished(wait_ms)

    def _listen(self) -> None:
        before = self._told.count(b"\n")
        self._told += self._process.readAllStandardError().data()
        for line in self._told.decode(errors="replace").split("\n")[before:-1]:
            if line.startswith(STANDS_STILL):
                self.stands_still.emit(line.removeprefix(STANDS_STILL))

    def _finished(self, code: int, status: QProcess.ExitStatus) -> None:
        self._listen()
        crashed = status is QProcess.ExitStatus.CrashExit
        self.ended.emit(-1 if crashed else code, last_sentence(self._told.decode(errors="replace")))

    def _failed(self, error: QProcess.ProcessError) -> None:
        if error is QProcess.ProcessError.FailedToStart:
            self.ended.emit(-1, self._process.errorString())


def last_sentence(text: str) -> str:
    """Last line of what a process said that is not empty."""
    lines: Sequence[str] = [line.strip() for line in text.splitlines() if line.strip()]
    return lines[-1] if lines else ""
