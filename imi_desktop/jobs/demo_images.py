"""The demo's images: crops of the photographs that scikit-image and scikit-learn bring along.

No download is needed. The crops are the same on every machine.
"""

from __future__ import annotations

import importlib.resources
from collections.abc import Iterator
from pathlib import Path

import numpy as np
from PIL import Image

from imi_desktop.atomic import replacing
from imi_desktop.errors import UserError, storage_error
from imi_desktop.progress import CancelToken, Progress, ProgressReporter, silent

CROP_PX = 256
JPEG_QUALITY = 92
SCALES = (0.36, 0.52, 0.76)
"""Side of a crop as a share of the photograph's shorter side."""

PHOTOGRAPHS = (
    ("skimage.data", "astronaut.png"),
    ("skimage.data", "brick.png"),
    ("skimage.data", "camera.png"),
    ("skimage.data", "chelsea.png"),
    ("skimage.data", "coffee.png"),
    ("skimage.data", "coins.png"),
    ("skimage.data", "grass.png"),
    ("skimage.data", "gravel.png"),
    ("skimage.data", "hubble_deep_field.jpg"),
    ("skimage.data", "ihc.png"),
    ("skimage.data", "moon.png"),
    ("skimage.data", "motorcycle_left.png"),
    ("skimage.data", "page.png"),
    ("skimage.data", "retina.jpg"),
    ("skimage.data", "rocket.jpg"),
    ("sklearn.datasets.images", "china.jpg"),
    ("sklearn.datasets.images", "flower.jpg"),
)


class DemoImagesError(UserError):
    """The bundled photographs are not where their package should have put them."""


def write_demo_images(
    folder: Path,
    *,
    progress: ProgressReporter = silent,
    cancel: CancelToken | None = None,
) -> int:
    """Write the crops as 256 × 256 px JPEG files.

    Parameters
    ----------
    folder : Path
        Created if missing; files of the same names are replaced.
    progress : callable
        Told after each photograph.
    cancel : CancelToken, optional
        Asked before each photograph.

    Returns
    -------
    int
        How many crops there are.

    Raises
    ------
    DemoImagesError
        If a photograph is missing from the installed package.
    StorageError
        If the folder cannot be written.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise storage_error("create the folder", folder, error) from error
    count = 0
    for index, (package, name) in enumerate(PHOTOGRAPHS):
        if cancel:
            cancel.check()
        progress(Progress("Cutting the demo’s images", index, len(PHOTOGRAPHS), name))
        photograph = _open_photograph(package, name)
        for number, box in enumerate(_crop_boxes(*photograph.size)):
            crop = photograph.resize(
                (CROP_PX, CROP_PX), Image.Resampling.BICUBIC, box=box, reducing_gap=3.0
            )
            with replacing(folder / f"{Path(name).stem}_{number:02d}.jpg") as file:
                crop.save(file, "JPEG", quality=JPEG_QUALITY)
            count += 1
    progress(Progress("Cutting the demo’s images", len(PHOTOGRAPHS), len(PHOTOGRAPHS)))
    return count


def _open_photograph(package: str, name: str) -> Image.Image:
    file = importlib.resources.files(package).joinpath(name)
    try:
        with file.open("rb") as stream:
            return Image.open(stream).convert("RGB")
    except OSError as error:
        raise DemoImagesError(
            f"The photograph {name} is missing from the installed package "
            f"{package.partition('.')[0]}. Install the package again, or make the demo from your "
            "own images with --images FOLDER."
        ) from error


def _crop_boxes(width: int, height: int) -> Iterator[tuple[int, int, int, int]]:
    """Square boxes at each scale, spread so that neighbours overlap by half at most."""
    shorter = min(width, height)
    for scale in SCALES:
        side = int(scale * shorter)
        for top in _starts(height, side):
            for left in _starts(width, side):
                yield left, top, left + side, top + side


def _starts(length: int, side: int) -> list[int]:
    steps = max(1, int(np.floor((length - side) / (0.62 * side))) + 1)
    return np.linspace(0, length - side, steps).round().astype(int).tolist()
