"""Numbers, times and sizes as the app writes them: thin spaces, real minus, ± and units."""

from __future__ import annotations

import math
from datetime import datetime

THIN = "\u2009"
"""Thin space between thousands and before per cent signs."""
MINUS = "\u2212"
MISSING = "–"
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


def count(number: int | None) -> str:
    """1281167 → ``1 281 167`` with thin spaces."""
    if number is None:
        return MISSING
    return _sign(f"{number:,}".replace(",", THIN))


def number(value: float | None, digits: int = 2) -> str:
    """−0.1 → ``−0.10``; missing and not-a-number are ``–``."""
    if value is None or math.isnan(value):
        return MISSING
    text = f"{value:,.{digits}f}"
    if not text.strip("-0.,"):
        text = text.removeprefix("-")
    return _sign(text.replace(",", THIN))


def plus_minus(value: float | None, error: float | None, digits: int = 2) -> str:
    """``0.92 ± 0.02``; without an error only the value."""
    if error is None or math.isnan(error):
        return number(value, digits)
    return f"{number(value, digits)} ± {number(error, digits)}"


def interval(low: float | None, high: float | None, digits: int = 2) -> str:
    """``[−0.16, −0.05]``."""
    return f"[{number(low, digits)}, {number(high, digits)}]"


def value_range(low: float, high: float, digits: int = 1) -> str:
    """``3.9 to 5.2``."""
    return f"{number(low, digits)} to {number(high, digits)}"


def p_value(p: float | None, sign: bool = False) -> str:
    """``.0039``, ``.10``, ``< .001``; with `sign` ``p = .0039`` and ``p < .001``."""
    if p is None or math.isnan(p):
        return MISSING
    if p < 0.001:
        return "p < .001" if sign else "< .001"
    digits = 4 if p < 0.01 else 3 if p < 0.1 else 2
    text = f"{p:.{digits}f}"
    text = text[1:] if text.startswith("0") else text
    return f"p = {text}" if sign else text


def percent(share: float | None, digits: int = 0) -> str:
    """0.63 → ``63 %``."""
    if share is None or math.isnan(share):
        return MISSING
    return f"{number(share * 100, digits)}{THIN}%"


def seconds(value: float | None, digits: int = 2) -> str:
    """``5.84 s``."""
    return MISSING if value is None or math.isnan(value) else f"{number(value, digits)} s"


def duration(value: float | None) -> str:
    """Seconds as ``38 s``, ``6 min 30 s``, ``52 min``, ``2 h 10 min``."""
    if value is None or math.isnan(value):
        return MISSING
    whole = max(0, round(value))
    if whole < 60:
        return f"{whole} s"
    minutes, rest = divmod(whole, 60)
    if minutes < 10:
        return f"{minutes} min {rest} s" if rest else f"{minutes} min"
    minutes = round(whole / 60)
    if minutes < 60:
        return f"{minutes} min"
    hours, minutes = divmod(minutes, 60)
    return f"{hours} h {minutes} min" if minutes else f"{hours} h"


def about(seconds: float) -> str:
    """An estimate no finer than it is sure: ``about 40 s``, ``about 5 min``."""
    step = 1 if seconds < 20 else 10 if seconds < 90 else 60
    return f"about {duration(round(seconds / step) * step)}"


def size(n_bytes: float | None) -> str:
    """Bytes as ``820 kB``, ``2.1 GB``, ``84 GB``."""
    if n_bytes is None:
        return MISSING
    value = float(n_bytes)
    units = ["B", "kB", "MB", "GB", "TB"]
    while value >= 1000 and len(units) > 1:
        value /= 1000
        units.pop(0)
    digits = 0 if units[0] in {"B", "kB"} or value >= 10 else 1
    return f"{number(value, digits)} {units[0]}"


def date(when: datetime | None) -> str:
    """``3 Nov 2026``."""
    return MISSING if when is None else f"{when.day} {_MONTHS[when.month - 1]} {when.year}"


def date_time(when: datetime | None) -> str:
    """``3 Nov 2026, 14:07``, in the local time of this computer where a zone is given."""
    if when is None:
        return MISSING
    local = when.astimezone() if when.tzinfo is not None else when
    return f"{date(local)}, {local:%H:%M}"


def plural(number_of: int, one: str, many: str = "") -> str:
    """``1 unit``, ``45 units``."""
    return f"{count(number_of)} {one if number_of == 1 else many or one + 's'}"


def hash_short(text: str) -> str:
    """SHA-256 as ``5d1e 84…c07a``."""
    return text if len(text) < 12 else f"{text[:4]} {text[4:6]}…{text[-4:]}"


def _sign(text: str) -> str:
    return text.replace("-", MINUS)
