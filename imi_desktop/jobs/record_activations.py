"""Job: record the activations of some layers of one model over a study's images."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from imi_desktop.jobs.context import JobContext
from imi_desktop.models.loading import load_network
from imi_desktop.progress import Progress
from imi_desktop.stimuli.activations import record_activations
from imi_desktop.stimuli.image_folder import ImageFolder


def run(arguments: dict[str, Any], context: JobContext) -> dict[str, Any]:
    """Record ``layers`` of ``model`` for the study ``study`` with the image folder ``images``.

    Returns
    -------
    dict
        ``layers``: those recorded.
    """
    study_dir = Path(arguments["study"])
    folder = ImageFolder.read(study_dir / "dataset.csv", Path(arguments["images"]))
    context.report(Progress("Loading the model", 0, 0, arguments["model"]))
    network = load_network(arguments["model"], device=arguments.get("device", "auto"))
    record_activations(
        network,
        folder,
        arguments["layers"],
        study_dir,
        progress=context.report,
        cancel=context.cancel,
    )
    return {"layers": list(arguments["layers"])}
