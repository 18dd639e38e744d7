"""The card with the plan: who is in which order, and where that stands."""

from __future__ import annotations

import statistics
from collections.abc import Sequence

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import (
    QAbstractButton,
    QGridLayout,
    QHBoxLayout,
    QScrollArea,
    QSizePolicy,
    QWidget,
)

from imi_desktop.experiment.study import Study
from imi_desktop.gui.theme import Theme
from imi_desktop.gui.widgets.buttons import secondary
from imi_desktop.gui.widgets.card import Card
from imi_desktop.gui.widgets.format import MISSING, plural
from imi_desktop.gui.widgets.labels import ElidedLabel, label
from imi_desktop.gui.widgets.rows import ValueRows
from imi_desktop.gui.workbench.sessions_flow import FlowLayout
from imi_desktop.gui.workbench.sessions_rows import SessionRow

_TITLE_WIDTH = 104
_LEGEND = ("done", "running", "to resume", "planned", "excluded")
_LOOK = {
    "done": "done",
    "running": "running",
    "interrupted": "to resume",
    "planned": "planned",
    "excluded": "excluded",
    "aborted": "excluded",
    "damaged": "excluded",
}


class PersonChip(QAbstractButton):
    """A participant's id, its look telling the state; also used for the legend."""

    def __init__(self, theme: Theme, text: str, look: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._look = look
        self.setText(text)
        self.setToolTip(look if not text else f"{text}: {look}")
        self.setAccessibleName(self.toolTip())
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        theme.changed.connect(self.update)

    def sizeHint(self) -> QSize:
        """Room for the id, or a swatch."""
        if not self.text():
            return QSize(16, 12)
        return QSize(max(44, self.fontMetrics().horizontalAdvance(self.text()) + 18), 28)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw box and id."""
        theme = self._theme
        ground, edge, ink = {
            "done": ("ink2", "ink2", "panel"),
            "running": ("accent", "accent", "on_accent"),
            "to resume": ("", "error", "error"),
            "planned": ("", "control_line", "ink3"),
            "excluded": ("warn_ground", "warn", "warn"),
        }[self._look]
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        pen = QPen(theme.colour(edge))
        if self._look == "planned":
            pen.setStyle(Qt.PenStyle.DashLine)
        painter.setPen(pen)
        painter.setBrush(theme.colour(ground) if ground else Qt.BrushStyle.NoBrush)
        painter.drawRoundedRect(self.rect().adjusted(1, 1, -1, -1), 4, 4)
        font = theme.font("table")
        font.setWeight(font.Weight.DemiBold)
        painter.setFont(font)
        painter.setPen(theme.colour(ink))
        painter.drawText(self.rect(), Qt.AlignmentFlag.AlignCenter, self.text())
        painter.end()


class PlanCard(Card):
    """Participants by their order, and figures of the plan.

    Signals
    -------
    chosen : tuple of (str, str)
        Key of the row whose chip was clicked.
    trials_wanted
        "Show trial list".
    schedule_wanted
        "Print schedule…".
    """

    chosen = Signal(object)
    trials_wanted = Signal()
    schedule_wanted = Signal()

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(theme, "Plan", parent=parent)
        self._groups = QWidget()
        self._groups.setProperty("kind", "canvas")
        self._grid = QGridLayout(self._groups)
        self._grid.setContentsMargins(0, 0, 0, 0)
        self._grid.setHorizontalSpacing(14)
        self._grid.setVerticalSpacing(10)
        self._grid.setColumnStretch(1, 1)
        self._grid.setColumnMinimumWidth(0, _TITLE_WIDTH)
        area = QScrollArea()
        area.setWidgetResizable(True)
        area.setWidget(self._groups)
        area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.body.addWidget(area, 1)
        legend = QHBoxLayout()
        legend.setSpacing(6)
        for look in _LEGEND:
            legend.addWidget(PersonChip(theme, "", look))
            legend.addWidget(label(look, "caption", "ink3"))
            legend.addSpacing(6)
        legend.addStretch(1)
        self.body.addLayout(legend)
        self._values = ValueRows()
        self.body.addWidget(self._values)
        row = QHBoxLayout()
        self.trials = secondary("Show trial list")
        self.trials.clicked.connect(self.trials_wanted)
        row.addWidget(self.trials)
        self.schedule = secondary("Print schedule…")
        self.schedule.set_hint("Participants, their order and state, with room for date and place.")
        self.schedule.clicked.connect(self.schedule_wanted)
        row.addWidget(self.schedule)
        row.addStretch(1)
        self.body.addLayout(row)
        self._shown: list[tuple[str, list[tuple[tuple[str, str], str]]]] | None = None

    def show_plan(self, study: Study, rows: Sequence[SessionRow]) -> None:
        """Show where the study stands."""
        people = plural(len({row.participant.id for row in rows}), "participant")
        planned = f" of {study.participants}" if study.participants else ""
        self.set_caption(f"{people}{planned}")
        self._show_groups(rows)
        done = [row for row in rows if row.facts is not None and row.state == "done"]
        lengths = [row.facts.minutes for row in done if row.facts is not None]
        length = f"{round(statistics.median(lengths))} min" if lengths else MISSING
        trials = [row.planned_trials for row in rows if row.planned_trials]
        usual = str(round(statistics.median(trials))) if trials else MISSING
        self._values.set_rows(
            [
                ("Trials per participant", usual),
                ("Median length so far", length),
                ("Seed", str(study.seed)),
            ]
        )
        for button in (self.trials, self.schedule):
            button.set_enabled(bool(rows), "No participant is registered yet.")

    def _show_groups(self, rows: Sequence[SessionRow]) -> None:
        groups: dict[str, list[tuple[tuple[str, str], str]]] = {}
        for row in rows:
            groups.setdefault(row.order or "All", []).append((row.key, _LOOK[row.state]))
        shown = sorted(groups.items())
        if shown == self._shown:
            return
        self._shown = shown
        while (item := self._grid.takeAt(0)) is not None:
            if (widget := item.widget()) is not None:
                widget.hide()
                widget.deleteLater()
        for place, (name, members) in enumerate(shown):
            title = ElidedLabel(name, "caption", "ink2")
            title.setFixedSize(_TITLE_WIDTH, 28)
            self._grid.setRowStretch(place, 0)
            self._grid.addWidget(title, place, 0, Qt.AlignmentFlag.AlignTop)
            chips = QWidget()
            flow = FlowLayout(chips)
            for key, look in members:
                chip = PersonChip(self.theme, key[0], look)
                chip.clicked.connect(lambda _=False, k=key: self.chosen.emit(k))
                flow.addWidget(chip)
            self._grid.addWidget(chips, place, 1)
        self._grid.setRowStretch(len(shown), 1)
