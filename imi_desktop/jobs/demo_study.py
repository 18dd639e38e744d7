"""Job: make the demo study, ready to run, from what is installed already.

Its images are crops of bundled photographs (or a folder of the user's), its activations and natural
exemplars are computed here and now, and its feature visualizations are the ones that this program
made and that are shipped in ``resources/demo``; :func:`regenerate` makes those anew.
"""

from __future__ import annotations

import shutil
import tempfile
import tomllib
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from imi_desktop.atomic import replacing, write_text
from imi_desktop.errors import UserError, storage_error
from imi_desktop.experiment.requirements import stimuli_needed
from imi_desktop.experiment.study import FILE_NAME, Study
from imi_desktop.jobs.context import JobContext, PausableToken
from imi_desktop.jobs.demo_images import write_demo_images
from imi_desktop.jobs.generation import Options, Outcome, generate
from imi_desktop.jobs.generation_locked import LockedStimuli
from imi_desktop.jobs.unit_tasks import UnitTask, plan_tasks
from imi_desktop.observers.build import build_observer
from imi_desktop.observers.simulate import run_observer
from imi_desktop.paths import resource
from imi_desktop.progress import Progress, ProgressReporter
from imi_desktop.recording.participants import plan_for
from imi_desktop.recording.session import Session
from imi_desktop.recording.session_folder import sessions_of, state_of
from imi_desktop.stimuli.activation_table import ActivationTable
from imi_desktop.stimuli.image_folder import ImageFolder
from imi_desktop.stimuli.manifest import Manifest, Record, append
from imi_desktop.stimuli.natural_stimuli import place_in
from imi_desktop.stimuli.pack import StimulusPack

MARKER = ".imi-desktop-demo"
"""File that tells the demo's folder from every other study."""

OWN_IMAGES = "images"
"""Folder of the demo's images, below its study."""


class NotTheDemoError(UserError):
    """A folder holds something else than the demo study."""


def run(arguments: dict[str, Any], context: JobContext) -> dict[str, Any]:
    """Make the demo in ``folder``, with ``images`` instead of the bundled ones if given.

    Returns
    -------
    dict
        ``study``: the folder.
    """
    images = arguments.get("images")
    folder = make_demo(
        Path(arguments["folder"]), Path(images) if images else None, context.report, context.cancel
    )
    return {"study": str(folder)}


def make_demo(
    folder: Path, images: Path | None, report: ProgressReporter, cancel: PausableToken
) -> Path:
    """Make the demo study, or finish one that was begun; a finished one is left as it is.

    Parameters
    ----------
    folder : Path
        The study folder.
    images : Path or None
        Folder of natural images; None cuts them from the bundled photographs.

    Returns
    -------
    Path
        The study folder.

    Raises
    ------
    NotTheDemoError
        If the folder holds something else; nothing is changed.
    UserError
        If the folder cannot be written or there are too few images.
    Cancelled
        If asked to stop; what was finished is used the next time.
    """
    study = _study(folder, images)
    if not _is_as_made(study):
        return study.folder  # somebody works on it: it is theirs now
    if not StimulusPack(study.folder).missing(stimuli_needed(study).files):
        _simulate(study, report, cancel)
        return study.folder
    _write_images(study, report, cancel)
    generate(study.folder, Options(only="natural"), report, cancel)
    locked = LockedStimuli.of(study)
    for task in _synthetic_tasks(study):
        cancel.check()
        _adopt_shipped(study, task, locked)
    generate(study.folder, Options(only="synthetic"), report, cancel)
    _simulate(study, report, cancel)
    return study.folder


def regenerate(report: ProgressReporter, cancel: PausableToken) -> Outcome:
    """Optimise the demo's feature visualizations anew and put them into ``resources/demo``.

    Raises
    ------
    UserError
        If the resources cannot be written (an installed wheel), or a unit cannot be visualized.
    """
    shipped = resource("demo")
    with tempfile.TemporaryDirectory(prefix="imi-demo-") as temporary:
        study = _study(Path(temporary) / "demo", None)
        _write_images(study, report, cancel)
        outcome = generate(study.folder, Options(), report, cancel)
        files = [file for task in _synthetic_tasks(study) for file in task.files]
        manifest = Manifest.read(study.folder)
        try:
            shutil.rmtree(shipped / "stimuli", ignore_errors=True)
            for file in files:
                _copy(study.folder / file, shipped / file)
        except OSError as error:
            raise storage_error("replace the demo's images in", shipped, error) from error
        append(shipped, [record for file in files if (record := manifest.get(file))])
    return outcome


