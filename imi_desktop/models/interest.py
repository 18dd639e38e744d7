"""Which layers units are drawn from, by the published rules. Knows no torch.

Zimmermann, Klein & Brendel (2023, section 3): convolution and normalization layers and outputs of
skip-connection blocks, without the first convolution. Where their released code is more specific
for an architecture, it is followed: ResNets without stem and downsampling, every pre-ReLU
convolution in the inception modules of the Lucid network, dense blocks and transitions of
DenseNets, norms and feed-forward layers of vision transformers, and the blocks, depthwise
convolutions, norms and feed-forward layers of ConvNeXts.
"""

from __future__ import annotations

import re

from imi_desktop.models.entry import ModelEntry
from imi_desktop.models.inception_branches import MIXED

_RULES: tuple[tuple[str, str, str], ...] = (
    (
        "torchvision",
        r"(wide_)?resne[x]?t\d+.*",
        r"layer\d\.\d+\.(conv\d|bn\d|shortcut)",
    ),
    (
        "torchvision",
        r"densenet\d+",
        r"features\.(denseblock\d\.denselayer\d+\.(conv|norm)[12]|transition\d\.(conv|norm))",
    ),
    ("torchvision", "googlenet", r"inception\d[a-e]"),
    ("lucent", "inceptionv1", rf"({MIXED})_\w+_pre_relu_conv"),
    ("torchvision", r"vit_.*", r"encoder\.layers\.encoder_layer_\d+\.(ln_[12]|mlp\.[03])"),
    ("torchvision", r"convnext_.*", r"features\.[1357]\.\d+(\.block\.[0235])?"),
    ("timm", r"vit_.*", r"blocks\.\d+\.(norm[12]|ls[12]|mlp\.fc[12])"),
    ("timm", r"resnet50_clip.*", r"stages\.\d\.\d+(\.conv\d_\w+\.(conv|bn))?"),
    ("timm", r"convnext.*", r"stages\.\d+\.blocks\.\d+(\.(conv_dw|norm|mlp\.fc[12]))?"),
)

_GENERAL_KINDS = frozenset({"convolution", "normalization", "block"})
_SIDE_PATH = re.compile(r"downsample|proj_drop|(^|\.)se(\.|$)|patch_embed")


def rule_for(entry: ModelEntry) -> re.Pattern[str] | None:
    """Names of the layers of interest of an architecture with a rule of its own, else None."""
    for source, architecture, names in _RULES:
        if source == entry.source and re.fullmatch(architecture, entry.architecture):
            return re.compile(names)
    return None


def of_general_interest(name: str, kind: str) -> bool:
    """Whether the paper's general rule takes a layer; the first convolution is up to the caller."""
    return kind in _GENERAL_KINDS and not _SIDE_PATH.search(name)
