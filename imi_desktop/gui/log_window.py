"""The end of the log file, for "Show log"."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QUrl
from PySide6.QtGui import QDesktopServices, QFontDatabase, QGuiApplication
from PySide6.QtWidgets import QPlainTextEdit, QWidget

from imi_desktop.gui.background import in_thread
from imi_desktop.gui.theme import Theme
from imi_desktop.gui.widgets.buttons import quiet, secondary
from imi_desktop.gui.widgets.dialog import Dialog
from imi_desktop.paths import log_dir

_TAIL = 200_000


def log_file() -> Path:
    """The log file of this computer."""
    return log_dir() / "imi-desktop.log"


def tail(path: Path, n_bytes: int = _TAIL) -> str:
    """Last whole lines of a text file; ``""`` if it does not exist."""
    if not path.is_file():
        return ""
    with path.open("rb") as file:
        file.seek(0, 2)
        length = file.tell()
        file.seek(max(0, length - n_bytes))
        data = file.read()
    text = data.decode("utf-8", errors="replace")
    return text.partition("\n")[2] if length > n_bytes else text


class LogWindow(Dialog):
    """Shows the log's end; a window of its own."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        path = log_file()
        super().__init__(theme, "Log", str(path), parent)
        self.setModal(False)
        self.resize(900, 560)
        self._text = QPlainTextEdit()
        self._text.setReadOnly(True)
        self._text.setLineWrapMode(QPlainTextEdit.LineWrapMode.NoWrap)
        self._text.setFont(QFontDatabase.systemFont(QFontDatabase.SystemFont.FixedFont))
        self._text.setAccessibleName("Log")
        self.body.addWidget(self._text)
        again = quiet("Read again", theme, "retry")
        again.clicked.connect(self.read)
        copy = quiet("Copy", theme, "copy")
        copy.clicked.connect(lambda: QGuiApplication.clipboard().setText(self._text.toPlainText()))
        folder = secondary("Show folder", theme, "folder-open")
        folder.clicked.connect(
            lambda: QDesktopServices.openUrl(QUrl.fromLocalFile(str(path.parent)))
        )
        for button in (folder, copy, again):
            self.foot.addWidget(button)
        self.add_primary("Close").clicked.connect(self.accept)
        self.read()

    def read(self) -> None:
        """Read the file again."""
        in_thread(self, lambda: tail(log_file()), self._show)

    def _show(self, text: str) -> None:
        self._text.setPlainText(text or "The log is empty.")
        bar = self._text.verticalScrollBar()
        bar.setValue(bar.maximum())
