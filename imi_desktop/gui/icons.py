"""The app's own icons: line drawings in a 20-px box that take the colour of their text.

Files lie in ``resources/icons``; ``currentColor`` in them is replaced when they are drawn.
Use :meth:`imi_desktop.gui.theme.Theme.icon`, which knows the colours.
"""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QByteArray, QRectF, Qt
from PySide6.QtGui import QGuiApplication, QIcon, QImage, QPainter, QPixmap
from PySide6.QtSvg import QSvgRenderer

from imi_desktop.paths import resource

BOX = 20
"""Side of the drawing box in px."""


class UnknownIconError(LookupError):
    """No drawing of that name exists; a mistake in the code."""


def icon_path(name: str) -> Path:
    """File of an icon.

    Raises
    ------
    UnknownIconError
        If there is none of that name.
    """
    path = resource("icons", f"{name}.svg")
    if not path.is_file():
        raise UnknownIconError(name)
    return path


def render(name: str, colour: str, size: int = BOX, scale: float = 1.0) -> QPixmap:
    """Draw an icon.

    Parameters
    ----------
    name : str
        File name without ``.svg``.
    colour : str
        ``#RRGGBB``.
    size : int
        Side in device-independent px.
    scale : float
        Device pixel ratio.
    """
    source = icon_path(name).read_text(encoding="utf-8").replace("currentColor", colour)
    renderer = QSvgRenderer(QByteArray(source.encode()))
    side = round(size * scale)
    image = QImage(side, side, QImage.Format.Format_ARGB32_Premultiplied)
    image.fill(Qt.GlobalColor.transparent)
    painter = QPainter(image)
    renderer.render(painter, QRectF(0, 0, side, side))
    painter.end()
    pixmap = QPixmap.fromImage(image)
    pixmap.setDevicePixelRatio(scale)
    return pixmap


class IconSet:
    """Icons already drawn, by name and colour."""

    def __init__(self) -> None:
        self._drawn: dict[tuple[str, str, str], QIcon] = {}

    def icon(self, name: str, colour: str, disabled: str) -> QIcon:
        """Icon in `colour`, and in `disabled` where its widget is disabled."""
        key = (name, colour, disabled)
        if key not in self._drawn:
            icon = QIcon()
            for scale in {1.0, *(s.devicePixelRatio() for s in QGuiApplication.screens())}:
                icon.addPixmap(render(name, colour, BOX, scale), QIcon.Mode.Normal)
                icon.addPixmap(render(name, disabled, BOX, scale), QIcon.Mode.Disabled)
            self._drawn[key] = icon
        return self._drawn[key]
