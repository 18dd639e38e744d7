"""Published stimulus folders: ``<layer>/channel_<c>/{natural,optimized}_images/…``.

Published folders number natural images by activation, so that the max query is ``max_9`` and the
min query ``min_0`` (released answers of Borowski et al. 2021); a study calls the query of either
side 9. Min images are therefore renumbered, i ↔ 9 − i, in both directions.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from imi_desktop import atomic
from imi_desktop.analysis.load import IMPORTED
from imi_desktop.errors import storage_error
from imi_desktop.exchange.imported_table import ForeignFormatError, ImportReport, sha256_of
from imi_desktop.models.catalogue import find
from imi_desktop.models.unit import Unit
from imi_desktop.stimuli.pack import QUERY, Side, natural_path, synthetic_path

_IMAGE = re.compile(
    r"(?P<layer>[^/]+)/channel_(?P<channel>\d+)/"
    r"(?P<kind>natural_images|optimized_images)/(?:batch_(?P<batch>\d+)/)?"
    r"(?P<side>max|min)_(?P<index>\d)\.(?:png|PNG)"
)
_UNIT = re.compile(
    r"stimuli/(?P<model>[^/]+)/(?P<rest>.+/(?:natural|optimized)_images/.*"
    r"(?P<side>max|min)_(?P<index>\d)\.png)"
)


@dataclass(frozen=True)
class _Found:
    path: Path
    unit: Unit
    kind: str
    batch: int
    side: str
    index: int


def import_stimuli_folder(source: Path, into: Path, *, model: str) -> ImportReport:
    """Copy a published stimulus folder into a study, under the study's names.

    Parameters
    ----------
    source : Path
        Folder that holds layer folders.
    model : str
        Network that the layers belong to; the folders do not say it.

    Raises
    ------
    ForeignFormatError
        If the folder holds no such image.
    UnknownModelError
        If there is no such network.
    """
    find(model)
    report = ImportReport("stimuli-folder", str(source))
    if not source.is_dir():
        raise ForeignFormatError(f"There is no folder {source}.")
    found = list(_images(source, model, report))
    if not found:
        raise ForeignFormatError(
            f"{source} holds no images named like "
            "<layer>/channel_<c>/natural_images/batch_0/max_0.png."
        )
    for image in found:
        target = into / _study_path(image)
        data = _bytes(image.path)
        atomic.write_bytes(target, data)
        report.files.append(
            {
                "name": image.path.relative_to(source).as_posix(),
                "sha256": sha256_of(target),
                "rows": 1,
            }
        )
        report.outputs.append(target.relative_to(into).as_posix())
    report.mapped += [
        f"All layers are of {model}; the folders do not name a network.",
        "Natural min images were renumbered, so that 9 is the query on both sides.",
    ]
    if any(image.batch == 0 for image in found):
        report.mapped.append("Images outside a batch folder are batch 0.")
    provenance = json.dumps(report.to_json(), indent=1, ensure_ascii=False)
    atomic.write_text(into / IMPORTED / "stimuli-folder.json", provenance)
    return report


def export_stimuli_folder(study: Path, into: Path) -> list[Path]:
    """Copy a study's natural and synthetic images to a folder with the published names.

    The network is left out of the path, as published, unless the study has several.
    """
    stimuli = study / "stimuli"
    images = sorted(stimuli.rglob("*.png"))
    networks = {path.relative_to(stimuli).parts[0] for path in images}
    written = []
    for path in images:
        match = _UNIT.fullmatch(path.relative_to(study).as_posix())
        if match is None:
            continue
        rest = Path(match["rest"])
        if "natural_images" in rest.parts:
            rest = rest.with_name(_renumbered(match["side"], int(match["index"])))
        target = into / match["model"] / rest if len(networks) > 1 else into / rest
        atomic.write_bytes(target, _bytes(path))
        written.append(target)
    return written


def _images(source: Path, model: str, report: ImportReport) -> Iterator[_Found]:
    for path in sorted(source.rglob("*")):
        if not path.is_file() or path.name.startswith("."):
            continue
        match = _IMAGE.fullmatch(path.relative_to(source).as_posix())
        if match is None:
            report.problems[f"Files named unlike stimuli were left out: {path.suffix}"] += 1
            continue
        yield _Found(
            path=path,
            unit=Unit(model, match["layer"], int(match["channel"])),
            kind=match["kind"],
            batch=int(match["batch"] or 0),
            side=match["side"],
            index=int(match["index"]),
        )


def _study_path(image: _Found) -> str:
    side: Side = "max" if image.side == "max" else "min"
    if image.kind == "optimized_images":
        return synthetic_path(image.unit, side, image.index)
    index = image.index if side == "max" else QUERY - image.index
    return natural_path(image.unit, image.batch, side, index)


def _renumbered(side: str, index: int) -> str:
    return f"{side}_{index if side == 'max' else QUERY - index}.png"


def _bytes(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise storage_error("read", path, error) from error
