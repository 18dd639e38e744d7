"""Where a layer's channels are in its output: the only module that knows."""

from __future__ import annotations

from torch import Tensor

from imi_desktop.models.unit import Layer


def spatial_mean(output: Tensor, layer: Layer) -> Tensor:
    """Activation of every unit of a layer: the mean over space, or over tokens.

    The class token counts like every other token, as in the released code of Zimmermann et al.
    (2023).

    Parameters
    ----------
    output : Tensor
        Output of the layer's module, (n, c, h, w), (n, h, w, c), (n, t, c) or (n, c).
    layer : Layer
        Says which axis holds the channels.

    Returns
    -------
    Tensor, shape (n, channels)
    """
    others = _other_axes(output, layer)
    return output.mean(others) if others else output


def unit_map(output: Tensor, layer: Layer, channel: int) -> Tensor:
    """Map of one unit: (n, h, w), (n, t) or (n,), as a view; see :func:`spatial_mean`."""
    return output.select(layer.channel_axis, channel)


def channels_first(output: Tensor, layer: Layer) -> Tensor:
    """Output with the channels as the second axis, (n, c, …), as a view."""
    return output if layer.channel_axis == 1 else output.movedim(layer.channel_axis, 1)


def _other_axes(output: Tensor, layer: Layer) -> tuple[int, ...]:
    channels = layer.channel_axis % output.dim()
    return tuple(axis for axis in range(1, output.dim()) if axis != channels)
