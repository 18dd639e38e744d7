"""A small picture of what is on the participant's screen, without cursor and answers."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QWidget

from imi_desktop.gui.theme import Theme
from imi_desktop.gui.workbench.exemplar_loader import ThumbnailKey, ThumbnailLoader

_SMALL = 96
_CACHE_BYTES = 8 * 1024 * 1024
_WIDTH = 464
_BUTTON, _BUTTON_EDGE = "#D2D2D2", "#1A1A1A"


class TrialPicture(QWidget):
    """The images of the current trial in their places, scaled down."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._screen_px = (1920, 1080)
        self._places: list[dict[str, Any]] = []
        self._keys: dict[str, ThumbnailKey] = {}
        self._loader = ThumbnailLoader(self, cache_bytes=_CACHE_BYTES)
        self._loader.ready.connect(self.update)
        self._word = ""
        self.set_width(_WIDTH)
        self.setAccessibleName("What is on the participant's screen, without cursor and answers")

    def show_trial(self, study_folder: Path, data: dict[str, Any] | None, word: str = "") -> None:
        """Show the trial of a ``trial_shown`` record, or only a word on the grey."""
        display = (data or {}).get("display", {})
        places = list(display.get("images", []))
        if places == self._places and word == self._word:
            return
        self._places, self._word = places, word
        self._screen_px = tuple(display.get("screen_px", self._screen_px))
        self.set_width(self.width())
        self._keys = {
            place["file"]: ThumbnailKey(str(study_folder / place["file"]), _SMALL)
            for place in places
        }
        self._loader.forget()
        self.update()

    def set_width(self, width: int) -> None:
        """Be `width` px wide and keep the screen's shape."""
        self.setFixedSize(width, round(width * self._screen_px[1] / self._screen_px[0]))

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the grey, the images and the number buttons."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        painter.fillRect(self.rect(), self._theme.colour("well"))
        if not self._places:
            painter.setPen(Qt.GlobalColor.black)
            painter.setFont(self._theme.font("body"))
            painter.drawText(self.rect(), Qt.AlignmentFlag.AlignCenter, self._word)
            painter.end()
            return
        scale = self.width() / self._screen_px[0]
        for place in self._places:
            rect = _scaled(place["px"], scale)
            pixmap = self._loader.pixmap(self._keys[place["file"]])
            if pixmap is not None:
                painter.drawPixmap(rect, pixmap, QRectF(pixmap.rect()))
            if place.get("role") == "query":
                self._draw_numbers(painter, place, scale)
        painter.end()

    def _draw_numbers(self, painter: QPainter, place: dict[str, Any], scale: float) -> None:
        x, y, width, height = place["px"]
        lower = y > self._screen_px[1] / 2
        two_sided = any(other.get("role") == "original" for other in self._places)
        top = y - 0.32 * height if lower and not two_sided else y + 1.125 * height
        painter.setPen(self._theme.colour_of(_BUTTON_EDGE))
        painter.setBrush(self._theme.colour_of(_BUTTON))
        for column in range(3):
            left = x + column * 0.375 * width
            painter.drawRect(_scaled((left, top, 0.25 * width, 0.196 * height), scale))


def _scaled(place: Sequence[float], scale: float) -> QRectF:
    x, y, width, height = place
    return QRectF(x * scale, y * scale, width * scale, height * scale)
