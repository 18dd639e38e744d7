"""What some networks do to each colour of their input, as one operation.

torchvision's GoogLeNet and Inception v3 take colours apart, scale and shift them, and put them
together again, which no longer shows that every place of the image stays where it is.
"""

from __future__ import annotations

import operator

import torch
from torch import fx, nn


class ChannelAffine(nn.Module):
    """Scales and shifts every channel.

    Parameters
    ----------
    scale, shift : list of float
        One of each per channel.
    """

    scale: torch.Tensor
    shift: torch.Tensor

    def __init__(self, scale: list[float], shift: list[float]) -> None:
        super().__init__()
        self.register_buffer("scale", torch.tensor(scale)[None, :, None, None])
        self.register_buffer("shift", torch.tensor(shift)[None, :, None, None])

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """(n, channels, h, w), as the input."""
        return x * self.scale + self.shift


def join_colours(cut: fx.GraphModule) -> None:
    """Replace what is done to the single colours of the input by one operation, where that is all.

    Parameters
    ----------
    cut : fx.GraphModule
        Changed in place.
    """
    image = next(node for node in cut.graph.nodes if node.op == "placeholder")
    for node in list(cut.graph.nodes):
        if node.op != "call_function" or node.target not in (torch.cat, torch.concat):
            continue
        colours = [_colour(part, image) for part in node.all_input_nodes]
        found = [colour for colour in colours if colour is not None]
        in_order = [channel for channel, _, _ in found] == list(range(len(colours)))
        if _axis(node) != 1 or not in_order or len(image.users) != len(colours):
            continue
        affine = ChannelAffine([scale for _, scale, _ in found], [shift for *_, shift in found])
        cut.add_submodule("joined_colours", affine)
        with cut.graph.inserting_before(node):
            joined = cut.graph.call_module("joined_colours", (image,))
        node.replace_all_uses_with(joined)
        cut.graph.erase_node(node)
        for unused in reversed(cut.graph.nodes):
            if not unused.users and unused.op == "call_function":
                cut.graph.erase_node(unused)
        return


def _axis(node: fx.Node) -> object:
    return node.args[1] if len(node.args) > 1 else node.kwargs.get("dim", 0)


def _colour(node: object, image: fx.Node) -> tuple[int, float, float] | None:
    """Channel, scale and shift of ``image[:, channel]`` with an axis for it; None if other."""
    if not isinstance(node, fx.Node) or node.op != "call_function" or node.kwargs:
        return None
    if node.target in (operator.mul, operator.add):
        before, number = _colour(node.args[0], image), node.args[1]
        if before is None or not isinstance(number, int | float):
            return None
        channel, scale, shift = before
        if node.target is operator.add:
            return channel, scale, shift + number
        return channel, scale * number, shift * number
    if node.target is not torch.unsqueeze or node.args[1] != 1:
        return None
    taken = node.args[0]
    if not isinstance(taken, fx.Node) or taken.target is not operator.getitem:
        return None
    source, place = taken.args
    if source is not image or not isinstance(place, tuple) or len(place) != 2:
        return None
    images, which = place
    return (which, 1.0, 0.0) if images == slice(None) and isinstance(which, int) else None
