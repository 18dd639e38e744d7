"""Intermediate images as files in the cache, at most two per second."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import torch

from imi_desktop.stimuli.image_files import write_png
from imi_desktop.stimuli.visualization.results import quantised

PREVIEW_SECONDS = 0.5


class PreviewWriter:
    """Writes what an optimisation looks like right now, side by side in one PNG.

    Two names per subject are used in turn, so that a reader never meets a file that is being
    replaced by the very next preview.
    """

    def __init__(self, folder: Path | str) -> None:
        self._folder = Path(folder)
        self._last = float("-inf")
        self._turn = 0

    def offer(self, name: str, images: Callable[[], torch.Tensor]) -> str | None:
        """Write a preview unless the last one is too recent.

        Returns
        -------
        str or None
            Path of the file, n · 224 px wide and 224 px high.

        Raises
        ------
        StorageError
            If the cache cannot be written.
        """
        now = time.monotonic()
        if now - self._last < PREVIEW_SECONDS:
            return None
        self._last = now
        self._turn = 1 - self._turn
        return self.write(f"{name}_{self._turn}", images())

    def write(self, name: str, images: torch.Tensor) -> str:
        """Write images side by side in any case; returns the path.

        Raises
        ------
        StorageError
            If the cache cannot be written.
        """
        path = self._folder / f"{name}.png"
        write_png(path, np.concatenate(list(quantised(images)), axis=1))
        return str(path)
