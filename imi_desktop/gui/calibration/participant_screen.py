"""Plain windows that are drawn 1 : 1 on the participant's screen during calibration."""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRectF, Qt, QTimer, Signal
from PySide6.QtGui import (
    QColor,
    QFont,
    QGuiApplication,
    QKeyEvent,
    QPainter,
    QPaintEvent,
    QPen,
    QScreen,
)
from PySide6.QtWidgets import QWidget

CARD_RATIO = 53.98 / 85.60
GREY = QColor("#808080")
BLACK = QColor("#000000")
_NUMBERS_MS = 3000


class _FullScreen(QWidget):
    """A frameless window that covers one screen."""

    def __init__(self, screen: QScreen) -> None:
        super().__init__(None, Qt.WindowType.Window | Qt.WindowType.FramelessWindowHint)
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
        self.setScreen(screen)
        self.setGeometry(screen.geometry())

    def cover(self) -> None:
        """Show it on its screen."""
        self.showFullScreen()
        self.raise_()


class NumberWindow(_FullScreen):
    """The screen's number, large, for three seconds."""

    def __init__(self, screen: QScreen, number: int) -> None:
        super().__init__(screen)
        self._number = number
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        QTimer.singleShot(_NUMBERS_MS, self, self.close)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the number."""
        painter = QPainter(self)
        painter.fillRect(self.rect(), GREY)
        font = QFont(self.font())
        font.setPixelSize(max(40, self.height() // 3))
        painter.setFont(font)
        painter.setPen(BLACK)
        painter.drawText(self.rect(), Qt.AlignmentFlag.AlignCenter, str(self._number))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Any key closes it."""
        self.close()


def show_numbers() -> list[NumberWindow]:
    """Put its number on every screen."""
    windows = [
        NumberWindow(screen, number)
        for number, screen in enumerate(QGuiApplication.screens(), start=1)
    ]
    for window in windows:
        window.cover()
    return windows


def draw_card(painter: QPainter, centre: QPointF, width: float) -> None:
    """Draw the outline of a bank card `width` px wide, with its stripe and arrows beside it."""
    height = width * CARD_RATIO
    card = QRectF(centre.x() - width / 2, centre.y() - height / 2, width, height)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.fillRect(
        QRectF(card.left(), card.top() + height * 0.14, width, height * 0.13), QColor(0, 0, 0, 70)
    )
    painter.setPen(QPen(BLACK, 2))
    painter.drawRoundedRect(card, width * 0.036, width * 0.036)
    reach, head = width * 0.13, width * 0.026
    for side, edge in ((-1, card.left()), (1, card.right())):
        tip = QPointF(edge + side * reach, centre.y())
        painter.drawLine(QPointF(edge + side * head, centre.y()), tip)
        painter.drawLine(tip, tip + QPointF(-side * head, -head))
        painter.drawLine(tip, tip + QPointF(-side * head, head))


class CardWindow(_FullScreen):
    """The outline of a bank card in its true size as set so far; keys change it.

    Signals
    -------
    resized : float
        Another width in px.
    """

    resized = Signal(float)

    def __init__(self, screen: QScreen, width_px: float) -> None:
        super().__init__(screen)
        self._width = width_px

    def set_card(self, width_px: float) -> None:
        """Draw another width."""
        if width_px != self._width:
            self._width = width_px
            self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw card and instruction."""
        painter = QPainter(self)
        painter.fillRect(self.rect(), GREY)
        draw_card(painter, QPointF(self.width() / 2, self.height() / 2), self._width)
        font = QFont(self.font())
        font.setPixelSize(20)
        painter.setFont(font)
        painter.setPen(BLACK)
        painter.drawText(
            QRectF(0, self.height() * 0.8, self.width(), 80),
            Qt.AlignmentFlag.AlignHCenter,
            "Hold a bank card against the outline.\n"
            "Arrow keys change its width (Shift by 10 px, Ctrl by 0.1 px); Enter keeps it.",
        )

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Arrow keys change the width; Enter and Esc close."""
        if event.key() in {Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Escape}:
            self.close()
            return
        step = key_step(event)
        if step:
            self.resized.emit(self._width + step)


def key_step(event: QKeyEvent) -> float:
    """Change in px that an arrow key asks for: 1, with Shift 10, with Ctrl 0.1."""
    larger = {Qt.Key.Key_Right, Qt.Key.Key_Up}
    smaller = {Qt.Key.Key_Left, Qt.Key.Key_Down}
    if event.key() not in larger | smaller:
        return 0.0
    size = 1.0
    if event.modifiers() & Qt.KeyboardModifier.ShiftModifier:
        size = 10.0
    elif event.modifiers() & Qt.KeyboardModifier.ControlModifier:
        size = 0.1
    return size if event.key() in larger else -size


class LevelWindow(_FullScreen):
    """A patch of one digital level in the middle of a grey screen, for the photometer."""

    def __init__(self, screen: QScreen) -> None:
        super().__init__(screen)
        self._level = 0

    def set_level(self, level: int) -> None:
        """Show another level, 0 … 255."""
        self._level = level
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the patch."""
        painter = QPainter(self)
        painter.fillRect(self.rect(), GREY)
        side = min(self.width(), self.height()) // 2
        place = QRectF((self.width() - side) / 2, (self.height() - side) / 2, side, side)
        painter.fillRect(place, QColor(self._level, self._level, self._level))
