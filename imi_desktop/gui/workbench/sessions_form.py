"""Questions about a participant: a form made from what the protocol asks for."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from itertools import pairwise

from PySide6.QtGui import QIntValidator
from PySide6.QtWidgets import (
    QButtonGroup,
    QComboBox,
    QFormLayout,
    QHBoxLayout,
    QLineEdit,
    QRadioButton,
    QWidget,
)

from imi_desktop.gui.widgets.labels import label
from imi_desktop.recording.participant_fields import ParticipantField, fields_of
from imi_desktop.recording.participants import Value

_FEW = 3
_NOT_ASKED = "not asked"


class ParticipantForm(QWidget):
    """One line per question; what is left empty is missing."""

    def __init__(self, names: Iterable[str], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._layout = QFormLayout(self)
        self._layout.setContentsMargins(0, 0, 0, 0)
        self._layout.setHorizontalSpacing(14)
        self._layout.setVerticalSpacing(8)
        self.fields = fields_of(names)
        self._inputs = {field.name: self._input(field) for field in self.fields}

    def add_row(self, text: str, widget: QWidget) -> None:
        """Put another line below the questions."""
        self._layout.addRow(label(text, tone="ink2"), widget)

    def insert_row(self, place: int, text: str, widget: QWidget) -> None:
        """Put another line between the questions."""
        self._layout.insertRow(place, label(text, tone="ink2"), widget)
        self._order_tabs()

    def show_row(self, widget: QWidget, shown: bool) -> None:
        """Show or hide the line that `widget` is in, and its room."""
        self._layout.setRowVisible(widget, shown)

    def enable(self, name: str, enabled: bool) -> None:
        """Let a question be answered now, or not."""
        self._inputs[name].setEnabled(enabled)

    def values(self) -> dict[str, Value]:
        """What was entered; None where nothing was."""
        return {field.name: self._value(field) for field in self.fields}

    def set_values(self, values: Mapping[str, Value]) -> None:
        """Fill in what is known already."""
        for field in self.fields:
            value = values.get(field.name)
            if value is not None:
                self._set_value(field, str(value))

    @property
    def identifying(self) -> frozenset[str]:
        """Names of the questions whose answers stay in the laboratory."""
        return frozenset(field.name for field in self.fields if field.identifying)

    def _order_tabs(self) -> None:
        """Let Tab go from line to line, whenever they were put in."""
        role = QFormLayout.ItemRole.FieldRole
        fields = [self._layout.itemAt(row, role).widget() for row in range(self._layout.rowCount())]
        stops: list[QWidget] = []
        for field in fields:
            stops += field.findChildren(QRadioButton) if isinstance(field, _Radios) else [field]
        for before, after in pairwise(stops):
            self.setTabOrder(before, after)

    def _input(self, field: ParticipantField) -> QWidget:
        if field.kind == "choice" and len(field.choices) <= _FEW:
            widget: QWidget = _Radios(field)
        elif field.kind == "choice":
            widget = QComboBox()
            widget.addItem(_NOT_ASKED, None)
            for value, text in field.choices:
                widget.addItem(text, value)
        else:
            widget = QLineEdit()
            if field.kind == "number":
                widget.setValidator(QIntValidator(0, 130, widget))
                widget.setMaximumWidth(72)
        widget.setAccessibleName(field.label)
        title = label(field.label, tone="ink2")
        if field.identifying:
            widget.setToolTip("Tells who the participant is; exports leave it out.")
        self._layout.addRow(title, widget)
        return widget

    def _value(self, field: ParticipantField) -> Value:
        widget = self._inputs[field.name]
        if isinstance(widget, _Radios):
            return widget.value
        if isinstance(widget, QComboBox):
            return widget.currentData()
        text = widget.text().strip()
        if not text:
            return None
        return int(text) if field.kind == "number" else text

    def _set_value(self, field: ParticipantField, value: str) -> None:
        widget = self._inputs[field.name]
        if isinstance(widget, _Radios):
            widget.choose(value)
        elif isinstance(widget, QComboBox):
            widget.setCurrentIndex(max(widget.findData(value), 0))
        else:
            widget.setText(value)


class _Radios(QWidget):
    """Few choices side by side; none is chosen at first."""

    def __init__(self, field: ParticipantField) -> None:
        super().__init__()
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(14)
        self._group = QButtonGroup(self)
        self._buttons: dict[str, QRadioButton] = {}
        for value, text in field.choices:
            button = QRadioButton(text)
            self._buttons[value] = button
            self._group.addButton(button)
            row.addWidget(button)
        row.addStretch(1)

    @property
    def value(self) -> str | None:
        """The choice, None before there is one."""
        return next((v for v, button in self._buttons.items() if button.isChecked()), None)

    def choose(self, value: str) -> None:
        """Make a choice."""
        if value in self._buttons:
            self._buttons[value].setChecked(True)
