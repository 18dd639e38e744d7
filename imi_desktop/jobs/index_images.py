"""Job: index an image folder into a study (or only look at it)."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from imi_desktop.jobs.context import JobContext
from imi_desktop.stimuli.image_folder import index_folder


def run(arguments: dict[str, Any], context: JobContext) -> dict[str, Any]:
    """Index ``folder``; write the index to ``index`` if named.

    Returns
    -------
    dict
        ``images``, ``usable``, and ``unusable`` (the first few: path and reason).
    """
    folder = index_folder(Path(arguments["folder"]), progress=context.report, cancel=context.cancel)
    if arguments.get("index"):
        folder.write(Path(arguments["index"]))
    return {
        "images": len(folder.files),
        "usable": len(folder.usable),
        "unusable": [{"path": f.path, "reason": f.reason} for f in folder.unusable[:50]],
    }
