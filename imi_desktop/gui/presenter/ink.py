"""Colours, fonts and the small shapes that the participant's screen is drawn with.

Works on any thread: it paints on images, never on the screen.
"""

from __future__ import annotations

import re
from functools import cache

from PySide6.QtCore import QPointF, QRect, QRectF, Qt
from PySide6.QtGui import (
    QColor,
    QFont,
    QFontDatabase,
    QPainter,
    QPen,
    QTextCharFormat,
    QTextLayout,
    QTextOption,
)

from imi_desktop.display.places import Rect

BLACK = QColor("#000000")
EDGE = QColor("#1A1A1A")
BUTTON = QColor("#D2D2D2")
BUTTON_INACTIVE = QColor("#8E8E8E")
BUTTON_INACTIVE_EDGE = QColor("#5A5A5A")
BUTTON_INACTIVE_TEXT = QColor("#2A2A2A")
TRACK = QColor("#6A6A6A")
RIGHT = QColor("#7FE3C0")
WRONG = QColor("#FFC9A3")
PATCH_ON = QColor("#FFFFFF")

_EMPHASIS = re.compile(r"\*\*(.+?)\*\*", re.DOTALL)
_LINE_BREAK = "\u2028"
# Qt's smallest length: a baseline on half a pixel is drawn in the upper one.
_HAIR = 1 / 64


def qrect(rect: Rect) -> QRect:
    """The same rectangle for Qt."""
    return QRect(rect.x, rect.y, rect.width, rect.height)


@cache
def font_family() -> str:
    """Inter where it is installed, else the system's own font."""
    if "Inter" in QFontDatabase.families():
        return "Inter"
    return QFontDatabase.systemFont(QFontDatabase.SystemFont.GeneralFont).family()


def font(size: int, weight: QFont.Weight = QFont.Weight.Normal) -> QFont:
    """The font of everything the participant reads, at `size` px."""
    chosen = QFont(font_family())
    chosen.setPixelSize(max(1, size))
    chosen.setWeight(weight)
    return chosen


def draw_text(
    painter: QPainter,
    rect: Rect,
    text: str,
    size: int,
    line: int,
    *,
    centred: bool = True,
) -> int:
    """Draw text from the top of `rect`, wrapped to its width; return its height in px.

    Parameters
    ----------
    text : str
        With emphasis marked by ``**``.
    size, line : int
        Font size and line height in px.
    """
    layout = _text_layout(text, size, line, rect.width, centred=centred)
    painter.save()
    painter.setPen(BLACK)
    layout.draw(painter, QPointF(rect.x, rect.y))
    painter.restore()
    return layout.lineCount() * line


def text_height(text: str, size: int, line: int, width: int) -> int:
    """Height in px that :func:`draw_text` will need."""
    return _text_layout(text, size, line, width, centred=False).lineCount() * line


def _text_layout(text: str, size: int, line: int, width: int, *, centred: bool) -> QTextLayout:
    # Not a QTextDocument: that is an object with connections, and making one on a worker thread
    # can wait for ever for a main thread that is deleting another.
    letters = ""
    bold: list[QTextLayout.FormatRange] = []
    for number, part in enumerate(_EMPHASIS.split(text.replace("\n", _LINE_BREAK))):
        if number % 2:
            span = QTextLayout.FormatRange()
            span.start, span.length = len(letters), len(part)
            span.format = QTextCharFormat()
            span.format.setFontWeight(QFont.Weight.Bold)
            bold.append(span)
        letters += part
    layout = QTextLayout(letters, font(size))
    layout.setTextOption(
        QTextOption(Qt.AlignmentFlag.AlignHCenter if centred else Qt.AlignmentFlag.AlignLeft)
    )
    layout.setFormats(bold)
    layout.beginLayout()
    top = 0
    while (row := layout.createLine()).isValid():
        row.setLineWidth(width)
        row.setPosition(QPointF(0, top + line - row.height() - _HAIR))
        top += line
    layout.endLayout()
    return layout


