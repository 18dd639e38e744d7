"""From digital level to luminance: readings, fit, verification and the choice of the grey."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import curve_fit

from imi_desktop import seeds
from imi_desktop.display.profile import LuminanceFit, LuminanceReading
from imi_desktop.errors import UserError

LEVELS = (0, 32, 64, 96, 128, 160, 192, 224, 255)
VERIFICATION_LEVELS = (48, 144, 208)
REPEATS = 3
MINIMUM_LEVELS = 5
_RELATIVE_SD = 0.01
_ABSOLUTE_SD = 0.02


class ReadingsError(UserError):
    """Luminance readings cannot be used."""


@dataclass(frozen=True)
class LevelSummary:
    """Readings of one level: mean and standard deviation in cd/m², and how many."""

    level: int
    mean: float
    sd: float
    n: int
    verification: bool


def measuring_order(seed: int, repeats: int = REPEATS) -> list[int]:
    """Levels in the order in which they are shown: every level `repeats` times, shuffled."""
    rng = seeds.generator(seed, "luminance", "order")
    order = np.concatenate([rng.permutation(LEVELS) for _ in range(repeats)])
    return [int(level) for level in order]


def luminance_at(fit: LuminanceFit, level: float | NDArray[np.float64]) -> NDArray[np.float64]:
    """Luminance in cd/m² of digital levels 0 … 255."""
    share = np.asarray(level, dtype=np.float64) / 255.0
    return np.asarray(fit.offset + fit.gain * share**fit.gamma)


def fit_luminance(readings: Sequence[LuminanceReading]) -> LuminanceFit:
    """Fit ``L = a + b · v^gamma`` with all three parameters free.

    Weighted by the photometer's spread: 1 % of the reading and 0.02 cd/m². Readings marked as
    verification take no part in the fit; their deviation from it is told.

    Parameters
    ----------
    readings : sequence of LuminanceReading
        Of at least five levels, level 255 among them.

    Raises
    ------
    ReadingsError
        If there are too few levels, or no curve describes them.
    """
    used = [reading for reading in readings if not reading.verification]
    levels = {reading.level for reading in used}
    if len(levels) < MINIMUM_LEVELS or max(levels) < 255:
        raise ReadingsError(
            f"The luminance fit needs readings of at least {MINIMUM_LEVELS} levels with level 255 "
            f"among them; there are {len(levels)}. Measure more levels."
        )
    v = np.array([reading.level for reading in used]) / 255.0
    measured = np.array([reading.cd_m2 for reading in used])
    sigma = np.hypot(_RELATIVE_SD * measured, _ABSOLUTE_SD)
    darkest, brightest = float(measured.min()), float(measured.max())
    if brightest - darkest < 1.0:
        raise ReadingsError(
            "The readings hardly differ between levels. Check that the photometer faces the patch "
            "and that the numbers are in cd/m²."
        )
    try:
        found, covariance = curve_fit(
            lambda share, a, b, gamma: a + b * share**gamma,
            v,
            measured,
            p0=(max(darkest, 0.0), brightest - darkest, 2.2),
            sigma=sigma,
            bounds=((0.0, 0.0, 0.2), (np.inf, np.inf, 6.0)),
        )
    except RuntimeError as error:
        raise ReadingsError(
            "No curve a + b · v^gamma describes the readings. Check them for typing errors."
        ) from error
    offset, gain, gamma = (float(value) for value in found)
    fit = LuminanceFit(
        offset=offset,
        gain=gain,
        gamma=gamma,
        gamma_error=float(np.sqrt(covariance[2, 2])),
        largest_residual=0.0,
    )
    summaries = summarise(readings)
    own = [deviation(fit, s) for s in summaries if not s.verification and s.level > 0]
    fresh = [deviation(fit, s) for s in summaries if s.verification and s.level > 0]
    return fit.model_copy(
        update={
            "largest_residual": max(own, key=abs, default=0.0),
            "largest_verification_error": max(fresh, key=abs) if fresh else None,
        }
    )


def deviation(fit: LuminanceFit, summary: LevelSummary) -> float:
    """Relative deviation of a level's mean reading from the fit."""
    expected = float(luminance_at(fit, summary.level))
    return (summary.mean - expected) / expected if expected else 0.0


def summarise(readings: Sequence[LuminanceReading]) -> list[LevelSummary]:
    """Mean and spread of every level, in the order of the levels."""
    groups: dict[tuple[int, bool], list[float]] = {}
    for reading in readings:
        groups.setdefault((reading.level, reading.verification), []).append(reading.cd_m2)
    return [
        LevelSummary(
            level,
            float(np.mean(values)),
            float(np.std(values, ddof=1)) if len(values) > 1 else 0.0,
            len(values),
            verification,
        )
        for (level, verification), values in sorted(groups.items())
    ]


def half_luminance_level(fit: LuminanceFit) -> int:
    """Digital level whose luminance lies half-way between those of levels 0 and 255.

    Not digital 128: at a gamma of 2.2 that has about a fifth of the range.
    """
    share = 0.5 ** (1.0 / fit.gamma)
    return round(255 * share)


def read_csv(text: str) -> list[LuminanceReading]:
    """Readings from CSV with the columns ``level``, ``cd_m2`` and, if wanted, ``verification``.

    Comma, semicolon or tab; a decimal comma is understood where the separator is not a comma.

    Raises
    ------
    ReadingsError
        Naming the line that is wrong.
    """
    lines = text.lstrip("\ufeff").splitlines()
    if not lines:
        raise ReadingsError("The file is empty. It needs the columns level and cd_m2.")
    separator = next((mark for mark in (";", "\t") if mark in lines[0]), ",")
    rows = csv.DictReader(io.StringIO("\n".join(lines)), delimiter=separator)
    names = {(name or "").strip().lower(): name for name in rows.fieldnames or ()}
    if not {"level", "cd_m2"} <= set(names):
        raise ReadingsError(
            f"The first line must name the columns level and cd_m2; it reads “{lines[0].strip()}”."
        )
    readings = []
    for number, row in enumerate(rows, start=2):
        try:
            readings.append(
                LuminanceReading(
                    level=int(row[names["level"]]),
                    cd_m2=float(row[names["cd_m2"]].replace(",", ".")),
                    verification=(row.get(names.get("verification", "")) or "").strip().lower()
                    in {"1", "true", "yes"},
                )
            )
        except (ValueError, TypeError, AttributeError) as error:
            raise ReadingsError(
                f"Line {number} is not a reading: a level from 0 to 255 and a luminance in cd/m² "
                "are needed."
            ) from error
    return readings
