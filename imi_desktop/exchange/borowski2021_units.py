"""Which unit each ``layer_i, kernel_size_j, channel_k`` of the released files stands for.

The released tables (``layer_folder_mapping_*.csv``, and ``exp2_batch_block_<letter>.csv`` or
``batch_block_<letter>/layer_folder_mapping_sampled_trials.csv`` for Experiment II) have a title
line, then ``layer_number, kernel_size_number, channel_number, layer_name, pre_post_relu,
kernel_size, feature_map_number``.
"""

from __future__ import annotations

import csv
import re
from dataclasses import dataclass
from pathlib import Path

from imi_desktop.errors import storage_error
from imi_desktop.exchange.imported_table import ForeignFormatError

_FOLDERS = ("borowski2021-units", "layer_folder_mapping")
_COLUMNS = ("layer_number", "kernel_size_number", "channel_number", "layer_name",
            "kernel_size", "feature_map_number")  # fmt: skip
_LAYERS = ("3a", "3b", "4a", "4b", "4c", "4d", "4e", "5a", "5b")
_BRANCHES = ("1x1", "3x3", "5x5", "pool")


@dataclass(frozen=True)
class PublishedUnit:
    """One feature map of InceptionV1.

    Parameters
    ----------
    layer : str
        Inception module, ``mixed3a`` … ``mixed5b``.
    branch : str
        ``1x1``, ``3x3``, ``5x5`` or ``pool``.
    channel : int or None
        Feature map of the module's concatenated output; None if no table tells it.
    """

    layer: str
    branch: str
    channel: int | None


@dataclass(frozen=True)
class PublishedUnits:
    """All units of the tables, by batch block (None in Experiment I) and released numbers."""

    units: dict[tuple[str | None, str, str, str], PublishedUnit]

    def find(
        self, block: str | None, layer: str, kernel: str, channel: str
    ) -> PublishedUnit | None:
        """The unit of one row of the released files; None if no table has it.

        Where the tables are not at hand, the layer and branch of numbered units still follow
        from the order of the nine inception modules and their four branches.
        """
        key = (_after(layer, "layer_"), _after(kernel, "kernel_size_"), _after(channel, "channel_"))
        found = self.units.get((block, *key)) or self.units.get((None, *key))
        if found or self.units:
            return found
        number, branch = key[0], key[1]
        if number.isdigit() and branch.isdigit() and int(number) < 9 and int(branch) < 4:
            return PublishedUnit(f"mixed{_LAYERS[int(number)]}", _BRANCHES[int(branch)], None)
        return None


def find_units_folder(source: Path) -> Path | None:
    """Look for the unit tables in, beside and above the released answers."""
    folder = source if source.is_dir() else source.parent
    for place in (folder, folder.parent):
        for name in ("", *_FOLDERS):
            candidate = place / name if name else place
            if candidate.is_dir() and any(candidate.glob("layer_folder_mapping*.csv")):
                return candidate
    return None


def read_units(folder: Path | None) -> PublishedUnits:
    """Read every unit table of `folder`; no tables if None.

    Raises
    ------
    ForeignFormatError
        If the folder holds no unit table, or one lacks a column.
    """
    if folder is None:
        return PublishedUnits({})
    units: dict[tuple[str | None, str, str, str], PublishedUnit] = {}
    tables = sorted({*folder.glob("*.csv"), *folder.glob("batch_block_*/*.csv")})
    for table in tables:
        match = re.search(r"batch_block_([a-h])", table.relative_to(folder).as_posix().lower())
        block = match.group(1) if match else None
        for row in _rows(table):
            key = (block, row["layer_number"], row["kernel_size_number"], row["channel_number"])
            units[key] = PublishedUnit(
                row["layer_name"], row["kernel_size"], int(row["feature_map_number"])
            )
    if not units:
        raise ForeignFormatError(f"{folder} holds no unit tables (layer_folder_mapping_*.csv).")
    return PublishedUnits(units)


def _rows(table: Path) -> list[dict[str, str]]:
    try:
        lines = table.read_text(encoding="utf-8-sig").splitlines()
    except OSError as error:
        raise storage_error("read", table, error) from error
    except UnicodeDecodeError as error:
        raise ForeignFormatError(f"{table} is not UTF-8 text.") from error
    start = next((i for i, line in enumerate(lines) if line.startswith("layer_number")), None)
    rows = list(csv.DictReader(lines[start:])) if start is not None else []
    if not rows or any(name not in rows[0] for name in _COLUMNS):
        raise ForeignFormatError(
            f"{table} is not a unit table: it needs the columns {', '.join(_COLUMNS)}."
        )
    for number, row in enumerate(rows, start=1):
        if not str(row["feature_map_number"]).strip().isdigit():
            raise ForeignFormatError(
                f"{table}, row {number}: feature_map_number is “{row['feature_map_number']}” "
                "but must be a whole number."
            )
    return [{name: str(row[name]).strip() for name in _COLUMNS} for row in rows]


def _after(text: str, prefix: str) -> str:
    return text.strip().removeprefix(prefix)
