"""Short reading and counting that must not hold up the window: one function in a thread.

    in_thread(self, lambda: folder_size(folder), self._show_size)

For work with progress, or of more than a few seconds, use a job. The function must be plain
Python that touches no widget; its result comes back in the main thread, unless `owner` is gone.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import Any, TypeVar

import shiboken6
from PySide6.QtCore import QCoreApplication, QObject, Qt, QThreadPool, Signal, Slot

from imi_desktop.errors import UserError

log = logging.getLogger(__name__)

_T = TypeVar("_T")


def _nothing(error: UserError) -> None:
    log.info("in the background: %s", error.sentence)


class _Mailbox(QObject):
    arrived = Signal()

    def __init__(
        self,
        owner: QObject,
        done: Callable[[Any], None],
        failed: Callable[[UserError], None],
    ) -> None:
        # Child of the application, not of `owner`: the thread may be using it while `owner` goes.
        super().__init__(QCoreApplication.instance())
        self._owner = owner
        self._done = done
        self._failed = failed
        self.result: Any = None
        self.error: Exception | None = None
        self.arrived.connect(self._deliver, Qt.ConnectionType.QueuedConnection)

    @Slot()
    def _deliver(self) -> None:
        self.deleteLater()
        if not shiboken6.isValid(self._owner):
            return
        if isinstance(self.error, UserError):
            self._failed(self.error)
        elif self.error is not None:
            raise self.error
        else:
            self._done(self.result)


def in_thread(
    owner: QObject,
    work: Callable[[], _T],
    done: Callable[[_T], None],
    failed: Callable[[UserError], None] = _nothing,
) -> None:
    """Run `work` in a thread and hand its result to `done` in the main thread."""
    mailbox = _Mailbox(owner, done, failed)

    def errand() -> None:
        try:
            mailbox.result = work()
        except Exception as error:  # noqa: BLE001  (raised again in the main thread)
            mailbox.error = error
        if shiboken6.isValid(mailbox):  # not so when the app is closing
            mailbox.arrived.emit()

    QThreadPool.globalInstance().start(errand)
