"""The schedule on paper: who takes part, in which order, with room for date and place."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from html import escape

from PySide6.QtCore import QMarginsF
from PySide6.QtGui import QPageLayout, QTextDocument
from PySide6.QtPrintSupport import QPrintDialog, QPrinter
from PySide6.QtWidgets import QWidget

from imi_desktop.gui.widgets.format import MISSING, plural
from imi_desktop.gui.workbench.sessions_rows import SessionRow

_COLUMNS = (
    "Participant",
    "Place",
    "Order",
    "Trials",
    "State",
    "Date and time",
    "Room",
    "Signature",
)
_MARGIN_MM = 15.0
_STYLE = """
body { font-size: 9pt; }
h1 { font-size: 14pt; }
th { text-align: left; }
td, th { padding: 5px 8px; border: 1px solid #808080; }
"""


def schedule_document(study: str, rows: Sequence[SessionRow]) -> QTextDocument:
    """Lay out the schedule of a study, one line for each participant and session.

    Names and what was asked about people are left out: the paper lies about.
    """
    head = "".join(f"<th>{name}</th>" for name in _COLUMNS)
    lines = "".join(f"<tr>{_cells(row)}</tr>" for row in rows)
    people = plural(len({row.participant.id for row in rows}), "participant")
    document = QTextDocument()
    document.setDefaultStyleSheet(_STYLE)
    document.setHtml(
        f"<h1>{escape(study)}: schedule</h1><p>{people}, printed on {date.today():%d %b %Y}</p>"
        f"<table cellspacing=0 width='100%'><tr>{head}</tr>{lines}</table>"
    )
    return document


def ask_and_print(document: QTextDocument, parent: QWidget) -> None:
    """Ask for a printer or a PDF file, and print."""
    printer = QPrinter(QPrinter.PrinterMode.HighResolution)
    printer.setPageOrientation(QPageLayout.Orientation.Landscape)
    margins = QMarginsF(_MARGIN_MM, _MARGIN_MM, _MARGIN_MM, _MARGIN_MM)
    printer.setPageMargins(margins, QPageLayout.Unit.Millimeter)
    dialog = QPrintDialog(printer, parent)
    dialog.setWindowTitle("Print schedule")
    dialog.accepted.connect(lambda: document.print_(printer))
    dialog.finished.connect(dialog.deleteLater)
    dialog.open()


def _cells(row: SessionRow) -> str:
    place = row.counterbalancing.get("number", MISSING)
    begun = "" if row.facts is None else row.facts.started_utc[:16].replace("T", " ")
    state = "to resume" if row.state == "interrupted" else row.state
    told = (row.participant.id, place, row.order, row.planned_trials or MISSING, state, begun)
    return "".join(f"<td>{escape(str(value))}</td>" for value in (*told, "", ""))
