"""The card with everybody who takes part: groups, filter, table."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QItemSelectionModel, QPoint, Qt, Signal
from PySide6.QtWidgets import QAbstractItemView, QHBoxLayout, QHeaderView, QLineEdit, QWidget

from imi_desktop.gui.theme import Theme
from imi_desktop.gui.widgets.card import Card
from imi_desktop.gui.widgets.segments import Segments
from imi_desktop.gui.widgets.table import StudyTable
from imi_desktop.gui.workbench.sessions_delegates import MenuDelegate, StateDelegate
from imi_desktop.gui.workbench.sessions_model import (
    CATCH,
    COLUMNS,
    DATE,
    FRAMES,
    GROUPS,
    LENGTH,
    LEVEL,
    MENU,
    ORDER,
    PARTICIPANT,
    ROW_ROLE,
    STATE,
    TRIALS,
    SessionsModel,
    ShownSessions,
    in_group,
)
from imi_desktop.gui.workbench.sessions_rows import SessionRow

_WIDTHS = {
    PARTICIPANT: 88,
    LEVEL: 50,
    ORDER: 104,
    DATE: 134,
    TRIALS: 52,
    CATCH: 68,
    FRAMES: 100,
    LENGTH: 62,
    MENU: 34,
}
_NARROW_HIDDEN = (LEVEL, ORDER)


class SessionsTable(Card):
    """Participants and sessions.

    Signals
    -------
    selected : SessionRow or None
        Another row is current.
    menu_wanted : SessionRow, QPoint
        The row's "…", or a right click.
    resume_wanted, opened : SessionRow
        "Resume…", and Enter or a double click.
    """

    selected = Signal(object)
    menu_wanted = Signal(object, QPoint)
    resume_wanted = Signal(object)
    opened = Signal(object)

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(theme, parent=parent)
        self.setAccessibleName("Participants")
        self.flush_body()
        self.model = SessionsModel(self)
        self.shown = ShownSessions(self)
        self.shown.setSourceModel(self.model)
        self.groups = Segments([(group, group.capitalize()) for group in GROUPS], "all")
        self.groups.chosen.connect(self.shown.set_group)
        self.filter = QLineEdit()
        self.filter.setPlaceholderText("Filter participants")
        self.filter.setClearButtonEnabled(True)
        self.filter.setMaximumWidth(190)
        self.filter.addAction(
            theme.icon("search", "ink3"), QLineEdit.ActionPosition.LeadingPosition
        )
        self.filter.textChanged.connect(self.shown.set_text)
        row = QHBoxLayout()
        row.setContentsMargins(12, 8, 12, 8)
        row.addWidget(self.groups)
        row.addStretch(1)
        row.addWidget(self.filter)
        self.body.addLayout(row)
        self.table = self._make_table(theme)
        self.body.addWidget(self.table, 1)
        self._chosen: tuple[str, str] | None = None
        self._show_counts()

    def _make_table(self, theme: Theme) -> StudyTable:
        table = StudyTable(theme, row_height=34)
        table.setModel(self.shown)
        table.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        table.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        table.customContextMenuRequested.connect(self._right_click)
        table.setAccessibleName("Participants and sessions")
        header = table.horizontalHeader()
        header.setStretchLastSection(False)
        header.setMinimumSectionSize(30)
        for column, width in _WIDTHS.items():
            table.setColumnWidth(column, width)
        header.setSectionResizeMode(STATE, QHeaderView.ResizeMode.Stretch)
        header.setSectionResizeMode(MENU, QHeaderView.ResizeMode.Fixed)
        header.setSortIndicator(-1, Qt.SortOrder.AscendingOrder)
        state = StateDelegate(theme, table)
        state.resume_clicked.connect(lambda key: self.resume_wanted.emit(self.row(key)))
        dots = MenuDelegate(theme, table)
        dots.clicked.connect(self._dots_clicked)
        table.setItemDelegateForColumn(STATE, state)
        table.setItemDelegateForColumn(MENU, dots)
        table.opened.connect(lambda index: self.opened.emit(index.data(ROW_ROLE)))
        table.selectionModel().currentRowChanged.connect(lambda *_: self._row_chosen())
        return table

    def set_rows(self, rows: Sequence[SessionRow]) -> None:
        """Show rows; the chosen one stays chosen."""
        chosen = self._chosen
        self.model.set_rows(rows)
        self._show_counts()
        self.choose(chosen)

    def update_row(self, row: SessionRow) -> None:
        """Show new values of one session."""
        self.model.replace_row(row)

    @property
    def current(self) -> SessionRow | None:
        """The chosen row."""
        index = self.table.currentIndex()
        return index.data(ROW_ROLE) if index.isValid() else None

    def row(self, key: tuple[str, str]) -> SessionRow | None:
        """Row of a session."""
        return next((row for row in self.model.rows if row.key == key), None)

    def choose(self, key: tuple[str, str] | None) -> None:
        """Choose a session's row, if it is shown."""
        for place in range(self.shown.rowCount()):
            index = self.shown.index(place, 0)
            if key is not None and index.data(ROW_ROLE).key == key:
                if self.table.currentIndex().row() != place:
                    self.table.selectionModel().setCurrentIndex(
                        index,
                        QItemSelectionModel.SelectionFlag.ClearAndSelect
                        | QItemSelectionModel.SelectionFlag.Rows,
                    )
                return

    def set_narrow(self, narrow: bool) -> None:
        """Leave out what is also said in the details."""
        for column in _NARROW_HIDDEN:
            self.table.setColumnHidden(column, narrow)

    def _row_chosen(self) -> None:
        row = self.current
        if row is not None:
            self._chosen = row.key
        self.selected.emit(row)

    def _dots_clicked(self, key: tuple[str, str]) -> None:
        row = self.row(key)
        if row is not None:
            self.choose(key)
            index = self.shown.index(self.table.currentIndex().row(), len(COLUMNS) - 1)
            place = self.table.visualRect(index).bottomLeft()
            self.menu_wanted.emit(row, self.table.viewport().mapToGlobal(place))

    def _right_click(self, place: QPoint) -> None:
        index = self.table.indexAt(place)
        if index.isValid():
            self.menu_wanted.emit(index.data(ROW_ROLE), self.table.viewport().mapToGlobal(place))

    def _show_counts(self) -> None:
        for group in GROUPS:
            number = sum(in_group(row, group) for row in self.model.rows)
            self.groups.set_text(group, f"{group.capitalize()} {number}")
