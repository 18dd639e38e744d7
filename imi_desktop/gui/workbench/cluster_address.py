"""Address of a Dask scheduler, and whether something answers there. Knows no Qt."""

from __future__ import annotations

import importlib.util
import socket
from urllib.parse import urlsplit

from imi_desktop.errors import UserError

PORT = 8786
"""Where a Dask scheduler listens if nothing else is said."""
_PATIENCE_S = 3.0


class SchedulerAddressError(UserError):
    """An address cannot be one of a scheduler, or nothing answers there."""


def whole_address(text: str) -> str:
    """``host``, ``host:port`` or ``[::1]:port`` with the scheme and port that Dask expects.

    Raises
    ------
    SchedulerAddressError
        If there is no host, or the port is no number.
    """
    text = text.strip()
    try:
        parts = urlsplit(text if "://" in text else f"tcp://{text}")
        host = parts.hostname
    except ValueError as error:
        raise SchedulerAddressError(
            f"{text} is not an address. Write tcp://host:{PORT}, or tcp://[::1]:{PORT} for IPv6."
        ) from error
    try:
        port = parts.port or PORT
    except ValueError as error:
        raise SchedulerAddressError(
            f"The port in {text} is not a number up to 65535. Write tcp://host:{PORT}; an IPv6 "
            "address goes in brackets."
        ) from error
    if not host:
        raise SchedulerAddressError(f"{text or 'Nothing'} names no host. Write tcp://host:{PORT}.")
    return f"{parts.scheme}://{f'[{host}]' if ':' in host else host}:{port}"


def has_dask() -> bool:
    """Whether the extra ``cluster`` is installed."""
    return importlib.util.find_spec("distributed") is not None


def require_scheduler(address: str) -> None:
    """Do nothing if something answers at `address`; takes up to 3 s.

    Raises
    ------
    SchedulerAddressError
        If nothing answers, or what is needed to talk to a cluster is not installed.
    """
    if not has_dask():
        raise SchedulerAddressError(
            'Dask is not installed here. Install it: pip install "imi-desktop[cluster]".'
        )
    parts = urlsplit(whole_address(address))
    try:
        socket.create_connection((parts.hostname, parts.port), _PATIENCE_S).close()
    except UnicodeError as error:
        raise SchedulerAddressError(
            f"{parts.hostname} cannot be the name of a computer. Write tcp://host:{PORT}."
        ) from error
    except OSError as error:
        why = (error.strerror or str(error) or type(error).__name__).lower()
        raise SchedulerAddressError(
            f"Nothing answers at {address} ({why}). Start one there: dask scheduler."
        ) from error
