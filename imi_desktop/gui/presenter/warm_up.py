"""Uses what the painters use once, before a second thread does.

PySide6 makes an enumeration when it is first used, and two threads that do so at once crash the
interpreter: a session that resumed straight into a trial painted on both for the first time.
"""

from __future__ import annotations

from PySide6.QtCore import QPoint, QRect, Qt
from PySide6.QtGui import QImage, QImageReader, QPainter

from imi_desktop.display.places import Rect
from imi_desktop.gui.presenter import ink
from imi_desktop.gui.presenter.picture import blank


def warm_up() -> None:
    """Decode, scale and paint a little of everything; call it on the main thread."""
    image = blank(64, 64)
    place = Rect(16, 16, 24, 24)
    painter = QPainter(image)
    painter.setCompositionMode(QPainter.CompositionMode.CompositionMode_Source)
    painter.setCompositionMode(QPainter.CompositionMode.CompositionMode_SourceOver)
    painter.setClipRect(QRect(0, 0, 64, 64))
    painter.translate(0, 0)
    for active in (True, False):
        ink.draw_button(painter, place, "1", 1.0, active=active, hovered=active)
        ink.draw_tab(painter, place, ink.RIGHT, tick=active)
        ink.draw_text(painter, place, "a **b**", 12, 16, centred=active)
    ink.draw_frame(painter, place, 2, 2, ink.BLACK)
    ink.draw_round_frame(painter, place, 2, 2, 4)
    ink.draw_dashed_frame(painter, place, 2, 2, ink.WRONG)
    ink.draw_arrow(painter, 4, 20, 8, 1.0)
    painter.drawImage(QPoint(0, 0), blank(4, 4))
    painter.fillRect(ink.qrect(place), ink.TRACK)
    painter.end()
    small = image.scaled(
        8, 8, Qt.AspectRatioMode.IgnoreAspectRatio, Qt.TransformationMode.SmoothTransformation
    )
    small.convertToFormat(QImage.Format.Format_RGB32)
    reader = QImageReader()
    reader.read()
    reader.errorString()
