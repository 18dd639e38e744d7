"""Step 2: how large a pixel is, by a bank card and by a ruler."""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QKeyEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QSizePolicy, QSlider, QVBoxLayout, QWidget

from imi_desktop.display.profile import CARD_MM
from imi_desktop.display.requirements import CARD_RULER_LIMIT, card_against_ruler
from imi_desktop.gui.calibration.draft import Draft
from imi_desktop.gui.calibration.participant_screen import (
    BLACK,
    CARD_RATIO,
    CardWindow,
    draw_card,
    key_step,
)
from imi_desktop.gui.calibration.step_card import StepCard
from imi_desktop.gui.theme import Theme
from imi_desktop.gui.widgets.buttons import icon_button, secondary
from imi_desktop.gui.widgets.format import MISSING
from imi_desktop.gui.widgets.labels import ElidedLabel, label, wrapped
from imi_desktop.gui.widgets.number import DecimalField

LOWEST_PX, HIGHEST_PX = 150.0, 2000.0
_FIRST_GUESS_PX_PER_MM = 3.78


class CardPicture(QWidget):
    """The outline at half its size; arrow keys change it.

    Signals
    -------
    stepped : float
        Change in px that a key asks for.
    """

    stepped = Signal(float)

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._theme = theme
        self._width = 320.0
        self.setFixedSize(QSize(236, 150))
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAccessibleName("Outline of a bank card")
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)

    def set_card(self, width_px: float) -> None:
        """Draw another width."""
        self._width = width_px
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the outline with its true width in words."""
        painter = QPainter(self)
        painter.fillRect(self.rect(), QColor("#808080"))
        half = min(self._width / 2, self.width() * 0.76, self.height() * 0.86 / CARD_RATIO)
        draw_card(painter, QPointF(self.width() / 2, self.height() / 2), half)
        painter.setFont(self._theme.font("caption"))
        painter.setPen(BLACK)
        painter.drawText(
            QRectF(self.rect()).translated(0, 12), Qt.AlignmentFlag.AlignCenter, f"{CARD_MM:.2f} mm"
        )

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Arrow keys change the width."""
        step = key_step(event)
        if step:
            self.stepped.emit(step)
        else:
            super().keyPressEvent(event)


