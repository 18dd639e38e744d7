"""What the manifest says about when and with which software an image was made."""

from __future__ import annotations

import platform
from datetime import UTC, datetime
from importlib.metadata import version

from imi_desktop import __version__

_PACKAGES = ("torch", "numpy", "pillow")


def versions(*packages: str) -> dict[str, str]:
    """Versions of this program, Python and the packages that decide about pixels.

    Parameters
    ----------
    *packages : str
        Further distributions to name.
    """
    named = {name: version(name) for name in (*_PACKAGES, *packages)}
    return {"imi-desktop": __version__, "python": platform.python_version(), **named}


def utc_now() -> str:
    """The time, UTC, ISO 8601 in whole seconds."""
    return datetime.now(UTC).isoformat(timespec="seconds")
