"""The cluster among the devices: its scheduler, whether it answers, and the dialog that asks."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QCheckBox, QGridLayout, QLineEdit, QWidget

from imi_desktop.errors import UserError
from imi_desktop.gui.background import in_thread
from imi_desktop.gui.context import AppContext
from imi_desktop.gui.widgets.buttons import quiet, secondary
from imi_desktop.gui.widgets.dialog import Dialog
from imi_desktop.gui.widgets.labels import ElidedLabel, label, set_tone, wrapped
from imi_desktop.gui.workbench.cluster_address import PORT, require_scheduler, whole_address


class ClusterRow(QWidget):
    """Check box, state, and the button that names a scheduler.

    Signals
    -------
    changed
        The cluster was chosen or left.
    """

    changed = Signal()

    def __init__(self, context: AppContext, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._context = context
        self.box = QCheckBox("Cluster")
        self.box.toggled.connect(lambda _: self.changed.emit())
        self.connect_button = secondary("Connect…", size="small")
        self.connect_button.set_hint("Name the Dask scheduler whose workers make the stimuli")
        self.connect_button.clicked.connect(self.ask)
        self._state = ElidedLabel("", "caption", "ink3")
        grid = QGridLayout(self)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setVerticalSpacing(3)
        grid.setColumnStretch(0, 1)
        grid.addWidget(self.box, 0, 0)
        grid.addWidget(self.connect_button, 0, 1)
        grid.addWidget(self._state, 1, 0, 1, 2)
        self._reason = "checking"
        self.check()

    @property
    def address(self) -> str:
        """Scheduler to use; ``""`` where the cluster is not chosen or does not answer."""
        return self._context.settings.values.scheduler if self.box.isChecked() else ""

    @property
    def state(self) -> str:
        """What is said of the scheduler."""
        return self._state.whole_text

    def check(self) -> None:
        """Look whether the scheduler answers, in a thread."""
        address = self._context.settings.values.scheduler
        self.connect_button.setText("Change…" if address else "Connect…")
        if not address:
            self._show(address, "No scheduler is set.")
            return
        in_thread(
            self,
            lambda: require_scheduler(address),
            lambda _: self._show(address, ""),
            lambda error: self._show(address, error.sentence),
        )

    def ask(self) -> None:
        """Ask for the scheduler's address."""
        dialog = ClusterDialog(self._context, self.window())
        dialog.accepted.connect(lambda: self.use(dialog.address))
        dialog.open()

    def use(self, address: str) -> None:
        """Keep another address; ``""`` forgets it."""
        self._context.settings.values.scheduler = address
        self._context.settings.save()
        self._context.settings_changed.emit("scheduler")
        self.check()
        if not address:
            self.box.setChecked(False)

    def _show(self, address: str, reason: str) -> None:
        if address != self._context.settings.values.scheduler:
            return
        self._reason = reason
        words = f"{address} answers"
        if reason:
            words = f"Not connected. {reason}" if address else reason
        self._state.set_text(words)
        set_tone(self._state, "warn" if reason and address else "ink3")
        self.box.setEnabled(not reason)
        self.box.setToolTip(reason or "Let the cluster's workers make the stimuli, not this one")
        if reason:
            self.box.setChecked(False)


class ClusterDialog(Dialog):
    """Asks for a scheduler and takes it once it answers."""

    def __init__(self, context: AppContext, parent: QWidget | None = None) -> None:
        super().__init__(
            context.theme,
            "Connect to a cluster",
            "The workers of a Dask cluster then make the stimuli. They must see the study and its "
            "images under the same paths as this computer.",
            parent,
        )
        self.setMinimumWidth(520)
        self.address = ""
        name = label("Scheduler", "value")
        self.line = QLineEdit(context.settings.values.scheduler)
        self.line.setPlaceholderText(f"tcp://host:{PORT}")
        self.line.setAccessibleName("Address of the scheduler")
        name.setBuddy(self.line)
        self.body.addWidget(name)
        self.body.addWidget(self.line)
        self._problem = wrapped("", "caption", "error")
        self._problem.setMinimumHeight(34)
        self.body.addWidget(self._problem)
        if context.settings.values.scheduler:
            forget = quiet("Forget it")
            forget.clicked.connect(self.accept)
            self.foot.addWidget(forget)
        self.add_cancel()
        self.go = self.add_primary("Connect")
        self.go.clicked.connect(self.connect_now)
        self.line.textChanged.connect(lambda _: self._offer())
        self._offer()

    def connect_now(self) -> None:
        """Try the address; close if it answers, else say why not."""
        try:
            address = whole_address(self.line.text())
        except UserError as error:
            self._problem.setText(error.sentence)
            return
        self.go.set_enabled(False, "The scheduler is being asked.")
        self._problem.setText("")
        in_thread(
            self,
            lambda: require_scheduler(address),
            lambda _: self._connected(address),
            lambda error: self._refused(error.sentence),
        )

    def _connected(self, address: str) -> None:
        self.address = address
        self.accept()

    def _refused(self, sentence: str) -> None:
        self._problem.setText(sentence)
        self._offer()

    def _offer(self) -> None:
        self.go.set_enabled(bool(self.line.text().strip()), "Write the scheduler's address first.")
