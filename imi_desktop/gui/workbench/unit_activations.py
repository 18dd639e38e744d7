"""A study's recorded activations, read unit by unit. Knows no Qt."""

from __future__ import annotations

import threading
from bisect import bisect_left
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from imi_desktop.stimuli.activation_table import ActivationTable, table_path
from imi_desktop.stimuli.image_folder import ImageFile, ImageFolder

_TABLES_OPEN = 8
_BLOCK_BYTES = 96 * 1024 * 1024


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
        self._block = np.empty((0, 0), np.float32)
        self._block_of: tuple[ActivationTable | None, int] = (None, 0)
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

    def units(
        self, model: str, layer: str, channels: Sequence[int], more_to_come: bool = False
    ) -> NDArray[np.float32]:
        """Activations of some units of a layer, shape (n_images, len(channels)).

        Parameters
        ----------
        more_to_come : bool
            Whether their neighbours will be asked for next; then these are read too and kept,
            because opening a table of many columns takes longer than reading some of them.

        Raises
        ------
        UserError
            If the table is missing, damaged, or has no such channel.
        """
        with self._lock:
            table = self._table(model, layer)
            held, first = self._block_of
            if more_to_come and (held is not table or not self._holds(channels)):
                block = max(64, _BLOCK_BYTES // (4 * table.n_images + 1))
                first = min(bisect_left(table.channels, c) for c in channels)
                self._block = table.units(table.channels[first : first + block])
                self._block_of = (table, first)
            if self._block_of[0] is table and self._holds(channels):
                return self._block[:, [self._place(channel) for channel in channels]]
            return table.units(channels)

    def _holds(self, channels: Sequence[int]) -> bool:
        return all(0 <= self._place(channel) < self._block.shape[1] for channel in channels)

    def _place(self, channel: int) -> int:
        """Column of a channel in the block that is held; −1 if it was not recorded."""
        table, first = self._block_of
        if table is None:
            return -1
        place = bisect_left(table.channels, channel)
        return place - first if table.channels[place : place + 1] == (channel,) else -1

    def some_units(self, model: str, layer: str, n: int) -> NDArray[np.float32]:
        """Activations of up to `n` evenly spaced units of a layer, one after the other.

        Raises
        ------
        UserError
            If the table is missing or damaged.
        """
        with self._lock:
            table = self._table(model, layer)
            step = max(1, len(table.channels) // n)
            channels = table.channels[::step][:n]
            return table.units(channels).ravel()

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
