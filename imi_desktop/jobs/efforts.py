"""Rough seconds that stimuli take on one processor, for estimates and progress. Knows no torch."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache

from imi_desktop.experiment.study import OcclusionStimuli
from imi_desktop.models.catalogue import find
from imi_desktop.models.errors import ModelNotDescribedError
from imi_desktop.models.layer_tables import layers_of
from imi_desktop.models.unit import Unit
from imi_desktop.stimuli.pack import IMAGE_SIZE, SIDES
from imi_desktop.stimuli.visualization.presets import Preset


@dataclass(frozen=True)
class Cost:
    """What a network's last layer costs, on one core of an Intel Xeon with AVX-512.

    Parameters
    ----------
    step : float
        Seconds for optimising one image of 224 px for one step.
    position : float
        Seconds for measuring a unit with a patch of 90 px at one position.
    """

    step: float
    position: float


COSTS: Mapping[str, Cost] = {
    "tf_efficientnet_lite0": Cost(0.042, 0.008),
    "tf_efficientnet_lite1": Cost(0.06, 0.012),
    "tf_efficientnet_lite2": Cost(0.08, 0.016),
    "googlenet": Cost(0.08, 0.019),
    "inceptionv1": Cost(0.09, 0.023),
    "resnet50": Cost(0.175, 0.065),
    "resnet50_clip": Cost(0.22, 0.08),
    "wide_resnet50_2": Cost(0.4, 0.14),
    "densenet201": Cost(0.27, 0.12),
    "vit_b_32": Cost(0.28, 0.07),
    "vit_base_patch32_clip_224": Cost(0.28, 0.07),
    "convnext_base": Cost(0.5, 0.25),
}
"""By architecture. Measured at three depths, and for EfficientNet-Lite0 over 20 units by
``imi-desktop bench guarantee``, while other work was going on."""

OTHER_COST = Cost(0.175, 0.065)
"""Of architectures that nobody measured: that of a ResNet-50."""

_FIRST_STEP, _FIRST_POSITION = 0.5, 0.2
"""What the first layer costs, as a share of the last: less of the network is computed, and in early
layers a patch reaches little of a map."""


def seconds_of_optimising(preset: Preset, unit: Unit) -> float:
    """Both sides of a unit's feature visualizations."""
    steps = preset.steps
    if preset.search is not None and preset.stop is not None:
        # The least that the search takes: it renders anew for every weight.
        steps = (2 + preset.search.bisections) * min(steps, preset.stop.minimum_steps + 1)
    area = (preset.window / IMAGE_SIZE) ** 2
    step = _cost(unit.model).step * _at_depth(_FIRST_STEP, unit)
    return len(SIDES) * step * area * steps * preset.images


def seconds_of_searching(occlusion: OcclusionStimuli, unit: Unit) -> float:
    """One map of activations, with the patch of an occlusion or blur at every position."""
    along = (IMAGE_SIZE - occlusion.patch_px) // occlusion.stride_px + 1
    return _cost(unit.model).position * _at_depth(_FIRST_POSITION, unit) * along**2


def _cost(model: str) -> Cost:
    try:
        return COSTS.get(find(model).architecture, OTHER_COST)
    except ModelNotDescribedError:
        return OTHER_COST


def _at_depth(first: float, unit: Unit) -> float:
    try:
        depth = _depths(unit.model).get(unit.layer, 1.0)
    except ModelNotDescribedError:
        depth = 1.0
    return first + (1 - first) * depth


@lru_cache(maxsize=16)
def _depths(model: str) -> Mapping[str, float]:
    return {layer.name: layer.relative_depth for layer in layers_of(model)}
