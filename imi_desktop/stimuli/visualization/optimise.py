"""The optimisation loop: one batch of images, one unit, one direction."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import torch
from lucent.optvis import objectives
from numpy.typing import NDArray
from torch.utils.checkpoint import checkpoint

from imi_desktop.errors import UserError
from imi_desktop.progress import CancelToken
from imi_desktop.stimuli.visualization.diversity import similarity_gradient
from imi_desktop.stimuli.visualization.images_protocol import OptimisedImages
from imi_desktop.stimuli.visualization.presets import Transforms
from imi_desktop.stimuli.visualization.stopping import FlatGradient
from imi_desktop.stimuli.visualization.transforms import draw_warps, warp
from imi_desktop.stimuli.visualization.weight import DiversityWeight

_CHUNK = {"cpu": 3}
"""Images per forward pass; on one CPU thread small batches stay in the cache (measured)."""


Features = Callable[[torch.Tensor], torch.Tensor]


class OptimisationError(UserError):
    """An optimisation came to nothing."""


class OutOfMemoryError(OptimisationError):
    """Not even one image fits into the device's memory."""


@dataclass(frozen=True)
class Target:
    """What is optimised.

    Parameters
    ----------
    features : callable
        From images within 0 … 1, float32 (n, 3, h, w), to the layer's activations
        (n, channels, positions), with gradients.
    channel : int
        The unit's channel.
    sign : float
        1 for max images, −1 for min images.
    name : str
        The unit, for messages.
    first_features : callable or None
        Replaces `features` in the first steps.
    first_steps : int
        How many those are.
    """

    features: Features
    channel: int
    sign: float
    name: str
    first_features: Features | None = None
    first_steps: int = 0

    def features_at(self, steps_done: int) -> Features:
        """What gives the activations of the step after so many."""
        if self.first_features is not None and steps_done < self.first_steps:
            return self.first_features
        return self.features

    def signed_activations(self, features: torch.Tensor) -> torch.Tensor:
        """Activation times sign, (n,); larger is always better."""
        return self.sign * features[:, self.channel].mean(dim=1)


@dataclass(frozen=True)
class StepReport:
    """What happened in one step.

    Parameters
    ----------
    step, steps : int
        From 1, and at most.
    activations : list of float
        Of the transformed images, unsigned.
    diversity : float
        Weight of the diversity term in this step.
    images : callable
        Gives the current images, float32 (n, 3, canvas, canvas).
    share : float
        How much of the work on this side is done, 0 … 1, as far as can be told.
    """

    step: int
    steps: int
    activations: list[float]
    diversity: float
    images: Callable[[], torch.Tensor]
    share: float


Observe = Callable[[StepReport], None]
ExtraRule = Callable[[int], bool]


