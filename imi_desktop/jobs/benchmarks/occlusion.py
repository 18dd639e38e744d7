"""The occlusion search beside plain batched forward passes."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from skimage.data import astronaut

from imi_desktop.jobs.benchmarks.timing import compare
from imi_desktop.models.loading import load_network
from imi_desktop.models.unit import Unit
from imi_desktop.progress import CancelToken, ProgressReporter, silent
from imi_desktop.stimuli.occlusion import PatchGrid, occluded, occlusion_map
from imi_desktop.stimuli.visualization.unit_view import UnitView

UNIT = Unit("efficientnet_lite0", "blocks.3.1", 17)
GRID = PatchGrid(90, 18)
"""8 × 8 positions spread over the image."""

_BATCH = 32


def occlusion_benchmark(
    folder: Path, *, progress: ProgressReporter = silent
) -> list[dict[str, Any]]:
    """Activations for 64 positions of a 90-px patch, middle layer of EfficientNet-Lite0.

    Parameters
    ----------
    folder : Path
        Unused; nothing is written.
    """
    network = load_network(UNIT.model, device="cpu")
    view = UnitView.of(network, UNIT)
    image = np.ascontiguousarray(astronaut()[:224, 100:324])

    def ours() -> NDArray[np.float32]:
        return occlusion_map(view, image, GRID, CancelToken(), lambda _share: None)

    def naive() -> NDArray[np.float32]:
        corners = [GRID.corner(index) for index in range(GRID.shape[0] ** 2)]
        images = np.stack([occluded(image, top, left, GRID.patch) for top, left in corners])
        module = network.submodule(network.layer(UNIT.layer))
        values: list[torch.Tensor] = []
        handle = module.register_forward_hook(
            lambda _module, _inputs, output: values.append(output[:, UNIT.channel].mean((1, 2)))
        )
        try:
            with torch.no_grad():
                for start in range(0, len(images), _BATCH):
                    pixels = torch.from_numpy(images[start : start + _BATCH])
                    network.module(network.input_from_pixels(pixels))
        finally:
            handle.remove()
        return torch.cat(values).numpy().reshape(GRID.shape)

    expected, found = naive(), ours()
    difference = float(np.abs(found - expected).max() / np.abs(expected).max())
    return [
        compare(ours, naive, stage="Occluding", progress=progress).row(
            "occlusion",
            f"{expected.size} positions of {GRID.patch} px, {UNIT.address}, peer: whole network "
            f"in batches of {_BATCH}",
            largest_relative_difference=difference,
        )
    ]
