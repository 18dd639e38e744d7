"""Whether visualizations respond as strongly as natural images can, over many units."""

from __future__ import annotations

import logging
import os
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from imi_desktop.jobs.benchmarks.timing import machine
from imi_desktop.jobs.demo_images import write_demo_images
from imi_desktop.models.loading import load_network
from imi_desktop.models.network import Network
from imi_desktop.models.unit import Layer, Unit
from imi_desktop.progress import CancelToken, Progress, ProgressReporter, silent
from imi_desktop.seeds import derive_seed
from imi_desktop.stimuli.activation_table import ActivationTable
from imi_desktop.stimuli.activations import record_activations
from imi_desktop.stimuli.image_folder import index_folder
from imi_desktop.stimuli.pack import SIDES, Side
from imi_desktop.stimuli.visualization import presets
from imi_desktop.stimuli.visualization.diversity import mean_cosine
from imi_desktop.stimuli.visualization.results import NaturalRange
from imi_desktop.stimuli.visualization.unit_view import UnitView
from imi_desktop.stimuli.visualization.visualise import visualise
from imi_desktop.stimuli.visualization.workshop import Workshop

log = logging.getLogger(__name__)

MODEL = "efficientnet_lite0"
UNITS = 20
IMAGES_VARIABLE = "IMI_BENCH_IMAGES"
"""Environment variable with a folder of natural images to take the extremes from."""

_SEED = 2023


@dataclass(frozen=True)
class SideOutcome:
    """What one unit and side came to.

    Parameters
    ----------
    missed_at_first, missed : int
        Images weaker than the folder's strongest, before and after the retries.
    cosine : float
        Mean cosine between the Gram matrices of all pairs of images.
    image_steps : int
        Optimisation steps times images, retries included.
    seconds : float
        Processor time.
    """

    unit: Unit
    side: Side
    target: float
    missed_at_first: int
    missed: int
    cosine: float
    image_steps: int
    seconds: float


def guarantee_benchmark(
    folder: Path, *, preset: str = "fast", units: int = UNITS, progress: ProgressReporter = silent
) -> list[dict[str, Any]]:
    """Nine max and nine min images of units spread over the depth of a network.

    An image misses if it responds less than the strongest of the natural images does, both on the
    original network without transforms.

    Parameters
    ----------
    folder : Path
        Empty; activations are written there.
    preset : str
        Name of the preset.
    units : int
        How many.
    """
    network = load_network(MODEL, device="cpu")
    chosen = spread_units(network, units)
    _record(network, chosen, folder)
    outcomes = []
    for outcome in outcomes_of(network, chosen, folder, presets.find(preset)):
        outcomes.append(outcome)
        done = f"{outcome.unit.address} {outcome.side}, {outcome.missed} missed"
        progress(Progress("Visualizing", len(outcomes), 2 * units, done))
    return [_row(outcomes, preset)]


def spread_units(network: Network, n: int) -> list[Unit]:
    """Units at random, one from each of `n` groups of the layers of interest, by depth."""
    layers = [layer for layer in network.layers if layer.of_interest]
    generator = np.random.default_rng(derive_seed(_SEED, "guarantee"))
    units = []
    for group in np.array_split(np.arange(len(layers)), n):
        layer: Layer = layers[int(generator.choice(group))]
        units.append(Unit(network.entry.name, layer.name, int(generator.integers(layer.channels))))
    return units


def outcomes_of(
    network: Network, units: list[Unit], study: Path, preset: presets.Preset
) -> Iterator[SideOutcome]:
    """Visualize unit by unit; `study` holds the activations of their layers."""
    for unit in units:
        table = ActivationTable.read(study, unit.model, unit.layer)
        natural = NaturalRange.of(table.unit(unit.channel))
        view = UnitView.of(network, unit, preset.window)
        for side in SIDES:
            begun = time.process_time()
            result = visualise(Workshop(view, side, preset, natural, _SEED, CancelToken()))
            seconds = time.process_time() - begun
            outcome = SideOutcome(
                unit,
                side,
                natural.highest if side == "max" else natural.lowest,
                result.runs[0]["missed"],
                result.missed,
                mean_cosine(view.features_of_pixels(result.images)),
                sum(run["steps"] * len(run["images"]) for run in result.runs),
                seconds,
            )
            log.info("%s", outcome)
            yield outcome


def _record(network: Network, units: list[Unit], study: Path) -> None:
    images = os.environ.get(IMAGES_VARIABLE)
    if not images:
        write_demo_images(study / "images")
    folder = index_folder(Path(images) if images else study / "images")
    names = dict.fromkeys(unit.layer for unit in units)
    record_activations(network, folder, [network.layer(name) for name in names], study)


def _row(outcomes: list[SideOutcome], name: str) -> dict[str, Any]:
    preset = presets.find(name)
    seconds = sum(outcome.seconds for outcome in outcomes)
    steps = sum(outcome.image_steps for outcome in outcomes)
    planned = preset.steps * preset.images * len(outcomes)
    return {
        "name": "guarantee",
        "work": f"{preset.images} max and {preset.images} min images of {len(outcomes) // 2} units "
        f"by “{name}”; peer: the same without retries",
        "ours": round(seconds / len(outcomes), 1),
        "peer": round(seconds / len(outcomes) * planned / steps, 1),
        "ratio": round(planned / steps, 3),
        "unit": "s",
        "units": len(outcomes) // 2,
        "images": preset.images * len(outcomes),
        "missed_at_first": sum(outcome.missed_at_first for outcome in outcomes),
        "missed": sum(outcome.missed for outcome in outcomes),
        "sides_with_misses": [
            f"{outcome.unit.address} {outcome.side}" for outcome in outcomes if outcome.missed
        ],
        "mean_cosine": round(float(np.mean([outcome.cosine for outcome in outcomes])), 4),
        "largest_cosine": round(max(outcome.cosine for outcome in outcomes), 4),
        "image_steps": steps,
        "machine": machine(),
    }
