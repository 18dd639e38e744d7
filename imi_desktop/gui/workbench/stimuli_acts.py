"""What an experimenter does on the Stimuli page: generate, pause, cancel, retry, look further."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import asdict
from pathlib import Path

from PySide6.QtCore import QObject, QPoint
from PySide6.QtGui import QDesktopServices
from PySide6.QtWidgets import QMenu, QWidget

from imi_desktop import paths
from imi_desktop.errors import UserError
from imi_desktop.experiment.study import Study
from imi_desktop.gui.context import AppContext
from imi_desktop.gui.widgets.dialog import ask
from imi_desktop.gui.widgets.menus import pop_up
from imi_desktop.gui.workbench.stimuli_cells import MatrixRow
from imi_desktop.gui.workbench.stimuli_devices import DevicesCard
from imi_desktop.gui.workbench.stimuli_progress import StimuliProgress
from imi_desktop.gui.workbench.stimuli_retry import Retry, WayOn
from imi_desktop.gui.workbench.units_study import with_replacement
from imi_desktop.models.unit import Unit


class StimuliActs(QObject):
    """Carries out what was chosen on the page."""

    def __init__(
        self, context: AppContext, progress: StimuliProgress, devices: DevicesCard, page: QWidget
    ) -> None:
        super().__init__(page)
        self._context = context
        self._progress = progress
        self._devices = devices
        self._page = page

    @property
    def _study(self) -> Study | None:
        return self._context.study

    def generate(
        self,
        units: list[Unit] | None = None,
        device: str = "",
        overrides: Mapping[Unit, Mapping[str, object]] | None = None,
    ) -> None:
        """Make what is missing, of all units or of some.

        Parameters
        ----------
        device : str
            Instead of what the Devices card and the settings choose.
        overrides : mapping of Unit to mapping
            ``diversity``, ``steps`` or ``preset`` of single units instead of the study's.
        """
        study = self._study
        if study is None or self._progress.job.active:
            return
        spec: dict[str, object] = {
            "kind": "generate",
            "study": str(study.folder),
            "device": device or self._device(),
            "workers": self._devices.workers.value(),
            "previews": str(paths.cache_dir() / "previews"),
        }
        if self._devices.cluster.address:
            spec["scheduler"] = self._devices.cluster.address
        if units:
            spec["units"] = [asdict(unit) for unit in units]
        if overrides:
            spec["overrides"] = [{**asdict(unit), **values} for unit, values in overrides.items()]
        self._progress.job.start(spec, f"Stimuli of {study.name}", Path(study.folder))

    def retry(self, choice: Retry) -> None:
        """Do what was chosen about a row that failed or is too weak."""
        study, unit = self._study, choice.row.unit
        if study is None:
            return
        if choice.way is WayOn.REPLACE:
            self._save(lambda: with_replacement(study, unit))
        elif choice.overrides:
            self.generate([unit], overrides={unit: choice.overrides})
        else:
            self.generate([unit], "cpu" if choice.way is WayOn.CPU else "")

    def toggle_pause(self) -> None:
        """Halt the generation, or let it go on."""
        self._progress.job.toggle_pause()

    def cancel(self) -> None:
        """Ask, then stop the generation."""
        if self._progress.job.active and ask(
            self._context.theme,
            self._page,
            "Cancel generating?",
            "What is finished stays. Units in the making start anew the next time.",
            "Cancel generating",
            "Go on",
        ):
            self._progress.job.cancel()

    def cancel_unit(self, row: MatrixRow | None) -> None:
        """Take a unit out of the generation; the others go on."""
        matrix = self._progress.matrix
        if row is not None and matrix is not None and not self._progress.job.on_cluster:
            self._progress.drop(matrix.open_tasks(row.unit))

    def open_menu(self, row: MatrixRow, place: QPoint) -> None:
        """Offer everything that can be done with a row."""
        pop_up(self.row_menu(row), place)

    def row_menu(self, row: MatrixRow) -> QMenu:
        """Everything that can be done with a row."""
        job, matrix = self._progress.job, self._progress.matrix
        menu = QMenu(self._page)
        menu.setToolTipsVisible(True)
        again = menu.addAction("Make this unit now", lambda: self.generate([row.unit]))
        again.setEnabled(not job.active and row.done < row.total)
        again.setToolTip(
            "Stimuli are being generated"
            if job.active
            else ""
            if again.isEnabled()
            else "All there"
        )
        stop = menu.addAction("Cancel this unit", lambda: self.cancel_unit(row))
        stop.setShortcut("Del")
        under_way = matrix is not None and bool(matrix.open_tasks(row.unit))
        stop.setEnabled(under_way and not job.on_cluster)
        stop.setToolTip(
            "A cluster's tasks are stopped all together" if job.on_cluster else "The others go on"
        )
        menu.addSeparator()
        menu.addAction("Show unit", lambda: self.show_unit(row.unit))
        menu.addAction("Open folder", lambda: self._open_folder(row.unit))
        return menu

    def show_unit(self, unit: Unit) -> None:
        """Go to the Units page."""
        self._context.show_page("units", unit.address)

    def show_log(self) -> None:
        """Open the folder of the log."""
        QDesktopServices.openUrl(paths.log_dir().as_uri())

    def _device(self) -> str:
        """What the Devices card leaves open, the settings decide."""
        chosen = self._devices.device
        return self._context.settings.values.device if chosen == "auto" else chosen

    def _open_folder(self, unit: Unit) -> None:
        if self._study is not None:
            folder = self._study.folder / "stimuli" / unit.folder
            while not folder.is_dir():
                folder = folder.parent
            QDesktopServices.openUrl(folder.as_uri())

    def _save(self, change: Callable[[], Study]) -> None:
        try:
            changed = change()
        except UserError as error:
            self._context.show_error(error.sentence)
            return
        self._context.save_study(changed)
