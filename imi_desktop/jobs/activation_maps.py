"""Job: sparseness and local contrast of the activation maps of a study's units."""

from __future__ import annotations

from typing import Any

from imi_desktop.experiment.study import Study
from imi_desktop.jobs.context import JobContext
from imi_desktop.jobs.study_images import drawn, indexed_images, main_units
from imi_desktop.models.loading import load_network
from imi_desktop.models.unit import Unit
from imi_desktop.progress import Progress
from imi_desktop.stimuli.map_measures import map_measures
from imi_desktop.stimuli.provenance import utc_now, versions
from imi_desktop.stimuli.unit_measures import UnitMeasures


def run(arguments: dict[str, Any], context: JobContext) -> dict[str, Any]:
    """Measure the maps of ``study`` over its images, ``images`` of them at most.

    Returns
    -------
    dict
        ``file``: what was written; ``units``: how many.
    """
    study = Study.load(arguments["study"])
    units = main_units(study)
    folder = indexed_images(study, context)
    files = drawn(folder.usable, arguments.get("images"), study.seed, "activation_maps")
    values: dict[Unit, dict[str, float | None]] = {}
    weights, images = {}, 0
    for model, wanted in units.items():
        context.report(Progress("Loading the model", 0, 0, model))
        network = load_network(model, device=arguments.get("device", "auto"), seed=study.seed)
        found, images = map_measures(
            network, wanted, folder, files, progress=context.report, cancel=context.cancel
        )
        values |= found
        weights[model] = network.fingerprint
    measures = UnitMeasures(
        kind="activation_maps",
        settings={"images": images, "dataset": folder.fingerprint, "weights": weights},
        values=values,
        notes=(
            "Sparseness counts values that are not positive, as after a ReLU, whether or not the "
            "layer is followed by one.",
        ),
        versions=versions(),
        made=utc_now(),
    )
    return {"file": str(measures.write(study.folder)), "units": len(values)}
