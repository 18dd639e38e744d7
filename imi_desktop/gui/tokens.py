"""What every colour and text size of the app is, light and dark."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Marker = Literal["circle", "diamond", "triangle", "square"]


@dataclass(frozen=True)
class ConditionColours:
    """How one condition is drawn everywhere.

    Parameters
    ----------
    steps : tuple of str
        Main, second and third step; confidence 3, 2, 1 use them in this order.
    bar : str
        Fill of bars that carry text.
    on_steps : tuple of str
        Text colour on each step.
    marker : Marker
        Shape; `filled` is False for shapes drawn as an outline.
    """

    steps: tuple[str, str, str]
    bar: str
    on_steps: tuple[str, str, str]
    marker: Marker
    filled: bool = True

    @property
    def main(self) -> str:
        """Colour of points, lines and words."""
        return self.steps[0]


@dataclass(frozen=True)
class Tokens:
    """The colours of one theme, as ``#RRGGBB``. All but accent, warn and error have no hue."""

    name: Literal["light", "dark"]
    window: str
    panel: str
    field: str
    nav_on: str
    control: str
    hover: str
    selected: str
    line: str
    grid: str
    control_line: str
    ink: str
    ink2: str
    ink3: str
    accent: str
    on_accent: str
    warn: str
    warn_ground: str
    error: str
    error_ground: str
    bar: str
    bar_soft: str
    track: str
    well: str
    conditions: dict[str, ConditionColours]


_LIGHT_TEXT = ("#FFFFFF", "#1B1B1B", "#1B1B1B")
_DARK_TEXT = ("#101010", "#FFFFFF", "#FFFFFF")

LIGHT = Tokens(
    name="light",
    window="#E3E3E3",
    panel="#F4F4F4",
    field="#FFFFFF",
    nav_on="#FFFFFF",
    control="#FBFBFB",
    hover="#EAEAEA",
    selected="#D3E4E1",
    line="#CDCDCD",
    grid="#DDDDDD",
    control_line="#8C8C8C",
    ink="#1B1B1B",
    ink2="#484848",
    ink3="#5C5C5C",
    accent="#0B6B63",
    on_accent="#FFFFFF",
    warn="#7F5200",
    warn_ground="#F2E5C6",
    error="#AE2318",
    error_ground="#F5DCD8",
    bar="#8A8A8A",
    bar_soft="#C9C9C9",
    track="#D4D4D4",
    well="#808080",
    conditions={
        "natural": ConditionColours(
            ("#0072B2", "#6FAAD0", "#BBD7E9"), "#0072B2", _LIGHT_TEXT, "circle"
        ),
        "synthetic": ConditionColours(
            ("#D55E00", "#E59A63", "#F3CDB1"), "#A84A00", _LIGHT_TEXT, "diamond"
        ),
        "none": ConditionColours(
            ("#666666", "#9A9A9A", "#CBCBCB"), "#666666", _LIGHT_TEXT, "triangle", filled=False
        ),
        "mixed": ConditionColours(
            ("#A03F84", "#BF79A9", "#DFBCD4"), "#A03F84", _LIGHT_TEXT, "square"
        ),
        "blurred": ConditionColours(
            ("#2F86BA", "#74AED1", "#BAD7E8"), "#2F86BA", _LIGHT_TEXT, "circle", filled=False
        ),
    },
)

DARK = Tokens(
    name="dark",
    window="#191919",
    panel="#232323",
    field="#1D1D1D",
    nav_on="#2C2C2C",
    control="#2D2D2D",
    hover="#2C2C2C",
    selected="#1F3D39",
    line="#3B3B3B",
    grid="#343434",
    control_line="#7C7C7C",
    ink="#EDEDED",
    ink2="#C4C4C4",
    ink3="#A3A3A3",
    accent="#5CC3B4",
    on_accent="#0D1B19",
    warn="#EDB64A",
    warn_ground="#3B301A",
    error="#FF9182",
    error_ground="#412320",
    bar="#7E7E7E",
    bar_soft="#4A4A4A",
    track="#3D3D3D",
    well="#808080",
    conditions={
        "natural": ConditionColours(
            ("#56B4E9", "#2A75A1", "#23506B"), "#56B4E9", _DARK_TEXT, "circle"
        ),
        "synthetic": ConditionColours(
            ("#F0873A", "#A35820", "#6B4023"), "#F0873A", _DARK_TEXT, "diamond"
        ),
        "none": ConditionColours(
            ("#ABABAB", "#6E6E6E", "#4C4C4C"), "#ABABAB", _DARK_TEXT, "triangle", filled=False
        ),
        "mixed": ConditionColours(
            ("#DB8FC2", "#935F83", "#5D4054"), "#DB8FC2", _DARK_TEXT, "square"
        ),
        "blurred": ConditionColours(
            ("#8ECBEE", "#4F8CB0", "#35596D"), "#8ECBEE", _DARK_TEXT, "circle", filled=False
        ),
    },
)

FONT_ROLES: dict[str, tuple[int, int]] = {
    "caption": (12, 400),
    "axis": (11, 400),
    "table": (12, 400),
    "body": (13, 400),
    "value": (13, 500),
    "card_title": (13, 600),
    "subject": (15, 600),
    "page_title": (20, 600),
    "start_title": (26, 600),
    "large_number": (40, 600),
}
"""Text role → size in px and weight."""
