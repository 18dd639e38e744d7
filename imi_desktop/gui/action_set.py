"""The actions of the main window as Qt actions, and the menus made of them."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QObject
from PySide6.QtGui import QAction, QKeySequence
from PySide6.QtWidgets import QMenu, QMenuBar, QWidget

from imi_desktop.gui.actions import ACTIONS, MENUS, shown_shortcut
from imi_desktop.gui.theme import Theme

_REASONS = {"study": "No study is open.", "jobs": "No job is running."}


class ActionSet(QObject):
    """Qt actions by name.

    Parameters
    ----------
    functions : dict
        What each action does; every name of :data:`ACTIONS` must be there.
    window : QWidget
        Where the shortcuts work.
    """

    def __init__(
        self, theme: Theme, functions: dict[str, Callable[[], object]], window: QWidget
    ) -> None:
        super().__init__(window)
        self._theme = theme
        self._made: dict[str, QAction] = {}
        for spec in ACTIONS:
            action = QAction(spec.text, self)
            action.setObjectName(spec.name)
            action.setCheckable(spec.checkable)
            if spec.shortcut:
                action.setShortcut(QKeySequence(spec.shortcut))
            function = functions[spec.name]
            action.triggered.connect(lambda _=False, act=function: act())
            window.addAction(action)
            self._made[spec.name] = action
        theme.changed.connect(self._paint)
        self._paint()
        self.set_available(study=False, jobs=False)

    def __getitem__(self, name: str) -> QAction:
        return self._made[name]

    def set_available(self, study: bool, jobs: bool) -> None:
        """Enable what is possible now; the tooltip of the rest says why not."""
        have = {"study": study, "jobs": jobs}
        for spec in ACTIONS:
            possible = have.get(spec.needs, True)
            action = self._made[spec.name]
            action.setEnabled(possible)
            tip = spec.tip or spec.text
            key = f" ({shown_shortcut(spec.shortcut)})" if spec.shortcut else ""
            action.setToolTip(f"{tip}{key}" if possible else _REASONS[spec.needs])

    def fill(self, bar: QMenuBar) -> list[QMenu]:
        """Make the menus."""
        menus = []
        for title in MENUS:
            menu = bar.addMenu(title)
            menu.setToolTipsVisible(True)
            for spec in ACTIONS:
                if spec.menu == title:
                    if spec.separator:
                        menu.addSeparator()
                    menu.addAction(self._made[spec.name])
            menus.append(menu)
        return menus

    def _paint(self) -> None:
        for spec in ACTIONS:
            if spec.icon:
                self._made[spec.name].setIcon(self._theme.icon(spec.icon, "ink2"))
