"""Which networks there are, by name. Knows no torch, so that menus and study files can use it."""

from __future__ import annotations

import difflib
import json
from dataclasses import replace
from functools import cache

from imi_desktop import paths
from imi_desktop.models.description_file import read_description
from imi_desktop.models.entry import ModelEntry, Weights
from imi_desktop.models.errors import UnknownModelError
from imi_desktop.models.featured import FEATURED, TORCHVISION_URL, hashed
from imi_desktop.models.preprocessing import Preprocessing
from imi_desktop.models.table_files import timm_entry

__all__ = ["DEFAULT_MODEL", "ModelEntry", "Preprocessing", "Weights", "entries", "find"]

DEFAULT_MODEL = "efficientnet_lite0"


@cache
def entries() -> tuple[ModelEntry, ...]:
    """Every network with a name of its own: featured ones first, then torchvision's others."""
    own = {entry.name for entry in FEATURED}
    rows = json.loads(paths.resource("models", "torchvision.json").read_text(encoding="utf-8"))
    others = tuple(_torchvision_entry(name, row) for name, row in rows.items() if name not in own)
    return FEATURED + others


def find(name: str) -> ModelEntry:
    """Look a network up by name.

    ``random:<name>`` is the same network with random weights, ``timm:<name>`` any network of
    timm, ``file:<path>`` a network described in a file.

    Raises
    ------
    UnknownModelError
        If there is no such network.
    ModelNotDescribedError
        If a timm network has not been looked at on this computer yet.
    ModelError
        If a description file cannot be read or is wrong.
    """
    name = name.strip()
    if name.startswith("random:"):
        base = find(name.removeprefix("random:"))
        if base.random:
            raise UnknownModelError(f"“{name}” says random twice. Write {base.name}.")
        return replace(
            base,
            name=f"random:{base.name}",
            title=f"{base.title}, random weights",
            random=True,
            top1=None,
        )
    if name.startswith("timm:"):
        return timm_entry(name)
    if name.startswith("file:"):
        return read_description(name, find)
    known = {entry.name: entry for entry in entries()}
    if name in known:
        return known[name]
    near = difflib.get_close_matches(name.lower(), known, n=3, cutoff=0.6)
    hint = f"Did you mean {' or '.join(near)}?" if near else "imi-desktop models lists them."
    raise UnknownModelError(f"There is no model “{name}”. {hint}")


def _torchvision_entry(name: str, row: dict[str, object]) -> ModelEntry:
    file = str(row["weights"])
    top1 = row["top1"]
    return ModelEntry(
        name,
        name,
        "torchvision",
        name,
        Preprocessing.model_validate(row["preprocessing"]),
        hashed(TORCHVISION_URL, file),
        top1=top1 if isinstance(top1, float) else None,
    )
