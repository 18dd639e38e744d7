"""The list of torchvision's classification networks, made once for the torch-free catalogue."""

from __future__ import annotations

from typing import Any

import torchvision
from torchvision.models import get_model_weights, list_models

from imi_desktop.models.preprocessing import Preprocessing


def torchvision_index() -> dict[str, dict[str, Any]]:
    """Best published weights, preprocessing and accuracy of every network, by name."""
    rows = {}
    for name in list_models(module=torchvision.models):
        weights: Any = get_model_weights(name).DEFAULT
        transform = weights.transforms()
        preprocessing = Preprocessing(
            resize=transform.resize_size[0],
            crop=transform.crop_size[0],
            mean=tuple(transform.mean),
            std=tuple(transform.std),
            interpolation=transform.interpolation.value,
        )
        rows[name] = {
            "weights": weights.url.rpartition("/")[2],
            "top1": round(weights.meta["_metrics"]["ImageNet-1K"]["acc@1"] / 100, 5),
            "preprocessing": preprocessing.model_dump(mode="json"),
        }
    return rows
