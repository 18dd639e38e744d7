"""Every stimulus that a study needs, as the same grey image."""

from __future__ import annotations

import re
import shutil

import numpy as np

from imi_desktop.experiment.requirements import stimuli_needed
from imi_desktop.experiment.study import Study
from imi_desktop.models.unit import Unit
from imi_desktop.stimuli.image_files import write_png
from imi_desktop.stimuli.manifest import Kind, Record, append
from imi_desktop.stimuli.pack import IMAGE_SIZE

_FOLDERS: dict[str, Kind] = {
    "natural_images": "natural",
    "optimized_images": "synthetic",
    "blurred_images": "blurred",
    "occlusion": "occlusion",
}
_FILE = re.compile(
    r"stimuli/(?P<unit>.+)/(?P<folder>natural_images|optimized_images|blurred_images|occlusion)/"
    r"(?:batch_(?P<batch>\d+)/)?(?:patch_\d+/)?(?P<side>max|min|target|distractor)"
    r"(?:_(?P<index>\d+))?\.png"
)


def write_placeholders(study: Study) -> int:
    """Write every image that any participant can meet, with its record; returns how many."""
    needed = stimuli_needed(study)
    units = {unit.folder: unit for unit in needed.units}
    first = study.folder / needed.files[0]
    sha256 = write_png(first, np.full((IMAGE_SIZE, IMAGE_SIZE, 3), 128, np.uint8))
    for file in needed.files[1:]:
        path = study.folder / file
        path.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(first, path)
    append(study.folder, [_record(units, file, sha256) for file in needed.files])
    return len(needed.files)


def _record(units: dict[str, Unit], file: str, sha256: str) -> Record:
    found = _FILE.fullmatch(file)
    assert found, file
    return Record(
        file=file,
        sha256=sha256,
        unit=units[found["unit"]],
        kind=_FOLDERS[found["folder"]],
        side="min" if found["side"] == "min" else "max",
        index=int(found["index"] or 0),
        batch=int(found["batch"]) if found["batch"] else None,
        activation=0.0,
        task="placeholder",
        made="2026-01-01T00:00:00+00:00",
    )
