"""Packages that only some observers need, and that are installed on request."""

from __future__ import annotations

import importlib
import importlib.util
from types import ModuleType

from imi_desktop.errors import UserError


class ExtraMissingError(UserError):
    """An observer needs a package or weights that are not on this computer."""


def require_package(observer: str, package: str, install: str) -> ModuleType:
    """Import a package that an observer needs.

    Parameters
    ----------
    install : str
        What to type after ``pip install``.

    Raises
    ------
    ExtraMissingError
        If it is not installed.
    """
    if importlib.util.find_spec(package) is None:
        raise ExtraMissingError(
            f"The observer {observer} needs the package {package}, which is not installed. "
            f"Install it with: pip install {install}."
        )
    return importlib.import_module(package)
