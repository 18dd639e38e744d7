"""Places on the participant's screen: rectangles, images, buttons, texts, whole layouts."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from imi_desktop.experiment.trial import Position, Task

TextRole = Literal["question", "title_min", "title_max", "legend", "count", "legend_part"]
ImageRole = Literal["reference_min", "reference_max", "query", "original"]


@dataclass(frozen=True)
class Rect:
    """A rectangle of whole screen pixels; `x`, `y` is the upper left pixel."""

    x: int
    y: int
    width: int
    height: int

    @property
    def right(self) -> int:
        """First column beyond the rectangle."""
        return self.x + self.width

    @property
    def bottom(self) -> int:
        """First row beyond the rectangle."""
        return self.y + self.height

    @property
    def centre(self) -> tuple[float, float]:
        """Centre in px."""
        return self.x + self.width / 2, self.y + self.height / 2

    def contains(self, x: float, y: float) -> bool:
        """Whether the pixel position lies inside."""
        return self.x <= x < self.right and self.y <= y < self.bottom

    def grown(self, by: int) -> Rect:
        """The rectangle with `by` px more on every side."""
        return Rect(self.x - by, self.y - by, self.width + 2 * by, self.height + 2 * by)

    def united(self, *others: Rect) -> Rect:
        """The smallest rectangle that holds this one and `others`."""
        everything = (self, *others)
        x, y = min(r.x for r in everything), min(r.y for r in everything)
        right, bottom = max(r.right for r in everything), max(r.bottom for r in everything)
        return Rect(x, y, right - x, bottom - y)


@dataclass(frozen=True)
class ImagePlace:
    """Where one image of a trial is shown.

    Parameters
    ----------
    path : str
        As in the trial, relative to the study folder.
    position : Position or None
        Of a query that can be chosen.
    """

    path: str
    rect: Rect
    role: ImageRole
    index: int
    position: Position | None = None


@dataclass(frozen=True)
class AnswerButton:
    """A number that is clicked to choose a query with a confidence of 1 … 3."""

    rect: Rect
    position: Position
    confidence: int


@dataclass(frozen=True)
class TextPlace:
    """One line (or more) of text, centred at `centre_x`.

    Parameters
    ----------
    top, size, line, width : int
        Top of the first line, font size, line height and widest line, in px.
    part : int
        Which part of a legend of several parts.
    """

    role: TextRole
    centre_x: int
    top: int
    size: int
    line: int
    width: int
    part: int = 0

    @property
    def rect(self) -> Rect:
        """Place of the first line."""
        return Rect(self.centre_x - self.width // 2, self.top, self.width, self.line)


@dataclass(frozen=True)
class Arrow:
    """A horizontal line from `x_from` to its head at `x_to`, in px."""

    x_from: int
    x_to: int
    y: int


@dataclass(frozen=True)
class Slider:
    """The scale of intuitiveness ratings.

    Parameters
    ----------
    left, right, y : int
        Line that stands for −100 … 100, in px.
    target : Rect
        Where a click moves the handle.
    handle : tuple of int
        Width and height of the handle in px.
    """

    left: int
    right: int
    y: int
    target: Rect
    handle: tuple[int, int]

    def rating_at(self, x: float) -> float:
        """Rating −100 … 100 of a click at column `x` (px), limited to the scale."""
        share = (x - self.left) / (self.right - self.left)
        return 200.0 * min(1.0, max(0.0, share)) - 100.0

    def handle_rect(self, rating: float) -> Rect:
        """The handle at a rating of −100 … 100."""
        width, height = self.handle
        x = self.left + (rating + 100.0) / 200.0 * (self.right - self.left)
        return Rect(round(x - width / 2), self.y - height // 2, width, height)


@dataclass(frozen=True)
class TrialLayout:
    """Every rectangle of one trial in screen pixels.

    Parameters
    ----------
    scale : float
        Size relative to the published pixels; 1 at 41 px per degree.
    """

    task: Task
    screen_px: tuple[int, int]
    px_per_degree: float
    scale: float
    images: tuple[ImagePlace, ...]
    buttons: tuple[AnswerButton, ...]
    texts: tuple[TextPlace, ...]
    arrows: tuple[Arrow, ...]
    slider: Slider | None
    progress: Rect
    patch: Rect
    proceed: Rect

    def px(self, published: float) -> int:
        """Whole pixels of a length that has `published` px at 41 px per degree; at least 1."""
        return max(1, round(published * self.scale))

    def degrees(self, rect: Rect) -> dict[str, float]:
        """Centre relative to the screen's centre (right and down) and size, in degrees."""
        x, y = rect.centre
        return {
            "x": (x - self.screen_px[0] / 2) / self.px_per_degree,
            "y": (y - self.screen_px[1] / 2) / self.px_per_degree,
            "width": rect.width / self.px_per_degree,
            "height": rect.height / self.px_per_degree,
        }

    def query(self, position: Position) -> Rect:
        """Rectangle of the query at `position`."""
        return next(place.rect for place in self.images if place.position == position)

    def button_at(self, x: float, y: float) -> AnswerButton | None:
        """The number under a pixel position."""
        return next((button for button in self.buttons if button.rect.contains(x, y)), None)

    def tab(self, position: Position) -> Rect:
        """Tab of 40 × 40 px with a tick or cross, at the outer frame of a query.

        At its right edge; the left copy of a counterfactual trial has no room there.
        """
        rect = self.query(position)
        side, off = self.px(40), self.px(18)
        x = rect.x - off - side if position == "left" else rect.right + off
        return Rect(x, rect.y + (rect.height - side) // 2, side, side)


@dataclass(frozen=True)
class PageLayout:
    """A page of text: one column and its buttons, in screen px.

    Parameters
    ----------
    column : Rect
        Text, from its title down to the lowest line that fits.
    title_size, text_size, line : int
        Font sizes and line height.
    button, second_button : Rect
        The one that goes on, and the one left of it that declines.
    """

    scale: float
    column: Rect
    title_size: int
    text_size: int
    line: int
    button: Rect
    second_button: Rect
    progress: Rect
    patch: Rect
