"""Small pictures of what a unit likes best, if the study has its images."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QImageReader, QPixmap

from imi_desktop.analysis.figure_data import UnitScore
from imi_desktop.models.unit import Unit
from imi_desktop.stimuli.pack import QUERY, natural_path, synthetic_path

SIDE = 32
_BATCHES = 3
_LOOKED_AT = 20


class UnitImages:
    """The strongest natural and synthetic image of units, loaded when first asked for.

    Parameters
    ----------
    study : Path or None
        Study folder; None has no images.
    """

    def __init__(self, study: Path | None) -> None:
        self._study = study
        self._pixmaps: dict[Path, QPixmap | None] = {}

    def of(self, unit: UnitScore) -> list[QPixmap]:
        """Natural, then synthetic; only those that exist."""
        return [picture for path in self._paths(unit) if (picture := self._load(path)) is not None]

    def any_of(self, units: tuple[UnitScore, ...]) -> bool:
        """Whether at least one of the first units has an image."""
        return any(path.is_file() for unit in units[:_LOOKED_AT] for path in self._paths(unit))

    def _paths(self, unit: UnitScore) -> list[Path]:
        known = unit.model is not None and unit.layer is not None and unit.channel is not None
        if self._study is None or not known:
            return []
        address = Unit(unit.model, unit.layer, unit.channel)
        return [
            self._first(natural_path(address, batch, "max", QUERY) for batch in range(_BATCHES)),
            self._first(synthetic_path(address, "max", index) for index in (QUERY - 1, 0)),
        ]

    def _first(self, paths: Iterable[str]) -> Path:
        """The first of `paths` that exists, or the last."""
        path = Path()
        for path in (self._study / name for name in paths):
            if path.is_file():
                break
        return path

    def _load(self, path: Path) -> QPixmap | None:
        if path not in self._pixmaps:
            self._pixmaps[path] = _thumbnail(path) if path.is_file() else None
        return self._pixmaps[path]


def _thumbnail(path: Path) -> QPixmap | None:
    reader = QImageReader(str(path))
    reader.setScaledSize(QSize(2 * SIDE, 2 * SIDE))
    image = reader.read()
    if image.isNull():
        return None
    image = image.scaled(
        2 * SIDE, 2 * SIDE, Qt.AspectRatioMode.IgnoreAspectRatio,
        Qt.TransformationMode.SmoothTransformation,
    )  # fmt: skip
    return QPixmap.fromImage(image)
