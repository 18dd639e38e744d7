"""What whoever watches a generation wants done with single tasks of it, while it runs."""

from __future__ import annotations

import queue
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from typing import Any, Literal, get_args

from imi_desktop.models.unit import Unit
from imi_desktop.stimuli.manifest import Kind

Act = Literal["pause", "resume", "drop"]


@dataclass(frozen=True)
class TaskOrder:
    """Pause, resume or drop the stimuli of one kind of one unit.

    Parameters
    ----------
    act : str
        ``pause`` and ``resume`` halt one worker; ``drop`` ends the task, or takes it out of the
        queue, and the generation goes on with the others.
    """

    act: Act
    unit: Unit
    kind: Kind

    def to_json(self) -> dict[str, Any]:
        """As one message to a running generation."""
        return {"order": self.act, "unit": asdict(self.unit), "kind": self.kind}

    @classmethod
    def from_json(cls, values: Mapping[str, Any]) -> TaskOrder | None:
        """Read a message; None if it is no order."""
        if values.get("order") not in get_args(Act):
            return None
        return cls(values["order"], Unit(**values["unit"]), values["kind"])


ReadOrders = Callable[[], list[TaskOrder]]
"""Gives the orders that came since the last call."""


def no_orders() -> list[TaskOrder]:
    """Nobody watches."""
    return []


def orders_of(inbox: queue.Queue[dict[str, Any] | None]) -> ReadOrders:
    """Read the orders among a job's messages."""

    def read() -> list[TaskOrder]:
        found: list[TaskOrder] = []
        while True:
            try:
                message = inbox.get_nowait()
            except queue.Empty:
                return found
            order = TaskOrder.from_json(message) if message is not None else None
            if order is not None:
                found.append(order)

    return read
