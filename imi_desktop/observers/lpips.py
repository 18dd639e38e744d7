"""LPIPS as a machine observer. Imports torch."""

from __future__ import annotations

import importlib.util
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from imi_desktop.models.loading import load_network
from imi_desktop.observers.extras import ExtraMissingError
from imi_desktop.observers.reference_observer import Description, ReferenceObserver
from imi_desktop.stimuli.images import open_rgb

_LAYERS = ("features.1", "features.4", "features.7", "features.9", "features.11")
"""The five ReLU outputs of AlexNet."""

_SHIFT, _SCALE = (-0.030, -0.088, -0.188), (0.458, 0.448, 0.450)
_BATCH = 8


class LpipsObserver(ReferenceObserver):
    """Compares images by LPIPS v0.1 with AlexNet (Zhang et al. 2018, CVPR, section 3).

    The distance of two images is, summed over five layers, the spatial mean of the weighted squared
    differences of their features, scaled to length 1 at each place. It is the squared distance of
    two long vectors, which describe the images. The weights, fitted to people's judgements, come
    from the package ``lpips``; those of AlexNet from torchvision.

    Raises
    ------
    ExtraMissingError
        If the package lpips is not installed.
    WeightsMissingError
        If AlexNet's weights are not on this computer.
    """

    name = "lpips"
    confident = (0.02, 0.06)
    kept_images = 128  # 2 MB each

    def __init__(self) -> None:
        super().__init__()
        self._weights = [weight.sqrt() for weight in _fitted_weights()]
        self._network = load_network("alexnet")
        by_name = {layer.name: layer for layer in self._network.layers}
        self._layers = [by_name[name] for name in _LAYERS]

    def describe(self, paths: Sequence[Path]) -> list[Description]:
        """Weighted features of all places of five layers."""
        described: list[Description] = []
        for start in range(0, len(paths), _BATCH):
            images = [np.asarray(open_rgb(path)) for path in paths[start : start + _BATCH]]
            with torch.inference_mode():
                described += list(self._features(torch.from_numpy(np.stack(images))).cpu().numpy())
        return described

    def similarities(self, query: Description, references: Description) -> NDArray[np.float32]:
        """Minus the LPIPS distances."""
        return np.asarray(-((references - query) ** 2).sum(axis=1), dtype=np.float32)

    def _features(self, pixels: Tensor) -> Tensor:
        """Vectors of images of shape (n, h, w, 3), uint8, whose squared distances are LPIPS."""
        device = self._network.device
        images = pixels.to(device).permute(0, 3, 1, 2).float() / 127.5 - 1
        shift, scale = (torch.tensor(v, device=device).view(1, 3, 1, 1) for v in (_SHIFT, _SCALE))
        maps = self._network.capture(self._layers, (images - shift) / scale, lambda out, _: out)
        parts = []
        for layer, weight in zip(self._layers, self._weights, strict=True):
            features = maps[layer.name].clone()
            length = features.square().sum(dim=1, keepdim=True).sqrt()
            places = features.shape[2] * features.shape[3]
            scaled = features / (length + 1e-10) * weight.to(device) / places**0.5
            parts.append(scaled.flatten(1))
        return torch.cat(parts, dim=1)


def _fitted_weights() -> list[Tensor]:
    """Weights of the channels of each layer, shape (1, c, 1, 1), not negative."""
    spec = importlib.util.find_spec("lpips")
    if spec is None or spec.origin is None:
        raise ExtraMissingError(
            "The observer lpips needs the package lpips, which is not installed. Install it with: "
            "pip install lpips."
        )
    file = Path(spec.origin).parent / "weights" / "v0.1" / "alex.pth"
    if not file.is_file():
        raise ExtraMissingError(
            f"The package lpips lacks its file {file}. Install it anew with: "
            "pip install --force-reinstall lpips."
        )
    values = torch.load(file, map_location="cpu", weights_only=True)
    return [values[f"lin{index}.model.1.weight"].clamp(min=0) for index in range(len(_LAYERS))]
