"""Which class each image of a folder belongs to. Knows no torch."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path

from imi_desktop.csv_rows import csv_rows
from imi_desktop.errors import UserError
from imi_desktop.stimuli.image_folder import ImageFile

WORDNET_ID = re.compile(r"n\d{8}")


class LabelsError(UserError):
    """Images have no usable labels."""


def read_labels(path: Path, files: Sequence[ImageFile]) -> dict[str, str]:
    """Read a CSV with the columns ``image`` and ``label``.

    Parameters
    ----------
    path : Path
        UTF-8; `image` is the path relative to the image folder, with ``/``; `label` a class index
        of the network, a WordNet id such as n01440764, or any other name.
    files : sequence of ImageFile
        Images of the folder; others in the CSV are refused.

    Returns
    -------
    dict of str to str
        Label by relative path.

    Raises
    ------
    LabelsError
        If the file is not such a table, names an unknown image, or an image twice.
    StorageError
        If it cannot be read.
    """
    known = {file.path for file in files}
    labels: dict[str, str] = {}
    for place, row in csv_rows(path, ("image", "label"), LabelsError):
        image, label = row["image"], row["label"]
        if image not in known:
            raise LabelsError(
                f"{place}: the study's image folder has no usable image “{image}”. "
                "Write paths relative to that folder."
            )
        if not label:
            raise LabelsError(f"{place}: {image} has no label.")
        if labels.setdefault(image, label) != label:
            raise LabelsError(f"{place}: {image} has two labels.")
    if not labels:
        raise LabelsError(f"{path} holds no label.")
    return labels


def labels_from_names(files: Sequence[ImageFile]) -> dict[str, str]:
    """Labels from WordNet ids in paths: ``n01440764_tench.JPEG`` or ``n01440764/1.JPEG``.

    Raises
    ------
    LabelsError
        If no path holds one.
    """
    labels = {}
    for file in files:
        found = next(
            (m.group() for part in file.path.split("/") if (m := WORDNET_ID.match(part))), None
        )
        if found is not None:
            labels[file.path] = found
    if not labels:
        raise LabelsError(
            "No image has a WordNet id such as n01440764 in its name or folder. "
            "Give a CSV with the columns image and label."
        )
    return labels


def class_indices(
    labels: dict[str, str], classes: int, wordnet_ids: Sequence[str]
) -> dict[str, int] | None:
    """Output of the network that stands for each image's class.

    Parameters
    ----------
    labels : dict of str to str
        Label by image.
    classes : int
        Outputs of the network.
    wordnet_ids : sequence of str
        WordNet id of each output; empty where they are not known.

    Returns
    -------
    dict of str to int, or None
        None if a label names no output.
    """
    place = {name: i for i, name in enumerate(wordnet_ids)}
    indices = {}
    for image, label in labels.items():
        index = place.get(label, int(label) if re.fullmatch(r"\d+", label) else -1)
        if not 0 <= index < classes:
            return None
        indices[image] = index
    return indices
