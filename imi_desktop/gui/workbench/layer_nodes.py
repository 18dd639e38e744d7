"""A model's layers as a tree: modules, and within them branches and parts. Knows no Qt."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field

from imi_desktop.models.unit import Layer


@dataclass
class LayerNode:
    """One line of the layer tree.

    Parameters
    ----------
    label : str
        What the line says; below its parent only the part that is new.
    prefix : str
        Name of the module that the line stands for.
    layer : Layer or None
        The layer itself; None for a module that only groups others.
    children : list of LayerNode
        In forward order.
    """

    label: str
    prefix: str
    layer: Layer | None = None
    children: list[LayerNode] = field(default_factory=list)

    @property
    def layers(self) -> list[Layer]:
        """This line's layer and all below it, in forward order."""
        own = [self.layer] if self.layer is not None else []
        return own + [layer for child in self.children for layer in child.layers]

    @property
    def of_interest(self) -> list[Layer]:
        """Layers at or below this line from which units are drawn."""
        return [layer for layer in self.layers if layer.of_interest]


def layer_tree(layers: Sequence[Layer]) -> list[LayerNode]:
    """Arrange layers by their dotted (or, for Inception's branches, underscored) names.

    A module with one part only is not a level of its own, nor is one that only groups groups, so
    that the lines at the top are the network's blocks.
    """
    root = LayerNode("", "")
    stems = Counter(_stem(layer.name) for layer in layers)
    for layer in layers:
        node = root
        stem = _stem(layer.name)
        split = bool(stem) and stems[stem] > 1
        for part in [stem, layer.name.removeprefix(f"{stem}_")] if split else layer.name.split("."):
            node = _child(node, part)
        node.layer = layer
    roots = [dissolved for child in root.children for dissolved in _dissolved(child)]
    for node in roots:
        _join_single(node)
    return roots


def find_node(nodes: Sequence[LayerNode], layer_name: str) -> LayerNode | None:
    """Line of a layer, or None."""
    for node in nodes:
        if node.layer is not None and node.layer.name == layer_name:
            return node
        found = find_node(node.children, layer_name)
        if found is not None:
            return found
    return None


def filtered(nodes: Sequence[LayerNode], text: str) -> list[LayerNode]:
    """Lines whose name, kind or branch holds `text`, with the lines above them."""
    wanted = text.strip().casefold()
    if not wanted:
        return list(nodes)
    kept = []
    for node in nodes:
        if wanted in node.prefix.casefold() or (
            node.layer is not None and wanted in node.layer.kind.casefold()
        ):
            kept.append(node)
            continue
        children = filtered(node.children, text)
        if children:
            kept.append(LayerNode(node.label, node.prefix, node.layer, children))
    return kept


def _stem(name: str) -> str:
    """Inception's own names join module and branch: ``mixed4c`` of ``mixed4c_3x3_bottleneck``."""
    match = re.match(r"^([a-z]+\d[a-z0-9]*)_", name)
    return match[1] if match and "." not in name else ""


def _dissolved(node: LayerNode) -> list[LayerNode]:
    """The node, or its children in its place where it only groups groups (``blocks``)."""
    if node.layer is not None or all(not child.children for child in node.children):
        return [node]
    found = []
    for child in node.children:
        child.label = f"{node.label}.{child.label}"
        found += _dissolved(child)
    return found


def _child(node: LayerNode, label: str) -> LayerNode:
    for child in node.children:
        if child.label == label:
            return child
    separator = "." if node.prefix else ""
    child = LayerNode(label, f"{node.prefix}{separator}{label}")
    node.children.append(child)
    return child


def _join_single(node: LayerNode) -> None:
    while node.layer is None and len(node.children) == 1:
        only = node.children[0]
        node.label = f"{node.label}.{only.label}"
        node.prefix, node.layer, node.children = only.prefix, only.layer, only.children
    for child in node.children:
        _join_single(child)
