"""Makes an observer from its name."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from imi_desktop.observers.chance import ChanceObserver
from imi_desktop.observers.declared import observer_names
from imi_desktop.observers.observer import Observer, UnknownObserverError
from imi_desktop.observers.patch_observers import (
    CentreObserver,
    SaliencyObserver,
    VarianceObserver,
)
from imi_desktop.observers.pixels import PixelObserver
from imi_desktop.observers.primary_object import PrimaryObjectObserver


def build_observer(text: str) -> Observer:
    """Make the observer that `text` names.

    Parameters
    ----------
    text : str
        ``chance``, ``chance:0.8``, ``pixels``, ``perceptual:resnet50``,
        ``primary-object:boxes.csv`` …

    Raises
    ------
    UnknownObserverError
        If there is no such observer or its parameter cannot be used.
    UserError
        If a network, package or table that the observer needs is not there.
    """
    name, colon, parameter = text.partition(":")
    if name == "chance":
        return ChanceObserver(_probability(parameter)) if colon else ChanceObserver()
    if name == "perceptual":
        return _perceptual(parameter) if colon else _perceptual()
    if name == "primary-object":
        if not parameter:
            raise UnknownObserverError(
                "The observer primary-object needs its labels: primary-object:FILE.csv."
            )
        return PrimaryObjectObserver(Path(parameter).expanduser())
    if colon and name in observer_names():
        raise UnknownObserverError(f"The observer {name} takes no parameter.")
    if name in _WITHOUT_PARAMETER:
        return _WITHOUT_PARAMETER[name]()
    raise UnknownObserverError(
        f"There is no observer “{text}”. There are: {', '.join(observer_names())}."
    )


def _lpips() -> Observer:
    from imi_desktop.observers.lpips import LpipsObserver  # loads torch

    return LpipsObserver()


def _dreamsim() -> Observer:
    from imi_desktop.observers.dreamsim import DreamSimObserver  # loads torch

    return DreamSimObserver()


def _deep_gaze() -> Observer:
    from imi_desktop.observers.deep_gaze import DeepGazeObserver  # loads torch

    return DeepGazeObserver()


def _perceptual(*model: str) -> Observer:
    from imi_desktop.observers.perceptual import PerceptualObserver  # loads torch

    return PerceptualObserver(*model)


def _probability(text: str) -> float:
    try:
        return float(text)
    except ValueError as error:
        raise UnknownObserverError(
            f"The observer chance takes a probability from 0 to 1, not “{text}”."
        ) from error


_WITHOUT_PARAMETER: dict[str, Callable[[], Observer]] = {
    "pixels": PixelObserver,
    "centre": CentreObserver,
    "variance": VarianceObserver,
    "saliency": SaliencyObserver,
    "lpips": _lpips,
    "dreamsim": _dreamsim,
    "deepgaze": _deep_gaze,
}
