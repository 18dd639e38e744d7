"""What was computed about units besides their stimuli: one JSON file per kind in ``exports/``.

Each file says how its numbers came about, can be deleted and computed again, and is replaced as a
whole. Knows no torch, so that analyses and the window can read it.
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, Literal

from imi_desktop import atomic
from imi_desktop.errors import UserError, storage_error
from imi_desktop.models.unit import Unit

MeasureKind = Literal["activation_maps", "selectivity", "machine_score"]
FORMAT = 1


class UnitMeasuresError(UserError):
    """A file of unit measures is damaged or comes from a newer version."""


@dataclass(frozen=True)
class UnitMeasures:
    """Numbers about units and where they come from.

    Parameters
    ----------
    settings : dict
        Everything that decides about the numbers: images, weights, parameters, seeds.
    values : dict of Unit to dict of str to float or None
        Named numbers of each unit; None where one cannot be computed.
    notes : tuple of str
        What a reader should know, one sentence each.
    details : list of dict
        Finer rows that the numbers were made from, if any.
    versions : dict
        Software that computed them.
    made : str
        UTC time, ISO 8601.
    """

    kind: MeasureKind
    settings: dict[str, Any]
    values: dict[Unit, dict[str, float | None]]
    notes: tuple[str, ...] = ()
    details: list[dict[str, Any]] = field(default_factory=list)
    versions: dict[str, str] = field(default_factory=dict)
    made: str = ""

    def to_json(self) -> dict[str, Any]:
        """The measures as JSON-able values."""
        return {
            "format": FORMAT,
            "kind": self.kind,
            "made": self.made,
            "versions": self.versions,
            "settings": self.settings,
            "notes": list(self.notes),
            "units": [{**asdict(unit), **values} for unit, values in self.values.items()],
            "details": self.details,
        }

    def write(self, study_dir: Path) -> Path:
        """Write ``exports/<kind>.json``, atomically.

        Raises
        ------
        StorageError
            If the file cannot be written.
        """
        path = measures_path(study_dir, self.kind)
        text = json.dumps(self.to_json(), ensure_ascii=False, allow_nan=False, indent=1)
        atomic.write_text(path, text + "\n")
        return path

    @classmethod
    def read(cls, study_dir: Path, kind: MeasureKind) -> UnitMeasures | None:
        """Read a study's measures of one kind; None if they were not computed.

        Raises
        ------
        UnitMeasuresError
            If the file is not such a file.
        StorageError
            If it cannot be read.
        """
        path = measures_path(study_dir, kind)
        try:
            text = path.read_text(encoding="utf-8")
        except FileNotFoundError:
            return None
        except (OSError, UnicodeDecodeError) as error:
            if isinstance(error, OSError):
                raise storage_error("read", path, error) from error
            raise _damaged(path) from error
        try:
            found = json.loads(text)
            if found["format"] != FORMAT or found["kind"] != kind:
                raise UnitMeasuresError(
                    f"{path} is of another kind or a newer version. Compute it again."
                )
            return cls(
                kind=kind,
                settings=dict(found["settings"]),
                values={_unit(row): _numbers(row) for row in found["units"]},
                notes=tuple(str(note) for note in found["notes"]),
                details=list(found["details"]),
                versions=dict(found["versions"]),
                made=str(found["made"]),
            )
        except (KeyError, TypeError, ValueError) as error:
            raise _damaged(path) from error


def measures_path(study_dir: Path, kind: MeasureKind) -> Path:
    """``exports/<kind>.json`` of a study."""
    return Path(study_dir) / "exports" / f"{kind}.json"


def _unit(row: dict[str, Any]) -> Unit:
    return Unit(str(row["model"]), str(row["layer"]), int(row["channel"]))


def _numbers(row: dict[str, Any]) -> dict[str, float | None]:
    return {
        name: None if value is None else float(value)
        for name, value in row.items()
        if name not in {"model", "layer", "channel"}
    }


def _damaged(path: Path) -> UnitMeasuresError:
    return UnitMeasuresError(f"{path} is damaged. Delete it and compute it again.")
