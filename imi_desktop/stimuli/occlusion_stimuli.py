"""Writes counterfactual stimuli and blurred references into the study."""

from __future__ import annotations

import io
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from imi_desktop import atomic
from imi_desktop.errors import UserError
from imi_desktop.models.unit import Unit
from imi_desktop.progress import CancelToken
from imi_desktop.stimuli.blur import blurred, sharp_patch
from imi_desktop.stimuli.image_files import read_stimulus, write_png
from imi_desktop.stimuli.manifest import Kind, Manifest, Record
from imi_desktop.stimuli.natural_stimuli import place_in
from imi_desktop.stimuli.occlusion import (
    OnShare,
    PatchGrid,
    occluded,
    occlusion_map,
    sharpness_map,
)
from imi_desktop.stimuli.pack import (
    QUERY,
    Side,
    blurred_path,
    natural_path,
    occlusion_map_path,
    occlusion_path,
)
from imi_desktop.stimuli.provenance import utc_now, versions
from imi_desktop.stimuli.visualization.unit_view import UnitView


class NaturalImageMissingError(UserError):
    """An occlusion or blur is to be made from a natural image that is not there."""


@dataclass(frozen=True)
class OcclusionJob:
    """What occlusions and blurs of one unit are made with.

    Parameters
    ----------
    study_dir : Path
        The study folder; holds the natural images.
    view : UnitView
        The unit.
    grid : PatchGrid
        Patch and positions.
    natural : ndarray of float32, shape (n_images,)
        The unit's activations over the image folder.
    task : str
        Hash of the task.
    """

    study_dir: Path
    view: UnitView
    grid: PatchGrid
    natural: NDArray[np.float32]
    task: str
    cancel: CancelToken
    on_share: OnShare

    @property
    def unit(self) -> Unit:
        """The unit."""
        return self.view.unit

    def source(self, manifest: Manifest, file: str) -> tuple[NDArray[np.uint8], Record | None]:
        """A natural image and its record."""
        if not (self.study_dir / file).is_file():
            raise NaturalImageMissingError(
                f"{file} is missing, and is what was to be changed. "
                "Generate the natural images first."
            )
        return read_stimulus(self.study_dir / file), manifest.get(file)

    def record(
        self,
        file: str,
        pixels: NDArray[np.uint8],
        kind: Kind,
        side: Side,
        batch: int,
        index: int,
        source: Record | None,
        parameters: dict[str, Any],
    ) -> Record:
        """Write an image and describe it; its activation is measured on the original network."""
        activation = float(self.view.verify(pixels[None])[0])
        rank, percentile = place_in(self.natural, activation)
        return Record(
            file=file,
            sha256=write_png(self.study_dir / file, pixels),
            unit=self.unit,
            kind=kind,
            side=side,
            batch=batch,
            index=index,
            activation=activation,
            rank=rank,
            percentile=percentile,
            source_image=source.source_image if source else None,
            source_sha256=source.source_sha256 if source else None,
            parameters=parameters,
            versions=versions(),
            made=utc_now(),
            task=self.task,
        )


def write_occlusions(job: OcclusionJob, batches: Sequence[int]) -> list[Record]:
    """Write target and distractor of each batch's max query, and the whole map of activations.

    The target leaves the activation highest, the distractor lowest.

    Raises
    ------
    NaturalImageMissingError
        If a query is not there.
    StorageError
        If a file cannot be written.
    Cancelled
        If asked to stop.
    """
    manifest = Manifest.read(job.study_dir)
    records = []
    patch = job.grid.patch
    for place, batch in enumerate(batches):
        query = natural_path(job.unit, batch, "max", QUERY)
        image, source = job.source(manifest, query)
        values = occlusion_map(
            job.view, image, job.grid, job.cancel, _share_of(job, place, len(batches))
        )
        _write_map(job.study_dir / occlusion_map_path(job.unit, batch, patch), values)
        unoccluded = float(job.view.verify(image[None])[0])
        for role, index in (("target", int(values.argmax())), ("distractor", int(values.argmin()))):
            top, left = job.grid.corner(index)
            parameters = {
                "role": role,
                "patch": patch,
                "stride": job.grid.stride,
                "top": top,
                "left": left,
                "from": query,
                "unoccluded": unoccluded,
            }
            file = occlusion_path(job.unit, batch, role, patch)  # type: ignore[arg-type]
            pixels = occluded(image, top, left, patch)
            records.append(
                job.record(file, pixels, "occlusion", "max", batch, QUERY, source, parameters)
            )
    return records


def write_blurred(
    job: OcclusionJob, images: Sequence[tuple[int, Side, int]], kernel: int
) -> list[Record]:
    """Write blurred copies of natural references that are sharp in the most important patch.

    That patch is the one whose sharpness brings the blurred image's activation furthest to its
    side, as in the released code.

    Parameters
    ----------
    images : sequence of (batch, side, index)
    kernel : int
        Size of the Gaussian kernel, px.

    Raises
    ------
    NaturalImageMissingError
        If a reference is not there.
    StorageError
        If a file cannot be written.
    Cancelled
        If asked to stop.
    """
    manifest = Manifest.read(job.study_dir)
    records = []
    for place, (batch, side, index) in enumerate(images):
        reference = natural_path(job.unit, batch, side, index)
        image, source = job.source(manifest, reference)
        background = blurred(image, kernel)
        share = _share_of(job, place, len(images))
        values = sharpness_map(job.view, image, background, job.grid, job.cancel, share)
        best = values.argmax() if side == "max" else values.argmin()
        top, left = job.grid.corner(int(best))
        parameters = {
            "patch": job.grid.patch,
            "stride": job.grid.stride,
            "kernel": kernel,
            "top": top,
            "left": left,
            "from": reference,
        }
        pixels = sharp_patch(image, background, top, left, job.grid.patch)
        file = blurred_path(job.unit, batch, side, index)
        records.append(job.record(file, pixels, "blurred", side, batch, index, source, parameters))
    return records


def _share_of(job: OcclusionJob, place: int, total: int) -> OnShare:
    return lambda share: job.on_share((place + share) / total)


def _write_map(path: Path, values: NDArray[np.float32]) -> None:
    buffer = io.BytesIO()
    np.save(buffer, values, allow_pickle=False)
    atomic.write_bytes(path, buffer.getvalue())
