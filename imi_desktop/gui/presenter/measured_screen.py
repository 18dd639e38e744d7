"""A screen as the calibration command sees it: what it is, and the tests that run on it."""

from __future__ import annotations

from PySide6.QtGui import QScreen

from imi_desktop.display.profile import InputMeasurement, ScreenKey
from imi_desktop.gui.presenter.app import application, find_screen
from imi_desktop.gui.presenter.environment import screen_key
from imi_desktop.gui.presenter.mouse_test import run_mouse_test
from imi_desktop.gui.presenter.self_test import SelfTest, run_flip_test, run_self_test


class MeasuredScreen:
    """Screen `number`, from 1; the last one for None.

    Raises
    ------
    NoSuchScreenError, NoDisplayError
        If there is no such screen, or no window system.
    """

    def __init__(self, number: int | None) -> None:
        self._app = application("Calibrate on the computer whose screen it is.")
        self._screen: QScreen = find_screen(number)

    @property
    def key(self) -> ScreenKey:
        """Key of its profiles in its present mode."""
        return screen_key(self._screen)

    @property
    def claimed_mm(self) -> float | None:
        """Width of the picture that the screen itself claims, mm."""
        return self._screen.physicalSize().width() or None

    def self_test(self) -> SelfTest:
        """Time the frames of a full screen."""
        return run_self_test(self._screen)

    def flip_test(self, flips: int) -> list[int]:
        """Flip the photodiode's patch; the stamped times, ns."""
        return run_flip_test(self._screen, flips)

    def mouse_test(self) -> InputMeasurement:
        """Measure how the mouse reports movements and clicks."""
        return run_mouse_test(self._screen)
