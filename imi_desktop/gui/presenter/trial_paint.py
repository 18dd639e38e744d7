"""Paints a trial in any of its states: waiting, active, answered, with feedback.

One function paints everything; a change of state repaints only the regions that differ.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Literal

from PySide6.QtCore import QPointF, QRect
from PySide6.QtGui import QImage, QPainter, QPen

from imi_desktop.display.places import AnswerButton, Rect, TrialLayout
from imi_desktop.experiment.trial import Position, TrialWording
from imi_desktop.gui.presenter import ink
from imi_desktop.gui.presenter.picture import GREY_LEVEL, Patch, blank

_CENTRED_CONTINUE = {"forward_prediction", "intuitiveness"}


@dataclass(frozen=True)
class Look:
    """State of a trial screen.

    Parameters
    ----------
    answers : str
        Number buttons: ``waiting`` (inactive), ``active`` or ``answered``.
    hovered : AnswerButton, "continue" or None
        The button under the cursor.
    chosen : tuple of Position and int, or None
        Query and confidence that were chosen.
    revealed : bool
        Whether the query that was right is framed.
    verdict : bool
        Whether tabs say right and wrong in colour; without it only the right query is framed.
    proceed : str
        Continue button: ``hidden``, ``inactive`` or ``active``.
    count : str or None
        Text in place of the legend.
    progress : float
        Filled share of the block's progress bar.
    patch : bool or None
        Photodiode patch white (True), black (False) or absent (None).
    rating : float or None
        Where the slider's handle is, −100 … 100.
    """

    answers: Literal["waiting", "active", "answered"] = "active"
    hovered: AnswerButton | Literal["continue"] | None = None
    chosen: tuple[Position, int] | None = None
    revealed: bool = False
    verdict: bool = True
    proceed: Literal["hidden", "inactive", "active"] = "hidden"
    count: str | None = None
    progress: float = 0.0
    patch: bool | None = None
    rating: float | None = None


@dataclass(frozen=True)
class TrialArt:
    """Everything that painting one trial needs, decoded.

    Parameters
    ----------
    images : mapping of str to QImage
        Scaled to their places, by path.
    target : Position or None
        Where the right query is.
    background : int
        Digital level of the grey, 0 … 255.
    """

    layout: TrialLayout
    wording: TrialWording
    images: Mapping[str, QImage]
    target: Position | None
    background: int = GREY_LEVEL

    def whole(self, look: Look) -> QImage:
        """The trial's whole screen, in px of the surface."""
        image = blank(*self.layout.screen_px, self.background)
        painter = QPainter(image)
        self._paint(painter, look)
        painter.end()
        return image

    def patches(self, before: Look, after: Look) -> list[Patch]:
        """What must be painted over a screen that shows `before` so that it shows `after`."""
        return [self._patch(rect, after) for rect in self._changed(before, after)]

    def _patch(self, rect: Rect, look: Look) -> Patch:
        image = blank(rect.width, rect.height, self.background)
        painter = QPainter(image)
        painter.translate(-rect.x, -rect.y)
        painter.setClipRect(ink.qrect(rect))
        self._paint(painter, look, rect)
        painter.end()
        return Patch(rect, image)

    def _changed(self, before: Look, after: Look) -> list[Rect]:
        layout, regions = self.layout, []
        answer_state = ("answers", "chosen", "revealed", "proceed")
        if any(getattr(before, name) != getattr(after, name) for name in answer_state):
            regions.append(self._answer_region())
        else:
            for hovered in {before.hovered, after.hovered} - {None}:
                if before.hovered != after.hovered:
                    rect = layout.proceed if hovered == "continue" else hovered.rect
                    regions.append(rect.grown(1))
        if before.count != after.count:
            regions += [text.rect for text in layout.texts if text.role in {"legend", "count"}]
        if before.progress != after.progress:
            regions.append(layout.progress)
        if before.patch != after.patch:
            regions.append(layout.patch)
        if before.rating != after.rating and layout.slider is not None:
            regions.append(layout.slider.target)
        return regions

    def _answer_region(self) -> Rect:
        layout, px = self.layout, self.layout.px
        around = [button.rect.grown(px(4) + px(4) + 1) for button in layout.buttons]
        for place in layout.images:
            if place.position is not None:
                around += [place.rect.grown(px(16) + px(2) + 1), layout.tab(place.position)]
        return layout.proceed.grown(1).united(*around)

    def _paint(self, painter: QPainter, look: Look, within: Rect | None = None) -> None:
        layout = self.layout
        for place in layout.images:
            if within is None or _touch(place.rect, within):
                painter.drawImage(place.rect.x, place.rect.y, self.images[place.path])
        self._paint_texts(painter, look, within)
        for arrow in layout.arrows:
            ink.draw_arrow(painter, arrow.x_from, arrow.x_to, arrow.y, layout.scale)
        self._paint_buttons(painter, look)
        self._paint_feedback(painter, look)
        if layout.slider is not None:
            self._paint_slider(painter, look)
        if layout.task != "intuitiveness":
            done = layout.progress
            painter.fillRect(ink.qrect(done), ink.TRACK)
            filled = round(done.width * look.progress)
            painter.fillRect(QRect(done.x, done.y, filled, done.height), ink.BLACK)
        if look.patch is not None:
            colour = ink.PATCH_ON if look.patch else ink.BLACK
            painter.fillRect(ink.qrect(layout.patch), colour)

    def _paint_texts(self, painter: QPainter, look: Look, within: Rect | None) -> None:
        wording = self.wording
        parts = [part.strip() for part in wording.legend.split("|")]
        for text in self.layout.texts:
            lines = replace(text.rect, height=3 * text.line)  # long texts are wrapped
            if within is not None and not _touch(lines, within):
                continue
            written = {
                "question": wording.question,
                "title_min": wording.title_min,
                "title_max": wording.title_max,
                "legend": wording.legend if look.count is None or self.layout.arrows else "",
                "count": look.count or "",
                "legend_part": parts[text.part] if text.part < len(parts) else "",
            }[text.role]
            if written:
                ink.draw_text(painter, text.rect, written, text.size, text.line)

    def _paint_buttons(self, painter: QPainter, look: Look) -> None:
        layout, px = self.layout, self.layout.px
        for button in layout.buttons:
            chosen = look.chosen == (button.position, button.confidence)
            active = look.answers == "active" or chosen
            hovered = look.hovered == button
            label = str(button.confidence)
            ink.draw_button(
                painter, button.rect, label, layout.scale, active=active, hovered=hovered
            )
            if chosen:
                ink.draw_round_frame(painter, button.rect, px(4), px(4), px(8))
        if look.proceed != "hidden" and layout.task in _CENTRED_CONTINUE:
            ink.draw_button(
                painter,
                layout.proceed,
                self.wording.continue_button,
                layout.scale,
                active=look.proceed == "active",
                hovered=look.hovered == "continue",
            )

    def _paint_feedback(self, painter: QPainter, look: Look) -> None:
        if look.chosen is None:
            return
        layout, position = self.layout, look.chosen[0]
        px = layout.px
        if look.revealed and self.target is not None:
            right = layout.query(self.target)
            ink.draw_frame(painter, right, px(10), px(6), ink.RIGHT)
            ink.draw_frame(painter, right, px(16), px(2), ink.BLACK)
            tab = ink.RIGHT if look.verdict else ink.BUTTON
            ink.draw_tab(painter, layout.tab(self.target), tab, tick=True)
            if look.verdict and position != self.target:
                ink.draw_dashed_frame(painter, layout.query(position), px(10), px(6), ink.WRONG)
                ink.draw_tab(painter, layout.tab(position), ink.WRONG, tick=False)
        ink.draw_frame(painter, layout.query(position), px(4), px(6), ink.BLACK)

    def _paint_slider(self, painter: QPainter, look: Look) -> None:
        layout, slider = self.layout, self.layout.slider
        line = layout.px(2)
        painter.fillRect(
            QRect(slider.left, slider.y - line // 2, slider.right - slider.left, line), ink.BLACK
        )
        for share, height in ((0, 24), (0.25, 14), (0.5, 24), (0.75, 14), (1, 24)):
            x = slider.left + round(share * (slider.right - slider.left))
            tall = layout.px(height)
            painter.fillRect(QRect(x - line // 2, slider.y - tall // 2, line, tall), ink.BLACK)
        if look.rating is None:
            return
        handle = slider.handle_rect(look.rating)
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QPen(ink.BLACK, line))
        painter.setBrush(ink.BUTTON)
        inside = ink.qrect(handle).adjusted(line // 2, line // 2, -(line // 2), -(line // 2))
        painter.drawRoundedRect(inside, layout.px(4), layout.px(4))
        x = handle.x + handle.width / 2
        painter.drawLine(QPointF(x, slider.y - layout.px(11)), QPointF(x, slider.y + layout.px(11)))
        painter.restore()


def _touch(one: Rect, other: Rect) -> bool:
    return (
        one.x < other.right
        and other.x < one.right
        and one.y < other.bottom
        and other.y < one.bottom
    )
