"""Runs of a long search that are over, kept until the whole search is, so that a kill costs one.

Below ``stimuli/.unfinished`` of the study, by unit and by the hash of the task. Knows no torch.
"""

from __future__ import annotations

import io
import json
import logging
import shutil
import zipfile
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from imi_desktop import atomic
from imi_desktop.errors import storage_error
from imi_desktop.models.unit import Unit
from imi_desktop.stimuli.provenance import versions

log = logging.getLogger(__name__)

_FOLDER = ".unfinished"


@dataclass(frozen=True)
class FinishedRun:
    """What one run came to.

    Parameters
    ----------
    images : ndarray of uint8, shape (n, 224, 224, 3)
        From the weakest to the strongest.
    activations : ndarray of float32, shape (n,)
    steps : int
    """

    images: NDArray[np.uint8]
    activations: NDArray[np.float32]
    steps: int


class FinishedRuns:
    """The runs of one task that are over.

    Parameters
    ----------
    task : str
        Hash of everything that decides about the images; runs of another one are not found.
    """

    def __init__(self, study_dir: Path, unit: Unit, task: str) -> None:
        self._folder = _unit_folder(study_dir, unit) / task
        # Other software may take other steps from the same seed.
        self._software = json.dumps(versions("torch-lucent"), sort_keys=True)

    def get(self, name: str) -> FinishedRun | None:
        """The run of that name; None if it is not over, or its file cannot be used."""
        path = self._folder / f"{name}.npz"
        try:
            with np.load(io.BytesIO(path.read_bytes()), allow_pickle=False) as found:
                if str(found["software"]) != self._software:
                    return None
                return FinishedRun(found["images"], found["activations"], int(found["steps"]))
        except FileNotFoundError:
            return None
        except (OSError, KeyError, ValueError, zipfile.BadZipFile) as error:
            log.info("%s is not used (%s); the run is made again", path, error)
            return None

    def put(self, name: str, run: FinishedRun) -> None:
        """Keep a run.

        Raises
        ------
        StorageError
            If it cannot be written.
        """
        data = io.BytesIO()
        np.savez(
            data,
            images=run.images,
            activations=run.activations,
            steps=run.steps,
            software=self._software,
        )
        path = self._folder / f"{name}.npz"
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise storage_error("write", path, error) from error
        atomic.write_bytes(path, data.getvalue())


def forget_runs(study_dir: Path, unit: Unit) -> None:
    """Delete what was kept of a unit whose images are all made."""
    shutil.rmtree(_unit_folder(study_dir, unit), ignore_errors=True)


def _unit_folder(study_dir: Path, unit: Unit) -> Path:
    return study_dir / "stimuli" / _FOLDER / unit.folder
