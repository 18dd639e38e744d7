"""Makes the feature visualizations of one unit and one side, by any preset."""

from __future__ import annotations

from collections.abc import Callable

from imi_desktop.stimuli.visualization.controlled import controlled
from imi_desktop.stimuli.visualization.limited import limited
from imi_desktop.stimuli.visualization.presets import Method
from imi_desktop.stimuli.visualization.results import Visualizations, run_entry
from imi_desktop.stimuli.visualization.search import search
from imi_desktop.stimuli.visualization.weight import FixedWeight
from imi_desktop.stimuli.visualization.workshop import Workshop


def visualise(workshop: Workshop) -> Visualizations:
    """Make the images of one unit and side by the workshop's preset.

    Raises
    ------
    Cancelled
        If asked to stop.
    OptimisationError
        If the network gives values that are not numbers, or memory does not suffice.
    """
    return _METHODS[workshop.preset.method](workshop)


def _fixed(workshop: Workshop) -> Visualizations:
    """One run with the same weight throughout."""
    preset = workshop.preset
    seed = workshop.run_seed()
    optimisation = workshop.begin(preset.images, seed)
    optimisation.run(
        preset.steps,
        FixedWeight(preset.diversity),
        workshop.cancel,
        workshop.observe,
        workshop.stopping(),
    )
    images, activations = workshop.finish(optimisation)
    return Visualizations(
        images,
        activations,
        int((~workshop.reaches(activations)).sum()),
        preset.diversity,
        optimisation.steps_done,
        seed,
        [run_entry(seed, optimisation.steps_done, preset.diversity, activations)],
    )


_METHODS: dict[Method, Callable[[Workshop], Visualizations]] = {
    "fixed": _fixed,
    "limited": limited,
    "controller": controlled,
    "search": search,
}
