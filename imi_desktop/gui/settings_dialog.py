"""Settings (Ctrl ,), derived from the declaration of :class:`imi_desktop.gui.settings.Settings`."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Literal, get_args, get_origin

from pydantic.fields import FieldInfo
from PySide6.QtWidgets import (
    QCheckBox,
    QFileDialog,
    QGridLayout,
    QHBoxLayout,
    QLineEdit,
    QWidget,
)

from imi_desktop.gui.context import AppContext
from imi_desktop.gui.settings import Settings
from imi_desktop.gui.widgets.buttons import secondary
from imi_desktop.gui.widgets.dialog import Dialog
from imi_desktop.gui.widgets.labels import label, wrapped
from imi_desktop.gui.widgets.number import NumberField
from imi_desktop.gui.widgets.segments import Segments

_WORDS = {"auto": "Automatic", "cpu": "CPU", "cuda": "CUDA", "mps": "Apple GPU"}


class SettingsDialog(Dialog):
    """One row per setting; what is chosen holds at once."""

    def __init__(self, context: AppContext, parent: QWidget | None = None) -> None:
        super().__init__(context.theme, "Settings", str(context.settings.path), parent)
        self.setMinimumWidth(600)
        self._context = context
        self._values = context.settings.values
        grid = QGridLayout()
        grid.setHorizontalSpacing(20)
        grid.setVerticalSpacing(4)
        grid.setColumnStretch(1, 1)
        for name, field in Settings.model_fields.items():
            extra = field.json_schema_extra
            if isinstance(extra, dict) and extra.get("hidden"):
                continue
            row = grid.rowCount()
            editor = self._editor(name, field)
            title = label(field.title or name, "value")
            title.setBuddy(editor)
            editor.setAccessibleName(field.title or name)
            grid.addWidget(title, row, 0)
            grid.addWidget(editor, row, 1)
            grid.addWidget(wrapped(field.description or "", "caption", "ink3"), row + 1, 1)
            grid.setRowMinimumHeight(row + 2, 10)
        self.body.addLayout(grid)
        self.add_primary("Close").clicked.connect(self.accept)

    def _editor(self, name: str, field: FieldInfo) -> QWidget:
        value = getattr(self._values, name)
        if get_origin(field.annotation) is Literal:
            choices = [
                (str(c), _WORDS.get(c, str(c).capitalize())) for c in get_args(field.annotation)
            ]
            segments = Segments(choices, str(value))
            segments.chosen.connect(lambda key: self._set(name, key))
            return segments
        if field.annotation is bool:
            box = QCheckBox("Yes")
            box.setChecked(bool(value))
            box.toggled.connect(lambda on: self._set(name, on))
            return box
        if field.annotation is int:
            lowest = next((m.ge for m in field.metadata if hasattr(m, "ge")), 0)
            highest = next((m.le for m in field.metadata if hasattr(m, "le")), 2**31 - 1)
            number = NumberField(lowest, highest)
            number.setValue(int(value))
            number.setMaximumWidth(90)
            number.valueChanged.connect(lambda chosen: self._set(name, chosen))
            return number
        if name == "studies_folder":
            return self._folder_editor(name, str(value))
        line = QLineEdit(str(value))
        line.editingFinished.connect(lambda: self._set(name, line.text().strip()))
        return line

    def _folder_editor(self, name: str, value: str) -> QWidget:
        editor = QWidget()
        row = QHBoxLayout(editor)
        row.setContentsMargins(0, 0, 0, 0)
        line = QLineEdit(value)
        line.setPlaceholderText(str(self._context.settings.studies_folder))
        line.editingFinished.connect(lambda: self._set(name, line.text().strip()))
        choose = secondary("Choose…")

        def chosen() -> None:
            start = line.text() or str(Path.home())
            folder = QFileDialog.getExistingDirectory(self, "Studies folder", start)
            if folder:
                line.setText(folder)
                self._set(name, folder)

        choose.clicked.connect(chosen)
        row.addWidget(line, 1)
        row.addWidget(choose)
        editor.setFocusProxy(line)
        return editor

    def _set(self, name: str, value: Any) -> None:
        setattr(self._values, name, value)
        self._context.settings.save()
        self._context.settings_changed.emit(name)
