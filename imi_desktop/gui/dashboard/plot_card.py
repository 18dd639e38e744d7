"""PlotCard: a card with a chart, its n, its caption and what can be done with it."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable
from pathlib import Path
from typing import Any

from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QFileDialog, QSizePolicy, QWidget

from imi_desktop import atomic
from imi_desktop.errors import UserError
from imi_desktop.gui.context import AppContext
from imi_desktop.gui.dashboard.chart import Chart
from imi_desktop.gui.widgets.card import Card
from imi_desktop.gui.widgets.labels import wrapped

Rows = Callable[[], list[dict[str, Any]]]


class PlotCard(Card):
    """Chart in a card; "…" saves it as SVG, PNG or CSV, or copies it.

    Parameters
    ----------
    rows : callable
        Exactly what is drawn, for CSV.
    """

    def __init__(
        self,
        context: AppContext,
        title: str,
        chart: Chart,
        rows: Rows,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(context.theme, title, parent=parent)
        self._context = context
        self.chart = chart
        self._rows = rows
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Expanding)
        self.body.addWidget(chart, 1)
        self._note = wrapped("", "caption", "ink3")
        self.body.addWidget(self._note)
        self.body.setContentsMargins(12, 2, 12, 8)
        self.body.setSpacing(4)
        self.menu_action("Save as SVG…", lambda: self._save("svg", chart.save))
        self.menu_action("Save as PNG…", lambda: self._save("png", chart.save))
        self.menu_action("Save data as CSV…", lambda: self._save("csv", self.write_csv))
        self.menu.addSeparator()
        self.menu_action("Copy image", self._copy_image)
        self.menu_action("Copy data", self._copy_data)

    def set_note(self, text: str) -> None:
        """Say what dots, bars and the interval are."""
        self._note.setText(text)

    @property
    def note(self) -> str:
        """The caption under the plot."""
        return self._note.text()

    def write_csv(self, path: Path) -> None:
        """Write the rows drawn.

        Raises
        ------
        StorageError
            If the file cannot be written.
        """
        atomic.write_text(path, table_text(self._rows(), ","))

    def _save(self, suffix: str, write: Callable[[Path], None]) -> None:
        start = Path.home()
        if self._context.study is not None:
            start = self._context.study.folder / "exports"
        name = self.title.lower().replace(" ", "-")
        chosen, _ = QFileDialog.getSaveFileName(
            self, f"Save {self.title.lower()}", str(start / f"{name}.{suffix}"), f"*.{suffix}"
        )
        if not chosen:
            return
        path = Path(chosen)
        try:
            write(path if path.suffix else path.with_suffix(f".{suffix}"))
        except UserError as error:
            self._context.show_error(error.sentence)
        else:
            self._context.tell(f"Saved {path.name}")

    def _copy_image(self) -> None:
        QGuiApplication.clipboard().setImage(self.chart.image())
        self._context.tell("The plot is on the clipboard")

    def _copy_data(self) -> None:
        QGuiApplication.clipboard().setText(table_text(self._rows(), "\t"))
        self._context.tell("The plot's data are on the clipboard")


def table_text(rows: list[dict[str, Any]], separator: str) -> str:
    """Rows as delimited text with a header; missing values are empty."""
    names = list(dict.fromkeys(name for row in rows for name in row))
    text = io.StringIO()
    writer = csv.DictWriter(text, names, restval="", delimiter=separator, lineterminator="\n")
    writer.writeheader()
    writer.writerows({k: "" if v is None else v for k, v in row.items()} for row in rows)
    return text.getvalue()
