"""StudyTable: the table of the app, for any QAbstractItemModel.

    table = StudyTable(theme); table.setModel(model)
    numbers: the model answers TextAlignmentRole with NUMBER, missing values with "–"
Sorts by header, columns movable, hidden ones under the header's menu, Ctrl+C copies
tab-separated text with the header, Enter opens (``opened``), Space selects. Long tables stay fast:
rows have one height and only visible ones are painted.
"""

from __future__ import annotations

from PySide6.QtCore import QModelIndex, QPoint, QSortFilterProxyModel, Qt, Signal
from PySide6.QtGui import QGuiApplication, QKeyEvent, QKeySequence
from PySide6.QtWidgets import QAbstractItemView, QHeaderView, QMenu, QTableView, QWidget

from imi_desktop.gui.theme import Theme
from imi_desktop.gui.widgets.menus import pop_up
from imi_desktop.gui.widgets.row_hover import RowHover

NUMBER = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
"""Alignment of numbers, in cells and headers."""
ROW = 30
THUMBNAIL_ROW = 38
HEAD = 28

SORT_ROLE = Qt.ItemDataRole.UserRole + 1
"""Role under which a model gives the value to sort by; without it the text is used."""


class SortedRows(QSortFilterProxyModel):
    """Rows sorted by :data:`SORT_ROLE`, missing values last in either direction."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setSortRole(SORT_ROLE)
        self.setFilterCaseSensitivity(Qt.CaseSensitivity.CaseInsensitive)

    def lessThan(self, left: QModelIndex, right: QModelIndex) -> bool:
        """Compare by value, then by text."""
        a, b = self._key(left), self._key(right)
        if a is None or b is None:
            ascending = self.sortOrder() is Qt.SortOrder.AscendingOrder
            return (b is None and a is not None) == ascending
        if isinstance(a, (int, float)) and isinstance(b, (int, float)):
            return a < b
        return str(a).casefold() < str(b).casefold()

    def _key(self, index: QModelIndex) -> object:
        value = index.data(SORT_ROLE)
        if value is None:
            text = index.data(Qt.ItemDataRole.DisplayRole)
            return None if text in (None, "", "–") else text
        return value


class StudyTable(QTableView):
    """Table with the app's rules; see the module."""

    opened = Signal(QModelIndex)
    """Enter or a double click on a row."""

    def __init__(self, theme: Theme, row_height: int = ROW, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.theme = theme
        self.setShowGrid(False)
        self.setWordWrap(False)
        self.setAlternatingRowColors(False)
        self.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setHorizontalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setTabKeyNavigation(False)
        self.setSortingEnabled(True)
        rows = self.verticalHeader()
        rows.hide()
        rows.setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        rows.setDefaultSectionSize(row_height)
        rows.setMinimumSectionSize(row_height)
        columns = self.horizontalHeader()
        columns.setFixedHeight(HEAD)
        columns.setHighlightSections(False)
        columns.setSectionsMovable(True)
        columns.setStretchLastSection(True)
        columns.setDefaultAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
        columns.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        columns.customContextMenuRequested.connect(self._column_menu)
        columns.setSortIndicatorClearable(True)
        self.doubleClicked.connect(self.opened)
        RowHover(self, theme)

    def column_menu(self) -> QMenu:
        """Menu with a check mark per column, for the header and a card's "…" menu."""
        menu = QMenu(self)
        header = self.horizontalHeader()
        for section in range(header.count()):
            name = str(self.model().headerData(section, Qt.Orientation.Horizontal) or "")
            if not name:
                continue
            action = menu.addAction(name)
            action.setCheckable(True)
            action.setChecked(not header.isSectionHidden(section))
            action.toggled.connect(lambda on, s=section: self.setColumnHidden(s, not on))
        return menu

    def copied_text(self) -> str:
        """Selected rows (or all) as tab-separated text with the header, as shown."""
        model = self.model()
        header = self.horizontalHeader()
        columns = [
            section
            for section in (header.logicalIndex(i) for i in range(header.count()))
            if not header.isSectionHidden(section)
        ]
        chosen = sorted({index.row() for index in self.selectionModel().selectedRows()})
        rows = chosen or range(model.rowCount())
        lines = [
            "\t".join(
                str(model.headerData(column, Qt.Orientation.Horizontal) or "") for column in columns
            )
        ]
        for row in rows:
            cells = (model.index(row, column).data() for column in columns)
            lines.append("\t".join(_plain(cell) for cell in cells))
        return "\n".join(lines) + "\n"

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Ctrl+C copies, Enter opens."""
        if event.matches(QKeySequence.StandardKey.Copy) and self.model() is not None:
            QGuiApplication.clipboard().setText(self.copied_text())
        elif event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and self.currentIndex().isValid():
            self.opened.emit(self.currentIndex())
        else:
            super().keyPressEvent(event)

    def _column_menu(self, place: QPoint) -> None:
        if self.model() is not None:
            pop_up(self.column_menu(), self.horizontalHeader().mapToGlobal(place))


def _plain(cell: object) -> str:
    return "" if cell is None else str(cell).replace("\t", " ").replace("\n", " ")
