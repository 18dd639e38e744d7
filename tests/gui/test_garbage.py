"""Unreachable objects of Qt are destroyed on the main thread."""

from __future__ import annotations

import gc
import threading
from collections.abc import Iterator

import pytest
from PySide6.QtCore import QObject, Qt

from imi_desktop.gui.garbage import collect_from


class _Knot(QObject):
    """Refers to itself, so that only a collection destroys it."""

    def __init__(self) -> None:
        super().__init__()
        self.me = self


@pytest.fixture
def owner(qtbot) -> Iterator[QObject]:
    owner = QObject()
    collect_from(owner)
    yield owner
    gc.unfreeze()
    gc.enable()


def test_a_thread_that_makes_much_destroys_nothing_of_qt(qtbot, owner: QObject) -> None:
    destroyed_on: list[threading.Thread] = []
    knots = [_Knot() for _ in range(20)]
    for knot in knots:
        knot.destroyed.connect(
            lambda: destroyed_on.append(threading.current_thread()),
            Qt.ConnectionType.DirectConnection,
        )
    knots.clear()
    del knot
    made: list[list[object]] = []
    worker = threading.Thread(target=lambda: made.extend([[] for _ in range(200_000)]))
    worker.start()
    worker.join()
    assert destroyed_on == []
    qtbot.waitUntil(lambda: len(destroyed_on) == 20, timeout=10_000)
    assert set(destroyed_on) == {threading.main_thread()}
