"""Writes a unit's feature visualizations into the study."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from imi_desktop.models.unit import Unit
from imi_desktop.progress import CancelToken
from imi_desktop.stimuli.finished_runs import FinishedRuns
from imi_desktop.stimuli.image_files import write_png
from imi_desktop.stimuli.manifest import Record
from imi_desktop.stimuli.natural_stimuli import place_in
from imi_desktop.stimuli.pack import SIDES, Side, synthetic_path
from imi_desktop.stimuli.provenance import utc_now, versions
from imi_desktop.stimuli.visualization.optimise import StepReport
from imi_desktop.stimuli.visualization.presets import Preset
from imi_desktop.stimuli.visualization.results import NaturalRange
from imi_desktop.stimuli.visualization.unit_view import UnitView
from imi_desktop.stimuli.visualization.visualise import visualise
from imi_desktop.stimuli.visualization.workshop import Workshop


def write_synthetic(
    study_dir: Path,
    unit: Unit,
    view: UnitView,
    preset: Preset,
    per_side: int,
    natural: NDArray[np.float32],
    seed: int,
    task: str,
    cancel: CancelToken,
    observe: Callable[[Side, StepReport], None],
    magnitudes: torch.Tensor | None = None,
) -> tuple[list[Record], dict[Side, int]]:
    """Make and write the images of both sides.

    Parameters
    ----------
    per_side : int
        Images kept per side, the strongest of those that the preset makes.
    natural : ndarray of float32, shape (n_images,)
        The unit's activations over the image folder.
    seed : int
        Of the study.
    observe : callable
        Told side and report after every step.
    magnitudes : torch.Tensor or None
        Spectrum of natural images, for presets that keep it.

    Returns
    -------
    records : list of Record
        One per image, for the manifest.
    missed : dict of side to int
        Images of each side that are weaker than the folder's strongest image.

    Raises
    ------
    OptimisationError
        If the network gives values that are not numbers, or memory does not suffice.
    StorageError
        If a file cannot be written.
    Cancelled
        If asked to stop.
    """
    records: list[Record] = []
    missed: dict[Side, int] = {}
    software, made = versions("torch-lucent"), utc_now()
    for side in SIDES:
        workshop = Workshop(
            view=view,
            side=side,
            preset=preset,
            natural=NaturalRange.of(natural),
            seed=seed,
            cancel=cancel,
            observe=lambda report, side=side: observe(side, report),  # type: ignore[misc]
            magnitudes=magnitudes,
            finished=FinishedRuns(study_dir, unit, task),
        )
        done = visualise(workshop)
        kept = done.images[-per_side:], done.activations[-per_side:]
        missed[side] = int((~workshop.reaches(kept[1])).sum())
        parameters: dict[str, Any] = {
            "preset": preset.to_json(),
            "steps": done.steps,
            "diversity": done.diversity,
            "runs": done.runs,
            "reaches_natural": missed[side] == 0,
        }
        for index, (pixels, activation) in enumerate(zip(*kept, strict=True)):
            file = synthetic_path(unit, side, index)
            rank, percentile = place_in(natural, float(activation))
            records.append(
                Record(
                    file=file,
                    sha256=write_png(study_dir / file, pixels),
                    unit=unit,
                    kind="synthetic",
                    side=side,
                    index=index,
                    activation=float(activation),
                    rank=rank,
                    percentile=percentile,
                    parameters=parameters,
                    seed=done.seed,
                    versions=software,
                    made=made,
                    task=task,
                )
            )
    return records, missed
