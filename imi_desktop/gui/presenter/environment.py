"""What a session's file says about the computer, the screen and the software."""

from __future__ import annotations

import os
import platform
from typing import Any

import PySide6
from PySide6.QtCore import qVersion
from PySide6.QtGui import QGuiApplication, QScreen

from imi_desktop import __version__
from imi_desktop.display.edid import edid_hash
from imi_desktop.display.fit import ScreenFit
from imi_desktop.display.profile import DisplayProfile, ScreenKey
from imi_desktop.gui.presenter.compositor import compositor
from imi_desktop.gui.presenter.surface import Surface


def screen_key(screen: QScreen) -> ScreenKey:
    """Key of the screen's profiles in its present mode."""
    size = physical_px(screen)
    return ScreenKey(
        edid=edid_hash(screen.manufacturer(), screen.model(), screen.serialNumber()),
        name=" ".join(part for part in (screen.manufacturer(), screen.model()) if part),
        serial=screen.serialNumber(),
        connector=screen.name(),
        width_px=size[0],
        height_px=size[1],
        refresh_hz=round(screen.refreshRate(), 2),
    )


def physical_px(screen: QScreen) -> tuple[int, int]:
    """Width and height of a screen in physical px."""
    ratio = screen.devicePixelRatio()
    return round(screen.size().width() * ratio), round(screen.size().height() * ratio)


def describe(
    surface: Surface,
    screen: QScreen,
    profile: DisplayProfile | None,
    fit: ScreenFit,
    *,
    windowed: bool,
    font_family: str,
) -> dict[str, Any]:
    """Everything that is known before the first frame, as JSON values."""
    return {
        "app": __version__,
        "python": platform.python_version(),
        "qt": qVersion(),
        "pyside": PySide6.__version__,
        "system": platform.platform(),
        "display_server": QGuiApplication.platformName(),
        "compositor": compositor(),
        "session_type": os.environ.get("XDG_SESSION_TYPE", ""),
        "load": list(os.getloadavg()) if hasattr(os, "getloadavg") else None,
        "font": font_family,
        "screen": screen_key(screen).model_dump()
        | {
            "geometry": list(screen.geometry().getRect()),
            "physical_mm": [screen.physicalSize().width(), screen.physicalSize().height()],
            "pixel_ratio": screen.devicePixelRatio(),
            "depth": screen.depth(),
        },
        "surface": surface.description(),
        "windowed": windowed,
        "synchronised": surface.synchronised and not windowed,
        "profile": None
        if profile is None
        else {
            "version": profile.version,
            "hash": profile.hash,
            "px_per_degree": profile.px_per_degree,
            "viewing_distance_mm": profile.viewing_distance_mm,
            "age_days": profile.age_days(),
            "photodiode_patch": profile.photodiode_patch,
            "background_level": profile.background_level,
        },
        "layout": {
            "px_per_degree": fit.layout_px_per_degree,
            "image_scale": fit.image_scale,
            "override": fit.override,
        },
    }
