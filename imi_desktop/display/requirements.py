"""What a study needs of the participant's screen, against what was measured."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from imi_desktop.display.angle import degrees_across
from imi_desktop.display.geometry import PX_PER_DEGREE, ROOM_PX
from imi_desktop.display.profile import CARD_MM, VALID_DAYS, DisplayProfile, ScreenKey
from imi_desktop.experiment.study import DisplayRequirements

State = Literal["met", "unmet", "open"]

CARD_RULER_LIMIT = 0.01
LUMINANCE_LIMIT = 0.02
MISSING = "not measured"


@dataclass(frozen=True)
class Requirement:
    """One row of the list.

    Parameters
    ----------
    name : str
        Quantity, as shown.
    needed, measured : str
        As shown.
    state : str
        ``met``, ``unmet``, or ``open`` where it was not measured and need not be.
    """

    name: str
    needed: str
    measured: str
    state: State


def check(
    wanted: DisplayRequirements,
    screen: ScreenKey,
    profile: DisplayProfile | None,
    *,
    pixel_ratio: float = 1.0,
    now: datetime | None = None,
) -> list[Requirement]:
    """Compare a study's requirements with a screen and its profile, in the order they are shown.

    Parameters
    ----------
    wanted : DisplayRequirements
        Of the study.
    screen : ScreenKey
        The screen in its present mode.
    profile : DisplayProfile or None
        Its newest profile.
    pixel_ratio : float
        Scaling by the system; anything but 1 scales images.
    """
    return [
        _px_per_degree(wanted, profile),
        _resolution(wanted, screen),
        _room(wanted, profile),
        _refresh(wanted, screen, profile),
        _background(profile),
        _luminance(wanted, profile),
        _distance(wanted, profile),
        _card_and_ruler(wanted, profile),
        Requirement(
            "Scaling by the system",
            "none",
            "none" if pixel_ratio == 1.0 else f"{pixel_ratio:g} times",
            "met" if pixel_ratio == 1.0 else "unmet",
        ),
        _age(wanted, profile, now),
        _photodiode(profile),
    ]


def unmet(requirements: list[Requirement]) -> list[Requirement]:
    """Those that keep a session from starting."""
    return [requirement for requirement in requirements if requirement.state == "unmet"]


def card_against_ruler(profile: DisplayProfile) -> float | None:
    """Relative difference of the density by card and by ruler; None if one is missing."""
    size = profile.size
    if size.card_px is None or size.ruler_mm is None:
        return None
    by_ruler = profile.key.width_px / size.ruler_mm
    return abs(size.card_px / CARD_MM - by_ruler) / by_ruler


def _state(holds: bool | None, demanded: bool) -> State:
    if holds is None:
        return "unmet" if demanded else "open"
    return "met" if holds else "unmet"


def _px_per_degree(wanted: DisplayRequirements, profile: DisplayProfile | None) -> Requirement:
    measured = profile.px_per_degree if profile is not None else None
    required = wanted.px_per_degree
    told = MISSING if measured is None else f"{measured:.1f}"
    if required is None:
        return Requirement(
            "Pixels per degree", "any", told, _state(None if measured is None else True, False)
        )
    tolerance = wanted.tolerance * required
    holds = None if measured is None else abs(measured - required) <= tolerance
    needed = f"{required:g} ± {tolerance:.2g}"
    return Requirement("Pixels per degree", needed, told, _state(holds, True))


def _resolution(wanted: DisplayRequirements, screen: ScreenKey) -> Requirement:
    width = max(wanted.minimum_width_px, ROOM_PX[0])
    height = max(wanted.minimum_height_px, ROOM_PX[1])
    return Requirement(
        "Resolution",
        f"≥ {width} × {height}",
        f"{screen.width_px} × {screen.height_px}",
        _state(screen.width_px >= width and screen.height_px >= height, True),
    )


def _room(wanted: DisplayRequirements, profile: DisplayProfile | None) -> Requirement:
    needed = ROOM_PX[0] / (wanted.px_per_degree or PX_PER_DEGREE)
    density = profile.px_per_mm if profile is not None else None
    if profile is None or density is None:
        return Requirement("Room for the trial screen", f"{needed:.1f} deg", MISSING, "open")
    across = degrees_across(profile.key.width_px, density, profile.viewing_distance_mm)
    trial = degrees_across(ROOM_PX[0], density, profile.viewing_distance_mm)
    return Requirement(
        "Room for the trial screen",
        f"{trial:.1f} deg",
        f"{across:.1f} deg",
        _state(across >= trial, True),
    )


def _refresh(
    wanted: DisplayRequirements, screen: ScreenKey, profile: DisplayProfile | None
) -> Requirement:
    measured = profile.refresh if profile is not None else None
    needed = f"≥ {wanted.minimum_refresh_hz:g} Hz"
    if measured is not None and measured.synchronised:
        return Requirement(
            "Refresh rate",
            needed,
            f"{measured.hz:.2f} Hz",
            _state(measured.hz >= wanted.minimum_refresh_hz, True),
        )
    nominal = screen.refresh_hz
    if nominal <= 0:
        return Requirement("Refresh rate", needed, MISSING, _state(None, wanted.calibrated))
    return Requirement(
        "Refresh rate",
        needed,
        f"{nominal:.0f} Hz, as told",
        _state(nominal >= wanted.minimum_refresh_hz, True),
    )


def _background(profile: DisplayProfile | None) -> Requirement:
    level = 128 if profile is None else profile.background_level
    return Requirement("Background", "a grey", f"level {level}", "met")


def _luminance(wanted: DisplayRequirements, profile: DisplayProfile | None) -> Requirement:
    fit = profile.luminance if profile is not None else None
    needed = f"≤ {LUMINANCE_LIMIT * 100:.0f} %"
    if fit is None:
        return Requirement("Fit of luminance", needed, MISSING, "open")
    worst = abs(
        fit.largest_residual
        if fit.largest_verification_error is None
        else fit.largest_verification_error
    )
    return Requirement(
        "Fit of luminance", needed, f"{worst * 100:.1f} %", _state(worst <= LUMINANCE_LIMIT, True)
    )


def _distance(wanted: DisplayRequirements, profile: DisplayProfile | None) -> Requirement:
    if profile is None:
        return Requirement("Viewing distance", "measured", MISSING, _state(None, wanted.calibrated))
    return Requirement(
        "Viewing distance", "measured", f"{profile.viewing_distance_mm / 10:.1f} cm", "met"
    )


def _card_and_ruler(wanted: DisplayRequirements, profile: DisplayProfile | None) -> Requirement:
    difference = card_against_ruler(profile) if profile is not None else None
    needed = f"≤ {CARD_RULER_LIMIT * 100:.0f} %"
    if difference is None:
        return Requirement("Card against ruler", needed, MISSING, "open")
    return Requirement(
        "Card against ruler",
        needed,
        f"{difference * 100:.1f} %",
        _state(difference <= CARD_RULER_LIMIT, True),
    )


def _age(
    wanted: DisplayRequirements, profile: DisplayProfile | None, now: datetime | None
) -> Requirement:
    needed = f"≤ {VALID_DAYS} days"
    if profile is None:
        return Requirement("Profile age", needed, "no profile", _state(None, wanted.calibrated))
    days = profile.age_days(now)
    told = "1 day" if days == 1 else f"{days} days"
    expired_counts = wanted.calibrated or wanted.px_per_degree is not None
    holds = not profile.expired(now)
    return Requirement(
        "Profile age",
        needed,
        told,
        "met" if holds else _state(False if expired_counts else None, False),
    )


def _photodiode(profile: DisplayProfile | None) -> Requirement:
    measured = profile.photodiode if profile is not None else None
    if measured is None:
        return Requirement("Onset to light", "optional", MISSING, "open")
    return Requirement(
        "Onset to light", "optional", f"{measured.lag_ms:.1f} ± {measured.sd_ms:.2f} ms", "met"
    )
