"""What is known of every unit of a layer at a glance: extremes, quantiles, sparseness, images.

Computed from the activation table after it was recorded, or when first asked for, and kept beside
it. Knows no torch.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from numpy.typing import NDArray

from imi_desktop import atomic
from imi_desktop.stimuli.activation_table import ActivationTable
from imi_desktop.stimuli.sparseness import lifetime_sparseness

QUANTILES = (0.0, 0.01, 0.05, 0.15, 0.25, 0.5, 0.75, 0.85, 0.95, 0.99, 1.0)
TOP = 9
_FORMAT = "2"
_BLOCK_BYTES = 64 << 20


@dataclass(frozen=True)
class UnitStatistics:
    """Statistics of all recorded units of a layer.

    Parameters
    ----------
    channels : tuple of int
        One per row of the arrays.
    quantiles : ndarray of float32, shape (n_channels, 11)
        At :data:`QUANTILES`; the first is the lowest activation, the last the highest.
    mean, std : ndarray of float32, shape (n_channels,)
        Over the images.
    sparseness : ndarray of float32, shape (n_channels,)
        See :func:`~imi_desktop.stimuli.sparseness.lifetime_sparseness`.
    top, bottom : ndarray of int64, shape (n_channels, k)
        Images with the highest (lowest) activation, the most extreme first, as indices into the
        table's images; k is 9, or the number of images if there are fewer.
    """

    channels: tuple[int, ...]
    quantiles: NDArray[np.float32]
    mean: NDArray[np.float32]
    std: NDArray[np.float32]
    sparseness: NDArray[np.float32]
    top: NDArray[np.int64]
    bottom: NDArray[np.int64]

    @property
    def dead(self) -> NDArray[np.bool_]:
        """Units that respond to every image alike, shape (n_channels,)."""
        constant: NDArray[np.bool_] = self.quantiles[:, 0] == self.quantiles[:, -1]
        return constant


def unit_statistics(table: ActivationTable) -> UnitStatistics:
    """Statistics of a table's units, read from beside the table if they belong to it.

    Parameters
    ----------
    table : ActivationTable
        The activations.

    Raises
    ------
    ActivationsError, StorageError
        If the table cannot be read, or the statistics cannot be written.
    """
    kept = kept_statistics(table)
    if kept is not None:
        return kept
    statistics = compute_statistics(table)
    _write(statistics_path(table), _key(table), statistics)
    return statistics


def kept_statistics(table: ActivationTable) -> UnitStatistics | None:
    """Statistics that were kept for a table; None if there are none or they are of another one."""
    return _read(statistics_path(table), _key(table))


def statistics_path(table: ActivationTable) -> Path:
    """``<layer>.units.parquet`` beside the table."""
    return table.path.with_suffix(".units.parquet")


def compute_statistics(table: ActivationTable) -> UnitStatistics:
    """Compute the statistics of a table's units, in blocks of channels of bounded size."""
    step = max(1, _BLOCK_BYTES // (4 * max(table.n_images, 1)))
    starts = range(0, len(table.channels), step)
    blocks = [_of_block(table, table.channels[start : start + step]) for start in starts]
    together = {name: np.concatenate([block[name] for block in blocks]) for name in blocks[0]}
    return UnitStatistics(table.channels, **together)


def _of_block(table: ActivationTable, channels: Sequence[int]) -> dict[str, NDArray[np.generic]]:
    columns = table.units(channels)
    rows = np.ascontiguousarray(columns.T)
    ascending = np.sort(rows, axis=1)
    k = min(TOP, table.n_images)
    return {
        "quantiles": _quantiles(ascending),
        "mean": rows.mean(axis=1, dtype=np.float64).astype(np.float32),
        "std": rows.std(axis=1, dtype=np.float64).astype(np.float32),
        "sparseness": lifetime_sparseness(columns).astype(np.float32),
        "top": _most(-rows, -ascending[:, ::-1], k),
        # From the other end of the same ranking: among equals the last image comes first.
        "bottom": table.n_images - 1 - _most(rows[:, ::-1], ascending, k),
    }


def _quantiles(ascending: NDArray[np.float32]) -> NDArray[np.float32]:
    """Quantiles of sorted rows, interpolated linearly between images."""
    place = np.array(QUANTILES) * (ascending.shape[1] - 1)
    below = np.floor(place).astype(np.int64)
    above = np.minimum(below + 1, ascending.shape[1] - 1)
    share = place - below
    low, high = ascending[:, below].astype(np.float64), ascending[:, above].astype(np.float64)
    return (low + (high - low) * share).astype(np.float32)


def _most(rows: NDArray[np.float32], ascending: NDArray[np.float32], k: int) -> NDArray[np.int64]:
    """Places of the `k` smallest values of each row, ascending; the first place among equals."""
    if k == rows.shape[1]:
        return np.argsort(rows, axis=1, kind="stable").astype(np.int64)
    places = np.sort(np.argpartition(rows, k - 1, axis=1)[:, :k], axis=1)
    order = np.argsort(np.take_along_axis(rows, places, axis=1), axis=1, kind="stable")
    chosen = np.take_along_axis(places, order, axis=1).astype(np.int64)
    # Where the last value taken occurs again, the partition may have taken a later place of it.
    for row in np.flatnonzero(ascending[:, k - 1] == ascending[:, k]):
        chosen[row] = np.argsort(rows[row], kind="stable")[:k]
    return chosen


def _key(table: ActivationTable) -> str:
    return f"{_FORMAT} {table.model} {table.layer} {table.dataset} {table.weights}"


def _write(path: Path, key: str, statistics: UnitStatistics) -> None:
    def lists(values: NDArray[np.generic]) -> pa.Array:
        return pa.FixedSizeListArray.from_arrays(pa.array(values.ravel()), values.shape[1])

    table = pa.table(
        {
            "channel": pa.array(statistics.channels, pa.int32()),
            "mean": pa.array(statistics.mean),
            "std": pa.array(statistics.std),
            "sparseness": pa.array(statistics.sparseness),
            "quantiles": lists(statistics.quantiles),
            "top": lists(statistics.top),
            "bottom": lists(statistics.bottom),
        }
    ).replace_schema_metadata({"imi.key": key})
    with atomic.replacing(path) as file:
        pq.write_table(table, file)


def _read(path: Path, key: str) -> UnitStatistics | None:
    """Statistics kept for this table; None if there are none or they are of another one."""
    try:
        table = pq.read_table(path)
    except (OSError, pa.ArrowInvalid):
        return None  # they are computed again
    if (table.schema.metadata or {}).get(b"imi.key") != key.encode():
        return None

    def matrix(name: str) -> NDArray[np.generic]:
        flat = table.column(name).combine_chunks().flatten().to_numpy(zero_copy_only=False)
        rows: NDArray[np.generic] = flat.reshape(table.num_rows, -1)
        return rows

    return UnitStatistics(
        channels=tuple(table.column("channel").to_pylist()),
        quantiles=matrix("quantiles").astype(np.float32),
        mean=table.column("mean").to_numpy().astype(np.float32),
        std=table.column("std").to_numpy().astype(np.float32),
        sparseness=table.column("sparseness").to_numpy().astype(np.float32),
        top=matrix("top").astype(np.int64),
        bottom=matrix("bottom").astype(np.int64),
    )
