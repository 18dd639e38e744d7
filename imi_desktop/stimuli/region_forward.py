"""Forward passes of many images that differ from one base image within a patch only.

Convolutions, pooling and pointwise operations are computed where the patch can have an effect,
which follows from their receptive fields; everywhere else the base image's values hold. Once
that would not pay any more, or an operation is not known to be local, whole maps are computed.
"""

from __future__ import annotations

import operator
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import torch
from torch import fx

from imi_desktop.stimuli.region_operations import (
    Sliding,
    is_join,
    is_pointwise,
    margins,
    sliding,
)

_WORTHWHILE = 0.8
"""Share of a map up to which computing a region is faster than computing the map (measured)."""


@dataclass(frozen=True)
class Region:
    """What changed in a feature map, one rectangle of the same size for each image.

    Parameters
    ----------
    values : torch.Tensor
        (n, channels, height, width).
    tops, lefts : list of int
        Where each image's rectangle begins within the map.
    """

    values: torch.Tensor
    tops: list[int]
    lefts: list[int]

    @property
    def height(self) -> int:
        """Rows of the rectangle."""
        return int(self.values.shape[2])

    @property
    def width(self) -> int:
        """Columns of the rectangle."""
        return int(self.values.shape[3])


class RegionForward:
    """A traced network and the values of one base image in it.

    Parameters
    ----------
    graph : fx.GraphModule
        From images (n, 3, h, w) to the output; in eval mode. Stays as it is.
    base : torch.Tensor
        The base image as the network's input, (1, 3, h, w).
    """

    def __init__(self, graph: fx.GraphModule, base: torch.Tensor) -> None:
        self._graph = graph
        self._modules = dict(graph.named_modules())
        self._base = _base_values(graph, base)
        self._last_use = _last_uses(graph)

    @property
    def base_output(self) -> torch.Tensor:
        """The base image's output, (1, …)."""
        output = next(node for node in reversed(self._graph.graph.nodes) if node.op == "output")
        result = self._base[output.args[0]]
        assert isinstance(result, torch.Tensor)
        return result

    @torch.no_grad()
    def run(self, patches: torch.Tensor, tops: list[int], lefts: list[int]) -> Any:
        """Pass images through that show `patches` at these places of the base image.

        Parameters
        ----------
        patches : torch.Tensor
            The network's input within the patches, (n, 3, height, width).

        Returns
        -------
        Region or torch.Tensor
            What changed in the output map, or the whole output (n, …).
        """
        values: dict[fx.Node, Any] = {}
        for node in self._graph.graph.nodes:
            if node.op == "output":
                return values[node.args[0]]
            if node.op == "placeholder":
                first = self._base[node] is not None and not values
                values[node] = Region(patches, tops, lefts) if first else self._base[node]
            else:
                values[node] = self._compute(node, values, len(tops))
            for done in self._last_use.get(node, ()):
                values.pop(done, None)
        raise AssertionError("a traced graph has an output")

    def _compute(self, node: fx.Node, values: dict[fx.Node, Any], n: int) -> Any:
        inputs = [values.get(argument) for argument in node.all_input_nodes]
        if any(isinstance(value, Region) for value in inputs):
            local = self._local(node, values, inputs)
            if local is not None:
                return local
        return self._whole(node, values, n)

    def _local(self, node: fx.Node, values: dict[fx.Node, Any], inputs: list[Any]) -> Any:
        module = self._modules.get(str(node.target)) if node.op == "call_module" else None
        if is_join(node):
            return self._join(node, values, inputs)
        if len(inputs) != 1:
            return None
        region = inputs[0]
        if is_pointwise(node, module):
            return Region(self._call(node, [region.values]), region.tops, region.lefts)
        if (added := margins(node)) is not None:
            above, before, _value = added
            tops = [top + above for top in region.tops]
            return Region(region.values, tops, [left + before for left in region.lefts])
        operation = sliding(node, module, self._size(node.all_input_nodes[0]))
        return None if operation is None else self._slide(node, region, operation)

    def _slide(self, node: fx.Node, region: Region, operation: Sliding) -> Region | None:
        height, width = self._size(node)
        down, across = operation.down, operation.across
        tops, rows = down.changed(region.tops, region.height, height)
        lefts, columns = across.changed(region.lefts, region.width, width)
        if rows * columns > _WORTHWHILE * height * width:
            return None
        source = node.all_input_nodes[0]
        from_tops, from_rows = down.needed(tops, rows)
        from_lefts, from_columns = across.needed(lefts, columns)
        crop = self._crop(
            source, region, from_tops, from_lefts, from_rows, from_columns, operation.padding
        )
        return Region(operation.apply(crop), tops, lefts)

    def _join(self, node: fx.Node, values: dict[fx.Node, Any], inputs: list[Any]) -> Region | None:
        """Sum or concatenate maps of the same size where any of them changed."""
        if not all(isinstance(value, Region) for value in inputs):
            return None
        height, width = self._size(node)
        if any(self._size(source) != (height, width) for source in node.all_input_nodes):
            return None
        tops, rows = _union([(r.tops, r.height) for r in inputs], height)
        lefts, columns = _union([(r.lefts, r.width) for r in inputs], width)
        if rows * columns > _WORTHWHILE * height * width:
            return None
        crops = {
            source: self._crop(source, values[source], tops, lefts, rows, columns, 0.0)
            for source in node.all_input_nodes
        }
        arguments, named = fx.node.map_arg((node.args, node.kwargs), lambda s: crops[s])
        return Region(node.target(*arguments, **named), tops, lefts)  # type: ignore[operator]

    def _whole(self, node: fx.Node, values: dict[fx.Node, Any], n: int) -> Any:
        def full(source: fx.Node) -> Any:
            value = values[source]
            if isinstance(value, Region):
                value = self._paste(source, value)
                values[source] = value
            return value

        arguments, named = fx.node.map_arg((node.args, node.kwargs), full)
        return self._call(node, arguments, named)

    def _call(self, node: fx.Node, arguments: Sequence[Any], named: Any = None) -> Any:
        named = named if named is not None else node.kwargs
        match node.op:
            case "call_module":
                return self._modules[str(node.target)](*arguments, **named)
            case "call_function":
                assert callable(node.target)
                return node.target(*(*arguments, *node.args[len(arguments) :]), **named)
            case "call_method":
                whole = [*arguments, *node.args[len(arguments) :]]
                return getattr(whole[0], str(node.target))(*whole[1:], **named)
            case "get_attr":
                return operator.attrgetter(str(node.target))(self._graph)
        raise AssertionError(node.op)

    def _paste(self, source: fx.Node, region: Region) -> torch.Tensor:
        height, width = self._size(source)
        zeros = [0] * len(region.tops)
        return self._crop(source, region, zeros, zeros, height, width, 0.0)

    def _crop(
        self,
        source: fx.Node,
        region: Region,
        tops: list[int],
        lefts: list[int],
        rows: int,
        columns: int,
        padding: float,
    ) -> torch.Tensor:
        """Cut a rectangle out of every image's map, padded where it lies outside."""
        if (tops, lefts, rows, columns) == (
            region.tops,
            region.lefts,
            region.height,
            region.width,
        ):
            return region.values
        base = self._base[source][0]
        channels, height, width = base.shape
        crop = torch.empty(
            (len(tops), channels, rows, columns),
            dtype=base.dtype,
            device=base.device,
            memory_format=torch.channels_last,
        )
        inside = (
            min(tops) >= 0
            and min(lefts) >= 0
            and max(tops) + rows <= height
            and max(lefts) + columns <= width
        )
        if not inside:
            crop.fill_(padding)
        for index, (top, left) in enumerate(zip(tops, lefts, strict=True)):
            _copy(crop[index], base, top, left, 0, 0, height, width)
            _copy(
                crop[index],
                region.values[index],
                top,
                left,
                region.tops[index],
                region.lefts[index],
                region.height,
                region.width,
            )
        return crop

    def _size(self, node: fx.Node) -> tuple[int, int]:
        shape = self._base[node].shape
        return int(shape[-2]), int(shape[-1])


