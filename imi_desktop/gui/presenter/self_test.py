"""Times frames on the surface: before blocks, for a display profile, for a photodiode."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from PySide6.QtCore import QObject, Qt, QTimer
from PySide6.QtGui import QScreen
from PySide6.QtWidgets import QApplication

from imi_desktop.display.places import Rect
from imi_desktop.display.profile import RefreshMeasurement
from imi_desktop.display.refresh import MEASURED_FRAMES, WARM_UP_FRAMES, measure_refresh
from imi_desktop.gui.presenter.compositor import compositor
from imi_desktop.gui.presenter.picture import Patch, Picture, blank
from imi_desktop.gui.presenter.surface import Shown, Surface, make_surface

_TIMEOUT_MS = 60_000
_PATCH_PX = 40


class FrameTimer(QObject):
    """Presents pictures frame after frame and collects the times of the swaps, ns.

    Parameters
    ----------
    picture_of : callable
        Picture of frame 0, 1, …
    frames : int
        How many.
    done : callable
        Gets the times of the swaps, ns.
    """

    def __init__(
        self,
        surface: Surface,
        picture_of: Callable[[int], Picture],
        frames: int,
        done: Callable[[list[int]], None],
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._surface, self._picture_of = surface, picture_of
        self._frames, self._done = frames, done
        self.swaps_ns: list[int] = []

    def start(self) -> None:
        """Present the first frame."""
        self._surface.present(self._picture_of(0), self._swapped)

    def _swapped(self, shown: Shown) -> None:
        self.swaps_ns.append(shown.swapped_ns)
        if len(self.swaps_ns) < self._frames:
            self._surface.present(self._picture_of(len(self.swaps_ns)), self._swapped)
        else:
            self._done(self.swaps_ns)


@dataclass(frozen=True)
class SelfTest:
    """Result of the timing self-test and the times of its swaps, ns."""

    measurement: RefreshMeasurement
    swaps_ns: list[int]


def run_self_test(screen: QScreen, frames: int = WARM_UP_FRAMES + MEASURED_FRAMES) -> SelfTest:
    """Time `frames` frames on a full screen and measure the refresh rate.

    Raises
    ------
    TooFewFramesError
        If the window never got its frames.
    """
    surface = make_surface()
    swaps = _time_frames(surface, screen, lambda frame: Picture(), frames)
    measurement = measure_refresh(
        swaps,
        synchronised=surface.synchronised,
        surface=surface.kind,
        compositor=compositor(),
    )
    return SelfTest(measurement, swaps)


def run_flip_test(screen: QScreen, flips: int, frames_per_flip: int = 2) -> list[int]:
    """Toggle the photodiode's patch `flips` times; return the stamped times, ns."""
    surface = make_surface()
    width, height = _size(screen)
    place = Rect(width - _PATCH_PX, height - _PATCH_PX, _PATCH_PX, _PATCH_PX)
    sides = [
        Picture(None, (Patch(place, blank(_PATCH_PX, _PATCH_PX, level)),)) for level in (0, 255)
    ]
    frames = (flips + 1) * frames_per_flip
    swaps = _time_frames(surface, screen, lambda frame: sides[frame // frames_per_flip % 2], frames)
    return swaps[frames_per_flip::frames_per_flip]


def _time_frames(
    surface: Surface, screen: QScreen, picture_of: Callable[[int], Picture], frames: int
) -> list[int]:
    app = QApplication.instance()
    timer = FrameTimer(surface, picture_of, frames, lambda _: app.quit())
    surface.setScreen(screen)
    surface.setFlags(Qt.WindowType.Window | Qt.WindowType.FramelessWindowHint)
    surface.setGeometry(screen.geometry())
    surface.showFullScreen()
    QTimer.singleShot(_TIMEOUT_MS, app.quit)
    timer.start()
    app.exec()
    surface.closing = True
    surface.release()
    surface.close()
    return timer.swaps_ns


def _size(screen: QScreen) -> tuple[int, int]:
    return screen.size().width(), screen.size().height()
