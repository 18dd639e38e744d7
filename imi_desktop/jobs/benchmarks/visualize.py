"""Feature visualization beside Lucent's ``render_vis`` on the same work."""

from __future__ import annotations

import copy
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import torch
from lucent.optvis import objectives, param, render, transform
from numpy.typing import NDArray

from imi_desktop.jobs.benchmarks.timing import compare, machine
from imi_desktop.models.loading import load_network
from imi_desktop.models.network import Network
from imi_desktop.models.unit import Unit
from imi_desktop.progress import CancelToken
from imi_desktop.stimuli.visualization import presets
from imi_desktop.stimuli.visualization.results import NaturalRange
from imi_desktop.stimuli.visualization.unit_view import UnitView
from imi_desktop.stimuli.visualization.visualise import visualise
from imi_desktop.stimuli.visualization.workshop import Workshop

MODEL = "efficientnet_lite0"
MIDDLE = Unit(MODEL, "blocks.3.1", 17)
WIDE = Unit(MODEL, "conv_head", 100)
"""A unit of the last convolution, 1 280 channels; before its ReLU, where no image is silent."""

_CROP = 16
_SEED = 42
_WEIGHT = 100.0


def visualize_benchmark(folder: Path, *, steps: int = 48) -> list[dict[str, Any]]:
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
    network = load_network(MODEL, device="cpu")
    one = _side_by_side(network, MIDDLE, 1, 0.0, steps)
    return [
        one.compare().row(
            "visualize",
            f"one image of {MIDDLE.address}, {steps} steps, peer Lucent render_vis",
            **one.activations(),
        ),
        _unit_row(network),
    ]


def diversity_benchmark(
    folder: Path, *, steps: int = 2, quality_steps: int = 32
) -> list[dict[str, Any]]:
    """Nine diverse images of a layer with 1 280 channels.

    Parameters
    ----------
    folder : Path
        Unused; nothing is written.
    steps : int
        Optimisation steps that are timed.
    quality_steps : int
        Steps after which activations are compared; after few of them images are still noise.
    """
    network = load_network(MODEL, device="cpu")
    return [
        _side_by_side(network, WIDE, 9, _WEIGHT, steps)
        .compare()
        .row(
            "diversity",
            f"nine images of {WIDE.address} with diversity, {steps} steps, peer Lucent render_vis; "
            f"activations after {quality_steps} steps",
            **_side_by_side(network, WIDE, 9, _WEIGHT, quality_steps).activations(),
        )
    ]


class _SideBySide:
    def __init__(
        self,
        view: UnitView,
        ours: Callable[[], NDArray[np.uint8]],
        peer: Callable[[], NDArray[np.uint8]],
    ) -> None:
        self._view, self._ours, self._peer = view, ours, peer

    def compare(self) -> Any:
        return compare(self._ours, self._peer)

    def activations(self) -> dict[str, float]:
        """Mean final activation of both, without transforms, on the original network."""
        return {
            "ours_activation": round(float(self._view.verify(self._ours()).mean()), 3),
            "peer_activation": round(float(self._view.verify(self._peer()).mean()), 3),
        }


def _side_by_side(
    network: Network, unit: Unit, n: int, diversity: float, steps: int
) -> _SideBySide:
    preset = replace(
        presets.find("borowski-2021"),
        steps=steps,
        images=n,
        diversity=diversity,
        redirected_steps=None,
        seed=_SEED,
    )
    view = UnitView.of(network, unit, preset.window)

    def ours() -> NDArray[np.uint8]:
        workshop = Workshop(view, "max", preset, NaturalRange(0, 1, 1), _SEED, CancelToken())
        return visualise(workshop).images

    def peer() -> NDArray[np.uint8]:
        # A copy of its own each time: render_vis leaves its hooks in the network.
        module = copy.deepcopy(network.module).requires_grad_(True)
        np.random.seed(_SEED)  # noqa: NPY002  (where Lucent takes its numbers from)
        torch.manual_seed(_SEED)
        layer = unit.layer.replace(".", "_")
        objective = objectives.channel(layer, unit.channel)
        if diversity:
            objective = objective - diversity * objectives.diversity(layer)
        images = render.render_vis(
            module,
            objective,
            param_f=lambda: param.image(preset.canvas, batch=n),
            transforms=[
                transform.jitter(preset.transforms.jitter[0]),
                transform.random_scale(preset.transforms.scales),
                transform.random_rotate(preset.transforms.degrees),
                transform.jitter(preset.transforms.jitter[1]),
                network.normalise,
            ],
            optimizer=lambda params: torch.optim.Adam(params, lr=preset.learning_rate),
            thresholds=(steps,),
            preprocess=False,
            progress=False,
            show_image=False,
        )[-1]
        central = images[:, _CROP:-_CROP, _CROP:-_CROP]
        return np.rint(central * 255).astype(np.uint8)

    return _SideBySide(view, ours, peer)


def _unit_row(network: Network) -> dict[str, Any]:
    """Nine max and nine min images by ``fast`` and a lower bound of ``imi-2023``'s search."""
    fast, search = presets.find("fast"), presets.find("imi-2023")
    assert fast.controller is not None
    assert search.search is not None
    assert search.stop is not None
    # As many steps as there are between two looks, and a few of the peer's, all of which are alike.
    ours_steps, peer_steps = fast.controller.look_every, 4
    short_fast = replace(fast, steps=ours_steps, retries=0)
    short_search = replace(
        search, steps=peer_steps, method="fixed", diversity=1.0, images=search.images - 1
    )

    def few(preset: presets.Preset) -> Callable[[], object]:
        view = UnitView.of(network, MIDDLE, preset.window)
        workshop = Workshop(view, "max", preset, NaturalRange(0, 1, 1), _SEED, CancelToken())
        return lambda: visualise(workshop)

    result = compare(few(short_fast), few(short_search))
    renders = 2 * (1 + 1 + search.search.bisections)
    least_steps = search.stop.minimum_steps + 1
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
