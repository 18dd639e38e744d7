"""What single units' feature visualizations get instead of the study's settings."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from typing import Any

from imi_desktop.errors import UserError
from imi_desktop.stimuli.pack import N_REFERENCES
from imi_desktop.stimuli.visualization import presets
from imi_desktop.stimuli.visualization.presets import Method, Preset


class OverrideError(UserError):
    """A unit was to be visualized with settings that make no sense."""


@dataclass(frozen=True)
class Override:
    """Settings of one unit; None keeps what the study says.

    Parameters
    ----------
    diversity : float or None
        Weight of the diversity term, from 0, throughout one run: presets that look for a weight
        by themselves do not.
    steps : int or None
        Optimisation steps, at least 1.
    preset : str or None
        Another recipe, with its own number of steps.
    """

    diversity: float | None = None
    steps: int | None = None
    preset: str | None = None

    def __post_init__(self) -> None:
        if self.diversity is not None and not (
            math.isfinite(self.diversity) and self.diversity >= 0
        ):
            raise OverrideError(f"{self.diversity} is no weight of diversity. Use a number from 0.")
        if self.steps is not None and self.steps < 1:
            raise OverrideError(f"{self.steps} is no number of steps. Use a whole number from 1.")
        if self.preset is not None:
            presets.find(self.preset)

    def applied(self, study: Preset, per_side: int) -> Preset:
        """The recipe of a unit.

        Parameters
        ----------
        study : Preset
            The study's recipe.
        per_side : int
            Images of each side that the study keeps.
        """
        preset = study if self.preset is None else sized(presets.find(self.preset), per_side)
        preset = preset.with_overrides(self.steps)
        if self.diversity is None:
            return preset
        method: Method = "limited" if preset.method == "limited" else "fixed"
        return replace(
            preset, method=method, diversity=self.diversity, controller=None, search=None
        )

    def to_json(self) -> dict[str, Any]:
        """What is given, as JSON-able values."""
        return {name: value for name, value in asdict(self).items() if value is not None}

    @classmethod
    def from_json(cls, values: Mapping[str, Any]) -> Override:
        """Rebuild from :meth:`to_json`; other entries are left alone."""
        return cls(values.get("diversity"), values.get("steps"), values.get("preset"))


def sized(preset: Preset, per_side: int) -> Preset:
    """A recipe that makes no more images than the study keeps, unless it is meant to."""
    if per_side < preset.images and per_side != N_REFERENCES:
        return preset.with_overrides(images=per_side)
    return preset
