"""Tables of the study file: units, stimuli and display."""

from __future__ import annotations

from typing import Literal

from pydantic import Field, field_validator

from imi_desktop.experiment.toml_file import Table
from imi_desktop.models.unit import Unit
from imi_desktop.stimuli.visualization.presets import PRESETS

Difficulty = Literal["easy", "medium", "hard", "very_hard"]
Selection = Literal["random", "hand_picked"]


class StudyUnit(Table):
    """A unit of the study and what it is for.

    Parameters
    ----------
    model, layer, channel
        The unit's address.
    selection : str
        How it came into the study: ``random`` or ``hand_picked``.
    role : str
        ``main``, ``practice``, ``catch``, ``instruction`` or ``intuitiveness``.
    set : str
        Set within the role, where the protocol has several.
    branch : str or None
        Branch of an inception block, for analyses by branch.
    """

    model: str = Field(min_length=1)
    layer: str = Field(min_length=1)
    channel: int = Field(ge=0)
    selection: Selection = "random"
    role: Literal["main", "practice", "catch", "instruction", "intuitiveness", "foil"] = "main"
    set: str = ""
    branch: str | None = None

    @property
    def unit(self) -> Unit:
        """Its address as a value."""
        return Unit(self.model, self.layer, self.channel)


class NaturalStimuli(Table):
    """How natural images are chosen.

    Parameters
    ----------
    references : int
        References per side and batch, N_ref.
    batches : int
        Disjoint batches per unit; the folder must hold ``2 · (references + 1) · batches`` images.
    rule : str
        ``borowski2021`` (A.1.2; query from the most extreme bin), ``borowski2021-as-run`` (with
        the published bug of footnote 8) or ``zimmermann2023`` (A.2).
    difficulty : str
        Where queries come from (Zimmermann et al. 2023): ``easy`` the extreme end, ``medium`` the
        99th, ``hard`` the 95th, ``very_hard`` the 85th percentile and their mirror images.
    """

    references: int = Field(default=9, ge=1, le=9)
    batches: int = Field(default=20, ge=1)
    rule: Literal["borowski2021", "borowski2021-as-run", "zimmermann2023"] = "borowski2021"
    difficulty: Difficulty = "easy"

    @property
    def images_needed(self) -> int:
        """How many usable images the folder must hold."""
        return 2 * (self.references + 1) * self.batches


class SyntheticStimuli(Table):
    """How feature visualizations are made.

    Parameters
    ----------
    preset : str
        Name of the visualization settings.
    steps : int or None
        Overrides the preset's number of optimisation steps.
    per_side : int
        Images per side.
    """

    preset: str = "standard"
    steps: int | None = Field(default=None, ge=1)
    per_side: int = Field(default=9, ge=1, le=9)

    @field_validator("preset")
    @classmethod
    def _known_preset(cls, value: str) -> str:
        if value not in {preset.name for preset in PRESETS}:
            known = ", ".join(preset.name for preset in PRESETS)
            raise ValueError(f"there is no preset “{value}”; there are {known}")
        return value


class OcclusionStimuli(Table):
    """Counterfactual stimuli (Zimmermann et al. 2021): patch and stride in px of 224."""

    patch_px: int = Field(default=90, ge=1, le=223)
    stride_px: int = Field(default=2, ge=1)
    blur_kernel_px: int = Field(default=21, ge=3)


class Stimuli(Table):
    """Parameters of everything that is generated."""

    natural: NaturalStimuli = NaturalStimuli()
    synthetic: SyntheticStimuli = SyntheticStimuli()
    occlusion: OcclusionStimuli = OcclusionStimuli()


class DisplayRequirements(Table):
    """What the participant's screen must offer before a session may start.

    Parameters
    ----------
    minimum_width_px, minimum_height_px : int
        Room for unscaled images.
    px_per_degree : float or None
        Wanted pixels per degree of visual angle; None accepts any.
    tolerance : float
        Allowed relative deviation from `px_per_degree`.
    minimum_refresh_hz : float
        Lowest refresh rate.
    calibrated : bool
        Whether a display profile is demanded.
    """

    minimum_width_px: int = Field(default=1736, ge=1)
    minimum_height_px: int = Field(default=1024, ge=1)
    px_per_degree: float | None = Field(default=None, gt=0)
    tolerance: float = Field(default=0.05, gt=0, lt=1)
    minimum_refresh_hz: float = Field(default=59.0, gt=0)
    calibrated: bool = False
