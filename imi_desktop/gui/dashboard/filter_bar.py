"""FilterBar: conditions as toggles, other columns as drop-downs, and how much is left.

bar.set_choices({"condition": ["natural", …], "layer": […]}); bar.changed.connect(self.redraw)
bar.filters                           what is chosen
bar.set_counts(10, 1350)
bar.set_compact(True)                 drop-downs collapse into one "Filters" button
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from PySide6.QtCore import QPoint, QSize, Qt, Signal
from PySide6.QtGui import QAction, QMouseEvent, QPainter, QPixmap
from PySide6.QtWidgets import QCheckBox, QHBoxLayout, QMenu, QSizePolicy, QToolButton, QWidget

from imi_desktop.gui.context import AppContext
from imi_desktop.gui.dashboard.chart import Chart
from imi_desktop.gui.dashboard.filters import ALWAYS, CHOICES, Filters
from imi_desktop.gui.widgets.buttons import Button, quiet, secondary, set_enabled
from imi_desktop.gui.widgets.format import count, plural
from imi_desktop.gui.widgets.labels import label

_MOST_LISTED = 200


class _StayingMenu(QMenu):
    """A menu that stays open while boxes are checked."""

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        action = self.activeAction()
        if action is not None and action.isEnabled() and action.menu() is None:
            action.trigger()
        else:
            super().mouseReleaseEvent(event)


class FilterBar(QWidget):
    """One row of filters."""

    changed = Signal()

    def __init__(self, context: AppContext, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = context.theme
        self._choices: dict[str, list[str]] = {}
        self._dropped: dict[str, set[str]] = {}
        self._compact = False
        self._painter = Chart(context.theme, "marker")
        self._painter.hide()
        self._painter.setParent(self)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(8)
        self._conditions = QHBoxLayout()
        self._conditions.setSpacing(0)
        row.addLayout(self._conditions)
        self._toggles: dict[str, QToolButton] = {}
        self._menus: dict[str, _StayingMenu] = {}
        self._buttons: dict[str, Button] = {}
        for column, name in CHOICES:
            button = secondary(name, self._theme)
            button.setMenu(self._make_menu(column, button))
            self._buttons[column] = button
            row.addWidget(button)
        self._all = secondary("Filters", self._theme, "filter")
        self._all_menu = _StayingMenu(self._all)
        for column, name in CHOICES:
            self._menus[column].setTitle(name)
            self._all_menu.addMenu(self._menus[column])
        self._all.setMenu(self._all_menu)
        row.addWidget(self._all)
        self._included = QCheckBox("Included only")
        self._included.setChecked(True)
        self._included.toggled.connect(self.changed)
        row.addSpacing(4)
        row.addWidget(self._included)
        row.addStretch(1)
        self._counts = label("", "body", "ink2")
        row.addWidget(self._counts)
        self._reset = quiet("Reset")
        self._reset.clicked.connect(self.reset)
        row.addWidget(self._reset)
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        self._theme.changed.connect(self._paint_toggles)
        self.set_choices({})

    @property
    def filters(self) -> Filters:
        """What is chosen now."""
        where = {
            column: tuple(value for value in values if value not in self._dropped[column])
            for column, values in self._choices.items()
            if self._dropped.get(column)
        }
        return Filters(where, self._included.isChecked())

    def set_choices(self, choices: Mapping[str, Sequence[str]]) -> None:
        """Offer the values that the trials have; what was dropped before stays dropped."""
        self._choices = {column: list(values) for column, values in choices.items()}
        self._dropped = {
            column: self._dropped.get(column, set()) & set(values)
            for column, values in self._choices.items()
        }
        self._make_toggles()
        for column, _ in CHOICES:
            self._fill_menu(column)
        self._refresh()

    def set_counts(self, participants: int, trials: int, kind: str = "main trials") -> None:
        """Say how much is left."""
        self._counts.setText(f"{plural(participants, 'participant')} · {count(trials)} {kind}")

    def set_compact(self, compact: bool) -> None:
        """Collapse the drop-downs into one button, or not."""
        self._compact = compact
        self._refresh()

    def reset(self) -> None:
        """Show everything included again."""
        before = self.filters
        self._dropped = {column: set() for column in self._choices}
        self._included.blockSignals(True)
        self._included.setChecked(True)
        self._included.blockSignals(False)
        self._sync()
        if before != self.filters:
            self.changed.emit()

    def open_first(self) -> None:
        """Move the keyboard to the filters."""
        first = next(iter(self._toggles.values()), None)
        (first or self._included).setFocus(Qt.FocusReason.ShortcutFocusReason)

    def _make_menu(self, column: str, button: Button) -> _StayingMenu:
        menu = _StayingMenu(button)
        self._menus[column] = menu
        return menu

    def _make_toggles(self) -> None:
        while self._conditions.count():
            widget = self._conditions.takeAt(0).widget()
            widget.hide()
            widget.deleteLater()
        self._toggles = {}
        names = self._choices.get("condition", [])
        for place, name in enumerate(names):
            button = QToolButton(self)
            button.setText(f" {name.capitalize()}")
            button.setCheckable(True)
            button.setChecked(name not in self._dropped["condition"])
            button.setProperty("kind", "filter")
            where = "first" if place == 0 else "last" if place == len(names) - 1 else "middle"
            button.setProperty("place", "only" if len(names) == 1 else where)
            button.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
            button.setIconSize(QSize(32, 16))
            button.setToolTip(f"Show or hide condition {name}")
            button.clicked.connect(lambda on, n=name: self._toggle("condition", n, on))
            self._toggles[name] = button
            self._conditions.addWidget(button)
        self._paint_toggles()

    def _paint_toggles(self) -> None:
        t = self._theme.tokens
        for name, button in self._toggles.items():
            button.setStyleSheet(_toggle_style(t, str(button.property("place"))))
            button.setIcon(self._toggle_icon(name, button.isChecked()))

    def _toggle_icon(self, name: str, on: bool) -> QPixmap:
        scale = self.devicePixelRatioF()
        picture = QPixmap(QSize(32, 16) * scale)
        picture.setDevicePixelRatio(scale)
        picture.fill(Qt.GlobalColor.transparent)
        painter = QPainter(picture)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        if on:
            self._theme.icon("check", "ink").paint(painter, 0, 1, 14, 14)
        self._painter.marker(painter, name, QPoint(25, 8).toPointF(), 9, edge=False)
        painter.end()
        return picture

    def _fill_menu(self, column: str) -> None:
        menu = self._menus[column]
        menu.clear()
        values = self._choices.get(column, [])
        if len(values) > _MOST_LISTED:
            return
        everything = menu.addAction("All")
        everything.triggered.connect(lambda: self._drop(column, set()))
        nothing = menu.addAction("None")
        nothing.triggered.connect(lambda: self._drop(column, set(values)))
        menu.addSeparator()
        for value in values:
            action = menu.addAction(value.replace("_", " "))
            action.setCheckable(True)
            action.setData(value)
            action.setChecked(value not in self._dropped[column])
            action.toggled.connect(lambda on, v=value: self._toggle(column, v, on))

    def _drop(self, column: str, values: set[str]) -> None:
        self._dropped[column] = values
        self._sync()
        self.changed.emit()

    def _toggle(self, column: str, value: str, on: bool) -> None:
        dropped = self._dropped[column]
        if on == (value not in dropped):
            return
        if on:
            dropped.discard(value)
        else:
            dropped.add(value)
        self._sync()
        self.changed.emit()

    def _sync(self) -> None:
        for name, button in self._toggles.items():
            button.setChecked(name not in self._dropped["condition"])
        for column, menu in self._menus.items():
            for action in menu.actions():
                if action.isCheckable():
                    self._set_checked(action, action.data() not in self._dropped.get(column, ()))
        self._paint_toggles()
        self._refresh()

    @staticmethod
    def _set_checked(action: QAction, on: bool) -> None:
        action.blockSignals(True)
        action.setChecked(on)
        action.blockSignals(False)

    def _refresh(self) -> None:
        number_set = 0
        for column, name in CHOICES:
            values = self._choices.get(column, [])
            kept = len(values) - len(self._dropped.get(column, ()))
            number_set += kept < len(values)
            several = len(values) > 1
            button = self._buttons[column]
            every = "all" if kept == len(values) else f"{kept} of {len(values)}"
            if column in {"layer", "participant"} and kept == len(values):
                every = f"all {kept}" if column == "layer" else f"{kept} of {kept}"
            button.setText(f"{name}  {every}")
            button.setVisible(not self._compact and (several or column in ALWAYS))
            word = "value" if values else "value is known"
            reason = f"All trials have the same: only one {word}."
            if not values:
                reason = "No trial has such a value."
            if len(values) > _MOST_LISTED:
                reason = "Too many to list. Click one in a plot or sort the trials."
                several = False
            set_enabled(button, several, reason)
            self._menus[column].menuAction().setVisible(several)
        self._all.setVisible(self._compact)
        self._all.setText(f"Filters  {number_set}" if number_set else "Filters")
        anything = self.filters.number_set > 0
        set_enabled(self._reset, anything, "No filter is set.")


def _toggle_style(t, place: str) -> str:
    left = 4 if place in {"first", "only"} else 0
    right = 4 if place in {"last", "only"} else 0
    no_right = "border-right: none;" if place in {"first", "middle"} else ""
    return (
        f"QToolButton {{ background: {t.control}; border: 1px solid {t.control_line};"
        f" border-top-left-radius: {left}px; border-bottom-left-radius: {left}px;"
        f" border-top-right-radius: {right}px; border-bottom-right-radius: {right}px;"
        f" {no_right} padding: 0 9px 0 7px; min-height: 26px; font-weight: 500; }}"
        f"QToolButton:hover {{ background: {t.hover}; }}"
        f"QToolButton:!checked {{ color: {t.ink3}; }}"
        f"QToolButton:focus {{ border: 2px solid {t.accent}; }}"
    )
