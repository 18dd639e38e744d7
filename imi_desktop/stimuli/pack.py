"""Where each stimulus of a study lies, and whether it is there and whole.

The names below ``stimuli/`` are those of the published stimulus folders, so that published packs
can be dropped in and ours can be used by others. Knows no torch.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Literal

from imi_desktop.errors import storage_error
from imi_desktop.models.unit import Unit
from imi_desktop.stimuli.manifest import Manifest

Side = Literal["max", "min"]
SIDES: tuple[Side, ...] = ("max", "min")

N_REFERENCES = 9
"""References per side on the trial screen."""

QUERY = 9
"""Index of the query within a batch of natural images; 0 … 8 are its references."""

IMAGE_SIZE = 224
"""Width and height of every stimulus, in px."""

OcclusionRole = Literal["target", "distractor"]


def natural_path(unit: Unit, batch: int, side: Side, index: int) -> str:
    """Path of one natural image, relative to the study folder, with ``/``.

    Parameters
    ----------
    batch : int
        Batch of the unit, from 0.
    index : int
        0 … 8 for references, 8 the most extreme one; :data:`QUERY` for the query.
    """
    return f"stimuli/{unit.folder}/natural_images/batch_{batch}/{side}_{index}.png"


def synthetic_path(unit: Unit, side: Side, index: int) -> str:
    """Path of one feature visualization; 0 is the weakest, 8 the strongest, as published."""
    return f"stimuli/{unit.folder}/optimized_images/{side}_{index}.png"


def blurred_path(unit: Unit, batch: int, side: Side, index: int) -> str:
    """Path of the blurred copy of one natural image."""
    return f"stimuli/{unit.folder}/blurred_images/batch_{batch}/{side}_{index}.png"


def occlusion_path(unit: Unit, batch: int, role: OcclusionRole, patch: int = 90) -> str:
    """Path of one occluded copy of a batch's max query.

    Parameters
    ----------
    patch : int
        Side of the square patch in px: 66, 90 or 112 in Zimmermann et al. 2021, A.2.
    """
    return f"stimuli/{unit.folder}/occlusion/batch_{batch}/patch_{patch}/{role}.png"


def occlusion_map_path(unit: Unit, batch: int, patch: int = 90) -> str:
    """Path of the activations under every patch position (``.npy``, float32)."""
    return f"stimuli/{unit.folder}/occlusion/batch_{batch}/patch_{patch}/activations.npy"


def mixed_references(unit: Unit, batch: int, side: Side = "max") -> tuple[str, ...]:
    """Nine references of the mixed condition: five natural, then four synthetic.

    The five most activating natural images of the batch and the four strongest synthetic ones
    (Zimmermann et al. 2021, section 3).
    """
    natural = tuple(natural_path(unit, batch, side, i) for i in range(4, N_REFERENCES))
    synthetic = tuple(synthetic_path(unit, side, i) for i in range(5, N_REFERENCES))
    return natural + synthetic


def sha256_of(path: Path) -> str:
    """SHA-256 of a file's bytes, in hexadecimal.

    Raises
    ------
    StorageError
        If the file cannot be read.
    """
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError as error:
        raise storage_error("read", path, error) from error


@dataclass(frozen=True)
class StimulusPack:
    """The images of one study and where each came from.

    Parameters
    ----------
    study_dir : Path
        The study folder.
    """

    study_dir: Path

    @cached_property
    def manifest(self) -> Manifest:
        """The manifest as it was when first asked for."""
        return Manifest.read(self.study_dir)

    def path(self, relative: str) -> Path:
        """Where a stimulus lies on this computer."""
        return self.study_dir / relative

    def missing(self, paths: Iterable[str]) -> list[str]:
        """Those of `paths` (relative to the study folder) that are not there, in their order."""
        return [path for path in paths if not self.path(path).is_file()]

    def hashes(self, paths: Iterable[str]) -> dict[str, str]:
        """SHA-256 of the bytes of those of `paths` that are there.

        Raises
        ------
        StorageError
            If an image cannot be read.
        """
        files = ((path, self.path(path)) for path in paths)
        return {path: sha256_of(file) for path, file in files if file.is_file()}

    def damaged(self, paths: Iterable[str]) -> list[str]:
        """Those of `paths` that are there but differ from the SHA-256 in the manifest.

        Images that the manifest does not know (a published pack dropped in) count as whole.

        Raises
        ------
        StorageError
            If an image cannot be read.
        """
        return self.differing(self.hashes(p for p in paths if self.manifest.get(p) is not None))

    def differing(self, hashes: Mapping[str, str]) -> list[str]:
        """Those whose SHA-256 in `hashes` is not that of the manifest; see :meth:`damaged`."""
        known = {path: self.manifest.get(path) for path in hashes}
        return [path for path, record in known.items() if record and record.sha256 != hashes[path]]
