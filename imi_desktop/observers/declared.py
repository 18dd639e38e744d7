"""Which observers there are, without loading any of them."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class DeclaredObserver:
    """An observer that can be named.

    Parameters
    ----------
    name : str
        As in ``run --observer``.
    title, summary : str
        For people.
    parameter : str
        What may follow the name after a colon; empty if nothing.
    """

    name: str
    title: str
    summary: str
    parameter: str = ""


OBSERVERS = (
    DeclaredObserver(
        "chance",
        "Chance",
        "Right with a given probability, 0.5 unless told otherwise, without looking.",
        "probability of being right, 0 to 1",
    ),
    DeclaredObserver(
        "pixels",
        "Pixels",
        "Compares colours and edges of the queries with those of the references.",
    ),
    DeclaredObserver(
        "perceptual",
        "Perceptual similarity",
        "Compares the queries with the references by the features of a network.",
        "name of the network",
    ),
    DeclaredObserver(
        "lpips",
        "LPIPS",
        "Compares the queries with the references by LPIPS; needs the package lpips.",
    ),
    DeclaredObserver(
        "dreamsim",
        "DreamSim",
        "Compares the queries with the references by DreamSim; needs the package dreamsim.",
    ),
    DeclaredObserver(
        "centre",
        "Centre",
        "Chooses the image whose patch lies further from the centre; guesses without patches.",
    ),
    DeclaredObserver(
        "variance",
        "Variance",
        "Chooses the image whose covered pixels vary less; guesses without patches.",
    ),
    DeclaredObserver(
        "saliency",
        "Saliency",
        "Chooses the image whose patch covers less predicted fixations; guesses without patches.",
    ),
    DeclaredObserver(
        "deepgaze",
        "DeepGaze IIE",
        "As saliency, with DeepGaze IIE; needs the package deepgaze_pytorch.",
    ),
    DeclaredObserver(
        "primary-object",
        "Primary object",
        "Chooses the image whose patch hides less of the labelled object; guesses without patches.",
        "CSV file with the columns image, left, top, right, bottom",
    ),
)


def observer_names() -> tuple[str, ...]:
    """Every name."""
    return tuple(observer.name for observer in OBSERVERS)
