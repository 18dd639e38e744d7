"""The card of the visualization that is being made: state, progress, trace."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QVBoxLayout, QWidget

from imi_desktop.gui.theme import Theme
from imi_desktop.gui.widgets.buttons import IconButton, secondary
from imi_desktop.gui.widgets.format import count, duration
from imi_desktop.gui.widgets.labels import label, wrapped
from imi_desktop.gui.widgets.progress import ProgressBar
from imi_desktop.gui.workbench.trace_plot import TracePlot
from imi_desktop.gui.workbench.unit_preview import PreviewState


class TraceCard(QFrame):
    """Idle: a button that makes a preview. Busy: step, bar, time left, trace."""

    visualize_wanted = Signal()
    pause_wanted = Signal()
    cancel_wanted = Signal()

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("kind", "card")
        column = QVBoxLayout(self)
        column.setContentsMargins(12, 8, 12, 10)
        column.setSpacing(4)
        head = QHBoxLayout()
        head.setSpacing(2)
        self._title = label("Feature visualization", "card_title")
        self.pause = IconButton(theme, "pause", "Pause this preview")
        self.close_button = IconButton(theme, "close", "Cancel this preview (V)")
        head.addWidget(self._title, 1)
        head.addWidget(self.pause)
        head.addWidget(self.close_button)
        column.addLayout(head)
        row = QHBoxLayout()
        self._step = label("", "caption", "ink3")
        self._left = label("", "caption", "ink3")
        row.addWidget(self._step, 1)
        row.addWidget(self._left)
        column.addLayout(row)
        self._bar = ProgressBar(theme)
        column.addWidget(self._bar)
        self.plot = TracePlot(theme)
        column.addWidget(self.plot, 1)
        self._words = wrapped("", "caption", "ink3")
        column.addWidget(self._words)
        self.visualize = secondary("Visualize", theme, "play")
        self.visualize.set_hint("Make a preview of this unit, max and min (V)")
        column.addWidget(self.visualize)
        self._rest = QWidget()
        column.addWidget(self._rest, 1)
        self.visualize.clicked.connect(self.visualize_wanted)
        self.pause.clicked.connect(self.pause_wanted)
        self.close_button.clicked.connect(self.cancel_wanted)
        self.show_idle("")

    def show_idle(self, words: str, reason: str = "") -> None:
        """Nothing runs; a reason disables the button."""
        self._title.setText("Feature visualization")
        self._busy(False)
        self._step.setText("")
        self._left.setText("")
        self.plot.setVisible(bool(self.plot.traces))
        self._rest.setVisible(not self.plot.traces)
        self.plot.finish()
        self._words.setText(reason or words)
        self.visualize.set_enabled(not reason, reason)

    def show_waiting(self) -> None:
        """The job has been asked for and has not said anything yet."""
        self._title.setText("Preview, starting")
        self._busy(True)
        self._bar.set_fraction(None)
        self._step.setText("loading the network")
        self._left.setText("")
        self._words.setText("")

    def show_state(self, state: PreviewState, paused: bool) -> None:
        """How far it is."""
        self._title.setText(f"Preview, {'paused' if paused else 'optimising'}")
        self._busy(True)
        self.pause.set_icon("play" if paused else "pause", "Go on" if paused else "Pause")
        self._step.setText(f"step {count(state.step)} of {count(state.steps)}")
        left = state.seconds_left
        self._left.setText("" if left is None else f"{duration(left)} left")
        self._bar.set_fraction(state.fraction)
        self.plot.setVisible(True)
        self._rest.hide()
        if state.activation is not None:
            self.plot.add(state.name, state.step, state.activation)
        self._words.setText("Activation by step; one max and one min image, by turns.")

    def _busy(self, busy: bool) -> None:
        for widget in (self.pause, self.close_button, self._bar):
            widget.setVisible(busy)
        self._step.setVisible(busy)
        self._left.setVisible(busy)
        self.visualize.setVisible(not busy)
