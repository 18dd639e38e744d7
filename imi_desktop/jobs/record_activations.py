"""Job: record the activations of some layers of one model over a study's images."""

from __future__ import annotations

from typing import Any

from imi_desktop.experiment.study import Study
from imi_desktop.jobs.context import JobContext
from imi_desktop.jobs.study_images import indexed_images
from imi_desktop.models.loading import load_network
from imi_desktop.progress import Progress
from imi_desktop.stimuli.activations import record_activations


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
    network = load_network(arguments["model"], device=arguments.get("device", "auto"))
    record_activations(
        network,
        folder,
        [network.layer(name) for name in arguments["layers"]],
        study.folder,
        progress=context.report,
        cancel=context.cancel,
    )
    return {"layers": list(arguments["layers"])}
