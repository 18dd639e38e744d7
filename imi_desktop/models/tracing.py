"""Finding a network's layers: one forward pass without data tells names, order and channels."""

from __future__ import annotations

import re
from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch.nn.modules.batchnorm import _BatchNorm
from torch.nn.modules.conv import _ConvNd

from imi_desktop.models.entry import ModelEntry
from imi_desktop.models.inception_branches import with_branches
from imi_desktop.models.interest import of_general_interest, rule_for
from imi_desktop.models.unit import Layer

_PROBES = 3
_NUMBERED = re.compile(r"(.*[a-z_])?\d+[a-z]?")
_ACTIVATIONS = (
    nn.ReLU,
    nn.ReLU6,
    nn.GELU,
    nn.SiLU,
    nn.Hardswish,
    nn.LeakyReLU,
    nn.ELU,
    nn.Mish,
    nn.PReLU,
)


_NORMS = (_BatchNorm, nn.LayerNorm, nn.GroupNorm, nn.LocalResponseNorm)


@dataclass
class _Seen:
    name: str
    kind: str
    output: Tensor
    version: int
    calls: int = 1


def trace_layers(entry: ModelEntry, module: nn.Module) -> tuple[Layer, ...]:
    """Layers of a network in the order in which a forward pass finishes them.

    A layer is a module that is called exactly once in a pass and puts out one tensor with
    channels: convolutions, norms, activations, linear layers, layer scales and whole blocks.

    Parameters
    ----------
    entry : ModelEntry
        The network.
    module : nn.Module
        In evaluation mode; on the ``meta`` device nothing is computed.
    """
    seen: dict[str, _Seen] = {}
    handles = []
    norms = tuple(f"{n}." for n, part in module.named_modules() if _is_norm_with_activation(part))
    for name, part in module.named_modules():
        kind = _kind(name, part)
        if kind is None or name.startswith(norms):
            continue

        def record(
            part: nn.Module, inputs: object, output: object, name: str = name, kind: str = kind
        ) -> None:
            if name in seen:
                seen[name].calls += 1
            elif isinstance(output, Tensor) and output.dim() >= 2 and output.shape[0] == _PROBES:
                seen[name] = _Seen(name, kind, output, output._version)

        handles.append(part.register_forward_hook(record))
    crop = entry.preprocessing.crop
    device = next((p.device for p in module.parameters()), torch.device("cpu"))
    try:
        with torch.no_grad():
            module(torch.zeros(_PROBES, 3, crop, crop, device=device))
    finally:
        for handle in handles:
            handle.remove()
    # What a later step overwrites in place cannot be measured after the pass.
    once = [s for s in seen.values() if s.calls == 1 and s.output._version == s.version]
    return with_branches(entry, _layers(entry, _without_wrappers(once)))


def _without_wrappers(seen: list[_Seen]) -> list[_Seen]:
    """Leave out modules that only hand on what their last layer put out; blocks stay."""
    outputs: set[int] = set()
    kept = []
    for item in seen:
        if item.kind == "block" or id(item.output) not in outputs:
            kept.append(item)
        outputs.add(id(item.output))
    return kept


def _layers(entry: ModelEntry, seen: list[_Seen]) -> tuple[Layer, ...]:
    rule = rule_for(entry)
    first_convolution = next((s.name for s in seen if s.kind == "convolution"), None)
    wanted: dict[int, str] = {}  # outputs that are already of interest under another name
    layers = []
    for index, item in enumerate(seen):
        kind = "classifier" if item is seen[-1] and item.kind == "linear" else item.kind
        if rule is not None:
            interest = rule.fullmatch(item.name) is not None and kind != "activation"
        else:
            interest = of_general_interest(item.name, kind) and item.name != first_convolution
        # The output of a block without a skip connection is that of its last layer.
        interest = interest and id(item.output) not in wanted
        if interest:
            wanted[id(item.output)] = item.name
        axis = _channel_axis(item)
        layers.append(
            Layer(
                name=item.name,
                kind=kind,
                channels=int(item.output.shape[axis]),
                branch=None,
                relative_depth=index / max(len(seen) - 1, 1),
                of_interest=interest,
                channel_axis=axis,
            )
        )
    return tuple(layers)


def _kind(name: str, module: nn.Module) -> str | None:
    """What kind of layer a module is, None if it is none."""
    title = type(module).__name__
    last = name.rpartition(".")[2]
    kind: str | None = None
    if last == "shortcut" or title == "Concatenation":
        kind = "block"
    elif isinstance(module, _ConvNd):
        kind = "convolution"
    elif _is_norm_with_activation(module):
        kind = "activation"
    elif isinstance(module, _NORMS):
        kind = "normalization"
    elif isinstance(module, nn.Linear):
        kind = "linear"
    elif isinstance(module, _ACTIVATIONS):
        kind = "activation"
    elif title in {"LayerScale", "LayerScale2d"}:
        kind = "scale"
    elif next(module.children(), None) is None:
        kind = "normalization" if re.search(r"Norm(\dd)?$", title) else None
    elif not isinstance(module, nn.Sequential | nn.ModuleList) and _NUMBERED.fullmatch(last):
        kind = "block" if not re.search(r"Conv(2d|Norm|Bn)", title) else "activation"
    return kind


def _is_norm_with_activation(module: nn.Module) -> bool:
    """Whether this is one of timm's norms that hold the activation too."""
    if not re.search(r"Norm\w*Act", type(module).__name__):
        return False
    return not isinstance(getattr(module, "act", None), nn.Identity | None)


def _channel_axis(item: _Seen) -> int:
    """Axis of the channels: 1, or −1 where a network works channel-last.

    Images are square, which tells (n, c, h, w) from (n, h, w, c) even for modules that treat all
    axes alike; where all three sizes agree, the kind of the module decides.
    """
    shape = item.output.shape
    if len(shape) == 2:
        return 1
    if len(shape) == 3:
        return -1
    if shape[2] == shape[3] != shape[1]:
        return 1
    if shape[1] == shape[2] != shape[3]:
        return -1
    return -1 if item.kind == "linear" else 1
