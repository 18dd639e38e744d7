"""Runs a command of the app itself in another process, without holding up the window.

command = OwnCommand(["check", str(folder), "--json"], self)
command.ended.connect(self._show)        exit code, stdout, stderr
"""

from __future__ import annotations

import sys
from collections.abc import Sequence

from PySide6.QtCore import QObject, QProcess, Signal


class OwnCommand(QObject):
    """One run of ``python -m imi_desktop …`` (or of another of its modules), begun at once."""

    ended = Signal(int, str, str)

    def __init__(
        self, arguments: Sequence[str], parent: QObject, module: str = "imi_desktop"
    ) -> None:
        super().__init__(parent)
        self._process = QProcess(self)
        self._process.setProgram(sys.executable)
        self._process.setArguments(["-m", module, *arguments])
        self._process.finished.connect(self._finished)
        self._process.errorOccurred.connect(self._not_started)
        self._process.start()

    @property
    def running(self) -> bool:
        """Whether it has not ended."""
        return self._process.state() is not QProcess.ProcessState.NotRunning

    def stop(self) -> None:
        """End it."""
        self._process.kill()

    def _finished(self, code: int, _status: QProcess.ExitStatus) -> None:
        out = self._process.readAllStandardOutput().data().decode(errors="replace")
        err = self._process.readAllStandardError().data().decode(errors="replace")
        self.ended.emit(code, out, err)

    def _not_started(self, error: QProcess.ProcessError) -> None:
        if error is QProcess.ProcessError.FailedToStart:
            self.ended.emit(2, "", f"Could not start {sys.executable}.")
