"""Small images decoded off the main thread, newest request first, kept within a bound."""

from __future__ import annotations

import logging
import threading
from collections import OrderedDict
from collections.abc import Iterable
from dataclasses import dataclass

from PySide6.QtCore import QObject, QRect, QRunnable, QSize, Qt, QThreadPool, QTimer, Signal
from PySide6.QtGui import QImage, QImageReader, QPixmap

_LOG = logging.getLogger(__name__)

_THREADS = 2
_PENDING_LIMIT = 512
_CACHE_BYTES = 96 * 1024 * 1024


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

    JPEGs are decoded at a fraction of their size where that is enough.
    """
    reader = QImageReader(key.path)
    reader.setAutoTransform(True)
    reader.setDecideFormatFromContent(True)
    size = reader.size()
    place, parts = key.part
    if parts > 1:
        reader.setClipRect(
            QRect(place * size.width() // parts, 0, size.width() // parts, size.height())
        )
    elif size.isValid() and min(size.width(), size.height()) > 0:
        target = key.side / key.crop
        factor = target / min(size.width(), size.height())
        if factor < 1:
            reader.setScaledSize(
                QSize(
                    max(1, round(size.width() * factor)),
                    max(1, round(size.height() * factor)),
                )
            )
    image = reader.read()
    if image.isNull():
        return image
    edge = max(1, round(min(image.width(), image.height()) * key.crop))
    square = QRect((image.width() - edge) // 2, (image.height() - edge) // 2, edge, edge)
    image = image.copy(square)
    if edge != key.side:
        image = image.scaled(
            key.side,
            key.side,
            Qt.AspectRatioMode.IgnoreAspectRatio,
            Qt.TransformationMode.SmoothTransformation,
        )
    return image.convertToFormat(QImage.Format.Format_RGB32)


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
            _LOG.info("Cannot show %s: not a readable image", key.path)
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
