"""Accepts changes of a locked study, with who made them and why."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QLineEdit, QPlainTextEdit, QWidget

from imi_desktop.errors import UserError
from imi_desktop.experiment.lock import Lock, amend
from imi_desktop.experiment.study import Study
from imi_desktop.gui.background import in_thread
from imi_desktop.gui.context import AppContext
from imi_desktop.gui.widgets.dialog import Dialog
from imi_desktop.gui.widgets.labels import label, wrapped


class AmendmentDialog(Dialog):
    """Shows what changed and asks for name and reason; every report will show them."""

    recorded = Signal()

    def __init__(
        self,
        context: AppContext,
        study: Study,
        changes: Sequence[str],
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(
            context.theme,
            "Record an amendment",
            "It gets today’s date, and every report of the study shows it.",
            parent,
        )
        self.setMinimumWidth(560)
        self._study = study
        self.body.addWidget(label("What changed", "card_title"))
        self.body.addWidget(wrapped("\n".join(changes), tone="ink2"))
        self._author = QLineEdit()
        self._author.setAccessibleName("Who makes the change")
        self._reason = QPlainTextEdit()
        self._reason.setFixedHeight(80)
        self._reason.setTabChangesFocus(True)
        self._reason.setAccessibleName("Why")
        self.body.addWidget(label("Who makes the change", "body", "ink2"))
        self.body.addWidget(self._author)
        self.body.addWidget(label("Why", "body", "ink2"))
        self.body.addWidget(self._reason)
        self._error = wrapped("", "caption", "error")
        self.body.addWidget(self._error)
        self.add_cancel()
        self._go = self.add_primary("Record amendment")
        self._go.clicked.connect(self._record)
        self._author.textChanged.connect(self._allow)
        self._reason.textChanged.connect(self._allow)
        self._allow()

    def _allow(self) -> None:
        complete = bool(self._author.text().strip() and self._reason.toPlainText().strip())
        self._go.set_enabled(complete, "An amendment needs a name and a reason.")

    def _record(self) -> None:
        study, author, reason = self._study, self._author.text(), self._reason.toPlainText()
        self._go.set_busy(True)
        in_thread(
            self, lambda: amend(study, author=author, reason=reason), self._done, self._failed
        )

    def _done(self, _lock: Lock) -> None:
        self.recorded.emit()
        self.accept()

    def _failed(self, error: UserError) -> None:
        self._go.set_busy(False)
        self._error.setText(error.sentence)
