"""How fast activations are recorded, against the least work that could do it.

The peer decodes each image and runs the bare network on it, one after the other, and keeps
nothing; the recorder does the same work, measures every layer of interest and writes the tables.
"""

from __future__ import annotations

import statistics
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch

from imi_desktop.models.network import Network
from imi_desktop.progress import CancelToken, Progress, ProgressReporter, silent
from imi_desktop.stimuli.activations import CPU_BATCH, GPU_BATCH, record_activations
from imi_desktop.stimuli.image_folder import ImageFolder
from imi_desktop.stimuli.images import crop_for, open_rgb


@dataclass(frozen=True)
class RecorderBenchmark:
    """Medians over the repeats.

    Parameters
    ----------
    ours, peer : float
        Images per second.
    ratio : float
        Median of the ratios ours / peer within each repeat; above 1 is faster than the peer.
    n_images, n_layers, n_units, repeats : int
        The work.
    """

    ours: float
    peer: float
    ratio: float
    n_images: int
    n_layers: int
    n_units: int
    repeats: int


def benchmark_recorder(
    network: Network,
    folder: ImageFolder,
    *,
    n_images: int = 64,
    repeats: int = 5,
    progress: ProgressReporter = silent,
    cancel: CancelToken | None = None,
) -> RecorderBenchmark:
    """Measure recorder and peer in turns, after one run of each that does not count.

    Parameters
    ----------
    network : Network
        The model.
    folder : ImageFolder
        Real images; the first `n_images` usable ones are taken.
    repeats : int
        How often each is measured.

    Raises
    ------
    Cancelled
        If asked to stop.
    """
    cancel = cancel or CancelToken()
    images = ImageFolder(folder.root, tuple(folder.usable[:n_images]))
    layers = [layer for layer in network.layers if layer.of_interest]
    batch = CPU_BATCH if network.device.type == "cpu" else GPU_BATCH

    def ours() -> None:
        with tempfile.TemporaryDirectory() as study:
            record_activations(network, images, layers, Path(study), cancel=cancel)

    def peer() -> None:
        for start in range(0, len(images.files), batch):
            cancel.check()
            pixels = [
                crop_for(network.entry.preprocessing, open_rgb(images.file(file.path)))
                for file in images.files[start : start + batch]
            ]
            with torch.inference_mode():
                network.module(network.input_from_pixels(torch.from_numpy(np.stack(pixels))))
        if network.device.type == "cuda":
            torch.cuda.synchronize(network.device)

    seconds: list[tuple[float, float]] = []
    for number in range(repeats + 1):
        progress(Progress("Measuring the recorder", number, repeats + 1))
        # The order changes, so that neither profits from what the other left in the caches.
        first, second = (ours, peer) if number % 2 else (peer, ours)
        times = {work: _time(work) for work in (first, second)}
        if number:
            seconds.append((times[ours], times[peer]))
    n = len(images.files)
    return RecorderBenchmark(
        ours=n / statistics.median(mine for mine, _ in seconds),
        peer=n / statistics.median(theirs for _, theirs in seconds),
        ratio=statistics.median(theirs / mine for mine, theirs in seconds),
        n_images=n,
        n_layers=len(layers),
        n_units=sum(layer.channels for layer in layers),
        repeats=repeats,
    )


def _time(work: Callable[[], None]) -> float:
    started = time.perf_counter()
    work()
    return time.perf_counter() - started
