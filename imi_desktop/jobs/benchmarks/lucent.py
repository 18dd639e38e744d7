"""Lucent's ``render_vis`` as the peer of feature visualizations."""

from __future__ import annotations

import copy
import warnings
from collections.abc import Callable

import numpy as np
import torch
from lucent.optvis import objectives, param
from numpy.typing import NDArray

from imi_desktop.models.network import Network
from imi_desktop.models.unit import Unit
from imi_desktop.stimuli.pack import IMAGE_SIZE
from imi_desktop.stimuli.visualization.presets import Preset


def render_vis(
    network: Network,
    unit: Unit,
    preset: Preset,
    seed: int,
    before_step: Callable[[], None] = lambda: None,
) -> NDArray[np.uint8]:
    """Images of a unit by Lucent, with a preset's numbers.

    Parameters
    ----------
    preset : Preset
        Of the method ``fixed``: size, steps, images, diversity, learning rate and transforms.
    before_step : callable
        Called before every step.

    Returns
    -------
    ndarray of uint8, shape (images, 224, 224, 3)
    """
    with warnings.catch_warnings():  # its kornia compiles with what newer torch calls deprecated
        warnings.simplefilter("ignore", FutureWarning)
        from lucent.optvis import render, transform
    # A copy of its own each time: render_vis leaves its hooks in the network.
    module = copy.deepcopy(network.module).requires_grad_(True)
    np.random.seed(seed)  # noqa: NPY002  (where Lucent takes its numbers from)
    torch.manual_seed(seed)
    layer = unit.layer.replace(".", "_")
    objective = objectives.channel(layer, unit.channel)
    if preset.diversity:
        objective = objective - preset.diversity * objectives.diversity(layer)

    def step_begins(images: torch.Tensor) -> torch.Tensor:
        before_step()
        return images

    images = render.render_vis(
        module,
        objective,
        param_f=lambda: param.image(preset.canvas, batch=preset.images),
        transforms=[
            step_begins,
            transform.jitter(preset.transforms.jitter[0]),
            transform.random_scale(preset.transforms.scales),
            transform.random_rotate(preset.transforms.degrees),
            transform.jitter(preset.transforms.jitter[1]),
            network.normalise,
        ],
        optimizer=lambda params: torch.optim.Adam(params, lr=preset.learning_rate),
        thresholds=(preset.steps,),
        preprocess=False,
        progress=False,
        show_image=False,
    )[-1]
    margin = (preset.canvas - IMAGE_SIZE) // 2
    central = images[:, margin : margin + IMAGE_SIZE, margin : margin + IMAGE_SIZE]
    return np.rint(central * 255).astype(np.uint8)
