"""Typing luminance readings: one level after the other, in shuffled order."""

from __future__ import annotations

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QColor, QGuiApplication, QPainter, QPaintEvent
from PySide6.QtWidgets import QHBoxLayout, QWidget

from imi_desktop.display.luminance import VERIFICATION_LEVELS, measuring_order
from imi_desktop.display.profile import LuminanceReading
from imi_desktop.gui.calibration.draft import Draft
from imi_desktop.gui.calibration.participant_screen import GREY, LevelWindow
from imi_desktop.gui.theme import Theme
from imi_desktop.gui.widgets.buttons import secondary
from imi_desktop.gui.widgets.dialog import Dialog
from imi_desktop.gui.widgets.labels import label, wrapped
from imi_desktop.gui.widgets.number import DecimalField


class LevelPatch(QWidget):
    """The patch within the dialog, where there is only one screen."""

    def __init__(self) -> None:
        super().__init__()
        self._level = 0
        self.setFixedSize(QSize(320, 240))

    def set_level(self, level: int) -> None:
        """Show another level."""
        self._level = level
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the patch on grey."""
        painter = QPainter(self)
        painter.fillRect(self.rect(), GREY)
        level = QColor(self._level, self._level, self._level)
        painter.fillRect(QRectF(60, 20, 200, 200), level)


class ReadingsDialog(Dialog):
    """Shows a level, takes its reading, and goes on; three fresh levels verify at the end.

    Attributes
    ----------
    readings : list of LuminanceReading
        What was typed, in the order measured.
    """

    def __init__(
        self, theme: Theme, draft: Draft, seed: int, parent: QWidget | None = None
    ) -> None:
        order = [(level, False) for level in measuring_order(seed)]
        self._order = [*order, *((level, True) for level in VERIFICATION_LEVELS)]
        self.readings: list[LuminanceReading] = []
        super().__init__(theme, "Type readings", f"{len(self._order)} readings, shuffled", parent)
        elsewhere = len(QGuiApplication.screens()) > 1
        self._window = LevelWindow(draft.screen) if elsewhere else None
        self._patch = None if elsewhere else LevelPatch()
        where = f"on screen {draft.number}" if elsewhere else "below"
        self.body.addWidget(
            wrapped(
                f"Point the photometer at the patch {where}, wait until the number stands still, "
                "and type it. Keep the room as dark as in a session.",
                tone="ink2",
            )
        )
        if self._patch is not None:
            self.body.addWidget(self._patch, 0, Qt.AlignmentFlag.AlignHCenter)
        self._where = label("", "card_title")
        self.body.addWidget(self._where)
        row = QHBoxLayout()
        self.field = DecimalField(0.0, 100_000.0, 3)
        self.field.setSuffix(" cd/m²")
        self.field.setAccessibleName("Luminance")
        row.addWidget(self.field, 1)
        self.back = secondary("Back")
        self.back.clicked.connect(self._go_back)
        row.addWidget(self.back)
        self.body.addLayout(row)
        self.add_cancel()
        self.next = self.add_primary("Next reading")
        self.next.clicked.connect(self._take)
        self.finished.connect(self._close_window)
        if self._window is not None:
            self._window.cover()
            self.raise_()
        self._show_level()

    def _show_level(self) -> None:
        number = len(self.readings)
        level, verification = self._order[number]
        kind = ", verification" if verification else ""
        self._where.setText(f"Reading {number + 1} of {len(self._order)}: level {level}{kind}")
        for patch in (self._window, self._patch):
            if patch is not None:
                patch.set_level(level)
        self.back.set_enabled(number > 0, "This is the first reading.")
        self.next.setText("Finish" if number + 1 == len(self._order) else "Next reading")
        self.field.setValue(0.0)
        self.field.selectAll()
        self.field.setFocus()

    def _take(self) -> None:
        level, verification = self._order[len(self.readings)]
        self.readings.append(
            LuminanceReading(level=level, cd_m2=self.field.value(), verification=verification)
        )
        if len(self.readings) == len(self._order):
            self.accept()
        else:
            self._show_level()

    def _go_back(self) -> None:
        self.readings.pop()
        self._show_level()

    def _close_window(self) -> None:
        if self._window is not None:
            self._window.close()
