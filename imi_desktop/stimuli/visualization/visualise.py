"""Makes the feature visualizations of one unit and one side, by any preset."""

from __future__ import annotations

from collections.abc import Callable

from imi_desktop.stimuli.visualization.limited import limited
from imi_desktop.stimuli.visualization.presets import Method
from imi_desktop.stimuli.visualization.results import Visualizations, run_entry
from imi_desktop.stimuli.visualization.search import search
from imi_desktop.stimuli.visualization.weight import ControlledWeight, DiversityWeight, FixedWeight
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


def _single_run(workshop: Workshop) -> Visualizations:
    """One run with a fixed or controlled weight; misses are worked on further."""
    preset = workshop.preset
    seed = workshop.run_seed()
    optimisation = workshop.begin(preset.images, seed)
    weight = _weight(workshop)
    optimisation.run(preset.steps, weight, workshop.cancel, workshop.observe, workshop.stopping())
    images, activations = workshop.finish(optimisation)
    runs = [run_entry(seed, optimisation.steps_done, weight.value, activations)]
    for _ in range(preset.retries):
        if workshop.reaches(activations).all():
            break
        # The images go on from where they are, with nothing but the unit in view.
        before = optimisation.steps_done
        optimisation.run(
            max(1, preset.steps // 4), FixedWeight(0.0), workshop.cancel, workshop.observe
        )
        images, activations = workshop.finish(optimisation)
        runs.append(run_entry(seed, optimisation.steps_done - before, 0.0, activations))
    return Visualizations(
        images,
        activations,
        int((~workshop.reaches(activations)).sum()),
        weight.value,
        optimisation.steps_done,
        seed,
        runs,
    )


def _weight(workshop: Workshop) -> DiversityWeight:
    preset, natural, side = workshop.preset, workshop.natural, workshop.side
    if preset.controller is None:
        return FixedWeight(preset.diversity)
    return ControlledWeight(
        preset.controller, natural.signed_target(side), natural.scale(side), preset.steps
    )


_METHODS: dict[Method, Callable[[Workshop], Visualizations]] = {
    "fixed": _single_run,
    "limited": limited,
    "controller": _single_run,
    "search": search,
}
