"""Where everything of a trial or a page lies on the participant's screen.

The layout is written down once, in pixels at 41 px per degree of visual angle on 1920 × 1080 (the
lab apparatus of Borowski et al. 2021, A.1.1), relative to the screen's centre. Another number of
pixels per degree scales it, so that every size and distance keeps its visual angle.
"""

from __future__ import annotations

from collections.abc import Iterable

from imi_desktop.display.places import (
    AnswerButton,
    Arrow,
    ImagePlace,
    ImageRole,
    PageLayout,
    Rect,
    Slider,
    TextPlace,
    TextRole,
    TrialLayout,
)
from imi_desktop.experiment.trial import Position, Trial

PX_PER_DEGREE = 41.0
DESIGN_PX = (1920, 1080)
ROOM_PX = (1736, 1024)
IMAGE_PX = 224
PAGE_COLUMN_PX = 960


_CENTRE = (960, 540)
_GRID_PITCH = 234
_BUTTON = (56, 44)
_BUTTON_PITCH = 84


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
