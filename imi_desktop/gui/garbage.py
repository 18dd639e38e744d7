"""Python's unreachable objects are destroyed on the main thread, when nobody waits.

Python destroys objects that refer to each other on whichever thread happens to run next. For
objects of Qt that is a window destroyed on a worker thread, which crashes or stops the app.
"""

from __future__ import annotations

import gc

from PySide6.QtCore import QObject, QTimer

_INTERVAL_MS = 500


def collect_only_when_told() -> None:
    """Switch off Python's own collection; call :func:`collect` on the main thread from now on.

    What exists already, modules above all, stays for the life of the process and is not searched
    again, so that a collection takes a millisecond or less.
    """
    gc.disable()
    gc.freeze()


def collect() -> None:
    """Destroy unreachable objects if as many were made as would make Python look for them."""
    made, limits = gc.get_count(), gc.get_threshold()
    for generation in (2, 1, 0):
        if made[generation] > limits[generation]:
            gc.collect(generation)
            return


def collect_from(owner: QObject) -> None:
    """Collect twice a second, on the thread of `owner`, as long as it lives."""
    collect_only_when_told()
    timer = QTimer(owner, interval=_INTERVAL_MS)
    timer.timeout.connect(collect)
    timer.start()
