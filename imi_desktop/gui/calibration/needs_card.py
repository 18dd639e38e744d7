"""What the study needs of the screen, against what was measured."""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QPainter, QPaintEvent, QPen, QPolygonF
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QLabel, QSizePolicy, QVBoxLayout, QWidget

from imi_desktop.display.requirements import Requirement, check, unmet
from imi_desktop.experiment.study import DisplayRequirements, Study
from imi_desktop.gui.calibration.draft import Draft
from imi_desktop.gui.theme import Theme
from imi_desktop.gui.widgets.card import Card
from imi_desktop.gui.widgets.chip import StateChip
from imi_desktop.gui.widgets.format import MISSING
from imi_desktop.gui.widgets.labels import ElidedLabel, label, rule, set_tone

_MARKS = {"met": ("check", "ink2"), "unmet": ("warn", "warn"), "open": ("dash", "ink3")}


class DegreeScale(QWidget):
    """Measured pixels per degree on a line with the wanted range."""

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._theme = theme
        self._measured: float | None = None
        self._wanted: tuple[float, float] | None = None
        self.setFixedHeight(52)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        theme.changed.connect(self.update)

    def show_values(self, measured: float | None, wanted: tuple[float, float] | None) -> None:
        """Show another measurement and range (lowest, highest)."""
        self._measured, self._wanted = measured, wanted
        self.update()

    def sizeHint(self) -> QSize:
        """As wide as there is room."""
        return QSize(160, 52)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw range, line and mark."""
        if self._wanted is None:
            return
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        theme = self._theme
        low, high = self._wanted
        middle, half = (low + high) / 2, max((high - low) / 2, 0.5)
        reach = 3 * half
        if self._measured is not None:
            reach = max(reach, min(abs(self._measured - middle) * 1.15, 30 * half))
        left, right, y = 16.0, self.width() - 16.0, 20.0

        def x(value: float) -> float:
            share = (value - middle + reach) / (2 * reach)
            return left + min(1.0, max(0.0, share)) * (right - left)

        painter.fillRect(QRectF(x(low), y - 4, x(high) - x(low), 8), theme.colour("bar_soft"))
        painter.setPen(QPen(theme.colour("control_line"), 1))
        painter.drawLine(QPointF(left, y), QPointF(right, y))
        painter.setFont(theme.font("axis"))
        for value in (middle - reach, low, high, middle + reach):
            painter.setPen(theme.colour("ink3"))
            place = QRectF(x(value) - 24, y + 8, 48, 14)
            painter.drawText(place, Qt.AlignmentFlag.AlignCenter, f"{value:.0f}")
        if self._measured is None:
            return
        at = x(self._measured)
        accent = theme.colour("accent")
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(accent)
        painter.drawPolygon(
            QPolygonF([QPointF(at - 4, y - 14), QPointF(at + 4, y - 14), QPointF(at, y - 7)])
        )
        painter.setPen(QPen(accent, 1.5))
        painter.drawLine(QPointF(at, y - 7), QPointF(at, y + 7))


class NeedsCard(Card):
    """The list of requirements with a chip that says whether a session may start."""

    def __init__(self, theme: Theme, draft: Draft) -> None:
        super().__init__(theme, "What this study needs")
        self._draft = draft
        self._study: Study | None = None
        self._measured = False
        self.requirements: list[Requirement] = []
        self.chip = StateChip(theme, "")
        self.add_head(self.chip)
        top = QHBoxLayout()
        column = QVBoxLayout()
        column.setSpacing(0)
        self._number = label(MISSING, "large_number")
        column.addWidget(self._number)
        column.addWidget(label("px per degree", "caption", "ink2"))
        top.addLayout(column)
        self.scale = DegreeScale(theme)
        top.addWidget(self.scale, 1)
        self.body.addLayout(top)
        self._grid = QGridLayout()
        self._grid.setHorizontalSpacing(6)
        self._grid.setVerticalSpacing(0)
        self._grid.setColumnStretch(0, 15)
        self._grid.setColumnStretch(1, 11)
        self._grid.setColumnStretch(2, 9)
        self._rows: list[tuple[ElidedLabel, ElidedLabel, ElidedLabel, QLabel]] = []
        for column_number, name in enumerate(("Quantity", "Needed", "Measured")):
            head = label(name, "caption", "ink3")
            head.setFixedHeight(26)
            self._grid.addWidget(head, 0, column_number)
        self.body.addLayout(self._grid)
        self.body.addStretch(1)
        draft.changed.connect(self.refresh)
        theme.changed.connect(self.refresh)

    @property
    def verdict(self) -> str:
        """A sentence without its full stop: what the screen lacks, or that nothing is missing."""
        screen = f"Screen {self._draft.number}"
        missing = unmet(self.requirements)
        asking = "the trials need" if self._study is None else "the study needs"
        if missing:
            names = ", ".join(requirement.name.lower() for requirement in missing)
            state = "does not meet" if self._measured else "is not measured yet and does not meet"
            return f"{screen} {state} what {asking}: {names}"
        if not self._measured:
            return f"{screen} is not measured yet; sessions may start all the same"
        if self._open:
            return f"{screen} meets what {asking}; {self._open} optional not measured"
        return f"{screen} meets what {asking}"

    def set_study(self, study: Study | None) -> None:
        """Compare with another study's needs."""
        self._study = study
        self.set_title("What this study needs" if study is not None else "What the trials need")
        self.refresh()

    def refresh(self) -> None:
        """Compare again."""
        wanted = DisplayRequirements() if self._study is None else self._study.display
        profile, saved = self._draft.profile, self._draft.saved
        self._measured = saved is not None or self._draft.dirty
        self.requirements = check(
            wanted,
            self._draft.key,
            profile if self._measured else None,
            pixel_ratio=self._draft.screen.devicePixelRatio(),
        )
        found = profile.px_per_degree
        self._number.setText(MISSING if found is None else f"{found:.1f}")
        required = wanted.px_per_degree
        span = None
        if required is not None:
            span = (required * (1 - wanted.tolerance), required * (1 + wanted.tolerance))
        self.scale.show_values(found, span)
        self.scale.setVisible(span is not None)
        self._show_chip()
        self._show_rows()

    @property
    def _open(self) -> int:
        """Rows that were not measured and need not be."""
        return sum(requirement.state == "open" for requirement in self.requirements)

    def _show_chip(self) -> None:
        missing = len(unmet(self.requirements))
        if missing:
            self.chip.set_state(f"{missing} of {len(self.requirements)} not met", "warn")
        elif not self._measured:
            self.chip.set_look("Not measured yet", "dash", "dashed")
        elif self._open:
            self.chip.set_look(f"{self._open} not measured", "dash", "dashed")
        else:
            self.chip.set_state(f"Screen {self._draft.number} is ready", "fine")
        names = [r.name for r in self.requirements if r.state in ("unmet", "open")]
        self.chip.setToolTip(f"{self.verdict}.\nLeft: {', '.join(names)}." if names else "")

    def _show_rows(self) -> None:
        while len(self._rows) < len(self.requirements):
            self._add_row()
        for widgets, requirement in zip(self._rows, self.requirements, strict=True):
            name, needed, measured, mark = widgets
            name.set_text(requirement.name)
            needed.set_text(requirement.needed)
            measured.set_text(requirement.measured)
            tone = "warn" if requirement.state == "unmet" else "ink"
            set_tone(name, tone)
            set_tone(measured, "ink3" if requirement.state == "open" else tone)
            icon, token = _MARKS[requirement.state]
            mark.setPixmap(self.theme.icon(icon, token).pixmap(16, 16))

    def _add_row(self) -> None:
        row = 2 * len(self._rows) + 1
        self._grid.addWidget(rule(), row, 0, 1, 4)
        widgets = (
            ElidedLabel("", "caption", "ink"),
            ElidedLabel("", "caption", "ink2"),
            ElidedLabel("", "caption", "ink"),
            QLabel(),
        )
        for column, widget in enumerate(widgets):
            widget.setFixedHeight(28)
            self._grid.addWidget(widget, row + 1, column)
        self._rows.append(widgets)