class Optimisation:
    """One batch of images on their way to a unit's liking.

    Parameters
    ----------
    images : OptimisedImages
        What is optimised.
    target : Target
        What for.
    transforms : Transforms
        Drawn anew for every image and step.
    window : int
        Side of the part of the transformed images that the network sees, px of the images.
    generator : torch.Generator
        Draws the transforms; on the CPU.
    learning_rate : float
        Of Adam.
    seen : int
        Width and height of what the network gets, px.
    memory : float or None
        Decay of Adam's mean of squared gradients; None for the usual one.

    Attributes
    ----------
    companions : torch.Tensor or None
        The layer's activations for other images, (m, channels, positions), that the images shall
        not be like either.
    """

    def __init__(
        self,
        images: OptimisedImages,
        target: Target,
        transforms: Transforms,
        window: int,
        generator: torch.Generator,
        learning_rate: float,
        seen: int,
        memory: float | None = None,
    ) -> None:
        self.images = images
        self.target = target
        self.steps_done = 0
        self.companions: torch.Tensor | None = None
        self._transforms = transforms
        self._window = window
        self._seen = seen
        self._generator = generator
        self._betas = (0.9, 0.999 if memory is None else memory)
        self._adam = self._optimiser(learning_rate)
        self._device = images.parameters[0].device
        self._chunk = _CHUNK.get(self._device.type, images.n)
        self._recompute = False
        self._objective = objectives.channel("target", target.channel)

    def run(
        self,
        steps: int,
        weight: DiversityWeight,
        cancel: CancelToken,
        observe: Observe,
        stop: FlatGradient | None = None,
        done: ExtraRule | None = None,
    ) -> None:
        """Take up to `steps` more steps.

        Parameters
        ----------
        stop : FlatGradient or None
            Ends the run when the gradient has become flat.
        done : callable or None
            Gets the step after every step; True ends the run.

        Raises
        ------
        Cancelled
            If asked to stop.
        OptimisationError
            If activations are not finite.
        OutOfMemoryError
            If memory does not suffice for one image.
        """
        for step in range(1, steps + 1):
            weights = weight.values
            activations = self._step(weights, cancel)
            self.steps_done += 1
            if not torch.isfinite(activations).all():
                raise OptimisationError(
                    f"{self.target.name} gave values that are not numbers after {step} steps. "
                    "Check the model's weights, or leave this unit out."
                )
            observe(
                StepReport(
                    step,
                    steps,
                    (self.target.sign * activations).tolist(),
                    float(weights.mean()),
                    self.current,
                    step / steps,
                )
            )
            weight.update(step, activations.double().cpu().numpy())
            if stop is not None and stop.update(float(self.images.gradient_norms().max())):
                return
            if done is not None and done(step):
                return

    def keep(self, indices: list[int]) -> None:
        """Go on with some of the images only, as if the others had never been there."""
        state = self._adam.state[self.images.parameters[0]]
        # The objective is a mean over images, so with fewer of them gradients are larger.
        growth = self.images.n / len(indices)
        kept = {
            "step": state["step"],
            "exp_avg": state["exp_avg"][indices] * growth,
            "exp_avg_sq": state["exp_avg_sq"][indices] * growth**2,
        }
        self.images.keep(indices)
        self._adam = self._optimiser(self._adam.param_groups[0]["lr"])
        self._adam.state[self.images.parameters[0]] = kept

    def hasten(self, factor: float) -> None:
        """Take larger steps from now on."""
        for group in self._adam.param_groups:
            group["lr"] *= factor

    @torch.no_grad()
    def current(self) -> torch.Tensor:
        """The images as they are, float32 (n, 3, canvas, canvas) within 0 … 1."""
        return self.images.images()

    def _optimiser(self, learning_rate: float) -> torch.optim.Adam:
        return torch.optim.Adam(
            self.images.parameters, lr=learning_rate, betas=self._betas, fused=True
        )

    def _step(self, diversity: NDArray[np.float64], cancel: CancelToken) -> torch.Tensor:
        warps = draw_warps(
            self.images.n, self._transforms, self.images.size, self._window, self._generator
        )
        while True:
            try:
                activations = self._gradient(warps, diversity, cancel)
                break
            except RuntimeError as error:
                if not _is_out_of_memory(error):
                    raise
                self._make_smaller()
        self._adam.step()
        return activations

    def _gradient(
        self, warps: torch.Tensor, diversity: NDArray[np.float64], cancel: CancelToken
    ) -> torch.Tensor:
        self._adam.zero_grad()
        views = warp(self.images.images(), warps, self._seen)
        features_of = self.target.features_at(self.steps_done)
        parts = []
        for chunk in views.split(self._chunk):
            cancel.check()
            parts.append(
                checkpoint(features_of, chunk, use_reentrant=False)
                if self._recompute
                else features_of(chunk)
            )
        features = torch.cat([part.detach() for part in parts])
        cancel.check()
        gradient = self._gradient_at(features, diversity)
        torch.autograd.backward(parts, list(gradient.split(self._chunk)))
        return self.target.signed_activations(features)

    def _gradient_at(self, features: torch.Tensor, diversity: NDArray[np.float64]) -> torch.Tensor:
        """Gradient of the loss at the layer; the weights may differ from image to image."""
        own = features.detach().requires_grad_(True)
        loss = self.target.sign * self._objective(lambda _layer: own)
        (gradient,) = torch.autograd.grad(loss, own)
        if diversity.any():
            weights = torch.from_numpy(diversity / self.images.n).to(gradient)
            similar = similarity_gradient(features, self.companions)
            gradient.addcmul_(similar, weights[:, None, None])
        return gradient

    def _make_smaller(self) -> None:
        if self._chunk == 1 and self._recompute:
            raise OutOfMemoryError(
                f"Out of memory: not even one image of {self.target.name} fits. "
                + (
                    "Close other programs, or generate with fewer workers."
                    if self._device.type == "cpu"
                    else "Close other programs that use the GPU, or generate with --device cpu."
                )
            )
        self._chunk = max(1, self._chunk // 2)
        self._recompute = True
        torch.cuda.empty_cache()


def _is_out_of_memory(error: RuntimeError) -> bool:
    # torch has a class for devices only; its CPU allocator raises a bare RuntimeError.
    return isinstance(error, torch.OutOfMemoryError) or "DefaultCPUAllocator" in str(error)
