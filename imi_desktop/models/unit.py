"""Units and layers: the addresses of everything that is measured. Knows no torch."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

from imi_desktop.errors import UserError


class UnitAddressError(UserError):
    """A text is not a unit address ``layer:channel``."""


@dataclass(frozen=True, order=True)
class Unit:
    """One channel of one layer of one model.

    Parameters
    ----------
    model : str
        Name as in ``imi-desktop models``, e.g. ``efficientnet_lite0``.
    layer : str
        Name of the layer, e.g. ``blocks.3.1``.
    channel : int
        Channel within the layer, from 0.
    """

    model: str
    layer: str
    channel: int

    @property
    def address(self) -> str:
        """``layer:channel``."""
        return f"{self.layer}:{self.channel}"

    @property
    def folder(self) -> str:
        """Folder of the unit's images below ``stimuli/``, with ``/``, as in published packs."""
        return f"{folder_name(self.model)}/{folder_name(self.layer)}/channel_{self.channel}"

    def __str__(self) -> str:
        return f"{self.model} {self.address}"


@dataclass(frozen=True)
class Layer:
    """One layer of a model whose channels are units.

    Parameters
    ----------
    name : str
        Module path inside the network.
    kind : str
        ``convolution``, ``normalization``, ``activation``, ``block``, ``linear`` …
    channels : int
        Number of units.
    branch : str or None
        Branch of an inception block (``1x1``, ``3x3``, ``5x5``, ``pool``), else None.
    relative_depth : float
        Position in the forward order, 0 (first) to 1 (last).
    of_interest : bool
        Whether unit sampling draws from this layer.
    channel_axis : int
        Axis of the channels in the layer's output: 1 in images (n, c, h, w) and flat outputs
        (n, c), −1 in channel-last images (n, h, w, c) and tokens (n, t, c).
    branches : tuple of (str, int)
        For a whole inception block: name and channel count of each branch in the order in which
        they are concatenated; otherwise empty.
    """

    name: str
    kind: str
    channels: int
    branch: str | None
    relative_depth: float
    of_interest: bool = True
    channel_axis: int = 1
    branches: tuple[tuple[str, int], ...] = ()

    def branch_of(self, channel: int) -> str | None:
        """Branch that `channel` comes from; None where the layer has no branches."""
        first = 0
        for name, channels in self.branches:
            if first <= channel < first + channels:
                return name
            first += channels
        return self.branch


def parse_address(text: str) -> tuple[str, int]:
    """Split ``layer:channel``.

    Raises
    ------
    UnitAddressError
        If there is no colon, no layer, or the channel is not a whole number from 0.
    """
    layer, colon, channel = text.strip().rpartition(":")
    if not colon or not layer or not re.fullmatch(r"\d+", channel):
        raise UnitAddressError(
            f"“{text}” is not a unit. Write the layer, a colon and the channel, "
            "for example blocks.3.1:17."
        )
    return layer, int(channel)


@lru_cache(maxsize=4096)  # a lock names tens of thousands of images of few layers
def folder_name(name: str) -> str:
    """Turn a model or layer name into a folder name that every file system accepts.

    Letters, digits and ``._-`` stay; each other character becomes ``-``. A ``..`` cannot occur.
    """
    cleaned = re.sub(r"[^A-Za-z0-9._-]", "-", name)
    return re.sub(r"\.\.+", ".", cleaned).strip(".") or "-"
