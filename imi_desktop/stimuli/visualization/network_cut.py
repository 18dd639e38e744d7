"""A copy of a network that ends at one layer, made for many fast passes with gradients."""

from __future__ import annotations

import copy
import logging
import operator
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import torch
from timm.layers import Conv2dSame
from torch import fx, nn
from torch.nn import functional
from torch.nn.utils.fusion import fuse_conv_bn_eval

from imi_desktop.stimuli.visualization.frozen_operations import (
    ChannelNormalisation,
    ClampInPlace,
    PointwiseConvolution,
    SameConvolution,
)
from imi_desktop.stimuli.visualization.input_affine import join_colours

log = logging.getLogger(__name__)

_TOLERANCE = 1e-4
"""Largest relative difference from the original network that a cut may show."""

Forward = Callable[[torch.Tensor], torch.Tensor]


class StopForward(Exception):  # noqa: N818  (ends a forward pass early; nothing went wrong)
    """Carries a layer's output out of a network's forward pass."""

    def __init__(self, output: torch.Tensor) -> None:
        super().__init__()
        self.output = output


@dataclass(frozen=True)
class NetworkCut:
    """The fastest forward pass to a layer.

    Parameters
    ----------
    forward : callable
        From normalised images (n, 3, h, w) to the layer's raw output.
    graph : fx.GraphModule or None
        What it runs, channels-last; None where the network could not be traced.
    """

    forward: Forward
    graph: fx.GraphModule | None


def cut_network(module: nn.Module, layer: str, example: torch.Tensor) -> NetworkCut:
    """Make the fastest forward pass up to `layer` that gives the network's own values.

    Traced by torch.fx where that works: everything after the layer is dropped, batch
    normalization is folded into convolutions, activations work in place and the memory layout is
    channels-last. Otherwise a hook stops the original network's forward pass at the layer.

    Parameters
    ----------
    module : nn.Module
        In eval mode, weights frozen; stays as it is.
    layer : str
        Module path.
    example : torch.Tensor
        float32 (1, 3, h, w), normalised; the cut is compared with the original on it.
    """
    stopped = stopped_forward(module, layer)
    try:
        graph = traced_cut(module, layer)
        with torch.no_grad():
            expected, found = stopped(example), graph(channels_last(example))
        difference = float((found - expected).abs().max() / expected.abs().max().clamp_min(1e-12))
    except Exception as error:  # noqa: BLE001  (tracing foreign code may fail in any way)
        log.info("%s cannot be traced (%s); stopping its forward pass instead", layer, error)
        return NetworkCut(stopped, None)
    if not difference <= _TOLERANCE:
        log.info(
            "the traced %s differs by %.1e; stopping its forward pass instead", layer, difference
        )
        return NetworkCut(stopped, None)
    return NetworkCut(lambda images: graph(channels_last(images)), graph)


def stopped_forward(module: nn.Module, layer: str) -> Forward:
    """Forward pass of the network itself, stopped by a hook at `layer`."""
    target = module.get_submodule(layer)

    def stop(_module: nn.Module, _inputs: Any, output: torch.Tensor) -> None:
        raise StopForward(output)

    def forward(images: torch.Tensor) -> torch.Tensor:
        handle = target.register_forward_hook(stop)
        try:
            module(images)
        except StopForward as stopped:
            return stopped.output
        finally:
            handle.remove()
        raise RuntimeError(f"{layer} takes no part in the network's forward pass")

    return forward


def traced_cut(module: nn.Module, layer: str) -> fx.GraphModule:
    """Trace the network up to `layer`, fold and copy what is left.

    Raises
    ------
    Exception
        Whatever tracing the network's code raises.
    """
    tracer = _Tracer(layer)
    try:
        tracer.trace(module)
    except _Reached as reached:
        graph = tracer.graph
        graph.output(reached.node)
    else:
        raise RuntimeError(f"{layer} takes no part in the network's forward pass")
    _drop_what_is_not_needed(graph)
    cut = fx.GraphModule(module, graph)
    cut.delete_all_unused_submodules()
    cut = copy.deepcopy(cut).eval().requires_grad_(False)
    join_colours(cut)
    fold_batch_norm(cut)
    activate_in_place(cut)
    convolve_without_copies(cut)
    normalise_by_products(cut)
    cut.delete_all_unused_submodules()
    cut.recompile()
    return cut.eval().to(memory_format=torch.channels_last)


class _Reached(Exception):  # noqa: N818  (ends tracing early; nothing went wrong)
    def __init__(self, node: fx.Node) -> None:
        super().__init__()
        self.node = node


