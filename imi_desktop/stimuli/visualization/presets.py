"""The ways of making feature visualizations, as data. Knows no torch."""

from __future__ import annotations

from dataclasses import asdict, dataclass, replace
from typing import Any, Literal

from imi_desktop.errors import UserError
from imi_desktop.stimuli.pack import IMAGE_SIZE, N_REFERENCES

Method = Literal["fixed", "limited", "controller", "search"]
Parameterisation = Literal["fourier", "maco"]


LUCID_REDIRECTED_STEPS = 17
"""Steps 0 … 16, as Lucid's code counts them; its documentation says 16 at most."""


class UnknownPresetError(UserError):
    """No preset has this name."""


@dataclass(frozen=True)
class Transforms:
    """Random transforms that every optimisation step draws for every image.

    Parameters
    ----------
    jitter : tuple of int
        Exclusive bounds of the shifts before and after scaling and rotation, in px; shifts are
        drawn from 0 … bound − 1 in both directions, as Lucent does.
    scales : tuple of float
        Equally likely scale factors.
    degrees : tuple of float
        Equally likely rotations.
    """

    jitter: tuple[int, int] = (16, 8)
    scales: tuple[float, ...] = (1.0, 0.975, 1.025, 0.95, 1.05)
    degrees: tuple[float, ...] = (-5, -4, -3, -2, -1, 0, 1, 2, 3, 4, 5)


@dataclass(frozen=True)
class AdaptiveStop:
    """When an optimisation has converged (Zimmermann et al. 2023, A.4; released code).

    The largest image-space gradient norm of the batch is smoothed exponentially; the run ends
    once the mean of the older half of the window is no more than `ratio` times that of the newer.

    Parameters
    ----------
    minimum_steps : int
        Steps before the rule applies.
    window : int
        Smoothed norms that are compared.
    smoothing : float
        Weight of the previous smoothed norm.
    ratio : float
        Largest ratio that counts as flat.
    """

    minimum_steps: int = 2500
    window: int = 2000
    smoothing: float = 0.99
    ratio: float = 1.1


@dataclass(frozen=True)
class DiversitySearch:
    """Search for the largest diversity weight that keeps the guarantee (2023, A.4; released code).

    Parameters
    ----------
    first, factor, largest : float
        Weights tried: `first`, `first`·`factor`, … up to `largest`.
    bisections : int
        Steps of the search between the last weight that worked and the first that failed. The
        released code takes 7 (the paper says 6).
    """

    first: float = 1.0
    factor: float = 10.0
    largest: float = 999_999.0
    bisections: int = 7


@dataclass(frozen=True)
class DiversityController:
    """Moves each image's diversity weight during one run so that the image just suffices.

    After every step the logarithm of the weight moves by ``rise`` or ``fall`` times the distance
    of the image's smoothed activation from its goal, relative to the goal's scale and clipped to
    ±1.

    Parameters
    ----------
    start : float
        First weight, in units of the goal's scale.
    rise, fall : float
        Largest changes of the weight's logarithm per step; falling is faster, because an image
        that diversity keeps from climbing loses the steps.
    margin : float
        Goal: the dataset's extreme plus this share of its size.
    smoothing : float
        Weight of the previous moving average of an image's activation.
    warm_up : float
        Share of the steps at the beginning during which the weight may only rise: images have to
        climb first, and would all climb the same way without it.
    settle : float
        Share of the steps at the end during which the weight may only fall.
    look_every : int
        Steps between two looks at the images without transforms, on the original network.
    relief : float
        What a retry multiplies the weights of its images with.
    haste : float
        What a retry multiplies the learning rate with. Images of units that look for a colour
        saturate slowly, by some hundredths of the logit per step.
    """

    start: float = 1.0
    rise: float = 0.08
    fall: float = 0.2
    margin: float = 0.15
    smoothing: float = 0.9
    warm_up: float = 0.25
    settle: float = 0.2
    look_every: int = 16
    relief: float = 0.1
    haste: float = 2.0


