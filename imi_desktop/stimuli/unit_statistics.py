"""What is known of every unit of a layer at a glance: extremes, quantiles, strongest images.

Computed from the activation table when first asked for, and kept beside it. Knows no torch.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from numpy.typing import NDArray

from imi_desktop import atomic
from imi_desktop.stimuli.activation_table import ActivationTable
from imi_desktop.stimuli.exemplars import ranking

QUANTILES = (0.0, 0.01, 0.05, 0.15, 0.25, 0.5, 0.75, 0.85, 0.95, 0.99, 1.0)
TOP = 9
_FORMAT = "1"


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
    top, bottom : ndarray of int64, shape (n_channels, k)
        Images with the highest (lowest) activation, the most extreme first, as indices into the
        table's images; k is 9, or the number of images if there are fewer.
    """

    channels: tuple[int, ...]
    quantiles: NDArray[np.float32]
    mean: NDArray[np.float32]
    std: NDArray[np.float32]
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
    path = statistics_path(table)
    kept = _read(path, _key(table))
    if kept is not None:
        return kept
    statistics = compute_statistics(table)
    _write(path, _key(table), statistics)
    return statistics


def statistics_path(table: ActivationTable) -> Path:
    """``<layer>.units.parquet`` beside the table."""
    return table.path.with_suffix(".units.parquet")


def compute_statistics(table: ActivationTable) -> UnitStatistics:
    """Compute the statistics of a table's units, one unit at a time."""
    k = min(TOP, table.n_images)
    n = len(table.channels)
    quantiles = np.empty((n, len(QUANTILES)), dtype=np.float32)
    mean, std = np.empty(n, dtype=np.float32), np.empty(n, dtype=np.float32)
    top, bottom = np.empty((n, k), dtype=np.int64), np.empty((n, k), dtype=np.int64)
    for row, channel in enumerate(table.channels):
        values = table.unit(channel)
        quantiles[row] = np.quantile(values, QUANTILES)
        mean[row], std[row] = values.mean(dtype=np.float64), values.std(dtype=np.float64)
        order = ranking(values)
        top[row], bottom[row] = order[:k], order[: -k - 1 : -1]
    return UnitStatistics(table.channels, quantiles, mean, std, top, bottom)


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
        top=matrix("top").astype(np.int64),
        bottom=matrix("bottom").astype(np.int64),
    )
