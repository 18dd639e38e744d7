"""One trial as the participant saw it, with the click and its time."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QDialog, QVBoxLayout, QWidget

from imi_desktop.display.geometry import DESIGN_PX
from imi_desktop.gui.background import in_thread
from imi_desktop.gui.dashboard.seen_trial import SeenTrial, seen_trial, study_of
from imi_desktop.gui.theme import Theme
from imi_desktop.gui.widgets.empty import EmptyState
from imi_desktop.gui.widgets.format import MISSING, number
from imi_desktop.gui.widgets.labels import wrapped

_SIZE = QSize(1120, 720)


class TrialDialog(QDialog):
    """The trial's screen, and below it what was recorded.

    Parameters
    ----------
    row : dict
        The trial's row of the trial table.
    folders : mapping of str to Path
        Studies that it may be from, by the name that their trials have.
    """

    def __init__(
        self,
        theme: Theme,
        row: dict[str, Any],
        folders: Mapping[str, Path],
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self.setProperty("kind", "dialog")
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle(f"Trial {_or_dash(row['trial'])} of participant {row['participant']}")
        self.resize(_SIZE)
        self._theme = theme
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(12, 12, 12, 12)
        self._column.setSpacing(8)
        self.screen_view = _Screen(self)
        self._column.addWidget(self.screen_view, 1)
        self._column.addWidget(wrapped(in_words(row), tone="ink2"))
        if not folders or row["session"] is None:
            self._say("The answers were imported, so this trial's images are not in the study.")
        else:
            in_thread(
                self,
                lambda: seen_trial(study_of(folders, row), row),
                self.screen_view.show_seen,
                lambda error: self._say(error.sentence),
            )

    def _say(self, sentence: str) -> None:
        self.screen_view.hide()
        empty = EmptyState(self._theme, "stimuli", "The screen cannot be shown", sentence)
        self._column.insertWidget(0, empty, 1)


class _Screen(QWidget):
    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self._seen: SeenTrial | None = None

    def show_seen(self, seen: SeenTrial) -> None:
        self._seen = seen
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        width, height = DESIGN_PX
        scale = min(self.width() / width, self.height() / height)
        place = QRectF(0, 0, width * scale, height * scale)
        place.moveCenter(QPointF(self.rect().center()))
        painter.fillRect(place, QColor(128, 128, 128))
        if self._seen is not None:
            ratio = self.devicePixelRatioF()
            picture = self._seen.picture.scaled(
                (place.size() * ratio).toSize(),
                Qt.AspectRatioMode.IgnoreAspectRatio,
                Qt.TransformationMode.SmoothTransformation,
            )
            painter.drawImage(place, picture)
            if self._seen.click is not None:
                x, y = self._seen.click
                _cross(painter, place.topLeft() + QPointF(x * scale, y * scale))
        painter.end()


def in_words(row: dict[str, Any]) -> str:
    """What was recorded about a trial, in one line."""
    unit = f"{row['model']} {row['layer']}:{_or_dash(row['channel'])}"
    parts = [
        str(row["phase"] or MISSING) + (", catch trial" if row["catch"] else ""),
        str(row["condition"] or MISSING),
        unit if row["layer"] else "unit not known",
    ]
    if row["rating"] is not None:
        parts.append(f"rating {number(float(row['rating']), 0)}")
    if row["chosen_position"] is not None:
        answer = "right" if row["correct"] else "wrong"
        parts.append(f"chose {row['chosen_position']}, {answer}")
    if row["confidence"] is not None:
        parts.append(f"confidence {row['confidence']}")
    if row["reaction_time_ms"] is not None:
        parts.append(f"after {number(float(row['reaction_time_ms']) / 1000)} s")
    return " · ".join(parts)


def _cross(painter: QPainter, centre: QPointF) -> None:
    for colour, width in ((QColor(255, 255, 255), 4), (QColor(0, 0, 0), 2)):
        painter.setPen(QPen(colour, width))
        painter.drawLine(centre - QPointF(9, 0), centre + QPointF(9, 0))
        painter.drawLine(centre - QPointF(0, 9), centre + QPointF(0, 9))


def _or_dash(value: Any) -> str:
    return MISSING if value is None else str(value)
