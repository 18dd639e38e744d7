"""DreamSim as a machine observer. Imports torch."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from contextlib import redirect_stdout
from pathlib import Path

import numpy as np
import torch

from imi_desktop import paths as places
from imi_desktop.observers.extras import ExtraMissingError, require_package
from imi_desktop.observers.reference_observer import Description, ReferenceObserver
from imi_desktop.stimuli.images import open_rgb

FOLDER = "dreamsim"
"""Folder of its weights within the app's weights folder."""

_FILES = (
    "dino_vitb16_pretrain.pth",
    "open_clip_vitb16_pretrain.pth.tar",
    "clip_vitb16_pretrain.pth.tar",
    "ensemble_lora",
)
"""What the package would fetch if it were not there."""


class DreamSimObserver(ReferenceObserver):
    """Compares images by DreamSim (Fu et al. 2023, NeurIPS), an ensemble fitted to people.

    Two images are as similar as the cosine of their embeddings.

    Raises
    ------
    ExtraMissingError
        If the package dreamsim or its weights are not on this computer. Nothing is downloaded.
    """

    name = "dreamsim"
    confident = (0.03, 0.1)

    def __init__(self) -> None:
        super().__init__()
        folder = places.data_dir() / "weights" / FOLDER
        package = require_package(self.name, "dreamsim", "dreamsim")
        missing = [name for name in _FILES if not (folder / name).exists()]
        if missing:
            raise ExtraMissingError(
                f"The weights of DreamSim are not on this computer: {missing[0]} is missing. "
                "Unpack the archive dreamsim_ensemble_checkpoint.zip that its authors publish into "
                f"{folder}."
            )
        with redirect_stdout(sys.stderr):  # the package prints where it found its files
            self._model, self._preprocess = package.dreamsim(
                pretrained=True, device="cpu", cache_dir=str(folder)
            )

    def describe(self, paths: Sequence[Path]) -> list[Description]:
        """Embeddings of length 1."""
        described = []
        for path in paths:
            with torch.inference_mode():
                embedding = self._model.embed(self._preprocess(open_rgb(path)))
            values = embedding.flatten().float().numpy()
            described.append((values / np.linalg.norm(values)).astype(np.float32))
        return described
