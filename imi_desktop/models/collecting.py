"""Outputs of layers collected while images pass through a network."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Mapping
from types import TracebackType

import torch
from torch import Tensor, nn

from imi_desktop.models.unit import Layer

Reduce = Callable[[Tensor, Layer], Tensor]
"""Applied to each output as soon as it is there, so that whole maps need not be kept."""


class _AllCollected(Exception):  # noqa: N818  (ends a forward pass early)
    pass


class LayerCollector:
    """Hooks on layers that stay from one forward pass to the next.

    Used as a context manager; the hooks are gone after it.

    Parameters
    ----------
    module : nn.Module
        The network.
    layers : dict of Layer to nn.Module
        What to collect, and the part of `module` whose output it is.
    reduce : callable or None
        None collects the outputs themselves.
    """

    def __init__(
        self, module: nn.Module, layers: Mapping[Layer, nn.Module], reduce: Reduce | None = None
    ) -> None:
        self._module = module
        self._layers = dict(layers)
        self._reduce = reduce
        self._collected: dict[str, Tensor] = {}
        self._handles: list[torch.utils.hooks.RemovableHandle] = []

    def __enter__(self) -> LayerCollector:
        for layer, part in self._layers.items():
            self._handles.append(part.register_forward_hook(self._hook(layer)))
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        for handle in self._handles:
            handle.remove()
        self._handles.clear()

    def run(self, inputs: Tensor) -> dict[str, Tensor]:
        """Pass images through the network until every layer has answered.

        Parameters
        ----------
        inputs : Tensor, shape (n, 3, h, w)
            Normalised images on the network's device.

        Returns
        -------
        dict of str to Tensor
            By layer name, in forward order.
        """
        self._collected = {}
        with contextlib.suppress(_AllCollected):
            self._module(inputs)
        return self._collected

    def _hook(self, layer: Layer) -> Callable[[nn.Module, object, Tensor], None]:
        def keep(_part: nn.Module, _given: object, output: Tensor) -> None:
            collected = self._collected
            collected[layer.name] = output if self._reduce is None else self._reduce(output, layer)
            if len(collected) == len(self._layers):
                raise _AllCollected

        return keep
