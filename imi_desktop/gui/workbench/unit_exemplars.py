"""The images that the unit panel shows, and what is known of each. Knows no Qt."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from imi_desktop.errors import UserError
from imi_desktop.experiment.study import NaturalStimuli, Study
from imi_desktop.models.unit import Unit
from imi_desktop.stimuli.exemplar_rules import natural_batches
from imi_desktop.stimuli.exemplars import exemplar_seed
from imi_desktop.stimuli.image_folder import ImageFile
from imi_desktop.stimuli.manifest import Manifest, Record
from imi_desktop.stimuli.pack import N_REFERENCES, QUERY, SIDES, Side, natural_path, synthetic_path


@dataclass(frozen=True)
class ShownImage:
    """One image of the unit panel.

    Parameters
    ----------
    name : str
        ``max_2``, as the file is called in the stimulus pack.
    kind : str
        ``natural`` or ``synthetic``.
    batch : int or None
        Batch of natural images.
    path : Path
        File to show, absolute.
    photograph : bool
        Whether `path` is an image of the image folder, to be cropped as the model sees it.
    source : str
        Image of the image folder that it is or was cut from; empty for synthetic ones.
    activation : float
        Of the unit; NaN if not known.
    rank : int or None
        1 for the image most extreme on its side.
    n_images : int
        Images that were ranked.
    percentile : float or None
        Share of images with a lower activation, 0 … 100.
    """

    name: str
    kind: str
    side: Side
    index: int
    path: Path
    photograph: bool
    batch: int | None = None
    source: str = ""
    activation: float = float("nan")
    rank: int | None = None
    n_images: int = 0
    percentile: float | None = None
    sha256: str = ""
    parameters: Mapping[str, Any] = field(default_factory=dict)
    file: ImageFile | None = None

    @property
    def is_query(self) -> bool:
        """Whether it is shown between the references."""
        return self.kind == "natural" and self.index == QUERY


@dataclass(frozen=True)
class UnitExemplars:
    """Everything shown of one unit in one batch.

    Parameters
    ----------
    references : dict of Side to tuple of ShownImage
        Nine (or fewer) natural images per side.
    queries : dict of Side to ShownImage
        At most one per side.
    synthetic : dict of Side to tuple of ShownImage
        Feature visualizations there are, weakest first.
    problem : str
        Why there are no natural images; empty if there are.
    """

    unit: Unit
    batch: int
    references: dict[Side, tuple[ShownImage, ...]]
    queries: dict[Side, ShownImage]
    synthetic: dict[Side, tuple[ShownImage, ...]]
    problem: str = ""


def exemplars_of(
    study: Study,
    manifest: Manifest,
    unit: Unit,
    batch: int,
    activations: NDArray[np.float32] | None,
    images: list[str],
    dataset: Mapping[str, ImageFile],
) -> UnitExemplars:
    """Collect the images of one unit and batch.

    Images of the stimulus pack are shown where they are; before it is generated, the images that
    it will hold are cut from the image folder by the same rule and seed.

    Parameters
    ----------
    activations : ndarray of float32, shape (n_images,), or None
        None if the layer has not been recorded.
    images : list of str
        Paths relative to the image folder, in the order of `activations`.
    dataset : mapping of str to ImageFile
        The image folder's index, by path.
    """
    chosen, problem = _from_pack(study, manifest, unit, batch, dataset), ""
    if not chosen and activations is not None:
        chosen, problem = _from_activations(study, unit, batch, activations, images, dataset)
    references: dict[Side, tuple[ShownImage, ...]] = {}
    queries: dict[Side, ShownImage] = {}
    synthetic: dict[Side, tuple[ShownImage, ...]] = {}
    for side in SIDES:
        own = [image for image in chosen if image.side == side]
        references[side] = tuple(image for image in own if not image.is_query)
        query = next((image for image in own if image.is_query), None)
        if query is not None:
            queries[side] = query
        synthetic[side] = _synthetic(study, manifest, unit, side)
    return UnitExemplars(unit, batch, references, queries, synthetic, problem)


def activation_range(images: tuple[ShownImage, ...]) -> tuple[float, float] | None:
    """Lowest and highest activation of some images; None if none is known."""
    known = [image.activation for image in images if np.isfinite(image.activation)]
    return (min(known), max(known)) if known else None


def beyond_natural(
    synthetic: tuple[ShownImage, ...], side: Side, extreme: float | None
) -> tuple[int, int]:
    """How many visualizations reach the strongest natural image, of those that are known.

    Parameters
    ----------
    extreme : float or None
        Strongest (max) or weakest (min) activation in the image folder.
    """
    known = [image.activation for image in synthetic if np.isfinite(image.activation)]
    if extreme is None:
        return 0, len(known)
    if side == "max":
        return sum(activation >= extreme for activation in known), len(known)
    return sum(activation <= extreme for activation in known), len(known)


def _from_pack(
    study: Study,
    manifest: Manifest,
    unit: Unit,
    batch: int,
    dataset: Mapping[str, ImageFile],
) -> list[ShownImage]:
    shown = []
    for side in SIDES:
        for index in (*range(N_REFERENCES), QUERY):
            file = natural_path(unit, batch, side, index)
            path = study.folder / file
            if not path.is_file():
                continue
            record = manifest.get(file)
            shown.append(_recorded(path, "natural", side, index, batch, record, dataset))
    return shown


def _synthetic(study: Study, manifest: Manifest, unit: Unit, side: Side) -> tuple[ShownImage, ...]:
    shown = []
    for index in range(N_REFERENCES):
        file = synthetic_path(unit, side, index)
        path = study.folder / file
        if path.is_file():
            shown.append(_recorded(path, "synthetic", side, index, None, manifest.get(file), {}))
    return tuple(shown)


def _recorded(
    path: Path,
    kind: str,
    side: Side,
    index: int,
    batch: int | None,
    record: Record | None,
    dataset: Mapping[str, ImageFile],
) -> ShownImage:
    name = f"{side}_{index}"
    if record is None:
        return ShownImage(name, kind, side, index, path, photograph=False, batch=batch)
    source = record.source_image or ""
    return ShownImage(
        name,
        kind,
        side,
        index,
        path,
        photograph=False,
        batch=batch,
        source=source,
        activation=record.activation,
        rank=_rank_on_side(record, len(dataset)),
        n_images=len(dataset),
        percentile=record.percentile,
        sha256=record.sha256,
        parameters=record.parameters,
        file=dataset.get(source),
    )


def _rank_on_side(record: Record, n_images: int) -> int | None:
    """1 for the image most extreme on its side; the manifest counts from the highest."""
    if record.kind != "natural" or record.rank is None:
        return None
    if record.side == "max":
        return record.rank
    return n_images - record.rank + 1 if n_images else None


def _from_activations(
    study: Study,
    unit: Unit,
    batch: int,
    activations: NDArray[np.float32],
    images: list[str],
    dataset: Mapping[str, ImageFile],
) -> tuple[list[ShownImage], str]:
    natural: NaturalStimuli = study.stimuli.natural
    try:
        batches = natural_batches(
            activations,
            rule=natural.rule,
            difficulty=natural.difficulty,
            n_references=natural.references,
            n_batches=natural.batches,
            seed=exemplar_seed(study.seed, unit),
        )
    except UserError as error:
        return [], error.sentence
    ascending = np.sort(activations)
    shown = []
    for side in SIDES:
        row = batches.side(side)[min(batch, batches.n_batches - 1)]
        for place, at in enumerate(row):
            index = QUERY if place == len(row) - 1 else place
            value = float(activations[at])
            below = int(np.searchsorted(ascending, value, side="left"))
            above = ascending.size - int(np.searchsorted(ascending, value, side="right"))
            file = dataset.get(images[at])
            shown.append(
                ShownImage(
                    f"{side}_{index}",
                    "natural",
                    side,
                    index,
                    study.images_folder / images[at],
                    photograph=True,
                    batch=batch,
                    source=images[at],
                    activation=value,
                    rank=(above if side == "max" else below) + 1,
                    n_images=int(ascending.size),
                    percentile=100.0 * below / max(1, ascending.size - 1),
                    sha256=file.sha256 if file else "",
                    file=file,
                )
            )
    return shown, ""
