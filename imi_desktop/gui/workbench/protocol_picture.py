"""Small drawings of what a participant sees, on the presenter's grey."""

from __future__ import annotations

import random

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QWidget

from imi_desktop.gui.theme import Theme

_GREY = QColor("#808080")
_DARK = ("#4A4A4A", "#5A5A5A", "#404040", "#525252")
_PALE = ("#DADADA", "#C8C8C8", "#E2E2E2", "#D0D0D0")
_BLACK = QColor("#000000")
_SIZE = (420, 168)


class ProtocolPicture(QWidget):
    """One drawing, scaled to the width it gets; the same in both themes.

    Parameters
    ----------
    kind : str
        As in :attr:`ProtocolFacts.picture`.
    """

    def __init__(self, theme: Theme, kind: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._kind = kind
        self.setFixedHeight(_SIZE[1])
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    def sizeHint(self) -> QSize:
        """420 × 168 px."""
        return QSize(*_SIZE)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw on the grey, centred."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.fillRect(self.rect(), _GREY)
        painter.translate((self.width() - _SIZE[0]) / 2, 0)
        painter.setFont(self._theme.font("axis"))
        {
            "trial": _trial,
            "schemes": _schemes,
            "counterfactual": _counterfactual,
            "groups": _groups,
            "models": _models,
        }[self._kind](painter)
        painter.end()


def _squares(
    painter: QPainter, left: float, top: float, side: float, n: int, shades: tuple[str, ...]
) -> None:
    gap = max(1.0, side / 16)
    for place in range(n * n):
        row, column = divmod(place, n)
        box = QRectF(left + column * (side + gap), top + row * (side + gap), side, side)
        painter.fillRect(box, QColor(shades[(place * 7 + row) % len(shades)]))


def _buttons(painter: QPainter, left: float, top: float, width: float, height: float) -> None:
    for place in range(3):
        box = QRectF(left + place * width * 1.45, top, width, height)
        painter.fillRect(box, QColor("#E6E6E6"))


def _trial(painter: QPainter) -> None:
    _squares(painter, 56, 33, 32, 3, _DARK)
    _squares(painter, 266, 33, 32, 3, _PALE)
    painter.fillRect(QRectF(195, 33, 32, 32), QColor(_DARK[0]))
    painter.fillRect(QRectF(195, 101, 32, 32), QColor(_PALE[0]))
    _buttons(painter, 195, 70, 8, 5)
    _buttons(painter, 195, 92, 8, 5)
    painter.fillRect(QRectF(152, 149, 118, 4), QColor("#6A6A6A"))
    painter.fillRect(QRectF(152, 149, 51, 4), _BLACK)


def _panel(painter: QPainter, left: float, width: float, top: float, height: float) -> None:
    painter.setPen(QPen(QColor("#4A4A4A"), 1))
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.drawRect(QRectF(left + 0.5, top + 0.5, width, height))


def _words(painter: QPainter, box: QRectF, text: str) -> None:
    painter.setPen(_BLACK)
    painter.drawText(box, Qt.AlignmentFlag.AlignCenter, text)


def _schemes(painter: QPainter) -> None:
    for place, (words, references, both) in enumerate(
        (
            ("Max 1", 1, False),
            ("Min + Max 1", 1, True),
            ("Max 9", 3, False),
            ("Min + Max 9", 3, True),
        )
    ):
        left = 8 + place * 102
        _panel(painter, left, 92, 22, 104)
        side = 15 if references == 1 else 9
        middle = 69 - (side * references) / 2 - 4
        painter.fillRect(QRectF(left + 40, 43, 11, 11), QColor(_DARK[2]))
        painter.fillRect(QRectF(left + 40, 77, 11, 11), QColor(_PALE[2]))
        _squares(painter, left + 57, middle, side, references, _PALE)
        if both:
            _squares(painter, left + 35 - side * references - 2, middle, side, references, _DARK)
        _words(painter, QRectF(left, 104, 92, 18), words)


def _counterfactual(painter: QPainter) -> None:
    _squares(painter, 72, 33, 32, 3, _PALE)
    painter.fillRect(QRectF(286, 20, 38, 38), QColor(_PALE[2]))
    for left, patch in ((258, (20, 3)), (316, (3, 20))):
        painter.fillRect(QRectF(left, 84, 38, 38), QColor(_PALE[2]))
        painter.fillRect(QRectF(left + patch[0], 84 + patch[1], 15, 15), QColor("#9A9A9A"))
        _buttons(painter, left + 2, 128, 9, 6)


def _groups(painter: QPainter) -> None:
    for left, words, right in ((44, "group A: natural", _PALE), (236, "group B: synthetic", _PALE)):
        _panel(painter, left, 154, 18, 110)
        _squares(painter, left + 12, 50, 14, 3, _DARK)
        _squares(painter, left + 94, 50, 14, 3, right)
        painter.fillRect(QRectF(left + 69, 42, 16, 16), QColor(_DARK[0]))
        painter.fillRect(QRectF(left + 69, 84, 16, 16), QColor(_PALE[0]))
        _words(painter, QRectF(left, 132, 154, 20), words)


def _models(painter: QPainter) -> None:
    draw = random.Random(7)  # only scatters the dots of a drawing
    painter.setPen(QPen(_BLACK, 1, Qt.PenStyle.DashLine))
    painter.drawLine(QPointF(20, 122), QPointF(405, 122))
    painter.setPen(_BLACK)
    painter.drawText(QRectF(330, 124, 75, 14), Qt.AlignmentFlag.AlignRight, "chance")
    painter.drawText(QRectF(20, 142, 44, 18), Qt.AlignmentFlag.AlignVCenter, "model")
    for model in range(9):
        x = 72 + model * 39
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor("#2A2A2A"))
        for _ in range(12):
            y = max(26.0, min(112.0, draw.gauss(62, 20)))
            painter.drawEllipse(QPointF(x + draw.uniform(-8, 8), y), 2.4, 2.4)
        painter.fillRect(QRectF(x - 12, 58 + draw.uniform(-5, 5), 24, 3), QColor("#FFFFFF"))
        painter.setPen(_BLACK)
        painter.drawText(QRectF(x - 15, 142, 30, 18), Qt.AlignmentFlag.AlignCenter, str(model + 1))
