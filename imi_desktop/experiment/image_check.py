"""Whether an image folder is large enough, without looking at all of it."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

from imi_desktop.stimuli.image_folder import SUFFIXES, ImageFolderError, examine


def require_images(folder: Path, needed: int) -> None:
    """Look at images until `needed` different usable ones are found.

    Parameters
    ----------
    folder : Path
        The image folder, with subfolders.
    needed : int
        How many images the study's natural images are chosen from, at least.

    Raises
    ------
    ImageFolderError
        If the folder is missing, empty, or holds fewer usable images; the sentence has both
        numbers.
    """
    if not folder.exists():
        raise ImageFolderError(f"There is no folder {folder}. Choose the folder of your images.")
    if not folder.is_dir():
        raise ImageFolderError(f"{folder} is not a folder. Choose the folder of your images.")
    contents: set[str] = set()
    seen = 0
    example = ""
    for path in image_paths(folder):
        seen += 1
        file = examine(folder, path)
        if file.usable:
            contents.add(file.sha256)
            if len(contents) >= needed:
                return
        else:
            example = f" {file.path}, for example: {file.reason}."
    if not seen:
        raise ImageFolderError(
            f"There is no image in {folder} or its subfolders. "
            "Choose a folder with JPEG, PNG, TIFF, WebP, BMP or GIF files."
        )
    raise ImageFolderError(
        f"The study needs {needed} different usable images, and {folder} has {len(contents)} "
        f"(of {seen} image files).{example} Add images, or ask for fewer batches."
    )


def image_paths(root: Path) -> Iterator[str]:
    """Names of the image files of a folder and its subfolders, hidden ones left out."""
    for folder, names, files in os.walk(root):
        names[:] = sorted(name for name in names if not name.startswith("."))
        for name in sorted(files):
            if not name.startswith(".") and Path(name).suffix.lower() in SUFFIXES:
                yield (Path(folder) / name).relative_to(root).as_posix()
