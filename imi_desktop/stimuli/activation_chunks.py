"""An unfinished recording on disk: whole chunks of images that are kept when the work stops.

A chunk is written at once or not at all; when all chunks are there, they are merged into one
Parquet table per layer. Knows no torch.
"""

from __future__ import annotations

import hashlib
import json
import shutil
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from numpy.typing import NDArray
from safetensors import SafetensorError, safe_open
from safetensors.numpy import save

from imi_desktop import atomic
from imi_desktop.errors import storage_error
from imi_desktop.models.unit import folder_name
from imi_desktop.stimuli.activation_table import FORMAT, table_path

_ROW_GROUP_BYTES = 64 << 20


@dataclass(frozen=True)
class RecordingPlan:
    """What is recorded; two recordings with the same plan continue each other.

    Parameters
    ----------
    model : str
        Name of the model.
    channels : dict of str to tuple of int
        Recorded channels by layer.
    dataset, weights, preprocessing : str
        Fingerprints of images and weights, and the preprocessing as text.
    chunk_size, batch_size : int
        Images per chunk and per forward pass.
    """

    model: str
    channels: Mapping[str, tuple[int, ...]]
    dataset: str
    weights: str
    preprocessing: str
    chunk_size: int
    batch_size: int

    @property
    def key(self) -> str:
        """Hash of the plan."""
        text = json.dumps(
            [
                FORMAT,
                self.model,
                {layer: list(channels) for layer, channels in self.channels.items()},
                self.dataset,
                self.weights,
                self.preprocessing,
                self.chunk_size,
                self.batch_size,
            ]
        )
        return hashlib.sha256(text.encode()).hexdigest()[:16]


class ChunkStore:
    """Chunks of one recording in a hidden folder beside the tables.

    Parameters
    ----------
    study : Path
        Study folder.
    plan : RecordingPlan
        What is recorded. Chunks of another plan are removed.
    """

    def __init__(self, study: Path, plan: RecordingPlan) -> None:
        self.plan = plan
        self._study = Path(study)
        parent = self._study / "activations" / folder_name(plan.model)
        self._folder = parent / f".recording-{plan.key}"
        for other in parent.glob(".recording-*"):
            if other != self._folder:
                shutil.rmtree(other, ignore_errors=True)

    def has(self, number: int) -> bool:
        """Whether a chunk is there and whole."""
        try:
            self.images(number)
        except (OSError, SafetensorError, ValueError):
            return False
        return True

    def write(
        self,
        number: int,
        images: Sequence[str],
        failures: Mapping[str, str],
        values: Mapping[str, NDArray[np.float32]],
    ) -> None:
        """Keep a chunk, atomically.

        Parameters
        ----------
        number : int
            0, 1, …
        images : sequence of str
            Recorded images, relative paths.
        failures : dict of str to str
            Images that could not be read, with reasons.
        values : dict of str to ndarray of float32, shape (n_images, n_channels)
            By layer.

        Raises
        ------
        StorageError
            If it cannot be written; a full disk is named.
        """
        metadata = {
            "images": json.dumps(list(images)),
            "failures": json.dumps(dict(failures)),
        }
        arrays = {layer: np.ascontiguousarray(array) for layer, array in values.items()}
        atomic.write_bytes(self._path(number), save(arrays, metadata))

    def images(self, number: int) -> tuple[list[str], dict[str, str]]:
        """Recorded images of a chunk, and reasons for those that could not be read."""
        with safe_open(self._path(number), framework="numpy") as chunk:
            metadata = chunk.metadata()
        return json.loads(metadata["images"]), json.loads(metadata["failures"])

    def failures(self, n_chunks: int) -> dict[str, str]:
        """Reasons for all images that could not be read."""
        reasons: dict[str, str] = {}
        for number in range(n_chunks):
            reasons |= self.images(number)[1]
        return reasons

    def merge(self, layer: str, n_chunks: int, dataset: str) -> Path:
        """Write the table of a layer from all chunks, atomically.

        Parameters
        ----------
        layer : str
            One of the plan's layers.
        n_chunks : int
            Chunks 0 … n_chunks − 1 are there.
        dataset : str
            Fingerprint of the images that could be read.

        Raises
        ------
        StorageError
            If the table cannot be written.
        """
        channels = self.plan.channels[layer]
        metadata = {
            "imi.format": str(FORMAT),
            "imi.model": self.plan.model,
            "imi.layer": layer,
            "imi.dataset": dataset,
            "imi.weights": self.plan.weights,
            "imi.preprocessing": self.plan.preprocessing,
        }
        fields = [pa.field("image", pa.string())]
        fields += [pa.field(f"c{channel}", pa.float32()) for channel in channels]
        schema = pa.schema(fields, metadata=metadata)
        path = table_path(self._study, self.plan.model, layer)
        # Activations hardly compress, and a column must be read quickly by itself.
        options = {"compression": "none", "use_dictionary": False, "write_statistics": False}
        with atomic.replacing(path) as file, pq.ParquetWriter(file, schema, **options) as writer:
            for images, values in self._row_groups(layer, n_chunks, len(channels)):
                columns = [pa.array(images, pa.string()), *_columns(values)]
                table = pa.Table.from_arrays(columns, schema=schema)
                writer.write_table(table, row_group_size=len(images))
        return path

    def remove(self) -> None:
        """Delete the chunks once the tables are written."""
        shutil.rmtree(self._folder, ignore_errors=True)

    def _row_groups(
        self, layer: str, n_chunks: int, n_channels: int
    ) -> Iterator[tuple[list[str], NDArray[np.float32]]]:
        rows = max(1, _ROW_GROUP_BYTES // (4 * max(n_channels, 1)))
        images: list[str] = []
        parts: list[NDArray[np.float32]] = []
        for number in range(n_chunks):
            with safe_open(self._path(number), framework="numpy") as chunk:
                images += json.loads(chunk.metadata()["images"])
                parts.append(chunk.get_tensor(layer))
            if len(images) >= rows:
                yield images, np.concatenate(parts)
                images, parts = [], []
        if images:
            yield images, np.concatenate(parts)

    def _path(self, number: int) -> Path:
        return self._folder / f"chunk_{number:06d}.safetensors"


def _columns(values: NDArray[np.float32]) -> list[pa.Array]:
    """Columns of (n_images, n_channels) as Arrow arrays over one block of memory."""
    rows, columns = values.shape
    block = pa.py_buffer(np.ascontiguousarray(values.T))
    size = rows * values.itemsize
    return [
        pa.Array.from_buffers(pa.float32(), rows, [None, block.slice(column * size, size)])
        for column in range(columns)
    ]


def check_writable(study: Path) -> None:
    """Refuse a study folder that cannot be written before hours of work.

    Raises
    ------
    StorageError
        If it cannot.
    """
    folder = Path(study) / "activations"
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise storage_error("create the folder", folder, error) from error
    atomic.write_bytes(folder / ".writable", b"")
    (folder / ".writable").unlink()
