"""Notes on a study's stimuli: what can be shown, but is not what a reader would expect."""

from __future__ import annotations

from collections.abc import Iterable

from imi_desktop.stimuli.manifest import Manifest, Record
from imi_desktop.stimuli.pack import QUERY

HIGH_PERCENTILE = 90.0
"""“Most activating” natural references should lie above it, “least activating” below 100 less."""

NAMED_UNITS = 3
"""Units that a note names before it only counts them."""


def stimulus_notes(manifest: Manifest, files: Iterable[str]) -> list[str]:
    """Feature visualizations and natural references that are less extreme than they should be.

    Parameters
    ----------
    files : iterable of str
        The images that trials show.
    """
    shown = list(files)
    return [*_missed_notes(_records(manifest, shown)), *reference_notes(manifest, shown)]


def _records(manifest: Manifest, files: Iterable[str]) -> list[Record]:
    return [record for file in files if (record := manifest.get(file))]


def _missed_notes(records: list[Record]) -> list[str]:
    missed: dict[str, dict[str, None]] = {}
    for record in records:
        if record.kind == "synthetic" and record.parameters.get("reaches_natural") is False:
            missed.setdefault(record.side, {})[record.unit.address] = None
    return [
        f"Not every {side} feature visualization of {_named(list(units))} reaches the natural "
        "extreme."
        for side, units in missed.items()
    ]


def reference_notes(manifest: Manifest, files: Iterable[str]) -> list[str]:
    """Natural references that are not among the most extreme tenth of the folder, by side."""
    worst: dict[str, dict[str, float]] = {}
    for record in _records(manifest, files):
        if record.kind != "natural" or record.percentile is None or record.index == QUERY:
            continue
        extreme = record.percentile if record.side == "max" else 100 - record.percentile
        if extreme < HIGH_PERCENTILE:
            units = worst.setdefault(record.side, {})
            units[record.unit.address] = min(extreme, units.get(record.unit.address, extreme))
    return [
        f"The {side} references of {_named(list(units))} go "
        + (
            f"down to percentile {min(units.values()):.0f}"
            if side == "max"
            else f"up to percentile {_least(units):.0f}"
        )
        + " of the image folder. More images, or fewer batches, would make them "
        "more extreme."
        for side, units in worst.items()
    ]


def _least(units: dict[str, float]) -> float:
    return 100 - min(units.values())


def _named(units: list[str]) -> str:
    shown = ", ".join(units[:NAMED_UNITS])
    return shown if len(units) <= NAMED_UNITS else f"{len(units)} units ({shown} …)"
