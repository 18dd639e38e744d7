"""Estimates go with the network, the depth of the layer and the recipe."""

from dataclasses import replace

import pytest

from imi_desktop.experiment.study import OcclusionStimuli
from imi_desktop.jobs.efforts import COSTS, seconds_of_optimising, seconds_of_searching
from imi_desktop.models.unit import Unit
from imi_desktop.stimuli.visualization.presets import find

EARLY = Unit("efficientnet_lite0", "blocks.1.0", 0)
LATE = Unit("efficientnet_lite0", "blocks.6.0", 0)
GOOGLENET = Unit("random:googlenet", "inception4c", 0)
SETTINGS = OcclusionStimuli()


def test_estimates_are_near_what_was_measured():
    # One map of GoogLeNet's inception4c has 4 624 positions of 12 ms.
    assert 45 < seconds_of_searching(SETTINGS, GOOGLENET) < 110
    # Over 20 units of EfficientNet-Lite0 an image took 31 ms for a step on average.
    preset = find("fast")
    mean = (seconds_of_optimising(preset, EARLY) + seconds_of_optimising(preset, LATE)) / 2
    assert mean / (2 * preset.images * preset.steps) == pytest.approx(0.031, rel=0.2)


@pytest.mark.parametrize(
    "estimate",
    [
        lambda unit: seconds_of_optimising(find("fast"), unit),
        lambda unit: seconds_of_searching(SETTINGS, unit),
    ],
)
def test_deep_layers_and_large_networks_take_longer(estimate):
    assert estimate(EARLY) < estimate(LATE) < estimate(replace(GOOGLENET, layer="inception5b"))
    unknown = Unit("timm:nobody_measured_this", "layer", 0)
    assert estimate(unknown) > estimate(LATE)
    assert "nobody_measured_this" not in COSTS


def test_fewer_steps_shorten_a_search_too():
    search = find("imi-2023")
    least = seconds_of_optimising(search, EARLY)
    assert seconds_of_optimising(search.with_overrides(steps=60), EARLY) < least / 20
    assert seconds_of_optimising(search.with_overrides(steps=20_001), EARLY) == least


def test_a_finer_grid_takes_longer():
    coarse = SETTINGS.model_copy(update={"stride_px": 8})
    assert seconds_of_searching(coarse, LATE) < seconds_of_searching(SETTINGS, LATE) / 10
