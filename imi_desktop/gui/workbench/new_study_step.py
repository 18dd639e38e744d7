"""What the steps of the new-study flow have in common."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QGridLayout, QVBoxLayout, QWidget

from imi_desktop.gui.context import AppContext
from imi_desktop.gui.widgets.labels import label
from imi_desktop.gui.workbench.new_study_draft import Draft
from imi_desktop.gui.workbench.protocol_facts import ProtocolFacts


class Step(QWidget):
    """One step.

    Parameters
    ----------
    title : str
        In the list at the left.
    """

    changed = Signal()

    title = ""

    def __init__(self, context: AppContext) -> None:
        super().__init__()
        self.context = context
        self.theme = context.theme
        self.column = QVBoxLayout(self)
        self.column.setContentsMargins(20, 16, 20, 16)
        self.column.setSpacing(10)

    def enter(self, draft: Draft, facts: ProtocolFacts) -> None:
        """Show what the draft says."""

    def leave(self, draft: Draft) -> Draft:
        """The draft with what was decided here."""
        return draft

    def missing(self) -> str:
        """Why one cannot go on, as one sentence; ``""`` if one can."""
        return ""


def form() -> QGridLayout:
    """Grid for names at the left and fields at the right."""
    grid = QGridLayout()
    grid.setHorizontalSpacing(16)
    grid.setVerticalSpacing(4)
    grid.setColumnMinimumWidth(0, 150)
    grid.setColumnStretch(1, 1)
    return grid


def field(grid: QGridLayout, name: str, editor: QWidget, about: QWidget | None = None) -> None:
    """Add a name, its field and, below the field, what it is about."""
    row = grid.rowCount()
    title = label(name, "body", "ink2")
    title.setBuddy(editor)
    if not editor.accessibleName():
        editor.setAccessibleName(name)
    grid.addWidget(title, row, 0)
    grid.addWidget(editor, row, 1)
    if about is not None:
        grid.addWidget(about, row + 1, 1)
    grid.setRowMinimumHeight(row + 2, 8)
