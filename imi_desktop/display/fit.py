"""Whether a screen has room for the trial at the size the study asks for."""

from __future__ import annotations

from dataclasses import dataclass

from imi_desktop.display.geometry import DESIGN_PX, PX_PER_DEGREE, ROOM_PX
from imi_desktop.errors import UserError


class ScreenRefusedError(UserError):
    """The screen cannot show the trial at its published size."""


@dataclass(frozen=True)
class ScreenFit:
    """How the trial is put on a screen.

    Parameters
    ----------
    layout_px_per_degree : float
        What the layout is scaled to; 41 draws every image pixel by pixel.
    image_scale : float
        Screen pixels per image pixel; 1 where images are not scaled.
    override : str or None
        The experimenter's written reason why a refused screen was used.
    """

    layout_px_per_degree: float
    image_scale: float
    override: str | None = None


def fit_window(size_px: tuple[int, int]) -> ScreenFit:
    """Scale the whole design by one factor into a window of `size_px` (width, height)."""
    factor = min(size_px[0] / DESIGN_PX[0], size_px[1] / DESIGN_PX[1])
    factor = max(factor, 0.05)
    return ScreenFit(PX_PER_DEGREE * factor, factor)


def fit_screen(
    screen_px: tuple[int, int],
    measured: float | None,
    *,
    required: float | None = None,
    tolerance: float = 1.0,
    override: str | None = None,
) -> ScreenFit:
    """Decide how a full screen shows the trial.

    Images are drawn pixel by pixel, never scaled: within the tolerance the published pixels are
    used as they are.

    Parameters
    ----------
    screen_px : tuple of int
        Width and height in physical px.
    measured : float or None
        Pixels per degree from the display profile and the viewing distance; None if the display
        was not calibrated.
    required, tolerance : float or None
        Pixels per degree that the study asks for, and by how much it may differ; None if the
        study asks for none.
    override : str or None
        Written reason to use the screen all the same. Then the design is scaled to the required
        visual angle where it is known and to the room there is.

    Raises
    ------
    ScreenRefusedError
        If room or pixels per degree do not fit and there is no override.
    """
    problems = []
    if screen_px[0] < ROOM_PX[0] or screen_px[1] < ROOM_PX[1]:
        problems.append(
            f"it has {screen_px[0]} × {screen_px[1]} px and the trial needs at least "
            f"{ROOM_PX[0]} × {ROOM_PX[1]} px"
        )
    if required is not None and measured is None:
        problems.append(
            f"its pixels per degree were not measured and the study asks for "
            f"{required:g} ± {tolerance:g}"
        )
    if required is not None and measured is not None and abs(measured - required) > tolerance:
        problems.append(
            f"it has {measured:.1f} px/deg and the study asks for {required:g} ± {tolerance:g}"
        )
    if not problems:
        return ScreenFit(PX_PER_DEGREE, 1.0)
    if override is None or not override.strip():
        raise ScreenRefusedError(
            f"This screen is refused: {'; '.join(problems)}. Use another screen, calibrate this "
            "one on the Display page, run the session in a window, or give the reason why this "
            "screen is used all the same."
        )
    wanted = PX_PER_DEGREE
    if required is not None and measured is not None:
        wanted = PX_PER_DEGREE * measured / required
    room = PX_PER_DEGREE * min(screen_px[0] / ROOM_PX[0], screen_px[1] / ROOM_PX[1])
    layout = min(wanted, room)
    return ScreenFit(layout, layout / PX_PER_DEGREE, override.strip())
