"""Where things live outside a study: settings, caches, logs, resources, default study folder.

``IMI_HOME`` moves all of them except the packaged resources.
"""

from __future__ import annotations

import os
from pathlib import Path

import platformdirs

_APP = "imi-desktop"
_CHECKOUT = Path(__file__).resolve().parent.parent


def _home() -> Path | None:
    home = os.environ.get("IMI_HOME")
    return Path(home).expanduser().resolve() if home else None


def config_dir() -> Path:
    """Folder of the settings file."""
    home = _home()
    return home / "config" if home else Path(platformdirs.user_config_dir(_APP, appauthor=False))


def cache_dir() -> Path:
    """Folder of everything that can be deleted and rebuilt."""
    home = _home()
    return home / "cache" if home else Path(platformdirs.user_cache_dir(_APP, appauthor=False))


def log_dir() -> Path:
    """Folder of the log files."""
    home = _home()
    return home / "logs" if home else Path(platformdirs.user_log_dir(_APP, appauthor=False))


def data_dir() -> Path:
    """Folder of what belongs to this computer and must be kept: display profiles, weights."""
    home = _home()
    return home / "data" if home else Path(platformdirs.user_data_dir(_APP, appauthor=False))


def default_studies_dir() -> Path:
    """Where studies go when no folder is named.

    In order: ``IMI_HOME``, ``sessions/`` of a source checkout, the user's documents folder.
    """
    home = _home()
    if home:
        return home / "studies"
    if (_CHECKOUT / "pyproject.toml").is_file():
        return _CHECKOUT / "sessions"
    return Path(platformdirs.user_documents_dir()) / "IMI studies"


def resource(*parts: str) -> Path:
    """Path of a packaged resource, e.g. ``resource("protocols", "quick.toml")``.

    In a checkout the top-level ``resources/``; in an installed wheel the copy inside the package.
    """
    packaged = Path(__file__).resolve().parent / "_resources"
    root = packaged if packaged.is_dir() else _CHECKOUT / "resources"
    return root.joinpath(*parts)