def _copy(
    target: torch.Tensor,
    source: torch.Tensor,
    target_top: int,
    target_left: int,
    source_top: int,
    source_left: int,
    height: int,
    width: int,
) -> None:
    """Copy the overlap of two rectangles of the same map."""
    top = max(target_top, source_top)
    bottom = min(target_top + target.shape[1], source_top + height)
    left = max(target_left, source_left)
    right = min(target_left + target.shape[2], source_left + width)
    if top >= bottom or left >= right:
        return
    target[:, top - target_top : bottom - target_top, left - target_left : right - target_left] = (
        source[:, top - source_top : bottom - source_top, left - source_left : right - source_left]
    )


def _base_values(graph: fx.GraphModule, base: torch.Tensor) -> dict[fx.Node, Any]:
    recorded: dict[fx.Node, Any] = {}

    class Recorder(fx.Interpreter):
        def run_node(self, n: fx.Node) -> Any:
            result = super().run_node(n)
            recorded[n] = result.clone() if isinstance(result, torch.Tensor) else result
            return result

    with torch.no_grad():
        Recorder(graph).run(base.clone())
    return recorded


def _last_uses(graph: fx.GraphModule) -> dict[fx.Node, list[fx.Node]]:
    last: dict[fx.Node, fx.Node] = {}
    for node in graph.graph.nodes:
        for source in node.all_input_nodes:
            last[source] = node
    freed: dict[fx.Node, list[fx.Node]] = {}
    for source, user in last.items():
        if user.op != "output":
            freed.setdefault(user, []).append(source)
    return freed


def _union(parts: list[tuple[list[int], int]], total: int) -> tuple[list[int], int]:
    starts = [min(places) for places in zip(*(start for start, _ in parts), strict=True)]
    ends = [
        max(places) for places in zip(*([s + n for s in start] for start, n in parts), strict=True)
    ]
    size = min(total, max(end - start for start, end in zip(starts, ends, strict=True)))
    return [min(start, total - size) for start in starts], size
