"""What a surface shows: one composed image, and small patches painted over it."""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtGui import QColor, QImage

from imi_desktop.display.places import Rect

GREY_LEVEL = 128


@dataclass(frozen=True)
class Patch:
    """An image that covers `rect` of the picture, in px."""

    rect: Rect
    image: QImage


@dataclass(frozen=True)
class Picture:
    """A whole screen.

    Parameters
    ----------
    base : QImage or None
        Of the surface's size; None for the plain background.
    patches : tuple of Patch
        From below to above.
    """

    base: QImage | None = None
    patches: tuple[Patch, ...] = ()

    @property
    def images(self) -> tuple[QImage, ...]:
        """Every image that the surface needs to have ready."""
        own = () if self.base is None else (self.base,)
        return (*own, *(patch.image for patch in self.patches))

    def covered(self, patches: list[Patch]) -> Picture:
        """This picture with `patches` on top; those below that are fully covered go."""
        kept = [
            old for old in self.patches if not any(_covers(new.rect, old.rect) for new in patches)
        ]
        return Picture(self.base, (*kept, *patches))

    def differs_in(self, before: Picture) -> tuple[Rect, ...] | None:
        """Regions that must be painted over a screen that shows `before`; None for all of it."""
        if self.base is not before.base:
            return None
        own, others = self.patches, before.patches
        changed = [patch for patch in own if not any(patch is other for other in others)]
        changed += [patch for patch in others if not any(patch is other for other in own)]
        return tuple(patch.rect for patch in changed)


def _covers(over: Rect, under: Rect) -> bool:
    return over.united(under) == over


def blank(width: int, height: int, level: int = GREY_LEVEL) -> QImage:
    """A plain grey image of `width` × `height` px and the digital level 0 … 255."""
    image = QImage(width, height, QImage.Format.Format_RGB32)
    image.fill(QColor(level, level, level))
    return image
