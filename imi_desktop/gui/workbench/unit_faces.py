"""Which images stand for a unit in the list: strongest, weakest, or its visualizations."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from imi_desktop.gui.workbench.exemplar_loader import ThumbnailKey
from imi_desktop.gui.workbench.unit_summary import N_SHOWN, UnitSummary
from imi_desktop.models.unit import Unit
from imi_desktop.stimuli.pack import N_REFERENCES, synthetic_path


class Face(StrEnum):
    """What the unit list shows."""

    MAX = "Max"
    MIN = "Min"
    VISUALIZATION = "Visualization"


@dataclass(frozen=True)
class UnitFaces:
    """Where the images of a unit's face lie.

    Parameters
    ----------
    study_dir : Path
        The study folder.
    image_folder : Path
        The folder of photographs.
    crop : float
        Part of a photograph's shorter side that the model sees, e.g. 224/256.
    """

    study_dir: Path
    image_folder: Path
    crop: float

    def keys(
        self, unit: Unit, summary: UnitSummary | None, face: Face, side: int
    ) -> list[ThumbnailKey]:
        """Up to four images, the strongest first, `side` device pixels wide."""
        if face is Face.VISUALIZATION:
            return [
                self.stimulus(synthetic_path(unit, "max", index), side)
                for index in range(N_REFERENCES - 1, N_REFERENCES - 1 - N_SHOWN, -1)
            ]
        if summary is None:
            return []
        images = summary.strongest if face is Face.MAX else summary.weakest
        return [self.photograph(image, side) for image in images]

    def photograph(self, image: str, side: int) -> ThumbnailKey:
        """An image of the image folder as the model sees it."""
        return ThumbnailKey(str(self.image_folder / image), side, self.crop)

    def stimulus(self, file: str, side: int) -> ThumbnailKey:
        """An image of the study folder, whole."""
        return ThumbnailKey(str(self.study_dir / file), side)
