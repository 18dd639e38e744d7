"""Writes a unit's natural exemplars into the study: crops, with their place in the data set."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from imi_desktop.models.preprocessing import Preprocessing
from imi_desktop.models.unit import Unit
from imi_desktop.progress import CancelToken
from imi_desktop.stimuli.activation_table import ActivationTable
from imi_desktop.stimuli.exemplars import NaturalBatches, exemplars
from imi_desktop.stimuli.image_files import write_png
from imi_desktop.stimuli.image_folder import ImageFolder
from imi_desktop.stimuli.images import crop_for, open_rgb
from imi_desktop.stimuli.manifest import Record
from imi_desktop.stimuli.pack import IMAGE_SIZE, QUERY, SIDES, natural_path
from imi_desktop.stimuli.provenance import utc_now, versions


def shown_crop(preprocessing: Preprocessing) -> Preprocessing:
    """The 224-px square that stands for what a network saw.

    Networks that see another size see the same part of the image.
    """
    if preprocessing.crop == IMAGE_SIZE:
        return preprocessing
    resize = round(preprocessing.resize * IMAGE_SIZE / preprocessing.crop)
    return preprocessing.model_copy(update={"resize": resize, "crop": IMAGE_SIZE})


def natural_crop(folder: ImageFolder, image: str, preprocessing: Preprocessing) -> NDArray[Any]:
    """One image of the folder as a stimulus, uint8 (224, 224, 3).

    Raises
    ------
    UnreadableImageError
        If the file has gone or was damaged since it was indexed.
    """
    return crop_for(shown_crop(preprocessing), open_rgb(folder.file(image)))


def write_natural(
    study_dir: Path,
    unit: Unit,
    folder: ImageFolder,
    table: ActivationTable,
    chosen: NaturalBatches,
    batches: Sequence[int],
    preprocessing: Preprocessing,
    parameters: dict[str, Any],
    seed: int,
    task: str,
    cancel: CancelToken,
) -> list[Record]:
    """Write the images of some batches and say where each came from.

    Parameters
    ----------
    chosen : NaturalBatches
        All batches of the unit.
    batches : sequence of int
        Those to write.
    task : str
        Hash of the task that this is part of.

    Returns
    -------
    list of Record
        One per image, for the manifest.

    Raises
    ------
    UnreadableImageError
        If an image has gone or was damaged.
    StorageError
        If a file cannot be written.
    Cancelled
        If asked to stop; files written so far stay.
    """
    values = table.unit(unit.channel)
    sources = {file.path: file.sha256 for file in folder.usable}
    software, made = versions(), utc_now()
    records = []
    for batch in batches:
        for side in SIDES:
            row = chosen.side(side)[batch]
            for index, place in zip(_indices(len(row)), exemplars(values, row), strict=True):
                cancel.check()
                image = table.images[place.index]
                file = natural_path(unit, batch, side, index)
                digest = write_png(study_dir / file, natural_crop(folder, image, preprocessing))
                records.append(
                    Record(
                        file=file,
                        sha256=digest,
                        unit=unit,
                        kind="natural",
                        side=side,
                        batch=batch,
                        index=index,
                        source_image=image,
                        source_sha256=sources.get(image),
                        activation=place.activation,
                        rank=place.rank,
                        percentile=place.percentile,
                        parameters=parameters,
                        seed=seed,
                        versions=software,
                        made=made,
                        task=task,
                    )
                )
    return records


def _indices(n: int) -> tuple[int, ...]:
    return (*range(n - 1), QUERY)


def place_in(values: NDArray[np.float32], activation: float) -> tuple[int, float]:
    """Rank and percentile that an activation would take among a folder's.

    Returns
    -------
    rank : int
        1 if no image of the folder is higher.
    percentile : float
        Share of the folder's images that are lower (ties count half), 0 … 100.
    """
    higher = int((values > activation).sum())
    equal = int((values == activation).sum())
    lower = values.size - higher - equal
    return higher + 1, 100.0 * (lower + equal / 2) / values.size
