"""The calibration under way: the chosen screen, its saved profile, and what was changed since."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from PySide6.QtCore import QObject, Signal
from PySide6.QtGui import QGuiApplication, QScreen

from imi_desktop.display.profile import DisplayProfile, ScreenKey, history, save_version
from imi_desktop.gui.presenter.environment import screen_key

_OWN_FIELDS = frozenset({"version", "measured_at", "app", "format"})


class Draft(QObject):
    """What the cards of the Display page show and change.

    Attributes
    ----------
    profile : DisplayProfile
        As it would be saved.
    saved : DisplayProfile or None
        The newest version of this screen and mode.
    versions : list of DisplayProfile
        All versions, the newest first.
    """

    changed = Signal()

    def __init__(self, screen: QScreen, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.choose(screen)

    @property
    def screen(self) -> QScreen:
        """The participant's screen; the last one where that was unplugged."""
        screens = QGuiApplication.screens()
        return next((each for each in screens if each.name() == self._name), screens[-1])

    @property
    def unplugged(self) -> bool:
        """Whether the chosen screen is gone."""
        return all(each.name() != self._name for each in QGuiApplication.screens())

    @property
    def number(self) -> int:
        """Number of the screen, from 1."""
        screens = QGuiApplication.screens()
        return screens.index(self.screen) + 1

    @property
    def dirty(self) -> bool:
        """Whether anything differs from the newest version."""
        if self.saved is None:
            return self._content(self.profile) != self._content(self._blank(self.key))
        return self._content(self.profile) != self._content(self.saved)

    @property
    def next_version(self) -> int:
        """Number that saving would give."""
        return 1 if self.saved is None else self.saved.version + 1

    def choose(self, screen: QScreen) -> None:
        """Work on another screen.

        Raises
        ------
        ProfileError
            If one of its profiles is damaged.
        """
        self._name = screen.name()
        self.key: ScreenKey = screen_key(screen)
        self.reload()

    def reload(self) -> None:
        """Forget what was changed since the newest version."""
        self.versions = history(self.key)
        self.saved = self.versions[0] if self.versions else None
        self.profile = self.saved or self._blank(self.key)
        self.changed.emit()

    def start_over(self) -> None:
        """Begin with nothing measured; the saved versions stay."""
        self.profile = self._blank(self.key)
        self.changed.emit()

    def change(self, **changes: Any) -> None:
        """Change fields of the profile.

        Raises
        ------
        ProfileError
            If a value cannot be; nothing is changed.
        """
        revised = self.profile.revised(**changes)
        if revised != self.profile:
            self.profile = revised
            self.changed.emit()

    def change_size(self, **changes: float | None) -> None:
        """Change the measurement by card or ruler."""
        millimetres = self.screen.physicalSize().width() or None
        size = self.profile.size.model_dump() | {"edid_mm": millimetres} | changes
        self.change(size=size)

    def save(self) -> DisplayProfile:
        """Save as the next version.

        Raises
        ------
        StorageError
            If it cannot be written.
        """
        save_version(self.profile.revised(measured_at=datetime.now(UTC), key=self.key))
        self.reload()
        return self.profile

    @staticmethod
    def _blank(key: ScreenKey) -> DisplayProfile:
        return DisplayProfile(key=key, measured_at=datetime.now(UTC))

    @staticmethod
    def _content(profile: DisplayProfile) -> dict[str, Any]:
        return profile.model_dump(exclude=set(_OWN_FIELDS))
