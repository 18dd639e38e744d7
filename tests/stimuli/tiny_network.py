"""A small network for tests of whatever optimises or occludes images."""

import torch
from torch import nn

from imi_desktop.models.entry import ModelEntry
from imi_desktop.models.network import Network
from imi_desktop.models.preprocessing import Preprocessing
from imi_desktop.models.unit import Layer, Unit


class Tiny(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv1 = nn.Conv2d(3, 8, 5, stride=4, padding=2, bias=False)
        self.bn1 = nn.BatchNorm2d(8)
        self.relu1 = nn.ReLU()
        self.pool = nn.MaxPool2d(2)
        self.conv2 = nn.Conv2d(8, 12, 3, stride=2, padding=1, bias=False)
        self.bn2 = nn.BatchNorm2d(12)
        self.relu2 = nn.ReLU()
        self.head = nn.Linear(12, 5)

    def forward(self, x):
        x = self.pool(self.relu1(self.bn1(self.conv1(x))))
        y = self.bn2(self.conv2(x))
        return self.head(self.relu2(y).mean((2, 3)))


class Untraceable(Tiny):
    """Its forward pass asks for values, which torch.fx cannot know."""

    def forward(self, x):
        if float(x.sum()) > float("inf"):
            raise ValueError
        return super().forward(x)


def tiny_network(kind=Tiny):
    torch.manual_seed(3)
    module = kind().eval()
    with torch.no_grad():
        for norm in (module.bn1, module.bn2):
            norm.running_mean.normal_(0, 0.1)
            norm.running_var.uniform_(0.5, 1.5)
            norm.weight.uniform_(0.5, 1.5)
    layers = (
        Layer("conv1", "convolution", 8, None, 0.0),
        Layer("bn2", "normalization", 12, None, 0.9),
        Layer("relu2", "activation", 12, None, 1.0),
    )
    entry = ModelEntry(
        "tiny", "Tiny", "torchvision", "tiny", Preprocessing(mean=(0.5,) * 3, std=(0.5,) * 3)
    )
    return Network(entry, module.requires_grad_(False), layers, torch.device("cpu"))


def unit(channel=1, layer="bn2"):
    return Unit("tiny", layer, channel)
