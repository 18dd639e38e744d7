"""Feature visualization beside Lucent's ``render_vis`` on the same work."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from imi_desktop.jobs.benchmarks.lucent import render_vis
from imi_desktop.jobs.benchmarks.timing import compare, machine
from imi_desktop.models.loading import load_network
from imi_desktop.models.network import Network
from imi_desktop.models.unit import Unit
from imi_desktop.progress import CancelToken, ProgressReporter, silent
from imi_desktop.stimuli.visualization import presets
from imi_desktop.stimuli.visualization.presets import Preset
from imi_desktop.stimuli.visualization.results import NaturalRange
from imi_desktop.stimuli.visualization.unit_view import UnitView
from imi_desktop.stimuli.visualization.visualise import visualise
from imi_desktop.stimuli.visualization.workshop import Workshop

MIDDLE = Unit("efficientnet_lite0", "blocks.3.1", 17)

_SEED = 42


def visualize_benchmark(
    folder: Path, *, steps: int = 48, progress: ProgressReporter = silent
) -> list[dict[str, Any]]:
    """One image of a middle layer, and a whole unit against the published search.

    The peer of the whole unit is a lower bound: the search renders at least nine times on each
    side with at least 2 501 steps each, at its measured time per step.

    Parameters
    ----------
    folder : Path
        Unused; nothing is written.
    steps : int
        Optimisation steps that are timed.
    """
    network = load_network(MIDDLE.model, device="cpu")
    return [_image_row(network, steps, progress), _unit_row(network, progress)]


def _image_row(network: Network, steps: int, progress: ProgressReporter) -> dict[str, Any]:
    """One image by both, and what the unit does for it without transforms."""
    preset = replace(
        presets.find("borowski-2021"),
        steps=steps,
        images=1,
        diversity=0.0,
        redirected_steps=None,
        seed=_SEED,
    )
    made: dict[str, NDArray[np.uint8]] = {}
    view = UnitView.of(network, MIDDLE, preset.window)

    def ours() -> None:
        made["ours"] = visualise(_workshop(view, preset)).images

    def peer() -> None:
        made["peer"] = render_vis(network, MIDDLE, preset, _SEED)

    result = compare(ours, peer, stage="Visualizing one image", progress=progress)
    return result.row(
        "visualize",
        f"one image of {MIDDLE.address}, {steps} steps, peer Lucent render_vis",
        **{
            f"{side}_activation": round(float(view.verify(images).mean()), 3)
            for side, images in made.items()
        },
    )


def _unit_row(network: Network, progress: ProgressReporter) -> dict[str, Any]:
    """Nine max and nine min images by ``fast`` and a lower bound of ``imi-2023``'s search."""
    fast, published = presets.find("fast"), presets.find("imi-2023")
    assert fast.controller is not None
    assert published.search is not None
    assert published.stop is not None
    # As many steps as there are between two looks, and a few of the peer's, all of which are alike.
    ours_steps, peer_steps = fast.controller.look_every, 4

    def few(preset: Preset) -> Callable[[], object]:
        view = UnitView.of(network, MIDDLE, preset.window)
        return lambda: visualise(_workshop(view, preset))

    result = compare(
        few(replace(fast, steps=ours_steps, retries=0)),
        few(
            replace(
                published,
                steps=peer_steps,
                method="fixed",
                diversity=1.0,
                images=published.images - 1,
            )
        ),
        stage="Visualizing a unit",
        progress=progress,
    )
    renders = 2 * (1 + 1 + published.search.bisections)
    least_steps = published.stop.minimum_steps + 1
    ours = 2 * fast.steps * result.ours / ours_steps
    peer = renders * least_steps * result.peer / peer_steps
    return {
        "name": "visualize unit",
        "work": f"nine max and nine min images of {MIDDLE.address} by “fast” with its looks at "
        "images without transforms; retries come on top where images miss (see guarantee); peer: "
        f"least that “imi-2023” takes, {renders} renders of {least_steps} steps; both from the "
        "measured time per step",
        "ours": round(ours, 1),
        "peer": round(peer, 1),
        "ratio": round(peer / ours, 1),
        "ratio_if_every_image_is_always_retried": round(peer / ours / (1 + fast.retries / 2), 1),
        "unit": "s",
        "repeats": result.repeats,
        "machine": machine(),
    }


def _workshop(view: UnitView, preset: Preset) -> Workshop:
    return Workshop(view, "max", preset, NaturalRange(0, 1, 1), _SEED, CancelToken())