@dataclass(frozen=True)
class Preset:
    """One complete recipe.

    Parameters
    ----------
    name, title, source : str
        Name in ``study.toml``; as shown; where it comes from.
    method : str
        ``fixed`` diversity weight, the same ``limited`` to natural activation (Borowski et al.
        2021, A.1.3), single-run ``controller``, or ``search``.
    steps : int
        Optimisation steps at most.
    images : int
        Images per side.
    canvas : int
        Side of the optimised images in px; the central 224 px become the stimulus.
    window : int
        Side of the part of the transformed canvas that the network sees, in px; networks with a
        fixed input size always see 224.
    learning_rate : float
        Of Adam.
    memory : float or None
        Decay of Adam's mean of squared gradients; None for the usual 0.999. Where diversity
        weights change, a long memory of large gradients would make all later steps small.
    diversity : float
        Weight of the diversity term of the methods ``fixed`` and ``limited``.
    redirected_steps : int or None
        First steps in which ReLUs' gradients are redirected as in Lucid; see
        ``redirected_gradient``.
    seed : int or None
        Published seed that is set before every run; None derives one from the study's seed.
    stop : AdaptiveStop or None
        Ends runs before `steps`.
    retries : int
        Further runs of half the steps for the images that do not reach the folder's strongest.
    """

    name: str
    title: str
    source: str
    method: Method
    steps: int
    images: int = N_REFERENCES
    canvas: int = 256
    window: int = IMAGE_SIZE
    learning_rate: float = 0.05
    memory: float | None = None
    parameterisation: Parameterisation = "fourier"
    transforms: Transforms = Transforms()
    diversity: float = 0.0
    redirected_steps: int | None = None
    seed: int | None = None
    stop: AdaptiveStop | None = None
    search: DiversitySearch | None = None
    controller: DiversityController | None = None
    retries: int = 0

    def with_overrides(self, steps: int | None = None, images: int | None = None) -> Preset:
        """The same recipe with other numbers of steps and images where given."""
        return replace(
            self,
            steps=self.steps if steps is None else steps,
            images=self.images if images is None else images,
        )

    def to_json(self) -> dict[str, Any]:
        """Everything that decides about the images, as JSON-able values."""
        values = asdict(self)
        for name in ("title", "source"):
            del values[name]
        return values

    @classmethod
    def from_json(cls, values: dict[str, Any]) -> Preset:
        """Rebuild a recipe from :meth:`to_json`."""
        nested = {
            "transforms": Transforms,
            "stop": AdaptiveStop,
            "search": DiversitySearch,
            "controller": DiversityController,
        }
        made = {
            name: _frozen(kind, values[name]) if values[name] is not None else None
            for name, kind in nested.items()
        }
        return cls(**{**values, "title": values["name"], "source": "", **made})


def _frozen(kind: type, values: dict[str, Any]) -> Any:
    return kind(**{k: tuple(v) if isinstance(v, list) else v for k, v in values.items()})


PRESETS = (
    Preset(
        name="standard",
        title="Standard",
        source="this program: one run per side, diversity controlled",
        method="controller",
        steps=128,
        memory=0.99,
        controller=DiversityController(),
        retries=3,
    ),
    Preset(
        name="fast",
        title="Fast, with the guarantee checked",
        source="this program: one run per side, diversity controlled",
        method="controller",
        steps=256,
        memory=0.99,
        controller=DiversityController(),
        retries=3,
    ),
    Preset(
        name="imi-2023",
        title="IMI 2023",
        source="Zimmermann, Klein and Brendel 2023, A.4, and the released code",
        method="search",
        steps=20_000,
        window=256,
        seed=42,
        stop=AdaptiveStop(),
        search=DiversitySearch(),
    ),
    Preset(
        name="borowski-2021",
        title="Borowski 2021",
        source="Borowski et al. 2021, A.1.2, and the released code",
        method="fixed",
        steps=2_560,
        images=10,
        diversity=100.0,
        redirected_steps=LUCID_REDIRECTED_STEPS,
    ),
    Preset(
        name="limited",
        title="Limited to natural activation",
        source="Borowski et al. 2021, A.1.3",
        method="limited",
        steps=2_560,
        diversity=100.0,
        redirected_steps=LUCID_REDIRECTED_STEPS,
    ),
    Preset(
        name="maco",
        title="MACO",
        source="Fel et al. 2023: phase optimised, magnitudes of the study's own images",
        method="fixed",
        steps=256,
        learning_rate=0.2,
        parameterisation="maco",
    ),
)


def find(name: str) -> Preset:
    """The preset of that name.

    Raises
    ------
    UnknownPresetError
        If there is none.
    """
    for preset in PRESETS:
        if preset.name == name:
            return preset
    known = ", ".join(preset.name for preset in PRESETS)
    raise UnknownPresetError(f"There is no visualization preset “{name}”. There are {known}.")
