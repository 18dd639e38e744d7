"""The machine interpretability score beside people's."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Signal
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QSizePolicy, QWidget

from imi_desktop.gui.context import AppContext
from imi_desktop.gui.dashboard.correlates_card import correlation_words
from imi_desktop.gui.dashboard.fitted_table import FittedTable
from imi_desktop.gui.dashboard.row_model import Field, RowModel
from imi_desktop.gui.widgets.buttons import secondary, set_enabled
from imi_desktop.gui.widgets.card import Card
from imi_desktop.gui.widgets.empty import EmptyState
from imi_desktop.gui.widgets.format import MISSING, number, plus_minus

if TYPE_CHECKING:
    from imi_desktop.analysis.further import Further
    from imi_desktop.analysis.machine_score import MachineResult

_WIDTHS = (0, 92, 60, 60)


class MachineCard(Card):
    """One row per condition; computes the score where it is not known yet."""

    wanted = Signal()
    chosen = Signal()
    """A row was clicked: the units' scores against people's are to be shown."""

    def __init__(self, context: AppContext, parent: QWidget | None = None) -> None:
        super().__init__(context.theme, "Machine score", parent=parent)
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Expanding)
        self.flush_body()
        self._compute = secondary("Compute score")
        self._compute.clicked.connect(self.wanted)
        self._empty = EmptyState(
            context.theme, "units", "Not computed",
            "How well an observer that compares images does the tasks in people's place.",
            self._compute,
        )  # fmt: skip
        self.body.addWidget(self._empty, 1)
        self._model = RowModel(_fields(), self)
        self.table = FittedTable(context.theme, self._fit)
        self.table.setModel(self._model)
        self.table.horizontalHeader().setSortIndicatorShown(False)
        self.table.clicked.connect(lambda _index: self.chosen.emit())
        self.table.opened.connect(lambda _index: self.chosen.emit())
        self.body.addWidget(self.table, 1)
        self._again = self.menu_action("Compute again", self.wanted.emit)
        self.menu_action(
            "Copy table", lambda: QGuiApplication.clipboard().setText(self.table.copied_text())
        )
        self._show_empty(True)

    def set_computable(self, reason: str) -> None:
        """Allow computing the score, or say why not."""
        set_enabled(self._compute, not reason, reason)
        self._again.setEnabled(not reason)

    def show_further(self, further: Further) -> None:
        """Show other results."""
        results = further.machine
        self._show_empty(not results)
        self._model.set_rows(results)
        self.table.refit()
        if not results:
            self.set_caption("")
            self.set_foot("")
            return
        observers = ", ".join(dict.fromkeys(one.observer for one in results))
        self.set_caption(f"{observers} · exploratory")
        lines = [
            f"{one.condition.capitalize()}: {correlation_words(one.correlation.test)}"
            for one in results
            if one.correlation is not None
        ]
        self.set_foot(
            f"Mean of σ(Δ / {results[0].temperature:g}); with people, per unit:\n"
            + ("\n".join(lines) or "no scores yet")
        )

    def _show_empty(self, empty: bool) -> None:
        self._empty.setVisible(empty)
        self.table.setVisible(not empty)

    def _fit(self, room: int) -> None:
        left = max(80, room - sum(_WIDTHS) - 2)
        for column, width in enumerate(_WIDTHS):
            self.table.setColumnWidth(column, width or left)


def _fields() -> tuple[Field, ...]:
    return (
        Field("Condition", lambda one: one.condition.capitalize(), tip=_details),
        Field("Score", lambda one: plus_minus(one.score, one.sem2), number=True, tip=_details),
        Field("Right", lambda one: number(one.accuracy), number=True, tip=_details),
        Field("People", lambda one: number(one.human), number=True, tip=_details),
    )


def _details(one: MachineResult) -> str:
    fitted = MISSING if one.fitted_temperature is None else f"{one.fitted_temperature:.3g}"
    return (
        f"{one.n_units} units, {one.n_tasks} tasks. Score: mean of σ(Δ / {one.temperature:g}) over "
        "tasks, ± 2 SEM over units. Right: share of tasks with Δ above 0. People: their mean score "
        f"over the same units. Temperature that fits people's answers best: {fitted}."
    )
