"""The activation recorder beside bare decoding and forward passes."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import numpy as np
import psutil
import torch

from imi_desktop.jobs.benchmarks.timing import compare
from imi_desktop.jobs.demo_images import write_demo_images
from imi_desktop.models.loading import load_network
from imi_desktop.progress import ProgressReporter, silent
from imi_desktop.stimuli.activations import CPU_BATCH, record_activations
from imi_desktop.stimuli.image_folder import ImageFolder, index_folder
from imi_desktop.stimuli.images import crop_for, open_rgb

MODEL = "efficientnet_lite0"
IMAGES = 400


def recorder_benchmark(
    folder: Path, *, progress: ProgressReporter = silent
) -> list[dict[str, Any]]:
    """All layers of interest over 400 images, beside decoding them and a forward pass each.

    Parameters
    ----------
    folder : Path
        Empty; images and tables are written there.
    """
    network = load_network(MODEL, device="cpu")
    for part in ("a", "b"):  # one set of crops is fewer than IMAGES
        write_demo_images(folder / "images" / part)
    whole = index_folder(folder / "images")
    images = ImageFolder(whole.root, tuple(whole.usable[:IMAGES]))
    layers = [layer for layer in network.layers if layer.of_interest]
    study = folder / "study"
    memory: list[int] = []

    def ours() -> None:
        shutil.rmtree(study, ignore_errors=True)
        study.mkdir()
        record_activations(network, images, layers, study)
        memory.append(psutil.Process().memory_info().rss)

    def bare() -> None:
        files = images.usable
        with torch.no_grad():
            for start in range(0, len(files), CPU_BATCH):
                crops = [
                    crop_for(network.entry.preprocessing, open_rgb(images.file(file.path)))
                    for file in files[start : start + CPU_BATCH]
                ]
                network.module(network.input_from_pixels(torch.from_numpy(np.stack(crops))))

    result = compare(ours, bare, stage="Recording", progress=progress)
    return [
        result.row(
            "recorder",
            f"{len(layers)} layers over {len(images.usable)} images, peer: decoding and forward "
            "passes only",
            images_per_second=round(len(images.usable) / result.ours, 1),
            memory_growth_mb=round((memory[-1] - memory[0]) / 1e6, 1),
        )
    ]
