"""What a network does behind some of its layers, computed again without what lies before them."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from typing import Any

import torch
from torch import Tensor, fx, nn

from imi_desktop.stimuli.visualization.network_cut import LayerTracer

log = logging.getLogger(__name__)

Change = Callable[[Tensor], Tensor]


class NetworkRest:
    """A traced network that can go on from the output of given layers.

    Its operations are those of the network itself, so that results are the same bits.

    Parameters
    ----------
    graph : fx.Graph
        Of the whole network.
    places : dict of str to fx.Node
        Node with the output of each layer.
    """

    def __init__(self, module: nn.Module, graph: fx.Graph, places: dict[str, fx.Node]) -> None:
        self._interpreter = fx.Interpreter(fx.GraphModule(module, graph))
        self._nodes = list(self._interpreter.graph.nodes)
        at = {node.name: place for place, node in enumerate(self._nodes)}
        self._places = {layer: at[node.name] for layer, node in places.items()}
        self._states: dict[str, dict[fx.Node, Any]] = {}

    def begin(self, inputs: Tensor) -> Tensor:
        """Pass a batch through the whole network, and remember it at the layers.

        Returns
        -------
        Tensor
            The network's output.
        """
        values: dict[fx.Node, Any] = {}
        self._states = {}
        return self._run(inputs, 0, values)

    def again(self, layer: str, change: Change) -> Tensor:
        """The output for the same batch if `layer` had given something else.

        Parameters
        ----------
        change : callable
            From the layer's output, which it may overwrite, to what comes instead.
        """
        place = self._places[layer]
        values = {node: _copied(value) for node, value in self._states[layer].items()}
        values[self._nodes[place]] = change(values[self._nodes[place]])
        return self._run(None, place + 1, values)

    def _run(self, inputs: Tensor | None, start: int, values: dict[fx.Node, Any]) -> Tensor:
        interpreter = self._interpreter
        interpreter.env = values
        interpreter.args_iter = iter([inputs])
        try:
            for place, node in enumerate(self._nodes[start:], start):
                values[node] = interpreter.run_node(node)
                if node.op == "output":
                    result: Tensor = values[node]
                    return result
                for done in interpreter.user_to_last_uses.get(node, ()):
                    del values[done]
                if inputs is not None:
                    for layer, own in self._places.items():
                        if own == place:
                            self._states[layer] = {n: _copied(v) for n, v in values.items()}
        finally:
            interpreter.env = {}
        raise AssertionError("a traced graph has an output")


def network_rest(module: nn.Module, layers: Sequence[str], example: Tensor) -> NetworkRest | None:
    """Trace a network that shall go on behind layers; None where that cannot be done.

    Parameters
    ----------
    example : Tensor
        An input, which the traced network must answer as the original does.
    """
    tracer = _PlaceTracer(layers)
    try:
        graph = tracer.trace(module)
        if any(len(tracer.found.get(layer, ())) != 1 for layer in layers):
            return None  # used more than once, or giving no tensor
        places = {layer: tracer.found[layer][0] for layer in layers}
        rest = NetworkRest(module, graph, places)
        with torch.inference_mode():
            same = torch.equal(rest.begin(example), module(example))
    except Exception as error:  # noqa: BLE001  (tracing foreign code may fail in any way)
        log.info("the network cannot be traced (%s); it is passed through as a whole", error)
        return None
    return rest if same else None


class _PlaceTracer(LayerTracer):
    """Remembers which nodes hold the outputs of layers."""

    def __init__(self, layers: Sequence[str]) -> None:
        super().__init__()
        self._layers = frozenset(layers)
        self.found: dict[str, list[fx.Node]] = {}

    def call_module(self, m: nn.Module, forward: Callable[..., Any], args: Any, kwargs: Any) -> Any:
        output = super().call_module(m, forward, args, kwargs)
        path = self.path_of_module(m)
        if path in self._layers and isinstance(output, fx.Proxy):
            self.found.setdefault(path, []).append(output.node)
        return output


def _copied(value: Any) -> Any:
    # Operations may overwrite their input.
    if isinstance(value, Tensor):
        return value.clone()
    if isinstance(value, tuple | list):
        return type(value)(_copied(part) for part in value)
    return value
