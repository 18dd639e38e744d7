"""DeepGaze IIE as the saliency of a baseline observer. Imports torch."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from PIL import Image

from imi_desktop.models.weights_files import weights_folders
from imi_desktop.observers.extras import ExtraMissingError, require_package
from imi_desktop.observers.patch_observers import DensityObserver

WEIGHTS = "deepgaze2e.pth"
_INSTALL = "git+https://github.com/matthias-k/DeepGaze"


class DeepGazeObserver(DensityObserver):
    """Chooses the image whose patch covers less fixation density by DeepGaze IIE.

    The saliency baseline of Zimmermann et al. 2021, section 4.2 (Linardos et al. 2021). No prior
    for the centre is added: the centre is a baseline of its own.

    Raises
    ------
    ExtraMissingError
        If the package deepgaze_pytorch or the weights are not on this computer. Nothing is
        downloaded.
    """

    name = "deepgaze"

    def __init__(self) -> None:
        super().__init__()
        package = require_package(self.name, "deepgaze_pytorch", _INSTALL)
        file = next((f / WEIGHTS for f in weights_folders() if (f / WEIGHTS).is_file()), None)
        if file is None:
            raise ExtraMissingError(
                f"The weights of DeepGaze IIE are not on this computer. Put the file {WEIGHTS} of "
                f"its release into {weights_folders()[-2]}."
            )
        self._model = package.DeepGazeIIE(pretrained=False)
        self._model.load_state_dict(torch.load(file, map_location="cpu", weights_only=True))
        self._model.eval()

    def look(self, image: Image.Image, study_folder: Path, file: str) -> NDArray[np.float64]:
        """Share of fixations of each pixel, with sum 1."""
        pixels = torch.from_numpy(np.array(image, dtype=np.float32)).permute(2, 0, 1)[None]
        prior = torch.full(
            (1, image.height, image.width), -float(np.log(image.height * image.width))
        )
        with torch.inference_mode():
            log_density = self._model(pixels, prior)
        density = log_density.flatten().double().exp().numpy().reshape(image.height, image.width)
        return np.asarray(density / density.sum(), dtype=np.float64)
