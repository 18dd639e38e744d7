"""Branches of inception modules: names, and order of their channels. Knows no torch."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from imi_desktop.models.entry import ModelEntry
from imi_desktop.models.unit import Layer

MIXED = r"mixed(?:3[ab]|4[a-e]|5[ab])"

# The layers that are concatenated, in this order, and what the papers call them. The second 3×3
# branch of torchvision's GoogLeNet stands where the paper has the 5×5 one.
_LUCENT = {"1x1": "1x1", "3x3": "3x3", "5x5": "5x5", "pool_reduce": "pool"}
_TORCHVISION = {
    "branch1.relu": "1x1",
    "branch2.1.relu": "3x3",
    "branch3.1.relu": "5x5",
    "branch4.1.relu": "pool",
}


def with_branches(entry: ModelEntry, layers: Sequence[Layer]) -> tuple[Layer, ...]:
    """Add the branches to the layers of an inception network; others stay as they are.

    Parameters
    ----------
    entry : ModelEntry
        The network.
    layers : sequence of Layer
        In forward order.
    """
    if entry.source == "lucent":
        block, part, parts = MIXED, rf"({MIXED})_(.+)_pre_relu_conv", _LUCENT
    elif entry.source == "torchvision" and entry.architecture == "googlenet":
        block, part, parts = r"inception\d[a-e]", r"(inception\d[a-e])\.(.+)", _TORCHVISION
    else:
        return tuple(layers)
    widths: dict[str, dict[str, int]] = {}
    labelled = []
    for layer in layers:
        match = re.fullmatch(part, layer.name)
        if match and match[2] in parts:
            branch = parts[match[2]]
            widths.setdefault(match[1], {})[branch] = layer.channels
            layer = replace(layer, branch=branch)
        labelled.append(layer)
    return tuple(
        replace(layer, branches=tuple((b, widths[layer.name][b]) for b in parts.values()))
        if re.fullmatch(block, layer.name)
        else layer
        for layer in labelled
    )
