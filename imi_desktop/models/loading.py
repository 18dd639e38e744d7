"""From a model's name to a network that can be measured."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import timm
import torch
import torchvision

from imi_desktop.models import catalogue, table_files
from imi_desktop.models.architectures import build
from imi_desktop.models.devices import pick_device
from imi_desktop.models.entry import ModelEntry
from imi_desktop.models.errors import ModelNotDescribedError, WeightsMissingError
from imi_desktop.models.layer_tables import layers_of
from imi_desktop.models.network import Network
from imi_desktop.models.preprocessing import Preprocessing
from imi_desktop.models.tracing import trace_layers
from imi_desktop.models.unit import Layer
from imi_desktop.models.weights import load_weights
from imi_desktop.models.weights_files import check_hash, require_weights


def load_network(
    name: str,
    *,
    device: str = "auto",
    weights: Path | None = None,
    seed: int = 0,
) -> Network:
    """Build a network and give it its weights; nothing is downloaded.

    Parameters
    ----------
    name : str
        As in the catalogue, with ``random:``, ``timm:`` or ``file:`` if wanted.
    device : str
        See :func:`pick_device`.
    weights : Path or None
        Weights file to use instead of the one that is found.
    seed : int
        Of random weights; studies give their own, so that ``random:<name>`` means the same
        weights, bit for bit, wherever the study is opened.

    Raises
    ------
    UnknownModelError
        If there is no such model.
    WeightsMissingError
        If its weights are not on this computer.
    WeightsError
        If the weights file is damaged, holds code or belongs to another architecture.
    DeviceError
        If there is no such device.
    """
    target = pick_device(device)
    entry = describe(name)
    path: Path | None = None
    if not entry.random:
        if weights is not None and not Path(weights).is_file():
            raise WeightsMissingError(f"There is no weights file {weights}.")
        path = Path(weights) if weights is not None else require_weights(entry)
        if weights is None and entry.weights.sha256 and entry.weights.path is not None:
            check_hash(path, entry.weights.sha256)
    module = build(entry, seed)
    if path is not None:
        load_weights(module, entry, path)
    module.requires_grad_(False)
    return Network(
        entry=entry,
        module=module.to(target),
        layers=layers_of(name),
        device=target,
        weights_file=path,
        seed=seed,
    )


def describe(name: str, *, rebuild: bool = False) -> ModelEntry:
    """Make sure that the layers of a network are known, and return its entry.

    What is not packaged is found by a forward pass without data and kept in the cache; no
    weights are needed.

    Parameters
    ----------
    name : str
        As for :func:`load_network`.
    rebuild : bool
        Look again even if the layers are known.

    Raises
    ------
    UnknownModelError
        If there is no such model.
    """
    bare = name.strip().removeprefix("random:")
    try:
        entry = catalogue.find(name)
    except ModelNotDescribedError:
        describe_into_cache(_timm_entry(bare))
        return catalogue.find(name)
    if rebuild or table_files.read_table(entry.table_name) is None:
        base = _timm_entry(bare) if bare.startswith("timm:") else catalogue.find(entry.table_name)
        describe_into_cache(base)
        return catalogue.find(name)
    return entry


def describe_into_cache(entry: ModelEntry) -> None:
    """Find the layers of a network and keep them in the cache."""
    write_description(entry, table_files.cached_path(entry.table_name))


def write_description(entry: ModelEntry, path: Path) -> None:
    """Find the layers of a network and write them to a file."""
    layers = _trace(entry)
    versions = {"torch": torch.__version__, "torchvision": torchvision.__version__}
    versions["timm"] = timm.__version__
    table_files.write_table(
        path, entry.table_name, layers, entry.preprocessing, entry.num_classes, versions
    )


def _trace(entry: ModelEntry) -> tuple[Layer, ...]:
    try:
        with torch.device("meta"):  # needs neither memory nor time
            return trace_layers(entry, build(entry))
    except NotImplementedError:  # some networks compute their widths with tensors
        return trace_layers(entry, build(entry))


def _timm_entry(name: str) -> ModelEntry:
    architecture = name.removeprefix("timm:")
    blank = ModelEntry(name, architecture, "timm", architecture, Preprocessing())
    with torch.device("meta"):
        module = build(blank)
    data = timm.data.resolve_model_data_config(module)
    crop = int(data["input_size"][-1])
    return replace(
        blank,
        preprocessing=Preprocessing(
            resize=int(crop / data["crop_pct"]),
            crop=crop,
            mean=tuple(data["mean"]),
            std=tuple(data["std"]),
            interpolation="bilinear" if data["interpolation"] == "bilinear" else "bicubic",
        ),
    )
