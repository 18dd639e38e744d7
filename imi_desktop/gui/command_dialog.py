"""CommandDialog: a dialog whose button runs a command of the app and shows how it ended."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from PySide6.QtWidgets import QWidget

from imi_desktop.gui.own_command import OwnCommand
from imi_desktop.gui.theme import Theme
from imi_desktop.gui.widgets.dialog import Dialog
from imi_desktop.gui.widgets.labels import set_tone, wrapped


class CommandDialog(Dialog):
    """Stays open while the command runs, and when it failed; cancelling stops the command.

    Attributes
    ----------
    report : QLabel
        What the command is doing, or why it failed; for the end of the body.
    go : Button
        Starts the command.
    """

    def __init__(
        self, theme: Theme, title: str, subtitle: str, verb: str, parent: QWidget | None = None
    ) -> None:
        super().__init__(theme, title, subtitle, parent)
        self.setMinimumWidth(640)
        self.report = wrapped("", "caption", "ink2")
        self.add_cancel()
        self.go = self.add_primary(verb)
        self._failure = f"The {verb.lower()} stopped; the log has the details."
        self._command: OwnCommand | None = None

    def reject(self) -> None:
        """Stop a command that runs, and close."""
        if self._command is not None and self._command.running:
            self._command.stop()
        super().reject()

    def run(self, arguments: Sequence[str], doing: str, done: Callable[[str], None]) -> None:
        """Run a command; close and give `done` what it printed once it ended well."""
        self.go.set_busy(True)
        self.report.setText(doing)
        set_tone(self.report, "ink3")

        def ended(code: int, out: str, err: str) -> None:
            self.go.set_busy(False)
            if code != 0:
                self.report.setText(err.strip() or self._failure)
                set_tone(self.report, "error")
                return
            self.accept()
            done(out)

        self._command = OwnCommand(arguments, self)
        self._command.ended.connect(ended)
