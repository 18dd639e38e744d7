"""What a protocol asks of people, in figures for a card: counted from a planned session."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from imi_desktop.experiment.plan import minutes_for, plan_session
from imi_desktop.experiment.protocol import Protocol, protocol_names
from imi_desktop.experiment.study import Study

_ORDER = (
    "borowski2021-1",
    "borowski2021-2",
    "zimmermann2021",
    "zimmermann2021-replication",
    "zimmermann2023",
    "quick",
)


@dataclass(frozen=True)
class ProtocolFacts:
    """Figures of one protocol.

    Parameters
    ----------
    key : str
        Name of a built-in protocol, or path of a file.
    trials : int
        Trials of the first participant, those repeated at the end included.
    minutes : int
        Rough length of a session.
    units : int
        Main units.
    between : bool
        Whether participants see different conditions.
    """

    key: str
    protocol: Protocol
    trials: int
    minutes: int
    units: int
    between: bool

    @property
    def picture(self) -> str:
        """Which drawing shows it: ``counterfactual``, ``schemes``, ``models``, ``groups``,
        ``trial``.
        """
        design = self.protocol
        if design.task == "counterfactual":
            return "counterfactual"
        if "scheme" in design.factors:
            return "schemes"
        if "model" in design.factors:
            return "models"
        return "groups" if "condition" in design.between else "trial"


def known_protocols() -> list[str]:
    """Names of the built-in protocols, published ones in the order of the papers."""
    names = protocol_names()
    known = [name for name in _ORDER if name in names]
    return known + [name for name in names if name not in known]


def facts_of(name: str) -> ProtocolFacts:
    """Load a protocol and count.

    Raises
    ------
    UserError
        If the protocol's file is broken.
    """
    return facts_of_design(Protocol.load(name), name)


def facts_of_design(protocol: Protocol, key: str = "") -> ProtocolFacts:
    """Count what a loaded protocol asks for; `key` is the name it was loaded by."""
    plan = plan_session(sample_study(protocol), "1")
    return ProtocolFacts(
        key=key or protocol.name,
        protocol=protocol,
        trials=plan.n_trials,
        minutes=minutes_for(plan.n_trials),
        units=sum(pool.count for pool in protocol.units if pool.role == "main"),
        between="condition" in protocol.between or "model" in protocol.between,
    )


def sample_study(protocol: Protocol) -> Study:
    """A study in memory with as many made-up units as the protocol asks for, to count with."""
    units: list[dict[str, Any]] = []
    for pool in protocol.units:
        for _ in range(pool.count):
            units.append(
                {
                    "model": "sample",
                    "layer": "layer",
                    "channel": len(units),
                    "role": pool.role,
                    "set": pool.set,
                }
            )
    return Study.assemble(
        Path(),
        protocol,
        name=protocol.title,
        protocol=protocol.name,
        images=".",
        models=["sample"],
        units=units,
    )
