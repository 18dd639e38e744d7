"""Diverse feature visualizations of a wide layer beside Lucent's."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

from imi_desktop.jobs.benchmarks.allocator import keep_freed_memory
from imi_desktop.jobs.benchmarks.lucent import render_vis
from imi_desktop.jobs.benchmarks.timing import StepsInTurns
from imi_desktop.models.loading import load_network
from imi_desktop.models.unit import Unit
from imi_desktop.progress import CancelToken, Progress, ProgressReporter, silent
from imi_desktop.stimuli.visualization import presets
from imi_desktop.stimuli.visualization.diversity import mean_cosine
from imi_desktop.stimuli.visualization.results import NaturalRange
from imi_desktop.stimuli.visualization.unit_view import UnitView
from imi_desktop.stimuli.visualization.weight import FixedWeight
from imi_desktop.stimuli.visualization.workshop import Workshop, no_observer

WIDE = Unit("efficientnet_lite0", "conv_head", 100)
"""A unit of the last convolution, 1 280 channels; before its ReLU, where no image is silent."""

_IMAGES = 9
_OUR_WEIGHT, _PEER_WEIGHT = 50.0, 100.0
"""Of diversity. With the same weight ours came out less alike than Lucent's (three seeds, 24 to 48
steps) and responded as strongly; with half of it they are still no more alike, and stronger."""
_SEED = 42


def diversity_benchmark(
    folder: Path, *, steps: int = 24, unit: Unit = WIDE, progress: ProgressReporter = silent
) -> list[dict[str, Any]]:
    """Nine diverse images of a layer with 1 280 channels.

    Both sides take the same number of steps, alternately, and every step but the first of each is
    a measurement. What comes out is compared without transforms: how strongly the unit responds on
    the original network, and how alike the images are to the layer.

    Parameters
    ----------
    folder : Path
        Unused; nothing is written.
    steps : int
        Optimisation steps of each side; after few of them images are still noise.
    """
    network = load_network(unit.model, device="cpu")
    preset = replace(
        presets.find("borowski-2021"),
        steps=steps,
        images=_IMAGES,
        diversity=_OUR_WEIGHT,
        redirected_steps=None,
        seed=_SEED,
    )
    view = UnitView.of(network, unit, preset.window)
    workshop = Workshop(view, "max", preset, NaturalRange(0, 1, 1), _SEED, CancelToken())
    ours = workshop.begin(preset.images, _SEED)

    def step() -> None:
        ours.run(1, FixedWeight(preset.diversity), workshop.cancel, no_observer)

    turns = StepsInTurns(step)

    def peer_begins() -> None:
        progress(Progress("Diversity", ours.steps_done, steps, "one step of each side in turns"))
        turns.peer_begins()

    kept = keep_freed_memory()
    peer_preset = replace(preset, diversity=_PEER_WEIGHT)
    peer_images = render_vis(network, unit, peer_preset, _SEED, peer_begins)
    turns.peer_ended()
    images, activations = workshop.finish(ours)
    memory = ", freed memory kept by both" if kept else ""
    return [
        turns.comparison().row(
            "diversity",
            f"a step of nine images of {unit.address} with diversity, steps 2 to {steps} of each "
            f"in turns{memory}, peer Lucent render_vis; means after {steps} steps, diversity "
            f"weighing {_OUR_WEIGHT:g} in ours and {_PEER_WEIGHT:g} in Lucent",
            ours_activation=round(float(activations.mean()), 3),
            peer_activation=round(float(view.verify(peer_images).mean()), 3),
            ours_cosine=round(mean_cosine(view.features_of_pixels(images)), 4),
            peer_cosine=round(mean_cosine(view.features_of_pixels(peer_images)), 4),
        )
    ]
