"""Where everything of a trial or a page lies on the participant's screen.

The layout is written down once, in pixels at 41 px per degree of visual angle on 1920 × 1080 (the
lab apparatus of Borowski et al. 2021, A.1.1), relative to the screen's centre. Another number of
pixels per degree scales it, so that every size and distance keeps its visual angle.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from imi_desktop.experiment.trial import Position, Task, Trial

PX_PER_DEGREE = 41.0
DESIGN_PX = (1920, 1080)
ROOM_PX = (1736, 1024)
IMAGE_PX = 224
PAGE_COLUMN_PX = 960

TextRole = Literal["question", "title_min", "title_max", "legend", "count", "legend_part"]
ImageRole = Literal["reference_min", "reference_max", "query", "original"]

_CENTRE = (960, 540)
_GRID_PITCH = 234
_BUTTON = (56, 44)
_BUTTON_PITCH = 84


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


class _Canvas:
    """Turns published pixels into those of a screen, about its centre."""

    def __init__(self, screen_px: tuple[int, int], px_per_degree: float) -> None:
        self.screen_px = screen_px
        self.scale = px_per_degree / PX_PER_DEGREE
        self._middle = (screen_px[0] // 2, screen_px[1] // 2)

    def x(self, published: float) -> int:
        return self._middle[0] + round((published - _CENTRE[0]) * self.scale)

    def y(self, published: float) -> int:
        return self._middle[1] + round((published - _CENTRE[1]) * self.scale)

    def length(self, published: float) -> int:
        return max(1, round(published * self.scale))

    def rect(self, x: float, y: float, width: float, height: float) -> Rect:
        return Rect(self.x(x), self.y(y), self.length(width), self.length(height))

    def square(self, x: float, y: float) -> Rect:
        return self.rect(x, y, IMAGE_PX, IMAGE_PX)

    def text(
        self, role: TextRole, centre: float, top: float, size: float, line: float, **more: float
    ) -> TextPlace:
        width = self.length(more.get("width", 1736))
        return TextPlace(
            role, self.x(centre), self.y(top), self.length(size), self.length(line), width,
            part=int(more.get("part", 0)),
        )  # fmt: skip

    def patch(self) -> Rect:
        """The photodiode's square, in the screen's lower right corner at any size."""
        side = self.length(40)
        return Rect(self.screen_px[0] - side, self.screen_px[1] - side, side, side)


def trial_layout(
    trial: Trial, screen_px: tuple[int, int], px_per_degree: float = PX_PER_DEGREE
) -> TrialLayout:
    """Lay out one trial.

    Parameters
    ----------
    trial : Trial
        Of any task.
    screen_px : tuple of int
        Width and height of the surface in physical px.
    px_per_degree : float
        Pixels per degree of visual angle that the layout is scaled to.

    Returns
    -------
    TrialLayout
        At 41 px per degree exactly the published rectangles, centred on the surface.
    """
    canvas = _Canvas(screen_px, px_per_degree)
    build = {
        "forward_prediction": _forward_prediction,
        "counterfactual": _counterfactual,
        "intuitiveness": _intuitiveness,
    }[trial.task]
    images, buttons, texts, arrows, slider, proceed = build(canvas, trial)
    return TrialLayout(
        task=trial.task,
        screen_px=screen_px,
        px_per_degree=px_per_degree,
        scale=canvas.scale,
        images=tuple(images),
        buttons=tuple(buttons),
        texts=tuple(texts),
        arrows=tuple(arrows),
        slider=slider,
        progress=canvas.rect(710, 1016, 500, 8),
        patch=canvas.patch(),
        proceed=proceed,
    )


_Parts = tuple[
    list[ImagePlace], list[AnswerButton], list[TextPlace], list[Arrow], Slider | None, Rect
]


def _references(
    canvas: _Canvas, paths: Iterable[str], role: ImageRole, x: float, y: float
) -> list[ImagePlace]:
    """Up to nine images row by row in a 3 × 3 grid; a single one takes the grid's centre."""
    paths = tuple(paths)
    cells = [(4, paths[0])] if len(paths) == 1 else list(enumerate(paths))
    return [
        ImagePlace(
            path,
            canvas.square(x + _GRID_PITCH * (cell % 3), y + _GRID_PITCH * (cell // 3)),
            role,
            index,
        )
        for index, (cell, path) in enumerate(cells)
    ]


def _button_row(
    canvas: _Canvas, position: Position, x: float, y: float, confidences: tuple[int, ...]
) -> list[AnswerButton]:
    return [
        AnswerButton(canvas.rect(x + _BUTTON_PITCH * column, y, *_BUTTON), position, confidence)
        for column, confidence in enumerate(confidences)
    ]


def _title_top(paths: tuple[str, ...], grid_top: float) -> float:
    """Titles keep their distance of 46 px to the first image row."""
    return grid_top - 46 + (_GRID_PITCH if len(paths) == 1 else 0)


def _forward_prediction(canvas: _Canvas, trial: Trial) -> _Parts:
    images = [
        *_references(canvas, trial.references_min, "reference_min", 92, 194),
        *_references(canvas, trial.references_max, "reference_max", 1136, 194),
        ImagePlace(trial.queries["upper"], canvas.square(848, 194), "query", 0, "upper"),
        ImagePlace(trial.queries["lower"], canvas.square(848, 662), "query", 1, "lower"),
    ]
    buttons = [
        *_button_row(canvas, "upper", 848, 446, (1, 2, 3)),
        *_button_row(canvas, "lower", 848, 590, (1, 2, 3)),
    ]
    texts = [canvas.text("question", 960, 56, 30, 39)]
    if trial.references_min:
        top = _title_top(trial.references_min, 194)
        texts.append(canvas.text("title_min", 438, top, 22, 29, width=692))
    if trial.references_max:
        top = _title_top(trial.references_max, 194)
        texts.append(canvas.text("title_max", 1482, top, 22, 29, width=692))
    texts += [canvas.text("legend", 960, 912, 20, 26), canvas.text("count", 960, 912, 20, 26)]
    return images, buttons, texts, [], None, canvas.rect(870, 516, 180, 48)


def _counterfactual(canvas: _Canvas, trial: Trial) -> _Parts:
    images = _references(canvas, trial.references_max, "reference_max", 278, 194)
    texts = [canvas.text("question", 1386, 484, 30, 39, width=680)]
    if trial.references_max:
        texts.append(canvas.text("title_max", 624, 148, 22, 29, width=692))
    if "upper" in trial.queries:
        images.append(ImagePlace(trial.queries["upper"], canvas.square(1274, 194), "original", 0))
        texts.append(canvas.text("title_min", 1386, 148, 22, 29, width=692))
    images += [
        ImagePlace(trial.queries["left"], canvas.square(1130, 548), "query", 0, "left"),
        ImagePlace(trial.queries["right"], canvas.square(1418, 548), "query", 1, "right"),
    ]
    buttons = [
        *_button_row(canvas, "left", 1130, 788, (3, 2, 1)),
        *_button_row(canvas, "right", 1418, 788, (1, 2, 3)),
    ]
    arrows = [
        Arrow(canvas.x(1352), canvas.x(1132), canvas.y(856)),
        Arrow(canvas.x(1420), canvas.x(1640), canvas.y(856)),
    ]
    texts += [
        canvas.text("legend", 1242, 866, 20, 26, width=280),
        canvas.text("legend", 1530, 866, 20, 26, width=280),
        canvas.text("count", 1386, 912, 20, 26, width=680),
    ]
    return images, buttons, texts, arrows, None, canvas.rect(870, 516, 180, 48)


def _intuitiveness(canvas: _Canvas, trial: Trial) -> _Parts:
    images = [
        *_references(canvas, trial.references_min, "reference_min", 208, 140),
        *_references(canvas, trial.references_max, "reference_max", 1020, 140),
    ]
    slider = Slider(
        left=canvas.x(560),
        right=canvas.x(1360),
        y=canvas.y(898),
        target=canvas.rect(540, 874, 840, 48),
        handle=(canvas.length(18), canvas.length(36)),
    )
    texts = [
        canvas.text("question", 960, 30, 28, 37),
        canvas.text("title_min", 554, 97, 22, 29, width=692),
        canvas.text("title_max", 1366, 97, 22, 29, width=692),
        *(
            canvas.text("legend_part", x, 936, 20, 26, width=390, part=part)
            for part, x in enumerate((560, 960, 1360))
        ),
    ]
    return images, [], texts, [], slider, canvas.rect(870, 980, 180, 48)


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


def page_layout(screen_px: tuple[int, int], px_per_degree: float = PX_PER_DEGREE) -> PageLayout:
    """Lay out a page of text or a free-text question; see :func:`trial_layout`."""
    canvas = _Canvas(screen_px, px_per_degree)
    return PageLayout(
        scale=canvas.scale,
        column=canvas.rect(480, 112, PAGE_COLUMN_PX, 816),
        title_size=canvas.length(30),
        text_size=canvas.length(24),
        line=canvas.length(34),
        button=canvas.rect(870, 980, 180, 48),
        second_button=canvas.rect(630, 980, 180, 48),
        progress=canvas.rect(710, 1016, 500, 8),
        patch=canvas.patch(),
    )
