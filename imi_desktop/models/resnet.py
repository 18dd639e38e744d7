"""Torchvision's ResNets with the sum of a block as a layer of its own, before the ReLU.

Zimmermann et al. (2023) measured the outputs of the skip connections before the ReLU. Torchvision
has no module there; here it is ``layer1.0.shortcut``. Each ReLU is a module of its own too, and
the parameters keep torchvision's names.
"""

from __future__ import annotations

from typing import Any

from torch import Tensor, nn
from torchvision.models import resnet


class BasicBlock(resnet.BasicBlock):
    """Two 3×3 convolutions."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        del self.relu
        self.relu1 = nn.ReLU()
        self.shortcut = nn.Identity()
        self.relu2 = nn.ReLU()

    def forward(self, x: Tensor) -> Tensor:
        """Map (n, c, h, w) to the block's output after the ReLU."""
        out = self.relu1(self.bn1(self.conv1(x)))
        out = self.bn2(self.conv2(out))
        identity = x if self.downsample is None else self.downsample(x)
        output: Tensor = self.relu2(self.shortcut(out + identity))
        return output


class Bottleneck(resnet.Bottleneck):
    """A 3×3 convolution between two 1×1 convolutions."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        del self.relu
        self.relu1 = nn.ReLU()
        self.relu2 = nn.ReLU()
        self.shortcut = nn.Identity()
        self.relu3 = nn.ReLU()

    def forward(self, x: Tensor) -> Tensor:
        """Map (n, c, h, w) to the block's output after the ReLU."""
        out = self.relu1(self.bn1(self.conv1(x)))
        out = self.relu2(self.bn2(self.conv2(out)))
        out = self.bn3(self.conv3(out))
        identity = x if self.downsample is None else self.downsample(x)
        output: Tensor = self.relu3(self.shortcut(out + identity))
        return output


_RESNETS: dict[str, tuple[type[BasicBlock] | type[Bottleneck], list[int], dict[str, int]]] = {
    "resnet18": (BasicBlock, [2, 2, 2, 2], {}),
    "resnet34": (BasicBlock, [3, 4, 6, 3], {}),
    "resnet50": (Bottleneck, [3, 4, 6, 3], {}),
    "resnet101": (Bottleneck, [3, 4, 23, 3], {}),
    "resnet152": (Bottleneck, [3, 8, 36, 3], {}),
    "resnext50_32x4d": (Bottleneck, [3, 4, 6, 3], {"groups": 32, "width_per_group": 4}),
    "resnext101_32x8d": (Bottleneck, [3, 4, 23, 3], {"groups": 32, "width_per_group": 8}),
    "resnext101_64x4d": (Bottleneck, [3, 4, 23, 3], {"groups": 64, "width_per_group": 4}),
    "wide_resnet50_2": (Bottleneck, [3, 4, 6, 3], {"width_per_group": 128}),
    "wide_resnet101_2": (Bottleneck, [3, 4, 23, 3], {"width_per_group": 128}),
}

NAMES = frozenset(_RESNETS)


def build_resnet(name: str, num_classes: int) -> resnet.ResNet:
    """Build one of :data:`NAMES` with random weights."""
    block, layers, options = _RESNETS[name]
    return resnet.ResNet(block, layers, num_classes=num_classes, **options)
