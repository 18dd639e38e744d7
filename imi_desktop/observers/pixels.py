"""An observer that compares colours and edges, and knows nothing else."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from imi_desktop.observers.pixel_features import colour_histogram, edge_histogram
from imi_desktop.observers.reference_observer import Description, ReferenceObserver
from imi_desktop.stimuli.images import open_rgb


class PixelObserver(ReferenceObserver):
    """Compares colour histograms and edge orientations on a 2 × 2 grid.

    Two images are as similar as the mean of the Bhattacharyya coefficients of the two histograms.
    """

    name = "pixels"
    confident = (0.1, 0.25)

    def describe(self, paths: Sequence[Path]) -> list[Description]:
        """Both histograms, scaled so that a dot product is the mean of both coefficients."""
        return [_histograms(path) for path in paths]


def _histograms(path: Path) -> Description:
    image = open_rgb(path)
    both = np.concatenate([colour_histogram(image), edge_histogram(image)])
    return (both / np.sqrt(2)).astype(np.float32)
