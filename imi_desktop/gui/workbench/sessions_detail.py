"""The card about the chosen participant or session, and what can be done with it."""

from __future__ import annotations

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QLabel, QScrollArea, QVBoxLayout, QWidget

from imi_desktop.gui.theme import Theme
from imi_desktop.gui.widgets.buttons import Button, secondary
from imi_desktop.gui.widgets.card import Card
from imi_desktop.gui.widgets.format import MISSING, date_time, duration, percent, plural
from imi_desktop.gui.widgets.labels import ElidedLabel, label, wrapped
from imi_desktop.gui.widgets.rows import ValueRows
from imi_desktop.gui.workbench.sessions_model import local_time, state_words
from imi_desktop.gui.workbench.sessions_rows import SessionRow
from imi_desktop.gui.workbench.sessions_words import record_words
from imi_desktop.recording.participant_fields import fields_of

_SENTENCES = {
    "planned": "Registered; no session yet.",
    "running": "The session is running. Its progress is shown on the right.",
    "interrupted": "The session stopped before its end. Every answer is safe; it can be resumed "
    "at the first trial without an answer.",
    "done": "The session is complete.",
    "excluded": "The session is kept and marked, never deleted. Analyses leave it out.",
    "aborted": "The session was ended before its last trial. Its answers are kept.",
    "damaged": "A file cannot be read. Nothing was changed.",
}
_TITLES = {
    "planned": ("planned", "ink"),
    "running": ("running", "ink"),
    "interrupted": ("interrupted", "error"),
    "done": ("done", "ink"),
    "excluded": ("excluded", "warn"),
    "aborted": ("ended early", "warn"),
    "damaged": ("cannot be read", "error"),
}
_ICONS = {"excluded": "warn", "aborted": "warn", "interrupted": "error", "damaged": "error"}
_BUTTONS = {
    "planned": ("start", "edit"),
    "running": ("open",),
    "interrupted": ("resume", "end", "open"),
    "done": ("open", "exclude", "edit"),
    "excluded": ("open", "include"),
    "aborted": ("open", "exclude"),
    "damaged": ("open",),
}
WORDS = {
    "start": "Start session…",
    "resume": "Resume…",
    "open": "Open session folder",
    "exclude": "Exclude…",
    "include": "Include again…",
    "end": "End for good…",
    "edit": "Edit participant…",
    "trials": "Show trial list",
}
_SHOWN_RECORDS = 3


class DetailCard(Card):
    """One participant or session.

    Signals
    -------
    wanted : str
        Key of :data:`WORDS`: what is to be done with the row.
    """

    wanted = Signal(str)

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(theme, "Participant", parent=parent)
        self._row: SessionRow | None = None
        self._picture = QLabel()
        self.lead_head(self._picture)
        self._sentence = wrapped("", "body", "ink")
        self._values = ValueRows()
        self._records_title = label("Last records", "value")
        self._records = [ElidedLabel("", "caption", "ink2") for _ in range(_SHOWN_RECORDS)]
        facts = QWidget()
        facts.setProperty("kind", "canvas")
        column = QVBoxLayout(facts)
        column.setContentsMargins(0, 0, 6, 0)
        column.setSpacing(self.body.spacing())
        for part in (self._sentence, self._values, self._records_title, *self._records):
            column.addWidget(part)
        column.addStretch(1)
        area = QScrollArea()
        area.setWidgetResizable(True)
        area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        area.setWidget(facts)
        area.setAccessibleName("Session")
        self.body.addWidget(area, 1)
        row = QHBoxLayout()
        row.setSpacing(8)
        self._buttons: dict[str, Button] = {}
        for key in ("resume", "start", "open", "exclude", "include", "end", "edit"):
            button = secondary(WORDS[key])
            button.clicked.connect(lambda _=False, k=key: self.wanted.emit(k))
            self._buttons[key] = button
            row.addWidget(button)
        row.addStretch(1)
        self.body.addLayout(row)
        self.show_row(None)

    @property
    def row(self) -> SessionRow | None:
        """What is shown."""
        return self._row

    def set_startable(self, startable: bool, reason: str = "") -> None:
        """Whether a session may be started or resumed now."""
        for key in ("start", "resume"):
            self._buttons[key].set_enabled(startable, reason)

    def show_row(self, row: SessionRow | None) -> None:
        """Show another row, or that none is chosen."""
        self._row = row
        if row is None:
            self.set_title("Participant")
            self._picture.hide()
            self._sentence.setText("Choose a participant in the table.")
            self._values.set_rows([])
        else:
            words, tone = _TITLES[row.state]
            self.set_title(f"{row.participant.id}, {words}", tone)
            icon = _ICONS.get(row.state, "")
            self._picture.setVisible(bool(icon))
            if icon:
                self._picture.setPixmap(self.theme.icon(icon, tone).pixmap(QSize(16, 16)))
            self._sentence.setText(row.why if row.state == "damaged" else _SENTENCES[row.state])
            self._values.set_rows(_values(row))
        shown = _BUTTONS[row.state] if row is not None else ()
        for key, button in self._buttons.items():
            button.setVisible(key in shown)
        self._show_records(row)

    def _show_records(self, row: SessionRow | None) -> None:
        wanted = row is not None and row.state in {"excluded", "aborted", "interrupted"}
        records = list(row.records[-_SHOWN_RECORDS:]) if row is not None and wanted else []
        self._records_title.setVisible(bool(records))
        for line, record in zip(
            self._records, records + [None] * (_SHOWN_RECORDS - len(records)), strict=True
        ):
            line.setVisible(record is not None)
            if record is not None:
                when = local_time(record.utc)
                line.set_text(f"{when:%H:%M:%S}   {record.type}   {record_words(record)}")


def _values(row: SessionRow) -> list[tuple[str, str]]:
    facts = row.facts
    if facts is None:
        return _participant_values(row)
    values = [("State", state_words(row))] if row.state in {"excluded", "aborted"} else []
    right, total = facts.catch
    values += [
        ("Started", date_time(local_time(facts.started_utc))),
        ("Trials", f"{facts.trials_done} of {facts.planned_trials}"),
        ("Catch trials right", f"{right} of {total}" if total else MISSING),
        ("Same position chosen", _position_share(row)),
        (
            "Instructions read for",
            duration(facts.instruction_ms / 1000) if facts.read_instructions else MISSING,
        ),
    ]
    if facts.practice_attempts > 1:
        values.append(("Practice", plural(facts.practice_attempts, "attempt")))
    return values


def _participant_values(row: SessionRow) -> list[tuple[str, str]]:
    known = [(name, value) for name, value in row.participant.fields.items() if value is not None]
    fields = {field.name: field for field in fields_of([name for name, _ in known])}
    values = []
    for name, value in known:
        texts = dict(fields[name].choices)
        values.append((fields[name].label, texts.get(str(value), str(value))))
    if row.planned_trials:
        values.append(("Trials", str(row.planned_trials)))
    for name, value in row.counterbalancing.items():
        values.append((name.replace("_", " ").capitalize(), str(value)))
    return values


def _position_share(row: SessionRow) -> str:
    chosen = row.facts.chosen if row.facts is not None else None
    if not chosen:
        return MISSING
    position, most = chosen.most_common(1)[0]
    return f"{position}, {percent(most / sum(chosen.values()))}"
