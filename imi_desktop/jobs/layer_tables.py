"""Job: look at a network once and keep the list of its layers."""

from __future__ import annotations

from typing import Any

from imi_desktop.jobs.context import JobContext
from imi_desktop.models.layer_tables import layers_of
from imi_desktop.models.loading import describe
from imi_desktop.progress import Progress


def run(arguments: dict[str, Any], context: JobContext) -> dict[str, Any]:
    """Describe ``model``; ``rebuild`` looks again even if it is known.

    Returns
    -------
    dict
        ``layers``: how many were found.
    """
    model = arguments["model"]
    context.report(Progress("Looking at the model", 0, 0, model))
    describe(model, rebuild=bool(arguments.get("rebuild")))
    context.cancel.check()
    return {"layers": len(layers_of(model))}
