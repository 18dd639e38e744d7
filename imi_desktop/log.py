"""The log file: everything that happened, with tracebacks of bugs."""

from __future__ import annotations

import logging
import logging.handlers
import os
import sys
from types import TracebackType

from imi_desktop.errors import storage_error
from imi_desktop.paths import log_dir

FORMAT = "%(asctime)s %(process)d %(levelname)s %(name)s: %(message)s"


def start_log() -> None:
    """Send log records of this process to ``imi-desktop.log`` (5 files of 2 MB).

    Uncaught exceptions go there too, beside the terminal. Calling it again changes nothing.

    Raises
    ------
    StorageError
        If the log folder cannot be written.
    """
    root = logging.getLogger()
    if any(isinstance(h, logging.handlers.RotatingFileHandler) for h in root.handlers):
        return
    path = log_dir() / "imi-desktop.log"
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        handler = logging.handlers.RotatingFileHandler(
            path, maxBytes=2_000_000, backupCount=4, encoding="utf-8", delay=os.name == "nt"
        )
    except OSError as error:
        raise storage_error(
            "write the log", path, error, "Set IMI_HOME to a folder that can be written."
        ) from error
    handler.setFormatter(logging.Formatter(FORMAT))
    root.addHandler(handler)
    root.setLevel(logging.INFO)
    sys.excepthook = _log_uncaught


def _log_uncaught(
    kind: type[BaseException], error: BaseException, trace: TracebackType | None
) -> None:
    if not issubclass(kind, KeyboardInterrupt):
        logging.getLogger("imi_desktop").critical(
            "uncaught exception", exc_info=(kind, error, trace)
        )
    sys.__excepthook__(kind, error, trace)
