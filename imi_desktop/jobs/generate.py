"""Job: generate a study's stimuli; the same as the command, for the app."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from imi_desktop.jobs.context import JobContext
from imi_desktop.jobs.generation import Options, generate
from imi_desktop.jobs.overrides import Override
from imi_desktop.jobs.task_orders import orders_of
from imi_desktop.models.unit import Unit


def run(arguments: dict[str, Any], context: JobContext) -> dict[str, Any]:
    """Generate for ``study``; see :class:`~imi_desktop.jobs.generation.Options` for the rest.

    ``units`` is a list of ``{"model", "layer", "channel"}``. While it runs, it hears
    :class:`~imi_desktop.jobs.task_orders.TaskOrder` about single tasks.

    Returns
    -------
    dict
        ``made``, ``skipped``, ``failed`` and ``remarks``; see
        :class:`~imi_desktop.jobs.generation.Outcome`.
    """
    rest = dict(arguments)
    study_dir = Path(rest.pop("study"))
    units = tuple(Unit(**unit) for unit in rest.pop("units", ()))
    overrides = {
        Unit(values["model"], values["layer"], values["channel"]): Override.from_json(values)
        for values in rest.pop("overrides", ())
    }
    outcome = generate(
        study_dir,
        Options(units=units, overrides=overrides, **rest),
        context.report,
        context.cancel,
        orders_of(context.inbox),
    )
    return outcome.to_json()
