"""Images that stand in for stimuli which are not made yet, so that trials can be looked at."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from PIL import Image, ImageDraw

from imi_desktop import atomic
from imi_desktop.errors import storage_error
from imi_desktop.experiment.study import Study
from imi_desktop.experiment.trial import Trial
from imi_desktop.stimuli.pack import IMAGE_SIZE

_GREYS = {"max": (214, 214, 214), "min": (70, 70, 70)}
_OTHER = (160, 160, 160)


def rehearsal_folder(study: Study, folder: Path, trials: Iterable[Trial]) -> Path:
    """Write a study and a labelled grey image for every file of `trials` into `folder`.

    Parameters
    ----------
    study : Study
        Need not be on disk.
    folder : Path
        Of its own, to be thrown away.

    Returns
    -------
    Path
        `folder`.

    Raises
    ------
    StorageError
        If it cannot be written.
    """
    if not (folder / study.file.name).exists():
        design = study.design
        if study.protocol.endswith(".toml") and design.file is not None:
            atomic.write_bytes(folder / study.protocol, design.file.read_bytes())
        Study.assemble(folder, design, **study.model_dump(exclude_none=True)).save()
    for file in {file for trial in trials for file in trial.images}:
        path = folder / file
        if path.is_file():
            continue
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            _drawn(path.stem, path.parent.parent.name).save(path)
        except OSError as error:
            raise storage_error("write", path, error) from error
    return folder


def _drawn(name: str, kind: str) -> Image.Image:
    """A square that says what will be there."""
    side, _, index = name.partition("_")
    image = Image.new("RGB", (IMAGE_SIZE, IMAGE_SIZE), _GREYS.get(side, _OTHER))
    ink = (255, 255, 255) if side == "min" else (30, 30, 30)
    words = f"{side} {index}".strip() if "optimized" in kind else name.replace("_", " ")
    draw = ImageDraw.Draw(image)
    draw.text((IMAGE_SIZE / 2, IMAGE_SIZE / 2), words, fill=ink, anchor="mm", font_size=28)
    draw.rectangle((0, 0, IMAGE_SIZE - 1, IMAGE_SIZE - 1), outline=(120, 120, 120))
    return image
