"""The cards beside the generation matrix; under it, as tabs, in a narrow window."""

from __future__ import annotations

from PySide6.QtWidgets import QTabWidget, QVBoxLayout, QWidget

from imi_desktop.gui.context import AppContext
from imi_desktop.gui.widgets.format import plural
from imi_desktop.gui.workbench.exemplar_loader import ThumbnailLoader
from imi_desktop.gui.workbench.stimuli_details import DetailsCard
from imi_desktop.gui.workbench.stimuli_devices import DevicesCard
from imi_desktop.gui.workbench.stimuli_progress import StimuliProgress
from imi_desktop.gui.workbench.stimuli_running import RunningCard
from imi_desktop.gui.workbench.stimuli_throughput import ThroughputCard

_WIDTH = 380
_COMPACT_HEIGHT = 232
_UNBOUNDED = 16_777_215


class StimuliSide(QWidget):
    """Devices, throughput, running tasks, details of the row selected."""

    def __init__(
        self, context: AppContext, loader: ThumbnailLoader, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        theme = context.theme
        self.devices = DevicesCard(context)
        self.throughput = ThroughputCard(theme)
        self.running = RunningCard(theme, loader)
        self.details = DetailsCard(theme)
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.setSpacing(12)
        self._tabs = QTabWidget()
        self._tabs.setDocumentMode(True)
        self._column.addWidget(self._tabs)

    def set_compact(self, compact: bool) -> None:
        """Tabs of one height, or cards of one width under each other."""
        self.details.set_compact(compact)
        cards = (self.devices, self.throughput, self.running, self.details)
        for card in cards:
            self._column.removeWidget(card)
        while self._tabs.count():
            self._tabs.removeTab(0)
        self._tabs.setVisible(compact)
        if compact:
            for name, card in zip(
                ("Details", "Running", "Throughput", "Devices"), reversed(cards), strict=True
            ):
                self._tabs.addTab(card, name)
            self.setMinimumWidth(0)
            self.setMaximumWidth(_UNBOUNDED)
            self.setFixedHeight(_COMPACT_HEIGHT)
            return
        for card in cards:
            self._column.addWidget(card, 1 if card is self.details else 0)
            card.show()
        self.setMinimumHeight(0)
        self.setMaximumHeight(_UNBOUNDED)
        self.setFixedWidth(_WIDTH)

    def show_progress(self, progress: StimuliProgress) -> None:
        """Show what is running and how fast."""
        matrix = progress.matrix
        if matrix is None:
            self.running.show_tasks([], 0, "")
            self.throughput.show_rate(None, 0)
            return
        tasks = progress.running
        stage = f"{matrix.stage}…" if progress.job.active and matrix.stage and not tasks else ""
        held = f"Paused while {progress.job.held} runs." if progress.job.held else ""
        cluster = "A cluster's tasks are stopped all together." if progress.job.on_cluster else ""
        self.running.show_tasks(tasks, matrix.waiting_tasks, held or stage, cluster)
        self.throughput.show_rate(progress.throughput, matrix.total - progress.images_made)
        self.devices.set_caption(f"{plural(len(tasks), 'task')} running" if tasks else "")
