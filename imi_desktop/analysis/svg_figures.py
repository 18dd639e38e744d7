"""The report's figures as SVG text: accuracy by condition, and by layer."""

from __future__ import annotations

from html import escape

from imi_desktop.analysis.figure_data import CHANCE, ConditionAccuracy, LevelFigure, level_rank

COLOURS = {"natural": "#0072B2", "synthetic": "#D55E00", "none": "#666666",
           "mixed": "#A03F84", "blurred": "#2F86BA"}  # fmt: skip
_HEIGHT, _TOP, _FOOT, _LEFT = 250, 12, 46, 40


def accuracy_svg(accuracy: tuple[ConditionAccuracy, ...]) -> str:
    """Dots of participants beside mean ± 2 SEM, one column per condition."""
    room = 150
    parts = [*_axis(room * len(accuracy))]
    for place, one in enumerate(accuracy):
        centre = _LEFT + room * (place + 0.5)
        step = 46 / max(len(one.means) - 1, 1)
        for i, mean in enumerate(one.means):
            x = centre - 33 + i * step if len(one.means) > 1 else centre - 10
            parts.append(_marker(one.condition, x, _y(mean), 3.5))
        parts += _mean(centre + 32, one.mean, one.sem2 if len(one.means) >= 5 else None)
        parts.append(_text(centre, _HEIGHT - 28, one.condition.capitalize(), bold=True))
        error = f" ± {one.sem2:.2f}" if one.sem2 is not None and len(one.means) >= 5 else ""
        parts.append(_text(centre, _HEIGHT - 12, f"{one.mean:.2f}{error}"))
    return _svg(_LEFT + room * len(accuracy) + 8, parts, "Accuracy by condition")


def levels_svg(figure: LevelFigure) -> str:
    """Mean ± 2 SEM per level and condition."""
    if not figure.levels:
        return ""
    room = max(46, min(90, 860 // len(figure.levels)))
    parts = [*_axis(room * len(figure.levels))]
    names = {mean.condition for mean in figure.means}
    conditions = sorted(names, key=lambda name: level_rank("condition", name))
    for place, level in enumerate(figure.levels):
        centre = _LEFT + room * (place + 0.5)
        for order, condition in enumerate(conditions):
            mean = figure.at(condition, level)
            if mean is None:
                continue
            x = centre + (order - (len(conditions) - 1) / 2) * 12
            if mean.sem2 is not None and mean.n_participants >= 5:
                top, foot = _y(min(1, mean.mean + mean.sem2)), _y(max(0, mean.mean - mean.sem2))
                colour = COLOURS.get(condition, "#666666")
                parts.append(
                    f'<line x1="{x:.1f}" x2="{x:.1f}" y1="{top:.1f}" y2="{foot:.1f}" '
                    f'stroke="{colour}" stroke-width="2"/>'
                )
            parts.append(_marker(condition, x, _y(mean.mean), 4))
        parts.append(_text(centre, _HEIGHT - 28, level.replace("mixed", "").split(",")[0]))
        if "," in level:
            parts.append(_text(centre, _HEIGHT - 12, level.split(", ")[1]))
    return _svg(_LEFT + room * len(figure.levels) + 8, parts, f"Accuracy by {figure.column}")


def scatter_svg(words: str, points: dict[str, list[tuple[float, float]]]) -> str:
    """Accuracy against another number; one marker per point.

    Parameters
    ----------
    words : str
        Name of the horizontal axis.
    points : dict of str to list of (float, float)
        Number and accuracy, by condition.
    """
    values = [x for found in points.values() for x, _ in found]
    if not values:
        return ""
    low, high = min(values), max(values)
    reach = high - low or 1.0
    room = 420
    parts = [*_axis(room)]
    for condition, found in points.items():
        for x, accuracy in found:
            place = _LEFT + 20 + (x - low) / reach * (room - 40)
            parts.append(_marker(condition, place, _y(accuracy), 3.5))
    for x, anchor in ((low, "start"), (high, "end")):
        place = _LEFT + 20 if anchor == "start" else _LEFT + room - 20
        parts.append(_text(place, _HEIGHT - 28, f"{x:.3g}", anchor=anchor))
    parts.append(_text(_LEFT + room / 2, _HEIGHT - 12, words))
    return _svg(_LEFT + room + 8, parts, f"Accuracy against {words.lower()}")


def _axis(width: float) -> list[str]:
    parts = []
    for tick in (0, 0.25, 0.5, 0.75, 1):
        y = _y(tick)
        look = 'stroke="#484848" stroke-dasharray="4 3"' if tick == CHANCE else 'stroke="#DDDDDD"'
        parts.append(f'<line x1="{_LEFT}" x2="{_LEFT + width}" y1="{y:.1f}" y2="{y:.1f}" {look}/>')
        parts.append(_text(_LEFT - 6, y + 4, f"{tick:g}", anchor="end"))
    parts.append(_text(_LEFT + 4, _y(CHANCE) - 4, "chance", anchor="start"))
    return parts


def _mean(x: float, mean: float, sem2: float | None) -> list[str]:
    parts = [_stroke(x - 8, x + 8, _y(mean), _y(mean), 3)]
    if sem2 is not None:
        parts.append(_stroke(x, x, _y(mean - sem2), _y(mean + sem2), 2))
    return parts


def _stroke(x1: float, x2: float, y1: float, y2: float, width: float) -> str:
    return (
        f'<line x1="{x1:.1f}" x2="{x2:.1f}" y1="{y1:.1f}" y2="{y2:.1f}" '
        f'stroke="#1B1B1B" stroke-width="{width}"/>'
    )


def _marker(condition: str, x: float, y: float, half: float) -> str:
    colour = COLOURS.get(condition, "#666666")
    if condition == "synthetic":
        half *= 1.2
        corners = f"{x},{y - half} {x + half},{y} {x},{y + half} {x - half},{y}"
        return f'<polygon points="{corners}" fill="{colour}"/>'
    if condition == "none":
        corners = f"{x},{y - half} {x + half},{y + half} {x - half},{y + half}"
        return f'<polygon points="{corners}" fill="#FFFFFF" stroke="{colour}"/>'
    if condition == "mixed":
        return (
            f'<rect x="{x - half}" y="{y - half}" width="{2 * half}" height="{2 * half}" '
            f'fill="{colour}"/>'
        )
    fill = "#FFFFFF" if condition == "blurred" else colour
    return f'<circle cx="{x:.1f}" cy="{y:.1f}" r="{half}" fill="{fill}" stroke="{colour}"/>'


def _y(proportion: float) -> float:
    return _HEIGHT - _FOOT - proportion * (_HEIGHT - _TOP - _FOOT)


def _text(x: float, y: float, words: str, *, anchor: str = "middle", bold: bool = False) -> str:
    weight = ' font-weight="600"' if bold else ""
    return f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}"{weight}>{escape(words)}</text>'


def _svg(width: float, parts: list[str], title: str) -> str:
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{width:.0f}" height="{_HEIGHT}" '
        f'viewBox="0 0 {width:.0f} {_HEIGHT}" role="img" aria-label="{escape(title)}" '
        f'font-size="11" font-family="sans-serif" fill="#484848">{"".join(parts)}</svg>'
    )