class SizeCard(StepCard):
    """Match a card on the screen, type a ruler's width, see whether they agree."""

    def __init__(self, theme: Theme, draft: Draft) -> None:
        super().__init__(theme, draft, 2, "Size")
        self._window: CardWindow | None = None
        self._says = wrapped("", "caption", "ink2")
        self.body.addWidget(self._says)
        row = QHBoxLayout()
        row.setSpacing(16)
        left = QVBoxLayout()
        self.picture = CardPicture(theme)
        self.picture.stepped.connect(self._step)
        left.addWidget(self.picture)
        self.show_button = secondary("Draw on the screen", theme, "external")
        self.show_button.clicked.connect(self._toggle_window)
        left.addWidget(self.show_button)
        left.addStretch(1)
        row.addLayout(left)
        row.addLayout(self._make_values(theme), 1)
        self.body.addLayout(row)
        self.body.addStretch(1)
        self.refresh()

    def _make_values(self, theme: Theme) -> QVBoxLayout:
        column = QVBoxLayout()
        steps = QHBoxLayout()
        self.slider = QSlider(Qt.Orientation.Horizontal)
        self.slider.setRange(round(LOWEST_PX * 10), round(HIGHEST_PX * 10))
        self.slider.setAccessibleName("Width of the outline")
        self.slider.valueChanged.connect(lambda value: self._set_card(value / 10))
        for icon, change in (("minus", -1.0), ("plus", 1.0)):
            button = icon_button(
                theme, icon, f"{abs(change):.0f} px " + ("less", "more")[change > 0]
            )
            button.setAutoRepeat(True)
            button.clicked.connect(lambda _=False, by=change: self._step(by))
            if icon == "plus":
                steps.addWidget(self.slider, 1)
            steps.addWidget(button)
        column.addLayout(steps)
        grid = QGridLayout()
        grid.setVerticalSpacing(4)
        grid.setColumnStretch(1, 1)
        self._values: dict[str, ElidedLabel] = {}
        names = (
            "Outline",
            "From the card",
            "Picture width, by ruler",
            "From the ruler",
            "Difference",
        )
        for place, name in enumerate(names):
            grid.addWidget(label(name, "caption", "ink3"), place, 0)
            if name.startswith("Picture"):
                self.ruler = DecimalField(0.0, 3000.0, 1)
                self.ruler.setSuffix(" mm")
                self.ruler.setSpecialValueText("not measured")
                self.ruler.setAccessibleName(name)
                self.ruler.setKeyboardTracking(False)
                self.ruler.valueChanged.connect(self._set_ruler)
                grid.addWidget(self.ruler, place, 1)
                continue
            value = ElidedLabel("", "caption")
            value.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
            value.setFixedHeight(20)
            self._values[name] = value
            grid.addWidget(value, place, 1)
        column.addLayout(grid)
        column.addStretch(1)
        return column

    @property
    def card_px(self) -> float:
        """Width of the outline as drawn now."""
        measured = self.draft.profile.size.card_px
        if measured is not None:
            return measured
        told = self.draft.screen.physicalSize().width()
        density = self.draft.key.width_px / told if told > 0 else _FIRST_GUESS_PX_PER_MM
        return min(HIGHEST_PX, max(LOWEST_PX, density * CARD_MM))

    def refresh(self) -> None:
        """Show both measurements."""
        number = self.draft.number
        self._says.setText(
            f"Hold a bank card against screen {number}. Match the outline with the slider or the "
            "arrow keys, then measure the width of the whole picture with a ruler."
        )
        size = self.draft.profile.size
        self.picture.set_card(self.card_px)
        for widget, value in ((self.slider, round(self.card_px * 10)),):
            widget.blockSignals(True)
            widget.setValue(value)
            widget.blockSignals(False)
        self.ruler.blockSignals(True)
        self.ruler.setValue(size.ruler_mm or 0.0)
        self.ruler.blockSignals(False)
        if self._window is not None:
            self._window.set_card(self.card_px)
        by_card = None if size.card_px is None else size.card_px / CARD_MM
        by_ruler = None if size.ruler_mm is None else self.draft.key.width_px / size.ruler_mm
        difference = card_against_ruler(self.draft.profile)
        told = {
            "Outline": f"{self.card_px:.1f} px" + ("" if size.card_px else ", a guess"),
            "From the card": MISSING if by_card is None else f"{by_card:.3f} px/mm",
            "From the ruler": MISSING if by_ruler is None else f"{by_ruler:.3f} px/mm",
            "Difference": MISSING
            if difference is None
            else f"{difference * 100:.1f} % (limit {CARD_RULER_LIMIT * 100:.0f} %)",
        }
        for name, text in told.items():
            self._values[name].set_text(text)
        if difference is None:
            state = ("done", "card or ruler") if by_card or by_ruler else ("open", "not measured")
            words = state[1]
            if by_card or by_ruler:
                words = "by card only" if by_card else "by ruler only"
            self.state.show_state(state[0], words)
        elif difference <= CARD_RULER_LIMIT:
            self.state.show_state("done", f"card and ruler agree to {difference * 100:.1f} %")
        else:
            self.state.show_state("warn", f"card and ruler differ by {difference * 100:.1f} %")

    def _step(self, change: float) -> None:
        self._set_card(self.card_px + change)

    def _set_card(self, width_px: float) -> None:
        self.draft.change_size(card_px=round(min(HIGHEST_PX, max(LOWEST_PX, width_px)), 1))

    def _set_ruler(self, millimetres: float) -> None:
        self.draft.change_size(ruler_mm=millimetres or None)

    def _toggle_window(self) -> None:
        if self._window is not None and self._window.isVisible():
            self._window.close()
            return
        self._window = CardWindow(self.draft.screen, self.card_px)
        self._window.resized.connect(self._set_card)
        self._window.cover()
        self._window.activateWindow()
