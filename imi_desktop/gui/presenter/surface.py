"""The participant's window: OpenGL synchronised to the display, or raster as a fallback.

A surface shows a :class:`~imi_desktop.gui.presenter.picture.Picture` and says when it was on the
screen; it hands every input to its listener with the time at which the handler was called. It
repaints only when a picture is presented (or the window system asks).
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from PySide6.QtCore import QEvent, QPointF, QRect, QRectF, Qt, Signal
from PySide6.QtGui import (
    QColor,
    QExposeEvent,
    QImage,
    QKeyEvent,
    QMouseEvent,
    QOffscreenSurface,
    QOpenGLContext,
    QPainter,
    QPaintEvent,
    QRasterWindow,
    QResizeEvent,
    QSurfaceFormat,
)
from PySide6.QtOpenGL import QOpenGLTexture, QOpenGLTextureBlitter, QOpenGLWindow

from imi_desktop.gui.presenter.picture import GREY_LEVEL, Picture

log = logging.getLogger(__name__)

_GL_COLOR_BUFFER_BIT = 0x4000
_SOFTWARE = ("llvmpipe", "softpipe", "swrast", "swiftshader", "gdi generic", "basic render")
_GL_VENDOR, _GL_RENDERER, _GL_VERSION = 0x1F00, 0x1F01, 0x1F02


@dataclass(frozen=True)
class Shown:
    """When a picture came on the screen, on the monotonic clock in ns.

    Parameters
    ----------
    requested_ns, swapped_ns : int
        When it was presented, and when its frame was swapped.
    """

    requested_ns: int
    swapped_ns: int


@dataclass(frozen=True)
class Press:
    """A mouse press or key press as it arrived.

    Parameters
    ----------
    x, y : float or None
        Position in px of the surface; None for keys.
    stamp_ms : int
        The event's own time stamp.
    handler_ns : int
        Monotonic clock when the handler was called.
    """

    x: float | None
    y: float | None
    stamp_ms: int
    handler_ns: int


class Listener(Protocol):
    """Who is told of everything that happens to a surface."""

    def pressed(self, press: Press) -> None:
        """The left mouse button went down."""

    def moved(self, x: float, y: float, held: bool, stamp_ms: int = 0) -> None:
        """The cursor moved; `held` says whether the left button is down."""

    def key_pressed(self, event: QKeyEvent, press: Press) -> None:
        """A key went down or repeats."""

    def key_released(self, event: QKeyEvent) -> None:
        """A key went up."""

    def resized(self) -> None:
        """The surface has another size."""

    def close_asked(self) -> None:
        """The window system asked to close; it was refused."""

    def text_target(self) -> object | None:
        """Object that composed text goes to, or None."""


OnShown = Callable[[Shown], None]


class _Surface:
    """Input and bookkeeping of both kinds of surface.

    Signals
    -------
    hidden
        The window is on the screen no more: minimised, or the desktop is shown.
    """

    kind = ""
    synchronised = False
    listener: Listener | None = None
    closing = False

    def _set_up(self) -> None:
        self.background = GREY_LEVEL
        self._picture = Picture()
        self._waiting: list[tuple[int, OnShown]] = []
        self._was_exposed = False

    @property
    def size_px(self) -> tuple[int, int]:
        """Width and height in px."""
        return self.width(), self.height()

    def present(self, picture: Picture, on_shown: OnShown | None = None) -> None:
        """Show `picture` with the next frame and call back when that frame was swapped."""
        before, self._picture = self._picture, picture
        if on_shown is not None:
            self._waiting.append((time.monotonic_ns(), on_shown))
        self._repaint(before)

    def _repaint(self, before: Picture) -> None:
        """Ask for the frame that follows on `before`."""
        self.update()

    def prepare(self, picture: Picture) -> None:
        """Make `picture` ready, so that presenting it only swaps."""

    def description(self) -> dict[str, str | int | bool]:
        """Kind, and driver where there is one, for the session's environment."""
        return {"kind": self.kind, "synchronised": self.synchronised}

    def _frame_swapped(self) -> None:
        now = time.monotonic_ns()
        waiting, self._waiting = self._waiting, []
        for requested_ns, on_shown in waiting:
            on_shown(Shown(requested_ns, now))

    def mousePressEvent(self, event: QMouseEvent) -> None:
        now = time.monotonic_ns()
        if self.listener is not None and event.button() == Qt.MouseButton.LeftButton:
            where = event.position()
            self.listener.pressed(Press(where.x(), where.y(), event.timestamp(), now))

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        """Do nothing: a window gets the press of a double click before, as an event of its own."""

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        if self.listener is not None:
            where: QPointF = event.position()
            held = bool(event.buttons() & Qt.MouseButton.LeftButton)
            self.listener.moved(where.x(), where.y(), held, event.timestamp())

    def keyPressEvent(self, event: QKeyEvent) -> None:
        now = time.monotonic_ns()
        if self.listener is not None:
            self.listener.key_pressed(event, Press(None, None, event.timestamp(), now))

    def keyReleaseEvent(self, event: QKeyEvent) -> None:
        if self.listener is not None:
            self.listener.key_released(event)

    def focusObject(self) -> object:
        target = self.listener.text_target() if self.listener is not None else None
        return self if target is None else target

    def _tell_if_hidden(self) -> None:
        was, self._was_exposed = self._was_exposed, self.isExposed()
        if was and not self._was_exposed and not self.closing:
            self.hidden.emit()

    def _refuse_close(self, event: QEvent) -> bool:
        if event.type() != QEvent.Type.Close or self.closing:
            return False
        event.ignore()
        if self.listener is not None:
            self.listener.close_asked()
        return True


