"""Everything that the runs of one unit and side share."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray

from imi_desktop.progress import CancelToken
from imi_desktop.seeds import derive_seed
from imi_desktop.stimuli.finished_runs import FinishedRuns
from imi_desktop.stimuli.pack import Side
from imi_desktop.stimuli.visualization.images_protocol import OptimisedImages
from imi_desktop.stimuli.visualization.maco import NaturalSpectrumImages
from imi_desktop.stimuli.visualization.optimise import Observe, Optimisation, Target
from imi_desktop.stimuli.visualization.parameterisation import FourierImages
from imi_desktop.stimuli.visualization.presets import Preset
from imi_desktop.stimuli.visualization.results import NaturalRange, quantised
from imi_desktop.stimuli.visualization.stopping import FlatGradient
from imi_desktop.stimuli.visualization.unit_view import UnitView


def no_observer(_report: object) -> None:
    """Watch nothing."""


@dataclass(frozen=True)
class Workshop:
    """One unit, one side, one recipe.

    Parameters
    ----------
    view : UnitView
        The unit.
    side : str
        ``max`` or ``min``.
    preset : Preset
        How.
    natural : NaturalRange
        What the image folder reaches.
    seed : int
        Of the study; ignored where the preset has its own.
    cancel : CancelToken
        Checked several times per step.
    observe : callable
        Told after every step.
    magnitudes : torch.Tensor or None
        Spectrum of natural images, for presets that keep it.
    finished : FinishedRuns or None
        Keeps the runs of searches; None keeps nothing.
    """

    view: UnitView
    side: Side
    preset: Preset
    natural: NaturalRange
    seed: int
    cancel: CancelToken
    observe: Observe = no_observer
    magnitudes: torch.Tensor | None = None
    finished: FinishedRuns | None = None

    @property
    def sign(self) -> float:
        """1 for max, −1 for min."""
        return 1.0 if self.side == "max" else -1.0

    def run_seed(self, run: int = 0) -> int:
        """Seed of one run."""
        if self.preset.seed is not None:
            return self.preset.seed
        unit = self.view.unit
        return derive_seed(
            self.seed, "synthetic", unit.model, unit.layer, unit.channel, self.side, run
        )

    def begin(self, n: int, seed: int) -> Optimisation:
        """Start a batch of `n` images from fresh noise."""
        preset = self.preset
        generator = torch.Generator().manual_seed(seed)
        images = self._images(n, generator)
        target = Target(
            self.view.features,
            self.view.unit.channel,
            self.sign,
            str(self.view.unit),
            first_features=self.view.redirected_features,
            first_steps=preset.redirected_steps or 0,
        )
        return Optimisation(
            images,
            target,
            preset.transforms,
            min(preset.window, self.view.side),
            generator,
            preset.learning_rate,
            seen=self.view.side,
            memory=preset.memory,
        )

    def _images(self, n: int, generator: torch.Generator) -> OptimisedImages:
        if self.preset.parameterisation == "maco":
            assert self.magnitudes is not None
            return NaturalSpectrumImages(n, self.magnitudes, generator, self.view.device)
        return FourierImages(n, self.preset.canvas, generator, self.view.device)

    def stopping(self) -> FlatGradient | None:
        """A fresh stopping rule, if the preset has one."""
        return None if self.preset.stop is None else FlatGradient(self.preset.stop)

    def finish(self, optimisation: Optimisation) -> tuple[NDArray[np.uint8], NDArray[np.float32]]:
        """Finished images and their verified activations, from the weakest to the strongest."""
        return self.ordered(quantised(optimisation.current()))

    def ordered(self, images: NDArray[np.uint8]) -> tuple[NDArray[np.uint8], NDArray[np.float32]]:
        """Verify images and sort them from the weakest to the strongest."""
        activations = self.view.verify(images)
        order = np.argsort(self.sign * activations, kind="stable")
        return images[order], activations[order]

    def reaches(self, activations: NDArray[np.float32]) -> NDArray[np.bool_]:
        """Which images respond at least as strongly as the strongest of the folder."""
        return np.asarray(self.sign * activations >= self.natural.signed_target(self.side))
