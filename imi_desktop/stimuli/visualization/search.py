"""The published search for the largest diversity weight that keeps the guarantee.

Zimmermann, Klein and Brendel (2023), A.4, in the numbers of the released code.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np

from imi_desktop.stimuli.finished_runs import FinishedRun
from imi_desktop.stimuli.visualization.optimise import StepReport
from imi_desktop.stimuli.visualization.presets import DiversitySearch
from imi_desktop.stimuli.visualization.results import Visualizations, run_entry
from imi_desktop.stimuli.visualization.weight import FixedWeight
from imi_desktop.stimuli.visualization.workshop import Workshop


def search(workshop: Workshop) -> Visualizations:
    """Search by rendering anew for every weight.

    First all images without diversity; then one image fewer at weights 1, 10, … until the weakest
    fails to exceed the folder's strongest image; then bisections between the last weight that
    worked (or 0) and the first that failed. The strongest image without diversity completes the
    set. If no weight worked, the images without diversity are the result.

    Renders that the workshop has kept are not made again.
    """
    settings = workshop.preset.search
    assert settings is not None
    log = _Log(workshop, 2 + settings.bisections)
    plain = log.render(0.0, workshop.preset.images)
    weight, diverse = _largest_weight(settings, log, workshop.preset.images - 1)
    if diverse is None:
        images, activations, weight = plain.images, plain.activations, 0.0
    else:
        images = np.concatenate([diverse.images, plain.images[-1:]])
        activations = np.concatenate([diverse.activations, plain.activations[-1:]])
    return Visualizations(
        images,
        activations,
        int((~workshop.reaches(activations)).sum()),
        weight,
        sum(run["steps"] for run in log.runs),
        workshop.run_seed(),
        log.runs,
    )


def _largest_weight(
    settings: DiversitySearch, log: _Log, n: int
) -> tuple[float, FinishedRun | None]:
    works, best, best_weight = 0.0, None, 0.0
    fails = settings.first
    while fails <= settings.largest:
        run = log.render(fails, n)
        if not log.suffices(run):
            break
        works, best, best_weight = fails, run, fails
        fails *= settings.factor
        log.expected += 1
    else:
        return best_weight, best
    for _ in range(settings.bisections):
        middle = (works + fails) / 2
        run = log.render(middle, n)
        if log.suffices(run):
            works, best, best_weight = middle, run, middle
        else:
            fails = middle
    return best_weight, best


class _Log:
    """Renders, and remembers every run.

    Parameters
    ----------
    expected : int
        Renders that the search takes, as far as is known.
    """

    def __init__(self, workshop: Workshop, expected: int) -> None:
        self._workshop = workshop
        self.expected = expected
        self.runs: list[dict[str, Any]] = []

    def render(self, weight: float, n: int) -> FinishedRun:
        """One full optimisation from the published seed."""
        finished, name = self._workshop.finished, f"{self._workshop.side}-{n}-{weight!r}"
        run = finished.get(name) if finished is not None else None
        if run is None:
            run = self._optimised(weight, n)
            if finished is not None:
                finished.put(name, run)
        seed = self._workshop.run_seed()
        self.runs.append(run_entry(seed, run.steps, weight, run.activations))
        return run

    def _optimised(self, weight: float, n: int) -> FinishedRun:
        workshop = self._workshop
        optimisation = workshop.begin(n, workshop.run_seed())
        usual = self._usual_steps()

        def observe(report: StepReport) -> None:
            share = (len(self.runs) + min(report.step / usual, 1.0)) / self.expected
            workshop.observe(replace(report, share=share))

        optimisation.run(
            workshop.preset.steps,
            FixedWeight(weight),
            workshop.cancel,
            observe,
            workshop.stopping(),
        )
        return FinishedRun(*workshop.finish(optimisation), optimisation.steps_done)

    def _usual_steps(self) -> float:
        """Of a run: what those before took, or the least."""
        if self.runs:
            return float(np.mean([run["steps"] for run in self.runs]))
        stop, most = self._workshop.preset.stop, self._workshop.preset.steps
        return most if stop is None else min(most, stop.minimum_steps + 1)

    def suffices(self, run: FinishedRun) -> bool:
        """Whether even the weakest image exceeds the folder's strongest."""
        weakest = self._workshop.sign * float(run.activations[0])
        return weakest > self._workshop.natural.signed_target(self._workshop.side)
