"""Visual angle: millimetres, pixels and degrees."""

from __future__ import annotations

import math


def px_per_degree(px_per_mm: float, distance_mm: float) -> float:
    """Pixels that one degree at the screen's centre covers.

    ``px/mm · 2 · d · tan 0.5°``; the lab of Borowski et al. (2021) had 41 px/deg at 60 cm.

    Parameters
    ----------
    px_per_mm : float
        Pixel density.
    distance_mm : float
        From the eyes to the screen, mm.
    """
    return px_per_mm * 2 * distance_mm * math.tan(math.radians(0.5))


def distance_for(px_per_mm: float, wanted_px_per_degree: float) -> float:
    """Viewing distance in mm at which a screen has the wanted pixels per degree."""
    return wanted_px_per_degree / (px_per_mm * 2 * math.tan(math.radians(0.5)))


def degrees_across(extent_px: float, px_per_mm: float, distance_mm: float) -> float:
    """Visual angle in degrees of an extent in px that is centred on the screen."""
    return 2 * math.degrees(math.atan(extent_px / px_per_mm / 2 / distance_mm))