def draw_button(
    painter: QPainter,
    rect: Rect,
    label: str,
    scale: float,
    *,
    active: bool = True,
    hovered: bool = False,
) -> None:
    """Draw a button at rest, inactive, or with the 2-px edge of the one under the cursor."""
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    edge = max(1.0, (2.0 if hovered and active else 1.0) * min(scale, 1.0))
    painter.setPen(QPen(EDGE if active else BUTTON_INACTIVE_EDGE, edge))
    painter.setBrush(BUTTON if active else BUTTON_INACTIVE)
    half = edge / 2
    shape = QRectF(qrect(rect)).adjusted(half, half, -half, -half)
    painter.drawRoundedRect(shape, 4 * scale, 4 * scale)
    painter.setPen(BLACK if active else BUTTON_INACTIVE_TEXT)
    painter.setFont(font(round(22 * scale), QFont.Weight.Medium))
    painter.drawText(qrect(rect), Qt.AlignmentFlag.AlignCenter, label)
    painter.restore()


def draw_frame(painter: QPainter, rect: Rect, off: int, thickness: int, colour: QColor) -> None:
    """Draw a frame of `thickness` px that begins `off` px outside of `rect`."""
    outer, inner = rect.grown(off + thickness), rect.grown(off)
    painter.fillRect(QRect(outer.x, outer.y, outer.width, thickness), colour)
    painter.fillRect(QRect(outer.x, inner.bottom, outer.width, thickness), colour)
    painter.fillRect(QRect(outer.x, inner.y, thickness, inner.height), colour)
    painter.fillRect(QRect(inner.right, inner.y, thickness, inner.height), colour)


def draw_round_frame(painter: QPainter, rect: Rect, off: int, thickness: int, radius: int) -> None:
    """Draw a black frame with round corners; `radius` in px is that of its middle line."""
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(QPen(BLACK, thickness))
    painter.setBrush(Qt.BrushStyle.NoBrush)
    half = thickness / 2
    shape = QRectF(qrect(rect.grown(off + thickness))).adjusted(half, half, -half, -half)
    painter.drawRoundedRect(shape, radius, radius)
    painter.restore()


def draw_dashed_frame(
    painter: QPainter, rect: Rect, off: int, thickness: int, colour: QColor
) -> None:
    """Draw a dashed frame of `thickness` px that begins `off` px outside of `rect`."""
    outer, dash = rect.grown(off + thickness), thickness + 1
    for start in range(outer.x, outer.right, 2 * dash):
        length = min(dash, outer.right - start)
        painter.fillRect(QRect(start, outer.y, length, thickness), colour)
        painter.fillRect(QRect(start, outer.bottom - thickness, length, thickness), colour)
    for start in range(outer.y, outer.bottom, 2 * dash):
        length = min(dash, outer.bottom - start)
        painter.fillRect(QRect(outer.x, start, thickness, length), colour)
        painter.fillRect(QRect(outer.right - thickness, start, thickness, length), colour)


def draw_tab(painter: QPainter, rect: Rect, colour: QColor, *, tick: bool) -> None:
    """Draw a square tab with a tick or a cross."""
    painter.save()
    painter.fillRect(qrect(rect), colour)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    side = rect.width
    pen = QPen(BLACK, side * 0.14)
    pen.setJoinStyle(Qt.PenJoinStyle.MiterJoin)
    painter.setPen(pen)
    if tick:
        shape = [(0.23, 0.54), (0.42, 0.72), (0.78, 0.31)]
        painter.drawPolyline([QPointF(rect.x + x * side, rect.y + y * side) for x, y in shape])
    else:
        for x0, y0, x1, y1 in ((0.3, 0.3, 0.7, 0.7), (0.7, 0.3, 0.3, 0.7)):
            painter.drawLine(
                QPointF(rect.x + x0 * side, rect.y + y0 * side),
                QPointF(rect.x + x1 * side, rect.y + y1 * side),
            )
    painter.restore()


def draw_arrow(painter: QPainter, x_from: int, x_to: int, y: int, scale: float) -> None:
    """Draw a horizontal arrow with an open head at `x_to`."""
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(QPen(BLACK, max(1.0, 2 * scale)))
    back = 8 * scale if x_to < x_from else -8 * scale
    painter.drawLine(QPointF(x_from, y), QPointF(x_to, y))
    painter.drawPolyline(
        [QPointF(x_to + back, y - 7 * scale), QPointF(x_to, y), QPointF(x_to + back, y + 7 * scale)]
    )
    painter.restore()
