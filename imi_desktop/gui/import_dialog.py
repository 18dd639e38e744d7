"""Import (Ctrl I): data made elsewhere becomes a study of its own."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from pathlib import Path

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QComboBox, QFileDialog, QGridLayout, QHBoxLayout, QLineEdit, QWidget

from imi_desktop.exchange.formats import IMPORTS
from imi_desktop.gui.command_dialog import CommandDialog
from imi_desktop.gui.context import AppContext
from imi_desktop.gui.widgets.buttons import secondary
from imi_desktop.gui.widgets.format import plural
from imi_desktop.gui.widgets.labels import label, wrapped


class ImportDialog(CommandDialog):
    """Format, source and target; the report says what was read, mapped and dropped."""

    imported = Signal(object, bool)
    """Path of the study folder that was imported into, and whether answers came with it."""

    def __init__(self, context: AppContext, parent: QWidget | None = None) -> None:
        super().__init__(
            context.theme,
            "Import published or own data",
            "The files themselves are only read.",
            "Import",
            parent,
        )
        self._context = context
        self._format = QComboBox()
        for entry in IMPORTS:
            self._format.addItem(entry.title, entry.name)
        self._about = wrapped(IMPORTS[0].about, "caption", "ink3")
        self._source, source = self._path_row("What to read", self._choose_source)
        self._target, target = self._path_row("Study folder", self._choose_target)
        self._model = QLineEdit("inceptionv1")
        self._model.setAccessibleName("Network")
        self._model_name = label("Network", "body", "ink2")
        self._target.setText(str(context.settings.studies_folder / "imported"))
        grid = QGridLayout()
        grid.setHorizontalSpacing(16)
        grid.setVerticalSpacing(8)
        grid.setColumnStretch(1, 1)
        for row, (text, editor) in enumerate(
            (("Format", self._format), ("", self._about), ("Read", source), ("Into", target))
        ):
            grid.addWidget(label(text, "body", "ink2"), row, 0)
            grid.addWidget(editor, row, 1)
        self._format.setAccessibleName("Format")
        grid.addWidget(self._model_name, grid.rowCount(), 0)
        grid.addWidget(self._model, grid.rowCount() - 1, 1)
        self.body.addLayout(grid)
        self.body.addWidget(self.report)
        self.go.clicked.connect(self._import)
        self._source.textChanged.connect(self._allow)
        self._target.textChanged.connect(self._allow)
        self._format.currentIndexChanged.connect(self._show_format)
        self._show_format(0)
        self._allow()

    def choose_format(self, name: str) -> None:
        """Choose a format by its name."""
        self._format.setCurrentIndex(self._format.findData(name))

    def _show_format(self, row: int) -> None:
        chosen = IMPORTS[row]
        self._about.setText(chosen.about)
        for widget in (self._model_name, self._model):
            widget.setVisible(chosen.needs_model)

    def _path_row(self, name: str, ask: Callable[[], str]) -> tuple[QLineEdit, QWidget]:
        row = QWidget()
        line = QHBoxLayout(row)
        line.setContentsMargins(0, 0, 0, 0)
        editor = QLineEdit()
        editor.setAccessibleName(name)
        choose = secondary("Choose…")
        choose.setAccessibleName(f"Choose: {name}")

        def take() -> None:
            chosen = ask()
            if chosen:
                editor.setText(chosen)

        choose.clicked.connect(take)
        line.addWidget(editor, 1)
        line.addWidget(choose)
        return editor, row

    def _choose_source(self) -> str:
        start = self._source.text() or str(Path.home())
        if IMPORTS[self._format.currentIndex()].is_file:
            return QFileDialog.getOpenFileName(self, "File to read", start)[0]
        return QFileDialog.getExistingDirectory(self, "Folder to read", start)

    def _choose_target(self) -> str:
        start = self._target.text() or str(Path.home())
        return QFileDialog.getExistingDirectory(self, "Study folder", start)

    def _allow(self) -> None:
        complete = bool(self._source.text().strip() and self._target.text().strip())
        self.go.set_enabled(complete, "Choose what to read and where to put it.")

    def _import(self) -> None:
        target = Path(self._target.text().strip()).expanduser()
        arguments = [
            "import",
            self._format.currentData(),
            self._source.text().strip(),
            "--into",
            str(target),
            "--json",
        ]
        if IMPORTS[self._format.currentIndex()].needs_model:
            arguments += ["--model", self._model.text().strip()]
        self.run(arguments, "Reading…", lambda out: self._imported(target, out))

    def _imported(self, target: Path, out: str) -> None:
        report = json.loads(out)
        self._context.tell(_summary(report))
        self.imported.emit(target, bool(report.get("trials")))


def _summary(report: Mapping[str, object]) -> str:
    """``Imported 1 890 trials of 10 participants``: what the report counts."""
    counts = [
        plural(value, key.rstrip("s"))
        for key, value in report.items()
        if isinstance(value, int) and not isinstance(value, bool) and key.endswith("s")
    ]
    return f"Imported {', '.join(counts)}" if counts else "Imported"
