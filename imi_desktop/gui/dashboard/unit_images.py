"""Small pictures of what a unit likes best, if the study has its images."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from PySide6.QtCore import QObject, Signal
from PySide6.QtGui import QPixmap

from imi_desktop.analysis.figure_data import UnitScore
from imi_desktop.gui.workbench.exemplar_loader import ThumbnailKey, ThumbnailLoader
from imi_desktop.models.unit import Unit
from imi_desktop.stimuli.pack import QUERY, natural_path, synthetic_path

SIDE = 32
_BATCHES = 3
_LOOKED_AT = 20
_CACHE_BYTES = 16 * 1024 * 1024


class UnitImages(QObject):
    """The strongest natural and synthetic image of units, decoded when first asked for."""

    ready = Signal()
    """Some image asked for can be painted now."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._study: Path | None = None
        self._found: dict[str, Path] = {}
        self._loader = ThumbnailLoader(self, cache_bytes=_CACHE_BYTES)
        self._loader.ready.connect(self.ready)

    def set_study_folder(self, study: Path | None) -> None:
        """Take images from another study; None has none."""
        self._study = study
        self._found = {}
        self._loader.forget()

    def of(self, unit: UnitScore) -> list[QPixmap | None]:
        """Natural, then synthetic; only those that exist, None for one that is not decoded yet."""
        keys = [ThumbnailKey(str(path), 2 * SIDE) for path in self._paths(unit)]
        return [self._loader.pixmap(key) for key in keys if not self._loader.unreadable(key)]

    def any_of(self, units: tuple[UnitScore, ...]) -> bool:
        """Whether at least one of the first units has an image."""
        return any(self._paths(unit) for unit in units[:_LOOKED_AT])

    def _paths(self, unit: UnitScore) -> list[Path]:
        """Files of a unit that exist."""
        known = unit.model is not None and unit.layer is not None and unit.channel is not None
        if self._study is None or not known:
            return []
        address = Unit(unit.model, unit.layer, unit.channel)
        found = (
            self._first(natural_path(address, batch, "max", QUERY) for batch in range(_BATCHES)),
            self._first(synthetic_path(address, "max", index) for index in (QUERY - 1, 0)),
        )
        return [path for path in found if path is not None]

    def _first(self, names: Iterable[str]) -> Path | None:
        """The first file that exists; those found are not looked for again."""
        for name in names:
            if name in self._found:
                return self._found[name]
            path = self._study / name
            if path.is_file():
                self._found[name] = path
                return path
        return None
