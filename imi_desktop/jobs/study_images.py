"""Images and units that a study's jobs compute on."""

from __future__ import annotations

from collections.abc import Sequence

from imi_desktop.errors import UserError
from imi_desktop.experiment.study import Study
from imi_desktop.jobs.context import JobContext
from imi_desktop.models.unit import Unit
from imi_desktop.seeds import generator
from imi_desktop.stimuli.image_folder import ImageFile, ImageFolder, index_folder


class NoUnitsError(UserError):
    """A study has no units that answers are about."""


def indexed_images(study: Study, context: JobContext) -> ImageFolder:
    """The index of the study's image folder, made first if that was never done."""
    path = study.folder / "dataset.csv"
    if path.is_file():
        return ImageFolder.read(path, study.images_folder)
    folder = index_folder(study.images_folder, progress=context.report, cancel=context.cancel)
    folder.write(path)
    return folder


def main_units(study: Study) -> dict[str, list[Unit]]:
    """Units of the main trials, by model.

    Raises
    ------
    NoUnitsError
        If there are none.
    """
    found: dict[str, list[Unit]] = {}
    for unit in dict.fromkeys(entry.unit for entry in study.units if entry.role == "main"):
        found.setdefault(unit.model, []).append(unit)
    if not found:
        raise NoUnitsError(f"{study.name} has no main units. Add some on the Units page.")
    return found


def drawn(files: Sequence[ImageFile], most: int | None, seed: int, name: str) -> list[ImageFile]:
    """At most `most` of the files, drawn by the study's seed, in their order; all if None."""
    if most is None or most >= len(files):
        return list(files)
    chosen = generator(seed, "images", name, most).choice(len(files), size=most, replace=False)
    return [files[place] for place in sorted(chosen)]
