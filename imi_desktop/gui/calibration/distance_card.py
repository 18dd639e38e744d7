"""Step 3: how far the eyes are, and what that makes of a pixel."""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QPainter, QPainterPath, QPaintEvent, QPen
from PySide6.QtWidgets import QCheckBox, QHBoxLayout, QSizePolicy, QVBoxLayout, QWidget

from imi_desktop.display.angle import degrees_across
from imi_desktop.display.geometry import IMAGE_PX
from imi_desktop.display.profile import DEFAULT_DISTANCE_MM
from imi_desktop.gui.calibration.draft import Draft
from imi_desktop.gui.calibration.step_card import StepCard
from imi_desktop.gui.theme import Theme
from imi_desktop.gui.widgets.format import MISSING
from imi_desktop.gui.widgets.labels import label, rule
from imi_desktop.gui.widgets.number import DecimalField


class AnglePicture(QWidget):
    """An eye, a screen, and one degree between them; not to scale."""

    def __init__(self, theme: Theme, draft: Draft) -> None:
        super().__init__()
        self._theme, self._draft = theme, draft
        self.setMinimumHeight(96)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        theme.changed.connect(self.update)

    def sizeHint(self) -> QSize:
        """As in the card."""
        return QSize(380, 130)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw eye, rays and screen with the distance and the px of one degree."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        theme, profile = self._theme, self._draft.profile
        ink, accent = theme.colour("ink2"), theme.colour("accent")
        y = self.height() / 2 - 6
        screen_x = self.width() - 84.0
        eye = QPointF(40, y)
        outline = QPainterPath(QPointF(12, y))
        outline.quadTo(QPointF(38, y - 24), QPointF(66, y))
        outline.quadTo(QPointF(38, y + 24), QPointF(12, y))
        painter.setPen(QPen(ink, 1.3))
        painter.drawPath(outline)
        painter.setBrush(ink)
        painter.drawEllipse(eye, 5, 5)
        painter.setBrush(theme.colour("ink2"))
        tall = min(66.0, y - 4)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.drawRect(QRectF(screen_x, y - tall, 5, 2 * tall))
        half = tall * 0.42
        painter.setPen(QPen(accent, 1.5))
        start = QPointF(68, y)
        for side in (-1, 1):
            painter.drawLine(start, QPointF(screen_x - 3, y + side * half))
        painter.drawLine(QPointF(screen_x - 2, y - half), QPointF(screen_x - 2, y + half))
        painter.setPen(QPen(theme.colour("control_line"), 1, Qt.PenStyle.DashLine))
        painter.drawLine(start, QPointF(screen_x - 3, y))
        self._words(painter, QRectF(150, y - 44, 60, 18), "1°", "body", "ink")
        between = QRectF(68, y + half + 4, screen_x - 68, 18)
        distance = f"{profile.viewing_distance_mm:.0f} mm"
        self._words(painter, between, distance, "caption", "ink2")
        density, per_degree = profile.px_per_mm, profile.px_per_degree
        right = QRectF(screen_x + 8, y - 18, 76, 18)
        told = MISSING if per_degree is None else f"{per_degree:.1f} px"
        self._words(painter, right, told, "body", "ink", left=True)
        if per_degree is not None and density is not None:
            millimetres = f"{per_degree / density:.1f} mm"
            self._words(painter, right.translated(0, 18), millimetres, "caption", "ink3", left=True)

    def _words(
        self,
        painter: QPainter,
        place: QRectF,
        text: str,
        role: str,
        token: str,
        left: bool = False,
    ) -> None:
        painter.setFont(self._theme.font(role))
        painter.setPen(self._theme.colour(token))
        side = Qt.AlignmentFlag.AlignLeft if left else Qt.AlignmentFlag.AlignHCenter
        painter.drawText(place, side | Qt.AlignmentFlag.AlignVCenter, text)


class DistanceCard(StepCard):
    """Type the viewing distance; see degrees."""

    def __init__(self, theme: Theme, draft: Draft) -> None:
        super().__init__(theme, draft, 3, "Viewing distance")
        self.picture = AnglePicture(theme, draft)
        self.body.addWidget(self.picture, 1)
        row = QHBoxLayout()
        row.addWidget(label("Eye to screen", "body", "ink2"))
        self.distance = DecimalField(100.0, 5000.0, 0)
        self.distance.setSuffix(" mm")
        self.distance.setAccessibleName("Eye to screen")
        self.distance.setKeyboardTracking(False)
        self.distance.valueChanged.connect(lambda mm: self.draft.change(viewing_distance_mm=mm))
        row.addWidget(self.distance)
        self.chin_rest = QCheckBox("Chin rest fixed at this distance")
        self.chin_rest.toggled.connect(lambda on: self.draft.change(chin_rest=on))
        row.addWidget(self.chin_rest, 1)
        self.body.addLayout(row)
        self.body.addWidget(rule())
        numbers = QHBoxLayout()
        self._numbers = {}
        for name, unit in (
            ("at the centre", "px/deg"),
            (f"image of {IMAGE_PX} px", "deg"),
            ("whole screen", "deg"),
        ):
            column = QVBoxLayout()
            column.setSpacing(0)
            value = QHBoxLayout()
            value.setSpacing(4)
            self._numbers[name] = label(MISSING, "page_title")
            value.addWidget(self._numbers[name], 0, Qt.AlignmentFlag.AlignBottom)
            value.addWidget(label(unit, "caption", "ink3"), 1, Qt.AlignmentFlag.AlignBottom)
            column.addLayout(value)
            column.addWidget(label(name, "caption", "ink3"))
            numbers.addLayout(column, 1)
        self.body.addLayout(numbers)
        self.refresh()

    def refresh(self) -> None:
        """Show distance and angles."""
        profile = self.draft.profile
        for widget, show in (
            (self.distance, lambda: self.distance.setValue(profile.viewing_distance_mm)),
            (self.chin_rest, lambda: self.chin_rest.setChecked(profile.chin_rest)),
        ):
            widget.blockSignals(True)
            show()
            widget.blockSignals(False)
        density, distance = profile.px_per_mm, profile.viewing_distance_mm
        values = (profile.px_per_degree, None, None)
        if density is not None:
            values = (
                profile.px_per_degree,
                degrees_across(IMAGE_PX, density, distance),
                degrees_across(self.draft.key.width_px, density, distance),
            )
        for shown, value, digits in zip(self._numbers.values(), values, (1, 2, 1), strict=True):
            shown.setText(MISSING if value is None else f"{value:.{digits}f}")
        self.state.show_state(
            "done" if density is not None else "open",
            self._origin(),
        )
        self.picture.update()

    def _origin(self) -> str:
        profile = self.draft.profile
        if profile.chin_rest:
            return "chin rest"
        untouched = profile.viewing_distance_mm == DEFAULT_DISTANCE_MM
        return "assumed" if untouched and self.draft.saved is None else "typed"
