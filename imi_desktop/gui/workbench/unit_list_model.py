"""The units of one layer (or of many) as a Qt list model; fluent with tens of thousands."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping

from PySide6.QtCore import QAbstractListModel, QModelIndex, QObject, Qt, Signal

from imi_desktop.gui.workbench.unit_summary import UnitOrder, UnitSummary, sorted_units
from imi_desktop.models.unit import Unit

UNIT_ROLE = int(Qt.ItemDataRole.UserRole) + 1
SUMMARY_ROLE = UNIT_ROLE + 1
IN_STUDY_ROLE = UNIT_ROLE + 2


class UnitListModel(QAbstractListModel):
    """Units in the order chosen, with what is known of each.

    A row's summary is asked for only when the row is painted: :attr:`wanted` names the unit, and
    whoever reads the activations answers with :meth:`add_summaries`.
    """

    wanted = Signal(Unit)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._natural: list[Unit] = []
        self._units: list[Unit] = []
        self._rows: dict[Unit, int] = {}
        self._summaries: dict[Unit, UnitSummary] = {}
        self._in_study: frozenset[Unit] = frozenset()
        self._order = UnitOrder.CHANNEL
        self._several_layers = False

    def set_units(self, units: Iterable[Unit]) -> None:
        """Show other units; what was known of the old ones is dropped."""
        self.beginResetModel()
        self._natural = list(units)
        self._summaries = {}
        self._several_layers = len({unit.layer for unit in self._natural}) > 1
        self._arrange()
        self.endResetModel()

    def set_order(self, order: UnitOrder) -> None:
        """Sort; the selection stays with its unit."""
        self._order = order
        self.layoutAboutToBeChanged.emit()
        before = self.persistentIndexList()
        units = [self._units[index.row()] for index in before]
        self._arrange()
        self.changePersistentIndexList(before, [self.index(self._rows[u]) for u in units])
        self.layoutChanged.emit()

    def set_in_study(self, units: Collection[Unit]) -> None:
        """Units that bear the tick."""
        self._in_study = frozenset(units)
        self._announce(0, len(self._units) - 1)

    def add_summaries(self, summaries: Mapping[Unit, UnitSummary]) -> None:
        """Fill in units; the order stays as it is until :meth:`set_order` is called again."""
        rows = [self._rows[unit] for unit in summaries if unit in self._rows]
        if rows:
            self._summaries.update({u: s for u, s in summaries.items() if u in self._rows})
            self._announce(min(rows), max(rows))

    @property
    def order(self) -> UnitOrder:
        """How the units are sorted."""
        return self._order

    @property
    def summaries_known(self) -> int:
        """Units whose summary has been read."""
        return len(self._summaries)

    @property
    def complete(self) -> bool:
        """Whether every unit's summary has been read."""
        return len(self._summaries) == len(self._rows)

    @property
    def missing_summaries(self) -> list[Unit]:
        """Units whose summary has not been read."""
        return [unit for unit in self._natural if unit not in self._summaries]

    def label(self, unit: Unit) -> str:
        """Channel, and the layer too where units of several layers are listed."""
        return unit.address if self._several_layers else str(unit.channel)

    def unit_at(self, row: int) -> Unit | None:
        """Unit of a row, or None."""
        return self._units[row] if 0 <= row < len(self._units) else None

    def row_of(self, unit: Unit) -> int | None:
        """Row of a unit, or None."""
        return self._rows.get(unit)

    def rowCount(self, parent: QModelIndex | None = None) -> int:
        return 0 if parent is not None and parent.isValid() else len(self._units)

    def data(self, index: QModelIndex, role: int = int(Qt.ItemDataRole.DisplayRole)) -> object:
        unit = self.unit_at(index.row()) if index.isValid() else None
        if unit is None:
            return None
        if role == UNIT_ROLE:
            return unit
        if role == SUMMARY_ROLE:
            summary = self._summaries.get(unit)
            if summary is None:
                self.wanted.emit(unit)
            return summary
        if role == IN_STUDY_ROLE:
            return unit in self._in_study
        if role == Qt.ItemDataRole.DisplayRole:
            return self.label(unit)
        if role in (Qt.ItemDataRole.AccessibleTextRole, Qt.ItemDataRole.ToolTipRole):
            chosen = ", in the study" if unit in self._in_study else ""
            return f"{unit.layer}, unit {unit.channel}{chosen}"
        return None

    def _arrange(self) -> None:
        self._units = sorted_units(self._natural, self._summaries, self._order)
        self._rows = {unit: row for row, unit in enumerate(self._units)}

    def _announce(self, first: int, last: int) -> None:
        if last >= first:
            self.dataChanged.emit(self.index(first), self.index(last))
