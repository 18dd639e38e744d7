"""What stands where a layer's activations are not recorded yet, and records them."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from imi_desktop.gui.jobs import Job
from imi_desktop.gui.theme import Theme
from imi_desktop.gui.widgets.buttons import primary, quiet, secondary
from imi_desktop.gui.widgets.empty import EmptyState
from imi_desktop.gui.widgets.format import duration, plural
from imi_desktop.gui.widgets.labels import wrapped
from imi_desktop.gui.widgets.progress import ProgressLine


class RecordingState(QWidget):
    """Empty state with two ways to record; while the job runs, its progress.

    Parameters
    ----------
    layers : list of str
        Layers of the line chosen whose activations are missing.
    all_missing : list of str
        All layers of interest whose activations are missing.
    """

    record_wanted = Signal(list)

    def __init__(
        self,
        theme: Theme,
        layers: list[str],
        all_missing: list[str],
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        column = QVBoxLayout(self)
        column.setContentsMargins(16, 8, 16, 12)
        column.setSpacing(8)
        name = layers[0] if len(layers) == 1 else plural(len(layers), "layer")
        record = primary(f"Record {name if len(name) < 12 else 'this layer'}", theme, "play")
        record.set_hint(f"The network looks at every image of the folder and records {name}")
        record.clicked.connect(lambda: self.record_wanted.emit(layers))
        self.record = record
        self._empty = EmptyState(
            theme,
            "units",
            "No activations yet",
            "Images appear once the network has looked at the whole folder.",
            record,
        )
        column.addWidget(self._empty, 1)
        every = secondary(f"Record all {plural(len(all_missing), 'layer')}")
        every.set_hint(
            "All layers of interest, in one pass over the images whatever the number of layers"
        )
        every.clicked.connect(lambda: self.record_wanted.emit(all_missing))
        every.setVisible(len(all_missing) > len(layers))
        self.record_all = every
        row = QHBoxLayout()
        row.addStretch(1)
        row.addWidget(every)
        row.addStretch(1)
        column.addLayout(row)
        self._line = ProgressLine(theme)
        self._cancel = quiet("Cancel recording", theme, "close", "small")
        self._failure = wrapped("", "caption", "error")
        for widget in (self._line, self._cancel, self._failure):
            column.addWidget(widget)
            widget.hide()
        self._job: Job | None = None

    def follow(self, job: Job) -> None:
        """Show the progress of a recording job."""
        self._job = job
        self.record.set_enabled(False, "Activations are being recorded.")
        self.record_all.set_enabled(False, "Activations are being recorded.")
        self._failure.hide()
        self._line.show()
        self._cancel.show()
        self._cancel.clicked.connect(job.cancel)
        job.changed.connect(self._show)
        job.failed.connect(self._fail)
        job.cancelled.connect(self._stop)
        self._show()

    def _show(self) -> None:
        job = self._job
        if job is None or job.state.over:
            return
        progress = job.progress
        text = progress.stage if progress is not None else "Waiting for other jobs"
        left = job.seconds_left
        self._line.show_progress(
            text, job.fraction, "" if left is None else f"{duration(left)} left"
        )

    def _fail(self, sentence: str) -> None:
        self._failure.setText(sentence)
        self._failure.show()
        self._stop()

    def _stop(self) -> None:
        self._line.hide()
        self._cancel.hide()
        self.record.set_enabled(True)
        self.record_all.set_enabled(True)
