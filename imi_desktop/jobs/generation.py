"""Everything that a study's trials need: index, activations, natural images, visualizations …

Knows no torch; the work is done in worker processes.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from contextlib import nullcontext
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol

from imi_desktop.errors import UserError
from imi_desktop.experiment.requirements import StimuliNeeded, stimuli_needed
from imi_desktop.experiment.study import Study
from imi_desktop.jobs.context import PausableToken
from imi_desktop.jobs.generation_locked import LockedStimuli
from imi_desktop.jobs.ledger import Ledger, Outcome
from imi_desktop.jobs.overrides import Override
from imi_desktop.jobs.process import run_job
from imi_desktop.jobs.protocol import JobSpec
from imi_desktop.jobs.study_lock import generating
from imi_desktop.jobs.task_orders import ReadOrders, no_orders
from imi_desktop.jobs.unit_tasks import KINDS, UnitTask, plan_tasks
from imi_desktop.jobs.worker_devices import gpus_for, processors, worker_devices
from imi_desktop.jobs.worker_pool import OnTask, WorkerPool
from imi_desktop.models.catalogue import find
from imi_desktop.models.layer_tables import check_unit
from imi_desktop.models.unit import Unit
from imi_desktop.models.weights_files import require_weights
from imi_desktop.progress import ProgressReporter
from imi_desktop.stimuli.activation_table import ActivationsError, ActivationTable
from imi_desktop.stimuli.exemplars import TooFewImagesError
from imi_desktop.stimuli.image_folder import ImageFolder
from imi_desktop.stimuli.manifest import Kind
from imi_desktop.stimuli.pack import StimulusPack


@dataclass(frozen=True)
class Options:
    """How to generate.

    Parameters
    ----------
    only : str or None
        One kind of stimuli; None makes all.
    units : tuple of Unit
        Restricts to some units; empty takes all.
    device : str
        ``auto``, ``cpu``, ``cuda`` …
    workers : int
        Worker processes; 0 chooses: one per GPU, or per processor, at most 8.
    previews : str or None
        Folder for intermediate images; None makes none.
    scheduler : str or None
        Address of a Dask scheduler whose workers do the unit tasks; None uses local processes.
    reindex : bool
        Look through the image folder again even if it was indexed before.
    overrides : dict of Unit to Override
        Settings of single units' feature visualizations instead of the study's; they stay until
        other ones are asked for. An empty override goes back to the study's.
    """

    only: Kind | None = None
    units: tuple[Unit, ...] = ()
    device: str = "auto"
    workers: int = 0
    previews: str | None = None
    scheduler: str | None = None
    reindex: bool = False
    overrides: Mapping[Unit, Override] = field(default_factory=dict)


class ClusterExtraMissingError(UserError):
    """A scheduler was named, but Dask is not installed."""


def generate(
    study_dir: Path,
    options: Options,
    report: ProgressReporter,
    cancel: PausableToken,
    orders: ReadOrders = no_orders,
) -> Outcome:
    """Make every missing or outdated stimulus of a study.

    Once people took part, only missing ones are made, and kept if they come out the same.

    Progress of the last stage counts in rough seconds of work; its ``data`` hold ``unit``,
    ``model``, ``kind``, ``state`` (``running``, ``done``, ``failed``, ``skipped``, ``dropped``) and
    what the worker tells: ``side``, ``step``, ``activations``, ``preview``, ``remark``, ``failed``.

    Parameters
    ----------
    orders : callable
        Gives what is wanted of single tasks since its last call.

    Raises
    ------
    UserError
        If the study cannot be read or written, a unit does not exist, there are too few images,
        or the study was changed after its first participant had started.
    Cancelled
        If asked to stop; finished tasks stay.
    """
    study = Study.load(study_dir)
    needed = stimuli_needed(study)
    for unit in needed.units:
        check_unit(unit)
    with generating(study.folder):
        locked = LockedStimuli.of(study)
        if locked is not None:
            locked.put_back()
            planned = _tasks(study, needed, options)
            pack = StimulusPack(study.folder)
            if not options.reindex and all(locked.is_done(task, pack) for task in planned):
                return Outcome(skipped=len(planned))
        if options.reindex or not _index(study).is_file():
            _check_weights(needed)
        folder = _indexed(study, options, report, cancel)
        _check_enough(folder, needed)
        weights = _recorded(study, needed, folder, options, report, cancel)
        folder = ImageFolder.read(_index(study), study.images_folder)  # some may not be readable
        _check_enough(folder, needed)
        tasks = _tasks(study, needed, options, folder.fingerprint, weights)
        return _made(study, tasks, locked, options, report, cancel, orders)


def _tasks(
    study: Study,
    needed: StimuliNeeded,
    options: Options,
    dataset: str = "",
    weights: dict[tuple[str, str], str] | None = None,
) -> list[UnitTask]:
    """The tasks asked for; without `dataset` and `weights` only their files are right."""
    known = weights if weights is not None else dict.fromkeys(needed.layers, "")
    tasks = plan_tasks(study, needed, dataset, known, options.only)
    return [
        task.overridden(options.overrides[task.unit]) if task.unit in options.overrides else task
        for task in tasks
        if not options.units or task.unit in options.units
    ]


def _check_weights(needed: StimuliNeeded) -> None:
    """Refuse models without weights before minutes are spent on the images."""
    for model in dict.fromkeys(model for model, _layer in needed.layers):
        entry = find(model)
        if not entry.random:
            require_weights(entry)


def _indexed(
    study: Study, options: Options, report: ProgressReporter, cancel: PausableToken
) -> ImageFolder:
    index = _index(study)
    if options.reindex or not index.is_file():
        arguments = {"folder": str(study.images_folder), "index": str(index)}
        run_job(JobSpec("index_images", arguments), report, cancel)
    return ImageFolder.read(index, study.images_folder)


def _index(study: Study) -> Path:
    return study.folder / "dataset.csv"


def _check_enough(folder: ImageFolder, needed: StimuliNeeded) -> None:
    usable = len(folder.usable)
    if needed.natural and usable < needed.images_needed:
        raise TooFewImagesError(
            f"The study needs {needed.images_needed} usable images "
            f"({needed.n_batches} batches of {needed.n_references + 1} on each side), and "
            f"{folder.root} has {usable}. Add images, or lower stimuli.natural.batches in "
            "study.toml."
        )


def _recorded(
    study: Study,
    needed: StimuliNeeded,
    folder: ImageFolder,
    options: Options,
    report: ProgressReporter,
    cancel: PausableToken,
) -> dict[tuple[str, str], str]:
    missing: dict[str, list[str]] = defaultdict(list)
    for model, layer in needed.layers:
        # Only torch can tell whether random weights are those of the study's seed; what is
        # complete is not recorded again.
        if find(model).random or _table(study, model, layer, folder) is None:
            missing[model].append(layer)
    for model, layers in missing.items():
        arguments = {
            "study": str(study.folder),
            "model": model,
            "layers": layers,
            "device": options.device,
        }
        run_job(JobSpec("record_activations", arguments), report, cancel)
    return {
        (model, layer): ActivationTable.read(study.folder, model, layer).weights
        for model, layer in needed.layers
    }


def _table(study: Study, model: str, layer: str, folder: ImageFolder) -> ActivationTable | None:
    try:
        table = ActivationTable.read(study.folder, model, layer)
    except ActivationsError:
        return None
    return table if table.dataset == folder.fingerprint else None


def _made(
    study: Study,
    tasks: Sequence[UnitTask],
    locked: LockedStimuli | None,
    options: Options,
    report: ProgressReporter,
    cancel: PausableToken,
    orders: ReadOrders,
) -> Outcome:
    ledger = Ledger(study.folder, tasks, report, locked)
    pack = StimulusPack(study.folder)
    for kind in KINDS:  # occlusions and blurs are made from the natural images
        open_tasks = []
        for task in (task for task in tasks if task.kind == kind):
            cancel.check()
            if locked.is_done(task, pack) if locked else task.is_done(pack):
                ledger.skip(task)
            else:
                open_tasks.append(task)
        if not open_tasks:
            continue
        with locked.protected(open_tasks, ledger.accepted) if locked else nullcontext():
            _pool(study, options).run(open_tasks, ledger.take, cancel, orders)
    return ledger.outcome


class _Pool(Protocol):
    def run(
        self,
        tasks: Sequence[UnitTask],
        on_task: OnTask,
        cancel: PausableToken,
        orders: ReadOrders = no_orders,
    ) -> None:
        """Do tasks and report what becomes of them."""


def _pool(study: Study, options: Options) -> _Pool:
    spec = _worker_spec(study, options)
    if options.scheduler is None:
        devices = worker_devices(
            options.device, options.workers, gpus=gpus_for(options.device), processors=processors()
        )
        return WorkerPool(spec, devices)
    try:
        from imi_desktop.jobs.cluster import ClusterPool
    except ModuleNotFoundError as error:
        raise ClusterExtraMissingError(
            "Working on a Dask cluster needs the extra “cluster”: "
            'pip install "imi-desktop[cluster]".'
        ) from error
    return ClusterPool(options.scheduler, {**spec.arguments, "device": options.device})


def _worker_spec(study: Study, options: Options) -> JobSpec:
    arguments: dict[str, Any] = {
        "study": str(study.folder),
        "images": str(study.images_folder),
    }
    if options.previews:
        arguments["previews"] = options.previews
    return JobSpec("make_stimuli", arguments)
