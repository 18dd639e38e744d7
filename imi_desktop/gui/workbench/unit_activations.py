"""A study's recorded activations, read unit by unit. Knows no Qt."""

from __future__ import annotations

import threading
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from imi_desktop.models.unit import Unit
from imi_desktop.stimuli.activation_table import ActivationTable, table_path
from imi_desktop.stimuli.image_folder import ImageFile, ImageFolder

_TABLES_OPEN = 8


class UnitActivations:
    """The activation tables of one study; safe to use from several threads.

    Parameters
    ----------
    study_dir, image_folder : Path
        The study folder, and the folder of its photographs.
    """

    def __init__(self, study_dir: Path, image_folder: Path) -> None:
        self.study_dir = study_dir
        self.image_folder = image_folder
        self._dataset: dict[str, ImageFile] | None = None
        self._lock = threading.Lock()
        self._tables: dict[tuple[str, str], ActivationTable] = {}

    def recorded(self, model: str, layer: str) -> bool:
        """Whether a layer's activations are there."""
        return table_path(self.study_dir, model, layer).is_file()

    def images(self, model: str, layer: str) -> list[str]:
        """Images of a layer's table, relative to the image folder.

        Raises
        ------
        UserError
            If the table is missing or damaged.
        """
        with self._lock:
            return self._table(model, layer).images

    def unit(self, unit: Unit) -> NDArray[np.float32]:
        """Activation of a unit for every image, shape (n_images,).

        Raises
        ------
        UserError
            If the table is missing, damaged, or has no such channel.
        """
        with self._lock:
            return np.asarray(self._table(unit.model, unit.layer).unit(unit.channel))

    def some_units(self, model: str, layer: str, n: int) -> NDArray[np.float32]:
        """Activations of up to `n` evenly spaced units of a layer, shape (n_images · n,).

        Raises
        ------
        UserError
            If the table is missing or damaged.
        """
        with self._lock:
            table = self._table(model, layer)
            step = max(1, len(table.channels) // n)
            channels = table.channels[::step][:n]
            values = [np.asarray(table.unit(channel)) for channel in channels]
        return np.concatenate(values) if values else np.empty(0, np.float32)

    def dataset(self) -> dict[str, ImageFile]:
        """Usable images of the image folder by path; empty if there is no index yet.

        Raises
        ------
        UserError
            If the index is damaged.
        """
        with self._lock:
            if self._dataset is None:
                index = self.study_dir / "dataset.csv"
                if not index.is_file():
                    return {}
                folder = ImageFolder.read(index, self.image_folder)
                self._dataset = {file.path: file for file in folder.usable}
            return self._dataset

    def _table(self, model: str, layer: str) -> ActivationTable:
        key = (model, layer)
        if key not in self._tables:
            if len(self._tables) >= _TABLES_OPEN:
                del self._tables[next(iter(self._tables))]
            self._tables[key] = ActivationTable.read(self.study_dir, model, layer)
        return self._tables[key]
