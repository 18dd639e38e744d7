"""The trial list of one participant, without what is right."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import QAbstractTableModel, QModelIndex, Qt
from PySide6.QtWidgets import QWidget

from imi_desktop.experiment.trial import SessionPlan
from imi_desktop.gui.theme import Theme
from imi_desktop.gui.widgets.dialog import Dialog
from imi_desktop.gui.widgets.format import plural
from imi_desktop.gui.widgets.table import NUMBER, StudyTable

_COLUMNS = ("Trial", "Block", "Phase", "Condition", "Scheme", "Unit", "Image set", "Catch")


class TrialListModel(QAbstractTableModel):
    """Trials of a plan; those of repeated blocks, if it has any, can only be examples."""

    def __init__(self, plan: SessionPlan, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._rows = [
            (
                trial.number,
                trial.block,
                "repeated, example" if trial.phase == "repeated" else trial.phase,
                trial.condition,
                trial.scheme,
                trial.unit.address,
                trial.image_set,
                "catch" if trial.catch else "",
            )
            for trial in plan.trials
        ]

    def rowCount(self, parent: QModelIndex | None = None) -> int:
        """Number of trials."""
        return 0 if parent is not None and parent.isValid() else len(self._rows)

    def columnCount(self, parent: QModelIndex | None = None) -> int:
        """Number of columns."""
        return len(_COLUMNS)

    def headerData(
        self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole
    ) -> Any:
        """Column titles."""
        if orientation is Qt.Orientation.Horizontal and role == Qt.ItemDataRole.DisplayRole:
            return _COLUMNS[section]
        return None

    def data(self, index: QModelIndex, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """Text and alignment."""
        value = self._rows[index.row()][index.column()]
        if role == Qt.ItemDataRole.DisplayRole:
            return str(value)
        if role == Qt.ItemDataRole.TextAlignmentRole and isinstance(value, int):
            return NUMBER
        return None


def show_trials(theme: Theme, plan: SessionPlan, parent: QWidget) -> Dialog:
    """Open a window with the list."""
    dialog = Dialog(
        theme,
        f"Trial list of {plan.participant}",
        f"{plural(len(plan.trials), 'trial')}; what is right is left out.",
        parent,
    )
    dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
    dialog.resize(760, 560)
    table = StudyTable(theme)
    table.setSortingEnabled(False)
    table.setModel(TrialListModel(plan, table))
    table.resizeColumnsToContents()
    dialog.body.addWidget(table)
    dialog.add_primary("Close").clicked.connect(dialog.accept)
    dialog.open()
    return dialog
