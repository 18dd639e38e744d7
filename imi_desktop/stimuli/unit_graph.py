"""What of a layer one unit needs: the other channels and branches are not computed."""

from __future__ import annotations

import copy
import operator
from typing import Any

import torch
from torch import Tensor, fx, nn
from torch.fx.passes.shape_prop import ShapeProp

from imi_desktop.stimuli.region_operations import is_channelwise, is_join
from imi_desktop.stimuli.visualization.frozen_operations import PointwiseConvolution


def unit_graph(cut: fx.GraphModule, channel: int, example: Tensor) -> fx.GraphModule:
    """The same network with one channel of its output, (n, 1, h, w).

    Sums and concatenations are followed back to the convolutions that the channel comes from, and
    these compute that channel alone.

    Parameters
    ----------
    cut : fx.GraphModule
        Ends at a layer with the channels as the second axis; stays as it is.
    example : Tensor
        An input, (1, 3, h, w).
    """
    graph = fx.Graph()
    end = graph.graph_copy(cut.graph, {})
    graph.output(end)
    narrow = fx.GraphModule(cut, graph)
    with torch.no_grad():
        ShapeProp(narrow).propagate(example.clone())
    output = next(node for node in reversed(narrow.graph.nodes) if node.op == "output")
    with narrow.graph.inserting_before(output):
        output.args = (_Narrowing(narrow).of(output.args[0], channel),)
    for node in reversed(narrow.graph.nodes):
        if not node.users and node.op not in {"placeholder", "output"}:
            narrow.graph.erase_node(node)
    narrow.delete_all_unused_submodules()
    narrow.recompile()
    return narrow


class _Narrowing:
    def __init__(self, cut: fx.GraphModule) -> None:
        self._cut = cut
        self._modules = dict(cut.named_modules())

    def of(self, node: Any, channel: int) -> fx.Node:
        """A new node with one channel of `node`'s map."""
        graph = self._cut.graph
        module = self._modules.get(str(node.target)) if node.op == "call_module" else None
        if is_join(node) and not node.kwargs:
            if node.target in (torch.cat, torch.concat):
                return self.of(*_part_of(node, channel))
            parts = tuple(self.of(part, channel) for part in node.all_input_nodes)
            if len(parts) == 2:
                return graph.call_function(torch.add, parts)
        if is_channelwise(node, module):
            before = self.of(node.all_input_nodes[0], channel)
            return graph.node_copy(node, lambda _node: before)
        if isinstance(module, PointwiseConvolution):
            return self._module(node, module.narrowed(channel), node.args[0])
        if type(module) is nn.Conv2d and module.groups == 1:
            return self._module(node, _one_output(module, channel), node.args[0])
        return graph.call_function(operator.getitem, (node, _only(channel)))

    def _module(self, node: fx.Node, module: nn.Module, image: Any) -> fx.Node:
        name = f"{node.name}_of_unit"
        self._cut.add_submodule(name, module)
        return self._cut.graph.call_module(name, (image,))


def _only(channel: int) -> tuple[slice, slice]:
    return slice(None), slice(channel, channel + 1)


def _part_of(node: fx.Node, channel: int) -> tuple[fx.Node, int]:
    """Which part of a concatenation holds a channel, and as which of its own."""
    for part in node.all_input_nodes:
        channels = int(part.meta["tensor_meta"].shape[1])
        if channel < channels:
            return part, channel
        channel -= channels
    raise AssertionError("the channel lies within the concatenation")


def _one_output(convolution: nn.Conv2d, channel: int) -> nn.Conv2d:
    one = copy.copy(convolution)
    one._parameters = dict(convolution._parameters)
    one.out_channels = 1
    one.weight = nn.Parameter(convolution.weight[channel : channel + 1], requires_grad=False)
    if convolution.bias is not None:
        one.bias = nn.Parameter(convolution.bias[channel : channel + 1], requires_grad=False)
    return one
