"""Where the primary object of each image lies: labels that people made."""

from __future__ import annotations

import math
from dataclasses import dataclass
from pathlib import Path

from imi_desktop.csv_rows import csv_rows
from imi_desktop.errors import UserError
from imi_desktop.models.catalogue import find
from imi_desktop.models.entry import Preprocessing
from imi_desktop.observers.patches import Patch
from imi_desktop.stimuli.image_folder import ImageFile, ImageFolder
from imi_desktop.stimuli.images import resized_size
from imi_desktop.stimuli.manifest import Manifest

COLUMNS = ("image", "left", "top", "right", "bottom")


class ObjectLabelsError(UserError):
    """The labels of primary objects cannot be used."""


@dataclass(frozen=True)
class Box:
    """A rectangle in px of the image as it lies in the image folder; right and bottom are outside.

    Parameters
    ----------
    left, top, right, bottom : float
        Of the upright image (EXIF rotation applied), from its upper left corner.
    """

    left: float
    top: float
    right: float
    bottom: float


def read_boxes(path: Path) -> dict[str, Box]:
    """Read a CSV with the columns ``image, left, top, right, bottom``.

    `image` is the path relative to the image folder with ``/``, as in ``dataset.csv``; one row per
    image. Further columns, such as the object's name, are left alone.

    Raises
    ------
    ObjectLabelsError
        Naming the line, if the table is not like that.
    StorageError
        If the file cannot be read.
    """
    boxes: dict[str, Box] = {}
    for where, row in csv_rows(path, COLUMNS, ObjectLabelsError):
        image = row["image"]
        if not image:
            raise ObjectLabelsError(f"{where}: no image is named.")
        if image in boxes:
            raise ObjectLabelsError(f"{where}: {image} has two boxes; give it one.")
        boxes[image] = _box(row, where)
    if not boxes:
        raise ObjectLabelsError(f"{path} holds no box.")
    return boxes


def _box(row: dict[str, str], where: str) -> Box:
    try:
        box = Box(*(float(row[name]) for name in COLUMNS[1:]))
    except ValueError as error:
        raise ObjectLabelsError(f"{where}: a side of the box is not a number.") from error
    if not (0 <= box.left < box.right < math.inf and 0 <= box.top < box.bottom < math.inf):
        raise ObjectLabelsError(
            f"{where}: a box goes from left to right and from top to bottom, within the image."
        )
    return box


@dataclass(frozen=True)
class LabelledStimuli:
    """Boxes of a study's natural stimuli.

    Parameters
    ----------
    boxes : dict
        Rectangle in px of the stimulus by its file; None where the crop left nothing of it.
    """

    boxes: dict[str, Patch | None]

    @classmethod
    def of(cls, study_folder: Path, labels: dict[str, Box], source: Path) -> LabelledStimuli:
        """Find the labelled images among the stimuli.

        Raises
        ------
        ObjectLabelsError
            If none of the labelled images is the source of a stimulus.
        UserError
            If the manifest or the image index cannot be read.
        """
        files = {
            file.path: file
            for file in ImageFolder.read(study_folder / "dataset.csv", study_folder).usable
        }
        found: dict[str, Patch | None] = {}
        for record in Manifest.read(study_folder):
            image = record.source_image
            if record.kind == "natural" and image in labels and image in files:
                preprocessing = find(record.unit.model).preprocessing
                found[record.file] = in_stimulus(labels[image], files[image], preprocessing)
        if not found:
            raise ObjectLabelsError(
                f"None of the images of {source} is shown in {study_folder}. Name images as in "
                "the study’s dataset.csv."
            )
        return cls(found)


def in_stimulus(box: Box, file: ImageFile, preprocessing: Preprocessing) -> Patch | None:
    """Where a box lies after the shorter side was resized and the centre cut out.

    Returns
    -------
    Patch or None
        In whole px of the stimulus; None if it lies outside.
    """
    width, height = resized_size(file.width, file.height, preprocessing.resize)
    crop = preprocessing.crop
    across, down = width / file.width, height / file.height
    left, top = round((width - crop) / 2.0), round((height - crop) / 2.0)
    edges = (
        box.top * down - top,
        box.left * across - left,
        box.bottom * down - top,
        box.right * across - left,
    )
    inside = [min(max(round(edge), 0), crop) for edge in edges]
    patch = Patch(*inside)
    return patch if patch.bottom > patch.top and patch.right > patch.left else None
