"""Recording activations: every image once through the network, every layer in the same pass."""

from __future__ import annotations

import logging
import time
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from imi_desktop.errors import UserError
from imi_desktop.models.network import Network
from imi_desktop.models.unit import Layer
from imi_desktop.progress import CancelToken, Progress, ProgressReporter, silent
from imi_desktop.stimuli.activation_chunks import ChunkStore, RecordingPlan, check_writable
from imi_desktop.stimuli.activation_passes import ActivationPasses
from imi_desktop.stimuli.activation_table import ActivationsError, ActivationTable
from imi_desktop.stimuli.decoding import DecodedBatch, decode_batches
from imi_desktop.stimuli.image_folder import ImageFile, ImageFolder

log = logging.getLogger(__name__)

STAGE = "Recording activations"
_CHUNK_BYTES = 32 << 20
_CHUNK_IMAGES = 256
# On a CPU the maps of larger batches leave its cache: 4 images are about twice as fast as 32.
CPU_BATCH = 4
GPU_BATCH = 32
_TABLE_WRITERS = 4


@dataclass(frozen=True)
class Recording:
    """What a recording did.

    Parameters
    ----------
    folder : ImageFolder
        The images as they are now: those that could not be read are unusable, with the reason.
    excluded : dict of str to str
        Reasons for the images that the index held usable and that could not be read.
    n_images : int
        Images that the tables hold.
    layers : tuple of str
        Layers recorded now; the others had complete tables already.
    """

    folder: ImageFolder
    excluded: dict[str, str]
    n_images: int
    layers: tuple[str, ...]


class NoImagesLeftError(UserError):
    """None of the images could be read."""


def record_activations(
    network: Network,
    folder: ImageFolder,
    layers: Sequence[Layer],
    study: Path,
    *,
    channels: Mapping[str, Sequence[int]] | None = None,
    progress: ProgressReporter = silent,
    cancel: CancelToken | None = None,
    workers: int | None = None,
    batch_size: int | None = None,
) -> Recording:
    """Record the spatial (token) means of layers over an image folder into Parquet tables.

    Each image is decoded once, ahead of the network, and passes through it once for all layers.
    Work stops and goes on at chunks of at most 256 images; tables appear when they are whole.
    Memory does not grow with the number of images. Layers whose tables are complete for these
    images and weights are left alone.

    Parameters
    ----------
    network : Network
        The model.
    folder : ImageFolder
        The images.
    layers : sequence of Layer
        What to record.
    study : Path
        Study folder; tables go to ``activations/<model>/<layer>.parquet``. When images cannot be
        read, ``dataset.csv`` is written anew with the reasons.
    channels : dict of str to sequence of int, or None
        Channels to record by layer; layers left out, or None, are recorded whole.
    progress : callable
        Told after every batch; ``data`` holds ``images_per_second`` and ``seconds_left``.
    cancel : CancelToken or None
        Asked before every batch.
    workers : int or None
        Decoding threads; None takes one for each processor, 8 at most.
    batch_size : int or None
        Images per forward pass; None takes 4 on a CPU and 32 on a GPU. A batch is halved when the
        device's memory does not suffice.

    Raises
    ------
    NonFiniteOutputError
        If a layer puts out something that is not a finite number.
    NoImagesLeftError
        If no image could be read.
    DeviceError
        If the device's memory does not suffice for a single image.
    StorageError
        If the study folder cannot be written, or the disk is full.
    Cancelled
        If asked to stop; whole chunks are kept.
    """
    cancel = cancel or CancelToken()
    study = Path(study)
    check_writable(study)
    wanted = {layer.name: _channels(layer, channels) for layer in layers}
    missing = [
        layer
        for layer in {layer.name: layer for layer in layers}.values()
        if not is_recorded(study, network, folder, layer.name, wanted[layer.name])
    ]
    files = folder.usable
    if not missing:
        return Recording(folder, {}, len(files), ())
    batch_size = batch_size or (CPU_BATCH if network.device.type == "cpu" else GPU_BATCH)
    plan = _plan(network, folder, {layer.name: wanted[layer.name] for layer in missing}, batch_size)
    store = ChunkStore(study, plan)
    chunks = list(_split(files, plan.chunk_size))
    _record_chunks(network, folder, missing, store, chunks, progress, cancel, workers)
    excluded = store.failures(len(chunks))
    readable = folder.without(excluded) if excluded else folder
    if not readable.usable:
        path, reason = next(iter(excluded.items()))
        raise NoImagesLeftError(
            f"None of the {len(files)} images in {folder.root} could be read; {path}, for "
            f"example: {reason}. Check the folder and index it again."
        )
    _write_tables(store, missing, len(chunks), readable.fingerprint, progress, cancel)
    if excluded:
        log.info("%d images could not be read: %s", len(excluded), excluded)
        readable.write(study / "dataset.csv")
    store.remove()
    return Recording(
        readable, excluded, len(readable.usable), tuple(layer.name for layer in missing)
    )


