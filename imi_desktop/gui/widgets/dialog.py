"""Dialog: head with title and subtitle, body, foot with buttons. Esc cancels, Enter is primary.

dialog = Dialog(theme, "Start session: P07", "189 trials, about 45 minutes", parent)
dialog.body.addWidget(…)
go = dialog.add_primary("Start session"); go.clicked.connect(dialog.accept)
dialog.add_cancel()
ask(theme, parent, "Jobs are running", "…", "Close and cancel them")  -> bool
"""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtGui import QColor, QHideEvent, QPainter, QPaintEvent, QShowEvent
from PySide6.QtWidgets import QDialog, QHBoxLayout, QVBoxLayout, QWidget

from imi_desktop.gui.theme import Theme
from imi_desktop.gui.widgets.buttons import Button, danger, primary, secondary
from imi_desktop.gui.widgets.labels import label, rule, wrapped


class Dialog(QDialog):
    """A dialog of the app.

    Attributes
    ----------
    body : QVBoxLayout
        Between head and foot.
    foot : QHBoxLayout
        Left part of the foot, for buttons that do not close.
    """

    def __init__(
        self, theme: Theme, title: str, subtitle: str = "", parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self.theme = theme
        self.setWindowTitle(title)
        self.setProperty("kind", "dialog")
        self._scrim: _Scrim | None = None
        outer = QVBoxLayout(self)
        outer.setContentsMargins(1, 1, 1, 1)
        outer.setSpacing(0)
        head = QVBoxLayout()
        head.setContentsMargins(20, 16, 20, 14)
        head.setSpacing(2)
        self._title = label(title, "subject")
        self._subtitle = wrapped(subtitle, "body", "ink3")
        self._subtitle.setVisible(bool(subtitle))
        head.addWidget(self._title)
        head.addWidget(self._subtitle)
        outer.addLayout(head)
        outer.addWidget(rule())
        self.body = QVBoxLayout()
        self.body.setContentsMargins(20, 16, 20, 16)
        self.body.setSpacing(10)
        outer.addLayout(self.body, 1)
        outer.addWidget(rule())
        row = QHBoxLayout()
        row.setContentsMargins(20, 12, 20, 12)
        row.setSpacing(8)
        self.foot = QHBoxLayout()
        self.foot.setSpacing(8)
        row.addLayout(self.foot)
        row.addStretch(1)
        self._buttons = row
        outer.addLayout(row)

    def showEvent(self, event: QShowEvent) -> None:
        """Dim the window behind while the dialog waits for an answer."""
        super().showEvent(event)
        if self.isModal() and self.parentWidget() is not None and self._scrim is None:
            self._scrim = _Scrim(self.parentWidget().window())

    def hideEvent(self, event: QHideEvent) -> None:
        """Give the window back its light."""
        super().hideEvent(event)
        if self._scrim is not None:
            self._scrim.hide()
            self._scrim.deleteLater()
            self._scrim = None

    def set_title(self, title: str, subtitle: str = "") -> None:
        """Change what the head says."""
        self.setWindowTitle(title)
        self._title.setText(title)
        self._subtitle.setText(subtitle)
        self._subtitle.setVisible(bool(subtitle))

    def add_cancel(self, text: str = "Cancel") -> Button:
        """Button that closes without doing anything; Esc does the same."""
        button = secondary(text)
        button.clicked.connect(self.reject)
        self._buttons.addWidget(button)
        return button

    def add_button(self, button: Button) -> Button:
        """Another button at the right."""
        self._buttons.addWidget(button)
        return button

    def add_primary(self, text: str, icon: str = "") -> Button:
        """The button that Enter presses."""
        button = primary(text, self.theme, icon)
        button.setDefault(True)
        button.setAutoDefault(True)
        self._buttons.addWidget(button)
        return button


class _Scrim(QWidget):
    """Darkens a whole window."""

    def __init__(self, window: QWidget) -> None:
        super().__init__(window)
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.setGeometry(window.rect())
        self.show()
        self.raise_()

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.fillRect(self.rect(), QColor(0, 0, 0, 102))
        painter.end()


def ask(
    theme: Theme,
    parent: QWidget | None,
    title: str,
    text: str,
    yes: str,
    no: str = "Cancel",
    irreversible: bool = False,
) -> bool:
    """Ask before an act; True if it is wanted."""
    dialog = Dialog(theme, title, parent=parent)
    dialog.setMinimumWidth(440)
    dialog.body.addWidget(wrapped(text))
    dialog.add_cancel(no)
    go = dialog.add_button(danger(yes)) if irreversible else dialog.add_primary(yes)
    go.clicked.connect(dialog.accept)
    if irreversible:
        go.setAutoDefault(False)
    dialog.setModal(True)
    answer = dialog.exec() == QDialog.DialogCode.Accepted
    dialog.deleteLater()
    return answer


def tell(theme: Theme, parent: QWidget | None, title: str, text: str, close: str = "Close") -> None:
    """Say something in a dialog, without waiting for the answer."""
    dialog = Dialog(theme, title, parent=parent)
    dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
    dialog.setMinimumWidth(440)
    dialog.body.addWidget(wrapped(text))
    dialog.add_primary(close).clicked.connect(dialog.accept)
    dialog.open()
