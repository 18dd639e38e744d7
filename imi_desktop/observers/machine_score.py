"""The machine interpretability score: how well an observer does the task in people's place.

Zimmermann, Klindt & Brendel 2024 (NeurIPS, "Measuring per-unit interpretability at scale without
humans"): the mean over a unit's tasks of σ(Δ / temperature), where Δ says how much better the
target query fits the references than the other one by a perceptual similarity. Knows no torch.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit

from imi_desktop.experiment.study import Study
from imi_desktop.experiment.trial import Condition, Trial
from imi_desktop.experiment.trial_images import trial_images
from imi_desktop.models.unit import Unit
from imi_desktop.observers.reference_observer import ReferenceObserver
from imi_desktop.progress import CancelToken, Progress, ProgressReporter, silent

CONDITIONS: tuple[Condition, ...] = ("natural", "synthetic")
DEFAULT_TEMPERATURE = 0.1
"""Near the differences that the default observer meets: neither all certain nor all guessed."""


@dataclass(frozen=True)
class TaskDifference:
    """One task and how an observer sees it.

    Parameters
    ----------
    image_set : str
        Batch that the queries come from.
    difference : float
        Δ; above 0 where the observer is right.
    """

    unit: Unit
    condition: str
    image_set: str
    difference: float


@dataclass(frozen=True)
class MachineScore:
    """Score of one unit in one condition.

    Parameters
    ----------
    score : float
        Mean of σ(Δ / temperature), 0 to 1.
    accuracy : float
        Share of tasks with Δ above 0; ties count half.
    """

    unit: Unit
    condition: str
    score: float
    accuracy: float
    n_tasks: int


def machine_tasks(
    study: Study, units: Iterable[Unit], *, batches: int | None = None
) -> list[Trial]:
    """Every task about these units whose images are there, target above.

    Parameters
    ----------
    batches : int or None
        How many batches of queries are used; None for all of the study.
    """
    tasks: list[Trial] = []
    for unit in units:
        for condition in CONDITIONS:
            for batch in range(batches or study.stimuli.natural.batches):
                images = trial_images("forward_prediction", condition, "min_max_9", unit, batch)
                if images.target is None or images.distractor is None:
                    continue
                if not all((study.folder / file).is_file() for file in images.files):
                    continue
                tasks.append(
                    Trial(
                        number=len(tasks) + 1,
                        task="forward_prediction",
                        phase="main",
                        block=1,
                        condition=condition,
                        scheme="min_max_9",
                        unit=unit,
                        unit_selection="random",
                        catch=False,
                        image_set=str(batch),
                        references_min=images.references_min,
                        references_max=images.references_max,
                        queries={"upper": images.target, "lower": images.distractor},
                        target_position="upper",
                        feedback=False,
                    )
                )
    return tasks


def task_differences(
    observer: ReferenceObserver,
    study: Study,
    tasks: Sequence[Trial],
    *,
    progress: ProgressReporter = silent,
    cancel: CancelToken | None = None,
) -> list[TaskDifference]:
    """Let an observer look at every task.

    Raises
    ------
    UnreadableImageError
        If an image cannot be read.
    Cancelled
        If asked to stop.
    """
    cancel = cancel or CancelToken()
    found = []
    for place, task in enumerate(tasks, start=1):
        cancel.check()
        difference = observer.difference(task, study.folder)
        found.append(TaskDifference(task.unit, task.condition, task.image_set, difference))
        progress(Progress("Scoring tasks", place, len(tasks), task.unit.address))
    return found


def machine_scores(
    differences: Sequence[TaskDifference], temperature: float = DEFAULT_TEMPERATURE
) -> list[MachineScore]:
    """Score every unit in every condition.

    Parameters
    ----------
    temperature : float
        Above 0; the larger, the nearer all scores are to one half.
    """
    groups: dict[tuple[Unit, str], list[float]] = {}
    for one in differences:
        groups.setdefault((one.unit, one.condition), []).append(one.difference)
    return [
        MachineScore(
            unit,
            condition,
            soft_score(np.array(values), temperature),
            float(np.mean([(np.sign(value) + 1) / 2 for value in values])),
            len(values),
        )
        for (unit, condition), values in groups.items()
    ]


def soft_score(differences: NDArray[np.float64], temperature: float) -> float:
    """Mean of σ(Δ / temperature) over tasks, shape (n_tasks,)."""
    return float(expit(differences / temperature).mean())