class LayerTracer(fx.Tracer):
    """Goes into every module that is not torch's own, convolution or batch norm."""

    def is_leaf_module(self, m: nn.Module, module_qualified_name: str) -> bool:
        if isinstance(m, nn.modules.batchnorm._BatchNorm | nn.Conv2d):
            return True
        return super().is_leaf_module(m, module_qualified_name)


class _Tracer(LayerTracer):
    """Stops behind a layer: what comes later need not be traceable."""

    def __init__(self, layer: str) -> None:
        super().__init__()
        self.layer = layer

    def call_module(self, m: nn.Module, forward: Callable[..., Any], args: Any, kwargs: Any) -> Any:
        output = super().call_module(m, forward, args, kwargs)
        if self.path_of_module(m) == self.layer and isinstance(output, fx.Proxy):
            raise _Reached(output.node)
        return output


def _drop_what_is_not_needed(graph: fx.Graph) -> None:
    # Not fx's own dead code elimination: it keeps assertions.
    for node in reversed(graph.nodes):
        if not node.users and node.op not in {"placeholder", "output"}:
            graph.erase_node(node)
    graph.lint()


def fold_batch_norm(cut: fx.GraphModule) -> int:
    """Fold every batch normalization that directly follows a convolution of its own into it.

    Returns
    -------
    int
        How many were folded.
    """
    modules = dict(cut.named_modules())
    folded = 0
    for node in list(cut.graph.nodes):
        if node.op != "call_module" or not isinstance(modules[node.target], nn.BatchNorm2d):
            continue
        norm, before = modules[node.target], node.args[0]
        if before.op != "call_module" or len(before.users) > 1:
            continue
        convolution = modules[before.target]
        if not isinstance(convolution, nn.Conv2d) or _uses(cut, before.target) > 1:
            continue
        cut.set_submodule(before.target, fuse_conv_bn_eval(convolution, norm))
        rest = _activation_of(norm)
        if rest is None:
            node.replace_all_uses_with(before)
            cut.graph.erase_node(node)
        else:
            cut.set_submodule(node.target, rest)
        folded += 1
    return folded


def _activation_of(norm: nn.BatchNorm2d) -> nn.Module | None:
    # timm's BatchNormAct2d is a batch normalization with an activation behind it.
    activation = getattr(norm, "act", None)
    return None if activation is None or isinstance(activation, nn.Identity) else activation


def activate_in_place(cut: fx.GraphModule) -> None:
    """Let activations overwrite the output of a convolution that nobody else reads."""
    modules = dict(cut.named_modules())
    for node in cut.graph.nodes:
        if node.op != "call_module" or not hasattr(modules[node.target], "inplace"):
            continue
        before = node.args[0]
        alone = before.op == "call_module" and len(before.users) == 1
        if _uses(cut, node.target) > 1:
            continue
        safe = bool(alone and isinstance(modules[before.target], nn.Conv2d))
        if safe and type(modules[node.target]) is nn.ReLU6:
            readers = [modules[user.target] for user in node.users if user.op == "call_module"]
            owns_gradient = len(node.users) == len(readers) == 1 and isinstance(
                readers[0], nn.Conv2d
            )
            cut.set_submodule(node.target, ClampInPlace(owns_gradient))
        else:
            modules[node.target].inplace = safe


def convolve_without_copies(cut: fx.GraphModule) -> None:
    """Replace convolutions that copy their input to pad it or to multiply it with a matrix."""
    for name, module in list(cut.named_modules()):
        if isinstance(module, Conv2dSame):
            cut.set_submodule(name, SameConvolution(module))
        elif PointwiseConvolution.can_replace(module):
            cut.set_submodule(name, PointwiseConvolution(module))


def normalise_by_products(cut: fx.GraphModule) -> None:
    """Replace local response normalizations, which torch computes slowly."""
    for number, node in enumerate(list(cut.graph.nodes)):
        if node.op != "call_function" or node.target is not functional.local_response_norm:
            continue
        image, *numbers = node.args
        if not isinstance(image, fx.Node):
            continue
        name = f"channel_normalisation_{number}"
        cut.add_submodule(name, ChannelNormalisation(*numbers, **node.kwargs))
        with cut.graph.inserting_before(node):
            replaced = cut.graph.call_module(name, (image,))
        node.replace_all_uses_with(replaced)
        cut.graph.erase_node(node)


def _uses(cut: fx.GraphModule, target: str) -> int:
    return operator.countOf((n.target for n in cut.graph.nodes if n.op == "call_module"), target)


def channels_last(images: torch.Tensor) -> torch.Tensor:
    """The same images in the memory layout that convolutions are fastest with."""
    return images.contiguous(memory_format=torch.channels_last)
