"""What a page shows besides text: a lettered example trial, or images in a row."""

from __future__ import annotations

from collections.abc import Sequence
from string import ascii_uppercase

from PySide6.QtCore import QPoint, QRect, QRectF, Qt
from PySide6.QtGui import QColor, QFont, QImage, QPainter

from imi_desktop.display.geometry import DESIGN_PX, PX_PER_DEGREE, trial_layout
from imi_desktop.display.places import PageLayout, Rect, TrialLayout
from imi_desktop.experiment.trial import Example, PageImage, PageStep
from imi_desktop.gui.presenter import ink
from imi_desktop.gui.presenter.picture import blank
from imi_desktop.gui.presenter.preparation import Stage, load_image, read_image
from imi_desktop.gui.presenter.trial_paint import Look, TrialArt

_EXAMPLE_PART = Rect(60, 40, 1800, 908)
"""Part of the published trial screen that an example shows, px."""
_IMAGE_PX = 224
_GAP_PX = 16
_SURE = 3


def paint_figure(step: PageStep, page: PageLayout, stage: Stage) -> QImage | None:
    """Paint the page's example and images, as wide as its column; None if it has neither.

    Raises
    ------
    StimulusError
        If an image is missing or damaged.
    """
    parts = []
    if step.example is not None:
        parts.append(_example(step.example, page.column.width, stage))
    if step.images:
        parts.append(_row(step.images, page, stage))
    if not parts:
        return None
    gap = page.line // 2
    height = sum(part.height() for part in parts) + gap * (len(parts) - 1)
    figure = blank(page.column.width, height, stage.background)
    painter = QPainter(figure)
    y = 0
    for part in parts:
        painter.drawImage(QPoint(0, y), part)
        y += part.height() + gap
    painter.end()
    return figure


def _example(example: Example, width: int, stage: Stage) -> QImage:
    """The middle of a trial screen, made smaller as a whole, with a letter at each part."""
    scale = width / _EXAMPLE_PART.width
    size = (round(DESIGN_PX[0] * scale), round(DESIGN_PX[1] * scale))
    trial = example.trial
    layout = trial_layout(trial, size, PX_PER_DEGREE * scale)
    images = {
        place.path: load_image(stage.study_folder / place.path, place.rect)
        for place in layout.images
    }
    target = trial.target_position
    look = Look()
    if example.answered and target is not None:
        look = Look(answers="answered", chosen=(target, _SURE), revealed=True)
    art = TrialArt(layout, example.wording, images, target, stage.background)
    part = _EXAMPLE_PART
    screen = art.whole(look)
    painter = QPainter(screen)
    radius = max(9, round(24 * scale))
    for letter, (x, y) in zip(ascii_uppercase, _corners(layout, radius), strict=False):
        _draw_letter(painter, letter, x, y, radius)
    painter.end()
    figure = screen.copy(
        QRect(round(part.x * scale), round(part.y * scale), width, round(part.height * scale))
    )
    painter = QPainter(figure)
    painter.setPen(ink.BUTTON_INACTIVE_EDGE)
    painter.drawRect(figure.rect().adjusted(0, 0, -1, -1))
    painter.end()
    return figure


def _corners(layout: TrialLayout, radius: int) -> list[tuple[int, int]]:
    """Where the letters go: left references, right references or whole image, queries, answers."""
    corners = []
    for role in ("reference_min", "reference_max", "original", "query"):
        rects = [place.rect for place in layout.images if place.role == role]
        if rects:
            top = min(r.y for r in rects)  # the letter stays below it: titles are above
            corners.append((min(r.x for r in rects), top + radius))
    if layout.buttons:
        first = min((button.rect for button in layout.buttons), key=lambda r: (r.y, r.x))
        corners.append((first.x - radius - layout.px(4), first.y + first.height // 2))
    elif layout.slider is not None:
        corners.append((layout.slider.left - radius - layout.px(8), layout.slider.y))
    return corners


def _draw_letter(painter: QPainter, letter: str, x: int, y: int, radius: int) -> None:
    place = QRectF(x - radius, y - radius, 2 * radius, 2 * radius)
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(QColor("#FFFFFF"))
    painter.setBrush(ink.BLACK)
    painter.drawEllipse(place)
    painter.setFont(ink.font(round(1.3 * radius), QFont.Weight.DemiBold))
    painter.drawText(place, Qt.AlignmentFlag.AlignCenter, letter)
    painter.restore()


def _row(images: Sequence[PageImage], page: PageLayout, stage: Stage) -> QImage:
    """Images beside each other, never enlarged, each above its caption."""
    gap = max(1, round(_GAP_PX * page.scale))
    room = (page.column.width - gap * (len(images) - 1)) // len(images)
    side = min(room, round(_IMAGE_PX * page.scale))
    size, line = round(20 * page.scale), round(26 * page.scale)
    below = max(
        (ink.text_height(image.caption, size, line, side) for image in images if image.caption),
        default=0,
    )
    row = blank(page.column.width, side + (gap // 2 + below if below else 0), stage.background)
    painter = QPainter(row)
    for number, image in enumerate(images):
        x = number * (side + gap)
        picture = read_image(stage.study_folder / image.file)
        if max(picture.width(), picture.height()) > side:
            picture = picture.scaled(
                side,
                side,
                Qt.AspectRatioMode.KeepAspectRatio,
                Qt.TransformationMode.SmoothTransformation,
            )
        left, top = (side - picture.width()) // 2, (side - picture.height()) // 2
        painter.drawImage(QPoint(x + left, top), picture)
        if image.caption:
            ink.draw_text(painter, Rect(x, side + gap // 2, side, below), image.caption, size, line)
    painter.end()
    return row
