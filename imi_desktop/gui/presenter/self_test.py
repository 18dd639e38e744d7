"""Times a run of frames on the surface, before the session and before each block."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QObject

from imi_desktop.gui.presenter.picture import Picture
from imi_desktop.gui.presenter.surface import Shown, Surface


class FrameTimer(QObject):
    """Presents the same picture frame after frame and collects the times of the swaps, ns."""

    def __init__(
        self,
        surface: Surface,
        picture: Picture,
        frames: int,
        done: Callable[[list[int]], None],
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._surface, self._picture, self._frames, self._done = surface, picture, frames, done
        self._swaps: list[int] = []

    def start(self) -> None:
        """Present the first frame."""
        self._surface.present(self._picture, self._swapped)

    def _swapped(self, shown: Shown) -> None:
        self._swaps.append(shown.swapped_ns)
        if len(self._swaps) < self._frames:
            self._surface.present(self._picture, self._swapped)
        else:
            self._done(self._swaps)
