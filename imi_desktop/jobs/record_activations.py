"""Job: record the activations of some layers of one model over a study's images."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from imi_desktop.experiment.study import Study
from imi_desktop.jobs.context import JobContext
from imi_desktop.jobs.study_images import indexed_images
from imi_desktop.models.loading import load_network
from imi_desktop.progress import Progress
from imi_desktop.stimuli.activation_table import ActivationTable
from imi_desktop.stimuli.activations import record_activations
from imi_desktop.stimuli.unit_statistics import unit_statistics


def run(arguments: dict[str, Any], context: JobContext) -> dict[str, Any]:
    """Record ``layers`` of ``model`` for the study ``study``, on ``device`` if named.

    The study's image folder is indexed first if that was never done.

    Returns
    -------
    dict
        ``layers``: those recorded.
    """
    study = Study.load(arguments["study"])
    folder = indexed_images(study, context)
    context.report(Progress("Loading the model", 0, 0, arguments["model"]))
    network = load_network(
        arguments["model"], device=arguments.get("device", "auto"), seed=study.seed
    )
    record_activations(
        network,
        folder,
        [network.layer(name) for name in arguments["layers"]],
        study.folder,
        progress=context.report,
        cancel=context.cancel,
    )
    _summarised(study, arguments["model"], arguments["layers"], context)
    return {"layers": list(arguments["layers"])}


def _summarised(study: Study, model: str, layers: Sequence[str], context: JobContext) -> None:
    """Compute what lists of units show and are sorted by, once; it is kept beside the tables."""
    for number, layer in enumerate(layers):
        context.cancel.check()
        context.report(Progress("Summarising units", number, len(layers), layer))
        unit_statistics(ActivationTable.read(study.folder, model, layer))
    context.report(Progress("Summarising units", len(layers), len(layers)))
