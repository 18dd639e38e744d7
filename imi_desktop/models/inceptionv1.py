"""InceptionV1 as Lucid and Lucent have it, with each module's pre-ReLU output as one layer.

Parameters have Lucent's names, so its converted weights fit. ``mixed3a`` … ``mixed5b`` put out the
four branches concatenated *before* the ReLU: the channels that Borowski et al. (2021, Table 2) and
Olah et al. (2017) number. The branches by themselves are ``mixed3a_1x1_pre_relu_conv`` and so on.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional

BRANCHES = ("1x1", "3x3", "5x5", "pool_reduce")

# Inputs, then 1×1, 3×3 bottleneck, 3×3, 5×5 bottleneck, 5×5, pool. The 204 of mixed4a are not a
# slip of ours: the Lucid network differs there from the published 208 (Borowski et al., A.1.2).
WIDTHS = {
    "mixed3a": (192, 64, 96, 128, 16, 32, 32),
    "mixed3b": (256, 128, 128, 192, 32, 96, 64),
    "mixed4a": (480, 192, 96, 204, 16, 48, 64),
    "mixed4b": (508, 160, 112, 224, 24, 64, 64),
    "mixed4c": (512, 128, 128, 256, 24, 64, 64),
    "mixed4d": (512, 112, 144, 288, 32, 64, 64),
    "mixed4e": (528, 256, 160, 320, 32, 128, 128),
    "mixed5a": (832, 256, 160, 320, 48, 128, 128),
    "mixed5b": (832, 384, 192, 384, 48, 128, 128),
}


class Concatenation(nn.Module):
    """Joins the branches of an inception module along the channels."""

    def forward(self, *branches: Tensor) -> Tensor:
        """Join tensors (n, c_i, h, w) to (n, Σ c_i, h, w)."""
        return torch.cat(branches, 1)


class InceptionV1(nn.Module):
    """The Lucid network; the output is before the softmax.

    Parameters
    ----------
    num_classes : int
        1008 for the trained weights.
    """

    def __init__(self, num_classes: int = 1008) -> None:
        super().__init__()
        self.conv2d0_pre_relu_conv = nn.Conv2d(3, 64, 7, stride=2)
        self.conv2d0 = nn.ReLU()
        self.conv2d1_pre_relu_conv = nn.Conv2d(64, 64, 1)
        self.conv2d1 = nn.ReLU()
        self.conv2d2_pre_relu_conv = nn.Conv2d(64, 192, 3, padding=1)
        self.conv2d2 = nn.ReLU()
        for name, (inputs, one, three_in, three, five_in, five, pool) in WIDTHS.items():
            for part, convolution in {
                "1x1": nn.Conv2d(inputs, one, 1),
                "3x3_bottleneck": nn.Conv2d(inputs, three_in, 1),
                "3x3": nn.Conv2d(three_in, three, 3, padding=1),
                "5x5_bottleneck": nn.Conv2d(inputs, five_in, 1),
                "5x5": nn.Conv2d(five_in, five, 5, padding=2),
                "pool_reduce": nn.Conv2d(inputs, pool, 1),
            }.items():
                self.add_module(f"{name}_{part}_pre_relu_conv", convolution)
            self.add_module(f"{name}_3x3_bottleneck", nn.ReLU())
            self.add_module(f"{name}_5x5_bottleneck", nn.ReLU())
            self.add_module(name, Concatenation())
            self.add_module(f"{name}_relu", nn.ReLU())
        self.softmax2_pre_activation_matmul = nn.Linear(1024, num_classes)

    def forward(self, x: Tensor) -> Tensor:
        """Classify images (n, 3, 224, 224), or 229 px, of values rgb − 117 on the scale 0 … 255."""
        x = self.conv2d0(self.conv2d0_pre_relu_conv(functional.pad(x, (2, 3, 2, 3))))
        x = _local_normalisation(_halve(x))
        x = self.conv2d1(self.conv2d1_pre_relu_conv(x))
        x = self.conv2d2(self.conv2d2_pre_relu_conv(x))
        x = _halve(_local_normalisation(x))
        for name in WIDTHS:
            if name in {"mixed4a", "mixed5a"}:
                x = _halve(x)
            x = self._mixed(name, x)
        x = functional.avg_pool2d(x, 7, stride=1).flatten(1)
        output: Tensor = self.softmax2_pre_activation_matmul(x)
        return output

    def _mixed(self, name: str, x: Tensor) -> Tensor:
        def convolve(part: str, value: Tensor) -> Tensor:
            result: Tensor = self.get_submodule(f"{name}_{part}_pre_relu_conv")(value)
            return result

        def bottleneck(part: str) -> Tensor:
            return self.get_submodule(f"{name}_{part}")(convolve(part, x))

        joined = self.get_submodule(name)(
            convolve("1x1", x),
            convolve("3x3", bottleneck("3x3_bottleneck")),
            convolve("5x5", bottleneck("5x5_bottleneck")),
            convolve("pool_reduce", functional.max_pool2d(x, 3, stride=1, padding=1)),
        )
        output: Tensor = self.get_submodule(f"{name}_relu")(joined)
        return output


def _halve(x: Tensor) -> Tensor:
    """Max pooling padded on the right and below only, as TensorFlow does."""
    padded = functional.pad(x, (0, 1, 0, 1), value=float("-inf"))
    return functional.max_pool2d(padded, 3, stride=2)


def _local_normalisation(x: Tensor) -> Tensor:
    return functional.local_response_norm(x, size=9, alpha=9.99999974738e-05, beta=0.5, k=1)
