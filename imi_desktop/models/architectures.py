"""Building networks from their libraries, without weights."""

from __future__ import annotations

import re
import sys
from collections import OrderedDict
from collections.abc import Mapping
from typing import Any

import timm
import torch
import torchvision
from torch import Tensor, nn
from torchvision.models.googlenet import BasicConv2d as GoogLeNetConvolution
from torchvision.models.inception import BasicConv2d as InceptionConvolution

from imi_desktop.models import resnet
from imi_desktop.models.entry import ModelEntry
from imi_desktop.models.errors import UnknownModelError
from imi_desktop.models.inceptionv1 import InceptionV1
from imi_desktop.seeds import derive_seed

# Only used in training: their weights are in the files, and are left out.
_AUXILIARY = {"googlenet": ("aux1.", "aux2."), "inception_v3": ("AuxLogits.",)}
_OLD_DENSENET_NAME = re.compile(r"^(.*denselayer\d+\.(?:norm|relu|conv))\.([12]\..+)$")


def build(entry: ModelEntry, seed: int = 0) -> nn.Module:
    """Build a network with random weights, in evaluation mode.

    In-place activations are turned off, so that what a hook saw stays what it was.

    Parameters
    ----------
    entry : ModelEntry
        The network.
    seed : int
        Of the weights; the global generator of torch is left as it was.

    Raises
    ------
    UnknownModelError
        If the library does not know the architecture.
    """
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(derive_seed(seed, "weights", entry.source, entry.architecture))
        module = _build(entry)
    for part in module.modules():
        if getattr(part, "inplace", False):
            part.inplace = False  # type: ignore[assignment]
    return module.eval()


def adapt_names(
    entry: ModelEntry, module: nn.Module, state: dict[str, Tensor]
) -> Mapping[str, Tensor]:
    """Turn the names of a published weights file into those of the network.

    Parameters
    ----------
    entry : ModelEntry
        The network.
    module : nn.Module
        As :func:`build` made it.
    state : dict of str to Tensor
        Content of the file.
    """
    if entry.source == "timm":
        convert = getattr(_home_of(module), "checkpoint_filter_fn", None)
        return state if convert is None else convert(state, module)
    if entry.architecture in _AUXILIARY:
        unused = _AUXILIARY[entry.architecture]
        return {name: value for name, value in state.items() if not name.startswith(unused)}
    if entry.architecture.startswith("densenet"):
        return {_OLD_DENSENET_NAME.sub(r"\1\2", name): value for name, value in state.items()}
    return state


def _build(entry: ModelEntry) -> nn.Module:
    name, classes = entry.architecture, entry.num_classes
    if entry.source == "lucent":
        return InceptionV1(classes)
    if entry.source == "timm":
        if not timm.is_model(name):
            raise UnknownModelError(
                f"timm {timm.__version__} has no model “{name}”. Its list is at "
                "https://huggingface.co/timm."
            )
        return timm.create_model(name, pretrained=False, num_classes=classes)
    if name in resnet.NAMES:
        return resnet.build_resnet(name, classes)
    options: dict[str, Any] = {"num_classes": classes}
    if name in _AUXILIARY:
        # The published weights expect the input of the Inception papers (torchvision's
        # `transform_input`), whatever the normalisation before.
        options |= {"aux_logits": False, "init_weights": True, "transform_input": True}
    if name.startswith("vit_"):
        options["image_size"] = entry.preprocessing.crop
    if name not in torchvision.models.list_models(module=torchvision.models):
        raise UnknownModelError(
            f"torchvision {torchvision.__version__} has no model “{name}”. Update torchvision, "
            "or choose another model."
        )
    network: nn.Module = torchvision.models.get_model(name, weights=None, **options)
    if name in _AUXILIARY:
        _separate_relus(network)
    return network


def _separate_relus(module: nn.Module) -> None:
    """Give each convolution of an inception network a ReLU module instead of one in place."""
    for name, child in list(module.named_children()):
        if isinstance(child, GoogLeNetConvolution | InceptionConvolution):
            parts = {"conv": child.conv, "bn": child.bn, "relu": nn.ReLU()}
            module.add_module(name, nn.Sequential(OrderedDict(parts)))
        else:
            _separate_relus(child)


def _home_of(module: nn.Module) -> Any:
    return sys.modules[type(module).__module__]
