"""Notes on a study's stimuli: what can be shown, but is not what a reader would expect."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

from imi_desktop.stimuli.manifest import Manifest, Record

HIGH_PERCENTILE = 90.0
"""“Most activating” natural references should lie above it, “least activating” below 100 less."""


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
    missed = Counter(
        (record.unit.address, record.side)
        for record in records
        if record.kind == "synthetic" and record.parameters.get("reaches_natural") is False
    )
    return [
        f"{unit}: not every {side} feature visualization reaches the natural extreme."
        for unit, side in missed
    ]


def reference_notes(manifest: Manifest, files: Iterable[str]) -> list[str]:
    """Natural images that are not among the most extreme tenth of the folder, by unit and side."""
    worst: dict[tuple[str, str], float] = {}
    for record in _records(manifest, files):
        if record.kind != "natural" or record.percentile is None:
            continue
        key = record.unit.address, record.side
        inner = min if record.side == "max" else max
        worst[key] = inner(worst.get(key, record.percentile), record.percentile)
    return [
        f"{unit}: the {side} natural images go {'down' if side == 'max' else 'up'} to percentile "
        f"{percentile:.0f} of the image folder. More images would make them more extreme."
        for (unit, side), percentile in worst.items()
        if (percentile if side == "max" else 100 - percentile) < HIGH_PERCENTILE
    ]
