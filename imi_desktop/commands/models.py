"""``imi-desktop models``: which networks there are, what layers they have, and their weights."""

from __future__ import annotations

import argparse
import json
import sys
from typing import TYPE_CHECKING, Any

from imi_desktop.models import catalogue
from imi_desktop.models.layer_tables import is_described, layers_of
from imi_desktop.models.weights_files import download_weights, find_weights

if TYPE_CHECKING:
    from imi_desktop.models.entry import ModelEntry
    from imi_desktop.models.unit import Layer


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the command's arguments."""
    parser.add_argument(
        "name",
        nargs="?",
        metavar="NAME",
        help="a model; also random:<name>, timm:<name> or file:<description.toml>",
    )
    parser.add_argument(
        "--layers", action="store_true", help="list every layer, not only those of interest"
    )
    parser.add_argument("--all", action="store_true", help="list torchvision's other models too")
    parser.add_argument(
        "--download", action="store_true", help="fetch the published weights of NAME"
    )
    parser.add_argument("--rebuild", action="store_true", help="look at the layers of NAME again")
    parser.add_argument("--json", action="store_true", help="print JSON")


def run(options: argparse.Namespace) -> int:
    """List models, or describe one."""
    from imi_desktop.errors import UserError

    if options.name is None:
        if options.download or options.rebuild:
            raise UserError("Name the model: --download and --rebuild work on one.")
        return _list(options)
    if options.rebuild or not is_known(options.name):
        from imi_desktop.models.loading import describe

        describe(options.name, rebuild=options.rebuild)
    entry = catalogue.find(options.name)
    if options.download:
        _download(entry)
    return _describe(entry, layers_of(options.name), options)


def is_known(name: str) -> bool:
    """Whether the layers of a model are known without building it."""
    from imi_desktop.models.errors import ModelNotDescribedError

    try:
        return is_described(name)
    except ModelNotDescribedError:
        return False


def _list(options: argparse.Namespace) -> int:
    entries = catalogue.entries()
    if options.json:
        print(json.dumps([_summary(entry) for entry in entries], ensure_ascii=False, indent=2))
        return 0
    shown = entries if options.all else [e for e in entries if e.title != e.name]
    print(f"{'Name':<22} {'Model':<30} {'Weights':<9} {'Layers':>6} {'Units':>7}")
    for entry in shown:
        layers, units = _counts(entry)
        print(
            f"{entry.name:<22} {entry.title:<30} "
            f"{'present' if find_weights(entry) else 'missing':<9} {layers:>6} {units:>7}"
        )
    others = len(entries) - len(shown)
    if others:
        print(f"and {others} more from torchvision (--all lists them).")
    print(
        "Layers and units of interest. Also random:<name>, timm:<name> and file:<description.toml>."
    )
    return 0


def _describe(entry: ModelEntry, layers: tuple[Layer, ...], options: argparse.Namespace) -> int:
    chosen = [layer for layer in layers if options.layers or layer.of_interest]
    if options.json:
        summary = _summary(entry)
        summary["layers"] = [_layer(layer) for layer in chosen]
        print(json.dumps(summary, ensure_ascii=False, indent=2))
        return 0
    weights = find_weights(entry)
    p = entry.preprocessing
    print(f"{entry.title} ({entry.name})")
    if entry.random:
        print("Weights: random, from a seed")
    else:
        print(f"Weights: {weights or 'not on this computer'}")
    print(
        f"Images: shorter side to {p.resize} px, centre {p.crop} px, {p.interpolation}; "
        f"mean {_triple(p.mean)}, deviation {_triple(p.std)}"
    )
    if entry.preprocessing_source:
        print(f"As in: {entry.preprocessing_source}")
    units = sum(layer.channels for layer in layers if layer.of_interest)
    count = sum(layer.of_interest for layer in layers)
    print(f"{count} layers of interest with {units} units; {len(layers)} layers in all")
    print()
    width = max((len(layer.name) for layer in chosen), default=5)
    print(f"{'Layer':<{width}}  {'Kind':<13} {'Units':>6}  {'Depth':>5}  Branch")
    for layer in chosen:
        branch = layer.branch or ", ".join(f"{n} {c}" for n, c in layer.branches)
        mark = "" if layer.of_interest or not options.layers else "  (not drawn from)"
        print(
            f"{layer.name:<{width}}  {layer.kind:<13} {layer.channels:>6}  "
            f"{layer.relative_depth:>5.2f}  {branch}{mark}".rstrip()
        )
    return 0


def _summary(entry: ModelEntry) -> dict[str, Any]:
    layers, units = _counts(entry)
    weights = None if entry.random else find_weights(entry)
    return {
        "name": entry.name,
        "title": entry.title,
        "source": entry.source,
        "architecture": entry.architecture,
        "weights_present": entry.random or weights is not None,
        "weights_file": None if weights is None else str(weights),
        "weights_url": None if entry.random else entry.weights.url,
        "random": entry.random,
        "published": entry.published,
        "top1": entry.top1,
        "preprocessing": entry.preprocessing.model_dump(mode="json"),
        "preprocessing_source": entry.preprocessing_source or None,
        "layers_of_interest": layers if layers != "?" else None,
        "units_of_interest": units if units != "?" else None,
    }


def _counts(entry: ModelEntry) -> tuple[int | str, int | str]:
    if not is_described(entry.name):
        return "?", "?"
    of_interest = [layer for layer in layers_of(entry.name) if layer.of_interest]
    return len(of_interest), sum(layer.channels for layer in of_interest)


def _layer(layer: Layer) -> dict[str, Any]:
    return {
        "name": layer.name,
        "kind": layer.kind,
        "channels": layer.channels,
        "branch": layer.branch,
        "branches": [{"branch": name, "channels": count} for name, count in layer.branches],
        "relative_depth": layer.relative_depth,
        "of_interest": layer.of_interest,
        "channel_axis": layer.channel_axis,
    }


def _download(entry: ModelEntry) -> None:
    from imi_desktop.commands.progress_line import ProgressLine, interruptible

    with interruptible() as cancel, ProgressLine(sys.stderr) as line:
        path = download_weights(entry, progress=line.show, cancel=cancel)
    print(f"Weights kept in {path}", file=sys.stderr)


def _triple(values: tuple[float, float, float]) -> str:
    return " ".join(f"{value:.3g}" for value in values)