class GlSurface(_Surface, QOpenGLWindow):
    """Swaps are synchronised to the display; every image is a texture."""

    hidden = Signal()
    kind = "OpenGL, swap interval 1"
    synchronised = True

    def __init__(self) -> None:
        super().__init__(QOpenGLWindow.UpdateBehavior.NoPartialUpdate)
        form = QSurfaceFormat()
        form.setSwapInterval(1)
        form.setSwapBehavior(QSurfaceFormat.SwapBehavior.DoubleBuffer)
        self.setFormat(form)
        self._set_up()
        self._textures: dict[int, QOpenGLTexture] = {}
        self._prepared: Picture | None = None
        self._blitter: QOpenGLTextureBlitter | None = None
        self._driver: dict[str, str] = {}
        self.frameSwapped.connect(self._finished)

    def initializeGL(self) -> None:
        self._blitter = QOpenGLTextureBlitter()
        self._blitter.create()
        functions = self.context().functions()
        names = {"vendor": _GL_VENDOR, "renderer": _GL_RENDERER, "version": _GL_VERSION}
        self._driver = {key: str(functions.glGetString(value)) for key, value in names.items()}

    def paintGL(self) -> None:
        functions = self.context().functions()
        grey = self.background / 255
        functions.glClearColor(grey, grey, grey, 1.0)
        functions.glClear(_GL_COLOR_BUFFER_BIT)
        picture = self._picture
        if picture.base is None and not picture.patches:
            return
        viewport = QRect(0, 0, self.width(), self.height())
        self._blitter.bind()
        if picture.base is not None:
            size = picture.base.size()
            self._blit(picture.base, QRectF(0, 0, size.width(), size.height()), viewport)
        for patch in picture.patches:
            rect = patch.rect
            self._blit(patch.image, QRectF(rect.x, rect.y, rect.width, rect.height), viewport)
        self._blitter.release()

    def prepare(self, picture: Picture) -> None:
        self._prepared = picture
        if not self.isValid():
            return
        self.makeCurrent()
        for image in picture.images:
            self._texture(image)
        self._forget_unused()
        self.doneCurrent()

    def description(self) -> dict[str, str | int | bool]:
        return super().description() | self._driver

    def event(self, event: QEvent) -> bool:
        return True if self._refuse_close(event) else QOpenGLWindow.event(self, event)

    def resizeEvent(self, event: QResizeEvent) -> None:
        QOpenGLWindow.resizeEvent(self, event)
        if self.listener is not None:
            self.listener.resized()

    def exposeEvent(self, event: QExposeEvent) -> None:
        QOpenGLWindow.exposeEvent(self, event)
        self._tell_if_hidden()

    def release(self) -> None:
        """Give the textures back while the context is still there."""
        if self.isValid():
            self.makeCurrent()
            for texture in self._textures.values():
                texture.destroy()
            self._textures.clear()
            if self._blitter is not None:
                self._blitter.destroy()
            self.doneCurrent()

    def _blit(self, image: QImage, target: QRectF, viewport: QRect) -> None:
        self._blitter.blit(
            self._texture(image).textureId(),
            QOpenGLTextureBlitter.targetTransform(target, viewport),
            QOpenGLTextureBlitter.Origin.OriginTopLeft,
        )

    def _texture(self, image: QImage) -> QOpenGLTexture:
        texture = self._textures.get(image.cacheKey())
        if texture is None:
            texture = QOpenGLTexture(image, QOpenGLTexture.MipMapGeneration.DontGenerateMipMaps)
            texture.setMinificationFilter(QOpenGLTexture.Filter.Nearest)
            texture.setMagnificationFilter(QOpenGLTexture.Filter.Nearest)
            self._textures[image.cacheKey()] = texture
        return texture

    def _forget_unused(self) -> None:
        prepared = self._prepared.images if self._prepared is not None else ()
        used = {image.cacheKey() for image in (*self._picture.images, *prepared)}
        for key in [key for key in self._textures if key not in used]:
            self._textures.pop(key).destroy()

    def _finished(self) -> None:
        if not self._waiting:
            return  # nobody asks when, so no click has to wait for the display
        self.makeCurrent()
        self.context().functions().glFinish()
        self._frame_swapped()