def _study(folder: Path, images: Path | None) -> Study:
    """The demo's study file, written first, so that a demo that was begun is known as one."""
    if (folder / FILE_NAME).is_file():
        study = Study.load(folder)
        if not (folder / MARKER).is_file():
            raise NotTheDemoError(
                f"{folder} holds the study “{study.name}”, which is not the demo. "
                "Nothing was changed; name another folder for the demo."
            )
        return study
    if folder.is_dir() and any(file.name != MARKER for file in folder.iterdir()):
        raise NotTheDemoError(
            f"{folder} is not empty, and holds no demo. Nothing was changed; name another folder "
            "for the demo."
        )
    write_text(folder / MARKER, "This study was made by imi-desktop demo.\n")
    return Study.create(
        folder, **_declared(), images=str(images.resolve()) if images else OWN_IMAGES
    )


def _declared() -> dict[str, Any]:
    return tomllib.loads(resource("demo", "demo.toml").read_text(encoding="utf-8"))


def _is_as_made(study: Study) -> bool:
    """Whether units and seed are still those that the shipped visualizations are for."""
    declared = _declared()
    units = [(unit["model"], unit["layer"], unit["channel"]) for unit in declared["units"]]
    return study.seed == declared["seed"] and units == [
        (entry.model, entry.layer, entry.channel) for entry in study.units
    ]


def _write_images(study: Study, report: ProgressReporter, cancel: PausableToken) -> None:
    """Cut the demo's own images, unless they were indexed and so were all there."""
    if study.images == OWN_IMAGES and not (study.folder / "dataset.csv").is_file():
        write_demo_images(study.folder / OWN_IMAGES, progress=report, cancel=cancel)


def _synthetic_tasks(study: Study) -> list[UnitTask]:
    needed = stimuli_needed(study)
    folder = ImageFolder.read(study.folder / "dataset.csv", study.images_folder)
    weights = {
        (model, layer): ActivationTable.read(study.folder, model, layer).weights
        for model, layer in needed.layers
    }
    return plan_tasks(study, needed, folder.fingerprint, weights, only="synthetic")


def _adopt_shipped(study: Study, task: UnitTask, locked: LockedStimuli | None) -> None:
    """Copy the shipped images of a task, if all of them are shipped, and say so in the manifest."""
    pack = StimulusPack(study.folder)
    shipped = StimulusPack(resource("demo"))
    if task.is_done(pack) or shipped.missing(task.files) or shipped.damaged(task.files):
        return
    records = [record for file in task.files if (record := shipped.manifest.get(file))]
    if locked is not None and (locked.is_done(task, pack) or not locked.allows(records)):
        return
    for record in records:
        _copy(shipped.path(record.file), pack.path(record.file))
    table = ActivationTable.read(study.folder, task.unit.model, task.unit.layer)
    natural = table.unit(task.unit.channel)
    append(study.folder, [_placed(record, task, natural) for record in records])


def _placed(record: Record, task: UnitTask, natural: NDArray[np.float32]) -> Record:
    """A shipped image's record with its place among the natural images that are here."""
    rank, percentile = place_in(natural, record.activation)
    reaches = rank == 1 if record.side == "max" else rank == natural.size + 1
    parameters = {
        **record.parameters,
        "reaches_natural": reaches,
        "shipped": "made beforehand for the demo",
    }
    return replace(record, task=task.hash, rank=rank, percentile=percentile, parameters=parameters)


def _simulate(study: Study, report: ProgressReporter, cancel: PausableToken) -> None:
    """Let simulated participants go first, so that there is something to compare oneself with."""
    participants = list(_simulated_participants())
    for number, (participant, observer_name) in enumerate(participants):
        cancel.check()
        report(Progress("Simulating participants", number, len(participants), participant))
        begun = sessions_of(study.folder, participant)
        if begun and state_of(begun[-1]) == "done":
            continue
        observer = build_observer(observer_name)
        session = Session.open(
            study,
            participant,
            resume=bool(begun),
            environment={"observer": observer.name, "simulated": True},
            plan=plan_for(study, participant),
        )
        try:
            run_observer(session, observer)
        finally:
            session.close()


def _simulated_participants() -> Iterable[tuple[str, str]]:
    """Ids that say what they are, and who answers."""
    for number in range(1, 7):
        yield f"simulated-{number}", "pixels"


def _copy(source: Path, target: Path) -> None:
    with source.open("rb") as original, replacing(target) as copy:
        shutil.copyfileobj(original, copy)
