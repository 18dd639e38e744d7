"""Step 1: which screen the participant sees."""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import (
    QColor,
    QGuiApplication,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPen,
    QScreen,
)
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QSizePolicy, QWidget

from imi_desktop.gui.calibration.draft import Draft
from imi_desktop.gui.calibration.participant_screen import show_numbers
from imi_desktop.gui.calibration.step_card import StepCard
from imi_desktop.gui.presenter.environment import physical_px
from imi_desktop.gui.theme import Theme
from imi_desktop.gui.widgets.buttons import secondary
from imi_desktop.gui.widgets.labels import ElidedLabel, label
from imi_desktop.gui.widgets.screens import screen_of

_TALLEST = 360
"""Height of the map in px that a lone screen may fill."""


class ScreenMap(QWidget):
    """The connected screens as they stand; a click chooses one.

    Signals
    -------
    chosen : QScreen
    """

    chosen = Signal(object)

    def __init__(self, theme: Theme, draft: Draft) -> None:
        super().__init__()
        self._theme, self._draft = theme, draft
        self._places: list[tuple[QRectF, QScreen]] = []
        self.setMinimumHeight(112)
        self.setMaximumHeight(_TALLEST)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAccessibleName("Screens")
        theme.changed.connect(self.update)

    def sizeHint(self) -> QSize:
        """Room for two screens."""
        return QSize(360, 130)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the screens to scale, the participant's one with an accent edge."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        self._places = self._arranged()
        for number, (place, screen) in enumerate(self._places, start=1):
            self._draw(painter, place, screen, number)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Choose the screen under the mouse."""
        for place, screen in self._places:
            if place.contains(event.position()):
                self.chosen.emit(screen)

    def _arranged(self) -> list[tuple[QRectF, QScreen]]:
        screens = QGuiApplication.screens()
        gap, stand = 20.0, 16.0
        widths = [max(1, physical_px(screen)[0]) for screen in screens]
        heights = [max(1, physical_px(screen)[1]) for screen in screens]
        room = self.width() - gap * (len(screens) - 1) - 8
        scale = min(room / sum(widths), (self.height() - stand - 4) / max(heights))
        total = scale * sum(widths) + gap * (len(screens) - 1)
        x = (self.width() - total) / 2
        tall = scale * max(heights)
        bottom = (self.height() - stand + tall) / 2
        places = []
        for screen, width, height in zip(screens, widths, heights, strict=True):
            place = QRectF(x, bottom - height * scale, width * scale, height * scale)
            places.append((place, screen))
            x += width * scale + gap
        return places

    def _draw(self, painter: QPainter, place: QRectF, screen: QScreen, number: int) -> None:
        theme = self._theme
        mine = screen is self._draft.screen
        here = screen_of(self) is screen
        line = theme.colour("accent" if mine else "control_line")
        painter.setPen(QPen(line, 2 if mine else 1))
        painter.setBrush(QColor("#808080") if mine else theme.colour("field"))
        painter.drawRect(place)
        painter.setPen(QPen(theme.colour("control_line"), 1))
        middle, foot = place.center().x(), place.bottom() + 12
        painter.drawLine(QPointF(middle - 8, place.bottom()), QPointF(middle - 8, foot))
        painter.drawLine(QPointF(middle + 8, place.bottom()), QPointF(middle + 8, foot))
        painter.drawLine(QPointF(middle - 28, foot), QPointF(middle + 28, foot))
        ink = QColor("#000000") if mine else theme.colour("ink")
        width, height = physical_px(screen)
        words = " and ".join(
            word for word, holds in (("participant", mine), ("this window", here)) if holds
        )
        rows = [
            (str(number), "page_title"),
            (f"{width} × {height}, {screen.refreshRate():.0f} Hz", "caption"),
            (words, "caption"),
        ]
        heights = [26 if role == "page_title" else 16 for _, role in rows]
        y = place.center().y() - sum(heights) / 2
        painter.setPen(ink)
        for (text, role), height_px in zip(rows, heights, strict=True):
            painter.setFont(theme.font(role))
            line_place = QRectF(place.left(), y, place.width(), height_px)
            painter.drawText(line_place, Qt.AlignmentFlag.AlignCenter, text)
            y += height_px


class ScreenCard(StepCard):
    """Choose the participant's screen, and see what it says about itself."""

    def __init__(self, theme: Theme, draft: Draft) -> None:
        super().__init__(theme, draft, 1, "Screen")
        self.map = ScreenMap(theme, draft)
        self.map.chosen.connect(draft.choose)
        self.body.addWidget(self.map, 1)
        row = QHBoxLayout()
        grid = QGridLayout()
        grid.setHorizontalSpacing(6)
        grid.setVerticalSpacing(2)
        self._values: dict[str, ElidedLabel] = {}
        for place, name in enumerate(("Panel", "Pixel ratio", "Name", "Connector")):
            grid.addWidget(label(name, "caption", "ink3"), place // 2, 2 * (place % 2))
            self._values[name] = ElidedLabel("", "caption")
            grid.addWidget(self._values[name], place // 2, 2 * (place % 2) + 1)
        grid.setColumnStretch(1, 3)
        grid.setColumnStretch(3, 2)
        row.addLayout(grid, 1)
        self.numbers = secondary("Show numbers")
        self.numbers.set_hint("Show its number on every screen for three seconds.")
        self.numbers.clicked.connect(self._show_numbers)
        row.addWidget(self.numbers)
        self.body.addLayout(row)
        self.body.addStretch()
        application = QGuiApplication.instance()
        application.screenAdded.connect(self._screens_changed)
        application.screenRemoved.connect(self._screens_changed)
        self.refresh()

    def refresh(self) -> None:
        """Show the chosen screen."""
        screen = self.draft.screen
        size = screen.physicalSize()
        known = size.width() > 0
        inches = (size.width() ** 2 + size.height() ** 2) ** 0.5 / 25.4
        panel = f"{inches:.0f}-inch, {size.width():.0f} × {size.height():.0f} mm"
        self._values["Panel"].set_text(panel if known else "size not told")
        ratio = screen.devicePixelRatio()
        self._values["Pixel ratio"].set_text(f"{ratio:.1f}")
        self._values["Name"].set_text(self.draft.key.name or "not told")
        self._values["Connector"].set_text(self.draft.key.connector)
        state = "done" if ratio == 1.0 else "warn"
        words = f"screen {self.draft.number}" + ("" if ratio == 1.0 else ", scaled by the system")
        self.state.show_state(state, words)
        self.map.update()

    def _show_numbers(self) -> None:
        self._windows = show_numbers()

    def _screens_changed(self, _: object) -> None:
        screens = QGuiApplication.screens()
        if self.draft.unplugged and screens:
            self.draft.choose(screens[-1])
        self.map.update()
