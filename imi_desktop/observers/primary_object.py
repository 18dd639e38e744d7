"""The baseline that goes by the most prominent object, where people marked it."""

from __future__ import annotations

from pathlib import Path

from PIL import Image

from imi_desktop.observers.object_boxes import LabelledStimuli, read_boxes
from imi_desktop.observers.patch_observers import PatchObserver
from imi_desktop.observers.patches import Patch


class PrimaryObjectObserver(PatchObserver[Patch]):
    """Chooses the image whose patch hides less of the primary object.

    In Zimmermann et al. 2021 (section 4.2 and appendix) two authors labelled by hand which
    occlusion hides less of the most prominent object. Here the object's box is labelled once per
    image, and the rest follows for every trial. Images without a label, and patches that hide
    equally much, are answered by guessing.

    Parameters
    ----------
    labels : Path
        See :func:`imi_desktop.observers.object_boxes.read_boxes`.

    Raises
    ------
    ObjectLabelsError, StorageError
        If the labels cannot be used.
    """

    def __init__(self, labels: Path) -> None:
        super().__init__()
        self.name = f"primary-object:{labels.name}"
        self._source = labels
        self._labels = read_boxes(labels)
        self._stimuli: dict[Path, LabelledStimuli] = {}

    def look(self, image: Image.Image, study_folder: Path, file: str) -> Patch | None:
        """Box of the object; None if there is no label or the crop left nothing of it."""
        if study_folder not in self._stimuli:
            self._stimuli[study_folder] = LabelledStimuli.of(
                study_folder, self._labels, self._source
            )
        return self._stimuli[study_folder].boxes.get(file)

    def covered(self, seen: Patch, patch: Patch) -> float:
        """Share of the object's box that the patch hides, 0 to 1."""
        height = min(seen.bottom, patch.bottom) - max(seen.top, patch.top)
        width = min(seen.right, patch.right) - max(seen.left, patch.left)
        area = (seen.bottom - seen.top) * (seen.right - seen.left)
        return max(height, 0) * max(width, 0) / area
