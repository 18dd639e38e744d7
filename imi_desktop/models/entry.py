"""What is known of a network before it is built: origin, preprocessing, weights. Knows no torch."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from imi_desktop.models.preprocessing import Preprocessing

Source = Literal["torchvision", "timm", "lucent"]


@dataclass(frozen=True)
class Weights:
    """Where the weights of a network may be found, and how they are wrapped.

    Parameters
    ----------
    file_names : tuple of str
        Names under which the file is looked for in the weights folders.
    url : str or None
        Where it can be downloaded on request.
    sha256 : str or None
        Hash of the file, or its first digits.
    package : (str, str) or None
        Installed package that holds the file, and the path within the package.
    path : Path or None
        The file itself, where a description names it.
    state_key : str or None
        Entry of the checkpoint that holds the state dict; None where the file is the state dict.
    prefix : str
        Beginning of the parameter names that belong to the network; the rest is left out and the
        prefix is removed.
    by_position : bool
        Whether parameters are matched by their order because the source calls them differently.
    """

    file_names: tuple[str, ...] = ()
    url: str | None = None
    sha256: str | None = None
    package: tuple[str, str] | None = None
    path: Path | None = None
    state_key: str | None = None
    prefix: str = ""
    by_position: bool = False


@dataclass(frozen=True)
class ModelEntry:
    """One network as studies name it.

    Parameters
    ----------
    name : str
        As in studies and on the command line, with ``random:`` if the weights are random.
    title : str
        As shown.
    source : str
        Which library builds the architecture.
    architecture : str
        The architecture's name in that library.
    preprocessing : Preprocessing
        From image file to input.
    weights : Weights
        Where trained weights are; unused by a random network.
    random : bool
        Whether the weights are drawn at random.
    num_classes : int
        Length of the output.
    top1 : float or None
        Published accuracy on ImageNet's validation images, 0 … 1.
    published : bool
        Whether one of the papers' experiments used it.
    layers_from : str
        Network whose table of layers applies; empty if it has a table of its own.
    preprocessing_source : str
        Publication that the preprocessing follows; empty where it is that of the weights.
    """

    name: str
    title: str
    source: Source
    architecture: str
    preprocessing: Preprocessing
    weights: Weights = Weights()
    random: bool = False
    num_classes: int = 1000
    top1: float | None = None
    published: bool = False
    layers_from: str = ""
    preprocessing_source: str = ""

    @property
    def table_name(self) -> str:
        """Network whose table of layers applies: weights do not change the layers."""
        return self.layers_from or self.name.removeprefix("random:")
