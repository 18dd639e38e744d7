"""Export (Ctrl E): a study's answers or stimuli in other programs' formats."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtWidgets import QComboBox, QFileDialog, QGridLayout, QHBoxLayout, QLineEdit, QWidget

from imi_desktop.exchange.formats import EXPORTS
from imi_desktop.experiment.study import Study
from imi_desktop.gui.context import AppContext
from imi_desktop.gui.own_command import OwnCommand
from imi_desktop.gui.widgets.buttons import secondary
from imi_desktop.gui.widgets.dialog import Dialog
from imi_desktop.gui.widgets.format import plural
from imi_desktop.gui.widgets.labels import label, set_tone, wrapped


class ExportDialog(Dialog):
    """Format and folder; the folder must be new, empty or of an earlier such export."""

    def __init__(self, context: AppContext, study: Study, parent: QWidget | None = None) -> None:
        super().__init__(
            context.theme,
            "Export",
            "Answers of all phases, with excluded sessions marked, or stimuli.",
            parent,
        )
        self.setMinimumWidth(640)
        self._context, self._study = context, study
        self._command: OwnCommand | None = None
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
        self._report = wrapped("", "caption", "ink2")
        self.body.addWidget(self._report)
        self.add_cancel()
        self.go = self.add_primary("Export")
        self.go.clicked.connect(self._export)
        self.format.currentIndexChanged.connect(self._show_format)
        self.target.textChanged.connect(self._allow)
        self._show_format(0)

    def reject(self) -> None:
        """Stop an export that runs, and close."""
        if self._command is not None and self._command.running:
            self._command.stop()
        super().reject()

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
        self.go.set_busy(True)
        self._report.setText("Writing…")
        set_tone(self._report, "ink3")
        target = str(Path(self.target.text().strip()).expanduser())
        study, kind = str(self._study.folder), self.format.currentData()
        self._command = OwnCommand(["export", study, "--to", target, "--format", kind], self)
        self._command.ended.connect(lambda code, out, err: self._ended(target, code, out, err))

    def _ended(self, target: str, code: int, out: str, err: str) -> None:
        self.go.set_busy(False)
        if code != 0:
            self._report.setText(err.strip() or "The export stopped; the log has the details.")
            set_tone(self._report, "error")
            return
        self._context.tell(f"Wrote {plural(len(out.splitlines()), 'file')} to {target}")
        self.accept()
