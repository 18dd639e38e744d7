"""Display profiles: what was measured of one screen, in versions that are never overwritten."""

from __future__ import annotations

import hashlib
import json
import re
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from imi_desktop import __version__, atomic
from imi_desktop.display.angle import px_per_degree
from imi_desktop.errors import UserError, storage_error
from imi_desktop.paths import data_dir

FORMAT = 1
VALID_DAYS = 90
DEFAULT_DISTANCE_MM = 600.0


class ProfileError(UserError):
    """A display profile cannot be read or written."""


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class ScreenKey(_Part):
    """Which screen in which mode a profile belongs to.

    Parameters
    ----------
    edid : str
        Hash of vendor, model and serial number; empty where the system tells none of them.
    connector : str
        Output that the screen hangs on, e.g. ``DP-2``.
    width_px, height_px : int
        Mode in physical px.
    refresh_hz : float
        Nominal refresh rate.
    """

    edid: str = ""
    name: str = ""
    serial: str = ""
    connector: str
    width_px: int = Field(gt=0)
    height_px: int = Field(gt=0)
    refresh_hz: float = Field(ge=0)

    @property
    def folder(self) -> str:
        """Folder of this screen's profiles."""
        identity = self.edid or "no-edid"
        mode = f"{self.width_px}x{self.height_px}-{round(self.refresh_hz)}Hz"
        return re.sub(r"[^A-Za-z0-9._-]", "-", f"{identity}_{self.connector}_{mode}")

    @property
    def mode(self) -> str:
        """The mode in words."""
        return f"{self.width_px} × {self.height_px} at {self.refresh_hz:.0f} Hz"


class SizeMeasurement(_Part):
    """Size of the picture, measured twice.

    Parameters
    ----------
    card_px : float or None
        Width in px of the outline that matched a bank card of 85.60 mm.
    ruler_mm : float or None
        Width of the whole picture by a ruler, mm.
    edid_mm : float or None
        Width that the screen itself claims, mm; a first guess only.
    """

    card_px: float | None = Field(default=None, gt=0)
    ruler_mm: float | None = Field(default=None, gt=0)
    edid_mm: float | None = Field(default=None, gt=0)


class LuminanceReading(_Part):
    """One photometer reading: digital level 0 … 255 and cd/m²."""

    level: int = Field(ge=0, le=255)
    cd_m2: float = Field(ge=0)
    verification: bool = False


class LuminanceFit(_Part):
    """L = offset + gain · v^gamma with v = level / 255, in cd/m².

    Parameters
    ----------
    largest_residual, largest_verification_error : float
        Largest relative deviation of a level's mean reading, and of a fresh level.
    """

    offset: float
    gain: float
    gamma: float
    gamma_error: float
    largest_residual: float
    largest_verification_error: float | None = None


class RefreshMeasurement(_Part):
    """Result of the timing self-test; intervals in ms.

    Parameters
    ----------
    synchronised : bool
        Whether swaps wait for the display.
    long_intervals : int
        Intervals of more than 1.5 periods.
    compositor : str
        ``none``, ``running``, ``always`` or ``unknown``; empty where it was not looked for.
    intervals_ms : tuple of float
        Every interval after the warm-up, to a microsecond; empty in older profiles.
    """

    hz: float
    sd_ms: float
    frames: int
    long_intervals: int
    synchronised: bool
    surface: str
    compositor: str = ""
    intervals_ms: tuple[float, ...] = ()


class InputMeasurement(_Part):
    """How the mouse reports: result of the mouse test.

    Parameters
    ----------
    mouse_hz : float
        Polling rate.
    reports, clicks : int
        How many movements and clicks it is from.
    clock : str
        What times clicks: the ``event``'s own stamp, or the ``handler``.
    median_ms, largest_ms : float or None
        From the event's stamp to the handler.
    """

    mouse_hz: float
    reports: int
    clicks: int
    clock: Literal["event", "handler"]
    median_ms: float | None = None
    largest_ms: float | None = None


class PhotodiodeMeasurement(_Part):
    """Lag from the stamped onset to light on the diode, ms."""

    flips: int
    lag_ms: float
    sd_ms: float


