"""Images decoded ahead of the network by threads; Pillow works outside Python's lock."""

from __future__ import annotations

import hashlib
import os
from collections import deque
from collections.abc import Generator, Iterable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from imi_desktop.models.preprocessing import Preprocessing
from imi_desktop.progress import CancelToken
from imi_desktop.stimuli.image_folder import ImageFile, ImageFolder
from imi_desktop.stimuli.images import UnreadableImageError, crop_for, decode_rgb

# Enough to keep every thread busy while the network works on small batches.
_IMAGES_AHEAD_PER_WORKER = 8


@dataclass(frozen=True)
class DecodedBatch:
    """Images of one batch that could be read, and why the others could not.

    Parameters
    ----------
    paths : list of str
        Relative to the image folder, one per row of `pixels`.
    pixels : ndarray of uint8, shape (n, crop, crop, 3)
        As the network's preprocessing crops them.
    failures : dict of str to str
        Reason by relative path.
    """

    paths: list[str]
    pixels: NDArray[np.uint8]
    failures: dict[str, str]


def decode_batches(
    folder: ImageFolder,
    batches: Iterable[Sequence[ImageFile]],
    preprocessing: Preprocessing,
    *,
    workers: int | None = None,
    cancel: CancelToken | None = None,
) -> Generator[DecodedBatch, None, None]:
    """Decode and crop images, each once, a few batches ahead of whoever takes them.

    Parameters
    ----------
    folder : ImageFolder
        Where the images lie.
    batches : iterable of sequences of ImageFile
        Taken from lazily; memory stays bounded however many there are.
    workers : int or None
        Threads; None takes one for each processor, 8 at most.
    cancel : CancelToken or None
        Asked before every batch.

    Raises
    ------
    Cancelled
        If asked to stop.
    """
    workers = workers or min(8, os.cpu_count() or 1)
    cancel = cancel or CancelToken()
    remaining = iter(batches)
    waiting: deque[tuple[Sequence[ImageFile], list[Future[NDArray[np.uint8] | str]]]] = deque()
    with ThreadPoolExecutor(workers, thread_name_prefix="decode") as pool:

        def fill() -> None:
            ahead = sum(len(batch) for batch, _ in waiting)
            while len(waiting) < 2 or ahead < _IMAGES_AHEAD_PER_WORKER * workers:
                batch = next(remaining, None)
                if batch is None:
                    return
                tasks = [
                    pool.submit(_decode, folder.file(file.path), file.sha256, preprocessing)
                    for file in batch
                ]
                waiting.append((batch, tasks))
                ahead += len(batch)

        try:
            fill()
            while waiting:
                cancel.check()
                batch, tasks = waiting.popleft()
                results = [task.result() for task in tasks]
                fill()
                yield _assemble(batch, results, preprocessing.crop)
        finally:
            for _, tasks in waiting:
                for task in tasks:
                    task.cancel()


def _decode(path: Path, sha256: str, preprocessing: Preprocessing) -> NDArray[np.uint8] | str:
    """Pixels of one image, or why there are none."""
    try:
        data = path.read_bytes()
    except OSError as error:
        return error.strerror or "it cannot be read"
    if sha256 and hashlib.sha256(data).hexdigest() != sha256:
        return "its content has changed since the folder was indexed"
    try:
        return crop_for(preprocessing, decode_rgb(data, path))
    except UnreadableImageError as error:
        return error.reason


def _assemble(
    batch: Sequence[ImageFile], results: list[NDArray[np.uint8] | str], crop: int
) -> DecodedBatch:
    paths, pixels, failures = [], [], {}
    for file, result in zip(batch, results, strict=True):
        if isinstance(result, str):
            failures[file.path] = result
        else:
            paths.append(file.path)
            pixels.append(result)
    stacked = np.stack(pixels) if pixels else np.empty((0, crop, crop, 3), dtype=np.uint8)
    return DecodedBatch(paths, stacked, failures)
