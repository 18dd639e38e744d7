"""Every kind of job there is. Names modules without importing them: most of them need torch."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class JobKind:
    """A kind of job: ``imi_desktop.jobs.<module>`` has ``run(arguments, context) -> dict``.

    Parameters
    ----------
    name : str
        As in a job's specification.
    module : str
        Module of this package.
    summary : str
        What it does, as shown while it runs.
    """

    name: str
    module: str
    summary: str


KINDS = (
    JobKind("index_images", "index_images", "Indexing images"),
    JobKind("record_activations", "record_activations", "Recording activations"),
    JobKind("generate", "generate", "Generating stimuli"),
    JobKind("make_stimuli", "make_stimuli", "Making one unit's stimuli after the other"),
    JobKind("preview_unit", "preview_unit", "Looking at a unit"),
    JobKind("activation_maps", "activation_maps", "Measuring activation maps"),
    JobKind("selectivity", "selectivity", "Measuring selectivity and ablation"),
    JobKind("machine_score", "machine_score", "Scoring units by machine"),
    JobKind("count_devices", "count_devices", "Counting GPUs"),
    JobKind("layer_tables", "layer_tables", "Listing layers"),
    JobKind("demo", "demo_study", "Making the demo study"),
)


def find(name: str) -> JobKind:
    """The kind of that name.

    Raises
    ------
    KeyError
        If there is none; a bug in whoever asked.
    """
    for kind in KINDS:
        if kind.name == name:
            return kind
    raise KeyError(name)
