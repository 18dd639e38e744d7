"""Export (Ctrl E): a study's answers or stimuli in other programs' formats."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtWidgets import QComboBox, QFileDialog, QGridLayout, QHBoxLayout, QLineEdit, QWidget

from imi_desktop.exchange.formats import EXPORTS
from imi_desktop.experiment.study import Study
from imi_desktop.gui.command_dialog import CommandDialog
from imi_desktop.gui.context import AppContext
from imi_desktop.gui.widgets.buttons import secondary
from imi_desktop.gui.widgets.format import plural
from imi_desktop.gui.widgets.labels import label, wrapped


class ExportDialog(CommandDialog):
    """Format and folder; the folder must be new, empty or of an earlier such export."""

    def __init__(self, context: AppContext, study: Study, parent: QWidget | None = None) -> None:
        super().__init__(
            context.theme,
            "Export",
            "Answers of all phases, with excluded sessions marked, or stimuli.",
            "Export",
            parent,
        )
        self._context, self._study = context, study
        self.format = QComboBox()
        self.format.setAccessibleName("Format")
        for entry in EXPORTS:
            self.format.addItem(entry.title, entry.name)
        self._about = wrapped("", "caption", "ink3")
        self.target = QLineEdit()
        self.target.setAccessibleName("Folder to write to")
        choose = secondary("Choose…")
        choose.setAccessibleName("Choose: Folder to write to")
        choose.clicked.connect(self._choose)
        row = QWidget()
        line = QHBoxLayout(row)
        line.setContentsMargins(0, 0, 0, 0)
        line.addWidget(self.target, 1)
        line.addWidget(choose)
        grid = QGridLayout()
        grid.setHorizontalSpacing(16)
        grid.setVerticalSpacing(8)
        grid.setColumnStretch(1, 1)
        for place, (text, editor) in enumerate(
            (("Format", self.format), ("", self._about), ("Into", row))
        ):
            grid.addWidget(label(text, "body", "ink2"), place, 0)
            grid.addWidget(editor, place, 1)
        self.body.addLayout(grid)
        self.body.addWidget(self.report)
        self.go.clicked.connect(self._export)
        self.format.currentIndexChanged.connect(self._show_format)
        self.target.textChanged.connect(self._allow)
        self._show_format(0)

    def _show_format(self, row: int) -> None:
        self._about.setText(EXPORTS[row].about)
        self.target.setText(str(self._study.folder / "exports" / EXPORTS[row].name))

    def _choose(self) -> None:
        folder = QFileDialog.getExistingDirectory(self, "Folder to write to", str(Path.home()))
        if folder:
            self.target.setText(folder)

    def _allow(self) -> None:
        self.go.set_enabled(bool(self.target.text().strip()), "Choose where to write to.")

    def _export(self) -> None:
        target = str(Path(self.target.text().strip()).expanduser())
        study, kind = str(self._study.folder), self.format.currentData()
        self.run(
            ["export", study, "--to", target, "--format", kind],
            "Writing…",
            lambda out: self._context.tell(
                f"Wrote {plural(len(out.splitlines()), 'file')} to {target}"
            ),
        )