def is_recorded(
    study: Path, network: Network, folder: ImageFolder, layer: str, channels: Sequence[int]
) -> bool:
    """Whether the table of a layer is complete for these images, weights and channels."""
    try:
        table = ActivationTable.read(study, network.name, layer)
    except ActivationsError:
        return False
    return (
        table.dataset == folder.fingerprint
        and table.weights == network.fingerprint
        and set(channels) <= set(table.channels)
    )


def _record_chunks(
    network: Network,
    folder: ImageFolder,
    layers: Sequence[Layer],
    store: ChunkStore,
    chunks: Sequence[Sequence[ImageFile]],
    progress: ProgressReporter,
    cancel: CancelToken,
    workers: int | None,
) -> None:
    plan = store.plan
    to_do = [number for number in range(len(chunks)) if not store.has(number)]
    total = sum(len(chunk) for chunk in chunks)
    pace = _Pace(total, total - sum(len(chunks[number]) for number in to_do))
    progress(pace.report(""))
    batches = [list(_split(chunks[number], plan.batch_size)) for number in to_do]
    decoded = decode_batches(
        folder,
        (batch for chunk in batches for batch in chunk),
        network.entry.preprocessing,
        workers=workers,
        cancel=cancel,
    )
    columns = {
        layer.name: torch.tensor(plan.channels[layer.name], device=network.device)
        for layer in layers
        if len(plan.channels[layer.name]) < layer.channels
    }
    with closing(decoded), ActivationPasses(network, layers) as passes:
        for number, chunk in zip(to_do, batches, strict=True):
            content = _ChunkContent()
            for batch in chunk:
                cancel.check()
                result = next(decoded)
                values = passes.measure(result.pixels) if result.paths else {}
                content.add(result, values, columns)
                pace.done += len(batch)
                progress(pace.report(batch[-1].path))
            store.write(number, content.images, content.failures, content.arrays(plan.channels))


def _write_tables(
    store: ChunkStore,
    layers: Sequence[Layer],
    n_chunks: int,
    dataset: str,
    progress: ProgressReporter,
    cancel: CancelToken,
) -> None:
    """Merge the chunks; several tables at a time, because each waits for the disk."""
    with ThreadPoolExecutor(_TABLE_WRITERS, thread_name_prefix="tables") as pool:
        tasks = [pool.submit(store.merge, layer.name, n_chunks, dataset) for layer in layers]
        try:
            for number, (layer, task) in enumerate(zip(layers, tasks, strict=True)):
                cancel.check()
                progress(Progress("Writing activation tables", number, len(layers), layer.name))
                task.result()
        finally:
            for task in tasks:
                task.cancel()
    progress(Progress("Writing activation tables", len(layers), len(layers)))


@dataclass
class _ChunkContent:
    images: list[str] = field(default_factory=list)
    failures: dict[str, str] = field(default_factory=dict)
    values: dict[str, list[Tensor]] = field(default_factory=dict)

    def add(
        self, batch: DecodedBatch, values: Mapping[str, Tensor], columns: Mapping[str, Tensor]
    ) -> None:
        self.images += batch.paths
        self.failures |= batch.failures
        for name, value in values.items():
            chosen = value[:, columns[name]] if name in columns else value
            self.values.setdefault(name, []).append(chosen)

    def arrays(self, channels: Mapping[str, Sequence[int]]) -> dict[str, NDArray[np.float32]]:
        return {
            name: torch.cat(self.values[name]).float().cpu().numpy()
            if name in self.values
            else np.empty((0, len(numbers)), dtype=np.float32)
            for name, numbers in channels.items()
        }


class _Pace:
    """How far the recording is, and how long it will still take."""

    def __init__(self, total: int, done: int) -> None:
        self.total = total
        self.done = done
        self._before = done
        self._started = time.monotonic()

    def report(self, detail: str) -> Progress:
        seconds = time.monotonic() - self._started
        data: dict[str, float] = {}
        if self.done > self._before and seconds > 0:
            rate = (self.done - self._before) / seconds
            data = {
                "images_per_second": round(rate, 2),
                "seconds_left": round((self.total - self.done) / rate, 1),
            }
        return Progress(STAGE, self.done, self.total, detail, data)


def _plan(
    network: Network,
    folder: ImageFolder,
    channels: Mapping[str, tuple[int, ...]],
    batch_size: int,
) -> RecordingPlan:
    image_bytes = 4 * sum(len(numbers) for numbers in channels.values())
    fitting = _CHUNK_BYTES // max(image_bytes, 1) // batch_size * batch_size
    return RecordingPlan(
        model=network.name,
        channels=channels,
        dataset=folder.fingerprint,
        weights=network.fingerprint,
        preprocessing=network.entry.preprocessing.model_dump_json(),
        chunk_size=max(batch_size, min(fitting, _CHUNK_IMAGES // batch_size * batch_size)),
        batch_size=batch_size,
    )


def _channels(layer: Layer, channels: Mapping[str, Sequence[int]] | None) -> tuple[int, ...]:
    if channels is None or layer.name not in channels:
        return tuple(range(layer.channels))
    return tuple(sorted(set(channels[layer.name])))


def _split(files: Sequence[ImageFile], size: int) -> Iterator[Sequence[ImageFile]]:
    for start in range(0, len(files), size):
        yield files[start : start + size]
