"""``stimuli/manifest.jsonl``: how every stimulus was made; one line per image, append-only."""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, Literal

from imi_desktop.errors import StorageError, UserError, storage_error
from imi_desktop.models.unit import Unit

Kind = Literal["natural", "synthetic", "occlusion", "blurred"]
FORMAT = 1


class ManifestError(UserError):
    """The manifest holds something that is not a record of an image."""


@dataclass(frozen=True)
class Record:
    """One image and its provenance.

    Parameters
    ----------
    file : str
        Path relative to the study folder, with ``/``.
    sha256 : str
        Of the file's bytes.
    side : str
        ``max`` or ``min``.
    batch : int or None
        Batch of natural images; None for feature visualizations.
    index : int
        Place within its set; see :mod:`imi_desktop.stimuli.pack`.
    activation : float
        Spatial mean of the unit for this very image on the original float32 network.
    rank : int or None
        Place among the images of the folder, 1 for the highest activation; for an image that is
        not from the folder the place that it would take.
    percentile : float or None
        Share of the folder's images with a lower activation (ties count half), 0 … 100.
    source_image, source_sha256 : str or None
        Image of the image folder that it was made from.
    parameters : dict
        How it was made.
    seed : int or None
        Seed of everything random in its making.
    versions : dict
        Software that made it.
    task : str
        Hash of the inputs of the task that made it.
    made : str
        UTC time, ISO 8601.
    """

    file: str
    sha256: str
    unit: Unit
    kind: Kind
    side: str
    index: int
    activation: float
    task: str
    made: str
    batch: int | None = None
    rank: int | None = None
    percentile: float | None = None
    source_image: str | None = None
    source_sha256: str | None = None
    parameters: dict[str, Any] = field(default_factory=dict)
    seed: int | None = None
    versions: dict[str, str] = field(default_factory=dict)

    def to_json(self) -> dict[str, Any]:
        """The record as JSON-able values."""
        return {"format": FORMAT, **asdict(self)}

    @classmethod
    def from_json(cls, values: dict[str, Any]) -> Record:
        """Rebuild a record from :meth:`to_json`.

        Raises
        ------
        KeyError, TypeError, ValueError
            If a value is missing, unknown, or the format is newer than this program.
        """
        rest = dict(values)
        version = rest.pop("format")
        if version != FORMAT:
            raise ValueError(f"format {version} is not known to this version of IMI Desktop")
        return cls(unit=Unit(**rest.pop("unit")), **rest)


class Manifest:
    """The latest record of every image, in the order in which images first appeared."""

    def __init__(self, records: Iterable[Record] = ()) -> None:
        self._records = {record.file: record for record in records}

    def __len__(self) -> int:
        return len(self._records)

    def __iter__(self) -> Iterator[Record]:
        return iter(self._records.values())

    def get(self, file: str) -> Record | None:
        """Record of an image (path relative to the study folder), or None."""
        return self._records.get(file)

    def of_unit(self, unit: Unit, kind: Kind | None = None) -> list[Record]:
        """Records of one unit, of one kind if named."""
        return [
            record
            for record in self
            if record.unit == unit and (kind is None or record.kind == kind)
        ]

    @classmethod
    def read(cls, study_dir: Path) -> Manifest:
        """Read a study's manifest; empty if there is none yet.

        A torn last line (the program was killed while writing) is left out.

        Raises
        ------
        ManifestError
            If another line is damaged or comes from a newer version.
        StorageError
            If the file cannot be read.
        """
        path = manifest_path(study_dir)
        try:
            data = path.read_bytes()
        except FileNotFoundError:
            return cls()
        except OSError as error:
            raise storage_error("read", path, error) from error
        whole = data[: data.rfind(b"\n") + 1]
        records = []
        for number, line in enumerate(whole.splitlines(), start=1):
            try:
                records.append(Record.from_json(json.loads(line)))
            except (KeyError, TypeError, ValueError) as error:
                raise ManifestError(
                    f"Line {number} of {path} is not a record of an image ({error}). "
                    "Restore the file from a copy, or remove that line and generate again."
                ) from error
        return cls(records)


def manifest_path(study_dir: Path) -> Path:
    """Where a study's manifest lies."""
    return study_dir / "stimuli" / "manifest.jsonl"


def append(study_dir: Path, records: Iterable[Record]) -> None:
    """Add records and sync them to disk; a torn last line is cut off before.

    Only one process may append at a time.

    Raises
    ------
    StorageError
        If the manifest cannot be written.
    """
    path = manifest_path(study_dir)
    lines = "".join(
        json.dumps(record.to_json(), ensure_ascii=False, allow_nan=False) + "\n"
        for record in records
    )
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("a+b") as file:
            _cut_torn_line(file.fileno(), path)
            file.write(lines.encode())
            file.flush()
            os.fsync(file.fileno())
    except StorageError:
        raise
    except OSError as error:
        raise storage_error("write", path, error) from error


def _cut_torn_line(descriptor: int, path: Path) -> None:
    data = path.read_bytes()
    end = data.rfind(b"\n") + 1
    if end != len(data):
        os.ftruncate(descriptor, end)
