"""Paints pages of text: one column, one button."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtGui import QFont, QFontMetrics, QImage, QPainter

from imi_desktop.display.geometry import page_layout
from imi_desktop.display.places import PageLayout, Rect
from imi_desktop.gui.presenter import ink
from imi_desktop.gui.presenter.picture import GREY_LEVEL, Patch, blank
from imi_desktop.gui.presenter.preparation import Stage


def paginate(
    page: PageLayout, title: str, paragraphs: Sequence[str], figure: QImage | None = None
) -> list[list[str]]:
    """Distribute paragraphs over as many screens as they need, title and figure on each."""
    room = page.column.height - _title_height(page, title) - _figure_height(page, figure)
    screens: list[list[str]] = [[]]
    left = room
    for paragraph in paragraphs:
        height = _height(page, paragraph)
        if screens[-1] and height > left:
            screens.append([])
            left = room
        screens[-1].append(paragraph)
        left -= height
    return screens


def paint_page(
    page: PageLayout,
    screen_px: tuple[int, int],
    title: str,
    paragraphs: Sequence[str],
    background: int = GREY_LEVEL,
    figure: QImage | None = None,
) -> QImage:
    """The page's whole screen without its buttons, in px of the surface.

    Parameters
    ----------
    figure : QImage or None
        Shown between title and paragraphs.
    """
    image = blank(*screen_px, background)
    painter = QPainter(image)
    content = _title_height(page, title) + sum(_height(page, text) for text in paragraphs)
    content += _figure_height(page, figure)
    column = page.column
    y = column.y + max(0, (column.height - content) // 3)
    if title:
        place = Rect(column.x, y, column.width, column.height)
        ink.draw_text(
            painter, place, f"**{title}**", page.title_size, _title_line(page), centred=False
        )
        y += _title_height(page, title)
    if figure is not None:
        painter.drawImage(column.x, y, figure)
        y += _figure_height(page, figure)
    for paragraph in paragraphs:
        place = Rect(column.x, y, column.width, column.height)
        ink.draw_text(painter, place, paragraph, page.text_size, page.line, centred=False)
        y += _height(page, paragraph)
    painter.end()
    return image


def paint_button(
    rect: Rect,
    label: str,
    scale: float,
    *,
    active: bool = True,
    hovered: bool = False,
    background: int = GREY_LEVEL,
) -> Patch:
    """A button as a patch over a page."""
    outer = rect.grown(1)
    image = blank(outer.width, outer.height, background)
    painter = QPainter(image)
    own = Rect(1, 1, rect.width, rect.height)
    ink.draw_button(painter, own, label, scale, active=active, hovered=hovered)
    painter.end()
    return Patch(outer, image)


def paint_note(stage: Stage, note: str) -> Patch:
    """A line in the upper left corner, such as that a preview records nothing."""
    layout = page_layout(stage.screen_px, stage.px_per_degree)
    size, line = round(20 * layout.scale), round(26 * layout.scale)
    width = QFontMetrics(ink.font(size)).horizontalAdvance(note) + 2
    rect = Rect(line // 2, line // 4, width, line)
    image = blank(rect.width, rect.height, stage.background)
    painter = QPainter(image)
    ink.draw_text(painter, Rect(0, 0, width, line), note, size, line, centred=False)
    painter.end()
    return Patch(rect, image)


def button_place(place: Rect, label: str, scale: float) -> Rect:
    """Widen a button about its centre where its label needs more room."""
    metrics = QFontMetrics(ink.font(round(22 * scale), QFont.Weight.Medium))
    missing = metrics.horizontalAdvance(label) + round(48 * scale) - place.width
    if missing <= 0:
        return place
    half = (missing + 1) // 2
    return Rect(place.x - half, place.y, place.width + 2 * half, place.height)


def _title_line(page: PageLayout) -> int:
    return round(page.title_size * 1.3)


def _title_height(page: PageLayout, title: str) -> int:
    if not title:
        return 0
    width = page.column.width
    height = ink.text_height(f"**{title}**", page.title_size, _title_line(page), width)
    return height + page.line


def _figure_height(page: PageLayout, figure: QImage | None) -> int:
    return 0 if figure is None else figure.height() + page.line // 2


def _height(page: PageLayout, paragraph: str) -> int:
    height = ink.text_height(paragraph, page.text_size, page.line, page.column.width)
    return height + page.line // 2