class RasterSurface(_Surface, QRasterWindow):
    """Drawn by the processor; nothing says when a frame really is on the screen."""

    hidden = Signal()
    kind = "raster"

    def __init__(self) -> None:
        super().__init__()
        self._set_up()

    def _repaint(self, before: Picture) -> None:
        """Paint only what differs: a click that follows on a hover waits for its frame."""
        regions = self._picture.differs_in(before) or ()
        for rect in regions:
            self.update(QRect(rect.x, rect.y, rect.width, rect.height))
        if not regions:
            self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        picture = self._picture
        painter.setCompositionMode(QPainter.CompositionMode.CompositionMode_Source)
        for region in event.region():
            if picture.base is None:
                grey = QColor(self.background, self.background, self.background)
                painter.fillRect(region, grey)
            else:
                painter.drawImage(region, picture.base, region)
        for patch in picture.patches:
            painter.drawImage(patch.rect.x, patch.rect.y, patch.image)
        painter.end()

    def event(self, event: QEvent) -> bool:
        if self._refuse_close(event):
            return True
        handled = QRasterWindow.event(self, event)
        if event.type() == QEvent.Type.UpdateRequest and self.isExposed():
            self._frame_swapped()
        return handled

    def exposeEvent(self, event: QExposeEvent) -> None:
        QRasterWindow.exposeEvent(self, event)
        if self.isExposed() and self._waiting:
            self.update()
        self._tell_if_hidden()

    def resizeEvent(self, event: QResizeEvent) -> None:
        QRasterWindow.resizeEvent(self, event)
        if self.listener is not None:
            self.listener.resized()

    def release(self) -> None:
        """Nothing to give back."""


Surface = GlSurface | RasterSurface


def make_surface() -> Surface:
    """Make a synchronised surface where OpenGL reaches the display, else a raster one.

    OpenGL that is drawn by the processor is not synchronised either, and slower.
    """
    driver = opengl_driver()
    if driver is not None and not any(name in driver.lower() for name in _SOFTWARE):
        return GlSurface()
    log.info("the raster surface is used; OpenGL driver: %s", driver)
    return RasterSurface()


def opengl_driver() -> str | None:
    """Name of the OpenGL renderer; None if no context can be made."""
    context = QOpenGLContext()
    if not context.create():
        return None
    probe = QOffscreenSurface()
    probe.setFormat(context.format())
    probe.create()
    name = None
    if context.makeCurrent(probe):
        name = str(context.functions().glGetString(_GL_RENDERER))
        context.doneCurrent()
    probe.destroy()
    return name