class DisplayProfile(_Part):
    """One version of what was measured of a screen.

    Parameters
    ----------
    version : int
        1, 2, … of this screen and mode.
    measured_at : datetime
        With time zone.
    viewing_distance_mm : float
        From the eyes to the screen.
    background : str
        ``level_128`` (as published) or ``half_luminance`` (half the luminance range).
    photodiode_patch : bool
        Whether sessions draw the photodiode's patch.
    """

    format: int = FORMAT
    app: str = f"imi-desktop {__version__}"
    version: int = Field(default=1, ge=1)
    name: str = ""
    key: ScreenKey
    measured_at: datetime
    size: SizeMeasurement = SizeMeasurement()
    viewing_distance_mm: float = Field(default=DEFAULT_DISTANCE_MM, gt=0)
    chin_rest: bool = False
    brightness: str = ""
    room: str = ""
    photometer: str = ""
    readings: tuple[LuminanceReading, ...] = ()
    luminance: LuminanceFit | None = None
    background: Literal["level_128", "half_luminance"] = "level_128"
    background_level: int = Field(default=128, ge=0, le=255)
    refresh: RefreshMeasurement | None = None
    mouse: InputMeasurement | None = None
    photodiode: PhotodiodeMeasurement | None = None
    photodiode_patch: bool = False

    @property
    def px_per_mm(self) -> float | None:
        """From the ruler if there is one, else the card; None if neither was used."""
        if self.size.ruler_mm is not None:
            return self.key.width_px / self.size.ruler_mm
        if self.size.card_px is not None:
            return self.size.card_px / CARD_MM
        return None

    @property
    def px_per_degree(self) -> float | None:
        """Pixels per degree of visual angle at the centre; None if size was not measured."""
        density = self.px_per_mm
        return None if density is None else px_per_degree(density, self.viewing_distance_mm)

    def revised(self, **changes: Any) -> DisplayProfile:
        """Return a copy with some fields replaced, checked like a file.

        Raises
        ------
        ProfileError
            If a value cannot be.
        """
        fields = {name: getattr(self, name) for name in type(self).model_fields} | changes
        plain = {name: _plain(value) for name, value in fields.items()}
        try:
            return type(self).model_validate(plain)
        except ValidationError as error:
            raise ProfileError(f"The measurement cannot be used: {_first(error)}.") from error

    def age_days(self, now: datetime | None = None) -> int:
        """Whole days since it was measured."""
        return ((now or datetime.now(UTC)) - self.measured_at).days

    def expired(self, now: datetime | None = None) -> bool:
        """Whether it is older than 90 days."""
        return self.age_days(now) > VALID_DAYS

    @property
    def hash(self) -> str:
        """SHA-256 of its content, which sessions store beside it."""
        return hashlib.sha256(_text(self).encode()).hexdigest()


CARD_MM = 85.60


def profiles_dir() -> Path:
    """Folder of all profiles of this computer."""
    return data_dir() / "displays"


def history(key: ScreenKey) -> list[DisplayProfile]:
    """All versions of a screen's profile, the newest first.

    Raises
    ------
    ProfileError
        If a file is damaged or was written by a newer version.
    """
    folder = profiles_dir() / key.folder
    versions = [read_profile(path) for path in folder.glob("v*.json")]
    return sorted(versions, key=lambda profile: profile.version, reverse=True)


def latest(key: ScreenKey) -> DisplayProfile | None:
    """The newest version, or None if the screen was never measured."""
    return next(iter(history(key)), None)


def save_version(profile: DisplayProfile) -> DisplayProfile:
    """Write a profile as the next version of its screen and return it with its number.

    Raises
    ------
    StorageError
        If it cannot be written.
    """
    newest = latest(profile.key)
    number = 1 if newest is None else newest.version + 1
    numbered = profile.model_copy(update={"version": number})
    path = profiles_dir() / profile.key.folder / f"v{number}.json"
    if path.exists():
        raise ProfileError(
            f"{path} exists already; profiles are never overwritten. Try again in a moment."
        )
    atomic.write_text(path, _text(numbered))
    return numbered


def read_profile(path: Path) -> DisplayProfile:
    """Read one profile, also one exported on another computer.

    Raises
    ------
    ProfileError
        If it is not a profile, damaged, or of a newer format.
    """
    try:
        table = json.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise storage_error("read", path, error) from error
    except ValueError as error:
        raise ProfileError(f"{path} is not a display profile: it is not JSON.") from error
    if isinstance(table, dict) and table.get("format", 0) > FORMAT:
        raise ProfileError(
            f"{path} has profile format {table['format']}; this version reads up to {FORMAT}. "
            "Update the app."
        )
    try:
        return DisplayProfile.model_validate(table)
    except ValidationError as error:
        raise ProfileError(f"{path} is not a display profile: {_first(error)}.") from error


def export_profile(profile: DisplayProfile, path: Path) -> None:
    """Write a copy for another computer or for an archive."""
    atomic.write_text(path, _text(profile))


def _first(error: ValidationError) -> str:
    first = error.errors()[0]
    where = ".".join(str(part) for part in first["loc"]) or "the file"
    return f"{where}: {first['msg']}"


def _plain(value: Any) -> Any:
    if isinstance(value, BaseModel):
        return value.model_dump()
    return [_plain(item) for item in value] if isinstance(value, tuple) else value


def _text(profile: DisplayProfile) -> str:
    return profile.model_dump_json(indent=2) + "\n"
