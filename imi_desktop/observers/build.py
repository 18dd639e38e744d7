"""Makes an observer from its name."""

from __future__ import annotations

from imi_desktop.observers.chance import ChanceObserver
from imi_desktop.observers.declared import observer_names
from imi_desktop.observers.observer import Observer, UnknownObserverError
from imi_desktop.observers.pixels import PixelObserver


def build_observer(text: str) -> Observer:
    """Make the observer that `text` names.

    Parameters
    ----------
    text : str
        ``chance``, ``chance:0.8``, ``pixels``.

    Raises
    ------
    UnknownObserverError
        If there is no such observer or its parameter cannot be used.
    """
    name, colon, parameter = text.partition(":")
    if name == "chance":
        return ChanceObserver(_probability(parameter)) if colon else ChanceObserver()
    if colon and name in observer_names():
        raise UnknownObserverError(f"The observer {name} takes no parameter.")
    if name == "pixels":
        return PixelObserver()
    raise UnknownObserverError(
        f"There is no observer “{text}”. There are: {', '.join(observer_names())}."
    )


def _probability(text: str) -> float:
    try:
        return float(text)
    except ValueError as error:
        raise UnknownObserverError(
            f"The observer chance takes a probability from 0 to 1, not “{text}”."
        ) from error
