"""Prepares trials and thumbnails on threads while the main thread deletes connected objects.

Run by test_threads.py in a process of its own, because the failure looked for is to stand still.
"""

from __future__ import annotations

import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QEventLoop, QTimer
from PySide6.QtGui import QPainter
from PySide6.QtWidgets import QApplication, QPushButton, QWidget

from imi_desktop.display.places import Rect
from imi_desktop.gui.presenter.ink import draw_text
from imi_desktop.gui.presenter.picture import blank
from imi_desktop.gui.presenter.preparation import load_image
from imi_desktop.gui.presenter.warm_up import warm_up
from imi_desktop.gui.workbench.exemplar_loader import ThumbnailKey, read_square

_SENDERS = 300


class _Receiver(QWidget):
    """A class of Python's own, so that Qt asks Python when it is disconnected."""


def work(what: str, folder: Path) -> None:
    """What the app does on threads: one of thumbnail, broken, stimulus, text."""
    if what == "thumbnail":
        read_square(ThumbnailKey(str(folder / "image.jpg"), 32))
    elif what == "broken":
        read_square(ThumbnailKey(str(folder / "broken.png"), 32))
    elif what == "stimulus":
        load_image(folder / "image.png", Rect(0, 0, 48, 48))
    else:
        canvas = blank(64, 64)
        painter = QPainter(canvas)
        draw_text(painter, Rect(0, 0, 60, 60), "more **active**", 12, 16)
        painter.end()


def keep_doing(task: Callable[[], None], until: float) -> None:
    """Do a task again and again."""
    while time.monotonic() < until:
        task()


def main() -> None:
    """Work and delete for some seconds."""
    folder, seconds = Path(sys.argv[1]), float(sys.argv[2])
    app = QApplication([])
    warm_up()
    until = time.monotonic() + seconds
    threads = [
        threading.Thread(target=keep_doing, args=(lambda what=what: work(what, folder), until))
        for what in sys.argv[3:]
    ]
    for thread in threads:
        thread.start()
    senders = [QPushButton() for _ in range(_SENDERS)]
    number = 0
    while time.monotonic() < until:
        for _ in range(20):
            number += 1
            receiver = _Receiver()
            senders[number % _SENDERS].clicked.connect(receiver.close)
            receiver.deleteLater()
            del receiver
        loop = QEventLoop()
        QTimer.singleShot(0, loop.quit)
        loop.exec()
    for thread in threads:
        thread.join()
    app.quit()


if __name__ == "__main__":
    main()
