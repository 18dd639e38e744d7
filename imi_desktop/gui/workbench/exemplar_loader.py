"""Small images decoded off the main thread, newest request first, kept within a bound."""

from __future__ import annotations

import logging
import math
import threading
from collections import OrderedDict
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from PIL import Image
from PySide6.QtCore import QObject, QRunnable, Qt, QThreadPool, QTimer, Signal
from PySide6.QtGui import QImage, QPixmap

from imi_desktop.stimuli.images import UnreadableImageError, open_rgb

_LOG = logging.getLogger(__name__)

_THREADS = 2
_PENDING_LIMIT = 512
_CACHE_BYTES = 96 * 1024 * 1024
# Looked up here, on the main thread: PySide6 makes an enumeration when it is first used.
_RGB_BYTES = QImage.Format.Format_RGB888
_RGB_WORDS = QImage.Format.Format_RGB32


@dataclass(frozen=True)
class ThumbnailKey:
    """One image at one size.

    Parameters
    ----------
    path : str
        File, absolute.
    side : int
        Edge of the square wanted, in device pixels.
    crop : float
        Part of the image's shorter side that is shown, centred: 224/256 for what a model sees
        of a photograph, 1 for an image that is square already.
    version : int
        Modification time in ns of a file that is replaced while shown (previews); else 0.
    part : tuple of int
        Which of how many squares side by side in the file.
    """

    path: str
    side: int
    crop: float = 1.0
    version: int = 0
    part: tuple[int, int] = (0, 1)


def read_square(key: ThumbnailKey) -> QImage:
    """Decode, turn upright and cut the centred square; a null image if the file is unreadable.

    Runs on worker threads, where Qt's own decoders must not: they connect objects while they
    hold Python's lock, and wait for ever for a main thread that is deleting one.
    """
    place, parts = key.part
    needed = math.ceil(key.side / key.crop) if parts == 1 else None
    try:
        image = open_rgb(Path(key.path), at_least=needed)
    except UnreadableImageError as error:
        _LOG.info("%s", error.sentence)
        return QImage()
    width = image.width // parts
    edge = max(1, round(min(width, image.height) * key.crop))
    left, top = place * width + (width - edge) // 2, (image.height - edge) // 2
    square = image.crop((left, top, left + edge, top + edge))
    if edge != key.side:
        square = square.resize((key.side, key.side), Image.Resampling.BILINEAR)
    pixels = QImage(square.tobytes(), key.side, key.side, 3 * key.side, _RGB_BYTES)
    return pixels.convertToFormat(_RGB_WORDS)


class ThumbnailLoader(QObject):
    """Gives pixmaps at once where it has them and announces the others when they are ready.

    Requests that nobody repeats fall off the end of a bounded queue, so that scrolling past
    thousands of images decodes only those that are looked at; :meth:`forget` drops all that wait.
    """

    ready = Signal()
    """Some image asked for can be painted now; at most every 30 ms."""

    _decoded = Signal(object, QImage)

    def __init__(self, parent: QObject | None = None, *, cache_bytes: int = _CACHE_BYTES) -> None:
        super().__init__(parent)
        self._lock = threading.Lock()
        self._pending: OrderedDict[ThumbnailKey, None] = OrderedDict()
        self._urgent: OrderedDict[ThumbnailKey, None] = OrderedDict()
        self._decoding: set[ThumbnailKey] = set()
        self._workers = 0
        self._cache: OrderedDict[ThumbnailKey, QPixmap] = OrderedDict()
        self._cache_limit = cache_bytes
        self._cache_used = 0
        self._unreadable: set[ThumbnailKey] = set()
        self._pool = QThreadPool(self)
        self._pool.setMaxThreadCount(_THREADS)
        self._announce = QTimer(self, singleShot=True, interval=30)
        self._announce.timeout.connect(self.ready)
        self._decoded.connect(self._keep, Qt.ConnectionType.QueuedConnection)

    def pixmap(self, key: ThumbnailKey, urgent: bool = False) -> QPixmap | None:
        """Image if it is decoded; else None, and it is asked for.

        Parameters
        ----------
        urgent : bool
            Decode before all that is not: the one unit looked at goes before the list.
        """
        found = self._cache.get(key)
        if found is not None:
            self._cache.move_to_end(key)
            return found
        if key in self._unreadable:
            return None
        with self._lock:
            if key in self._decoding:
                return None
            if urgent:
                self._pending.pop(key, None)
                self._urgent[key] = None
            elif key not in self._urgent:
                self._pending[key] = None
                self._pending.move_to_end(key)
            while len(self._pending) > _PENDING_LIMIT:
                self._pending.popitem(last=False)
            start = self._workers < _THREADS
            self._workers += start
        if start:
            self._pool.start(_Decode(self))
        return None

    def unreadable(self, key: ThumbnailKey) -> bool:
        """Whether the file was tried and cannot be decoded."""
        return key in self._unreadable

    def forget(self, keep: Iterable[ThumbnailKey] = ()) -> None:
        """Drop every request that has not started, except `keep`: the selection has moved on."""
        wanted = set(keep)
        with self._lock:
            for waiting in (self._pending, self._urgent):
                for key in [key for key in waiting if key not in wanted]:
                    del waiting[key]

    @property
    def waiting(self) -> int:
        """Requests that are waiting or being decoded."""
        with self._lock:
            return len(self._pending) + len(self._urgent) + len(self._decoding)

    @property
    def cached_bytes(self) -> int:
        """Memory that the kept images take."""
        return self._cache_used

    def stop(self) -> None:
        """Drop all requests and wait for the images being decoded."""
        self.forget()
        self._pool.waitForDone()

    def _next(self, finished: ThumbnailKey | None) -> ThumbnailKey | None:
        """Worker's side: report one key done and take the newest, or sign off."""
        with self._lock:
            if finished is not None:
                self._decoding.discard(finished)
            if self._urgent:
                key, _ = self._urgent.popitem(last=False)
            elif self._pending:
                key, _ = self._pending.popitem(last=True)
            else:
                self._workers -= 1
                return None
            self._decoding.add(key)
            return key

    def _keep(self, key: ThumbnailKey, image: QImage) -> None:
        if image.isNull():
            self._unreadable.add(key)
        else:
            if key in self._cache:
                return
            self._cache[key] = QPixmap.fromImage(image)
            self._cache_used += image.sizeInBytes()
            while self._cache_used > self._cache_limit and len(self._cache) > 1:
                _, old = self._cache.popitem(last=False)
                self._cache_used -= old.width() * old.height() * 4
        if not self._announce.isActive():
            self._announce.start()


class _Decode(QRunnable):
    """Decodes until nothing waits."""

    def __init__(self, loader: ThumbnailLoader) -> None:
        super().__init__()
        self._loader = loader

    def run(self) -> None:
        key = self._loader._next(None)
        while key is not None:
            image = read_square(key)
            self._loader._decoded.emit(key, image)
            key = self._loader._next(key)
