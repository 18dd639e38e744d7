"""Tables of layers as JSON files: those that come with the program, and those in the cache."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

from imi_desktop import atomic, paths
from imi_desktop.errors import storage_error
from imi_desktop.models.entry import ModelEntry, Weights
from imi_desktop.models.errors import ModelError, ModelNotDescribedError
from imi_desktop.models.preprocessing import Preprocessing
from imi_desktop.models.unit import Layer, folder_name

FORMAT = 1


def timm_entry(name: str) -> ModelEntry:
    """Entry of a ``timm:`` network that has been looked at before.

    Raises
    ------
    ModelNotDescribedError
        If it has not.
    """
    table = read_table(name)
    if table is None:
        raise not_described(name)
    return ModelEntry(
        name=name,
        title=f"{name.removeprefix('timm:')} (timm)",
        source="timm",
        architecture=name.removeprefix("timm:"),
        preprocessing=Preprocessing.model_validate(table["preprocessing"]),
        weights=_timm_weights(name.removeprefix("timm:")),
        num_classes=int(table["num_classes"]),
    )


def packaged_path(name: str) -> Path:
    """Where the table that comes with the program lies, if there is one."""
    return paths.resource("models", "layers", f"{folder_name(name)}.json")


def cached_path(name: str) -> Path:
    """Where the table of a network that does not come with the program is kept."""
    return paths.cache_dir() / "layers" / f"{folder_name(name)}.json"


def write_table(
    path: Path,
    name: str,
    layers: Sequence[Layer],
    preprocessing: Preprocessing,
    num_classes: int,
    versions: dict[str, str],
) -> None:
    """Write the table of a network, atomically.

    Parameters
    ----------
    path : Path
        :func:`packaged_path` or :func:`cached_path`.
    name : str
        Name of the network, without ``random:``.
    versions : dict of str to str
        Libraries it was made with.
    """
    header = {
        "format": FORMAT,
        "model": name,
        "num_classes": num_classes,
        "preprocessing": preprocessing.model_dump(mode="json"),
        "made_with": versions,
    }
    lines = [f"  {json.dumps(key)}: {json.dumps(value)}," for key, value in header.items()]
    rows = ",\n".join(f"    {json.dumps(_row(layer), ensure_ascii=False)}" for layer in layers)
    atomic.write_text(path, "{\n" + "\n".join(lines) + f'\n  "layers": [\n{rows}\n  ]\n}}\n')


def read_table(name: str) -> dict[str, Any] | None:
    """Table of a network, without ``random:`` or ``file:``; None if there is none yet.

    Raises
    ------
    ModelError
        If the file is damaged.
    StorageError
        If it cannot be read.
    """
    for path in (packaged_path(name), cached_path(name)):
        try:
            table = json.loads(path.read_text(encoding="utf-8"))
        except FileNotFoundError:
            continue
        except OSError as error:
            raise storage_error("read the layers of the model", path, error) from error
        except ValueError as error:
            raise ModelError(
                f"{path} is damaged. Make it again with: imi-desktop models {name} --rebuild."
            ) from error
        # A table of another version, or of another name that shares the file name, is made anew.
        if table.get("format") == FORMAT and table.get("model") == name:
            return dict(table)
    return None


def _row(layer: Layer) -> dict[str, Any]:
    """Turn a layer into JSON, without what is at its default."""
    row = asdict(replace(layer, relative_depth=round(layer.relative_depth, 6)))
    if layer.branch is None:
        del row["branch"]
    if layer.channel_axis == 1:
        del row["channel_axis"]
    if layer.branches:
        row["branches"] = [list(branch) for branch in layer.branches]
    else:
        del row["branches"]
    return row


def layer_from_row(row: dict[str, Any]) -> Layer:
    """Layer of one entry of a table's ``layers``."""
    return Layer(
        name=row["name"],
        kind=row["kind"],
        channels=row["channels"],
        branch=row.get("branch"),
        relative_depth=row["relative_depth"],
        of_interest=row["of_interest"],
        channel_axis=row.get("channel_axis", 1),
        branches=tuple((name, channels) for name, channels in row.get("branches", ())),
    )


def _timm_weights(architecture: str) -> Weights:
    names = tuple(f"{architecture}{suffix}" for suffix in (".safetensors", ".pth", ".pt", ".bin"))
    return Weights(file_names=names)


def not_described(name: str) -> ModelNotDescribedError:
    """Error for a network without a table."""
    return ModelNotDescribedError(
        f"The layers of {name} have not been looked at on this computer yet. "
        f"Run: imi-desktop models {name}."
    )
