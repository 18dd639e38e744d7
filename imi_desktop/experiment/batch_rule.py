"""Which batch of natural images a participant gets."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from imi_desktop.experiment.toml_file import Table


class BatchRule(Table):
    """Which batch of natural images a participant gets.

    The batch is ``first + step · ⌊k / every⌋`` wrapped into ``lowest … highest``, where *k* counts
    participants from 0.

    Parameters
    ----------
    by : str
        ``number`` counts all participants, ``place`` those of the same between-participant levels.
    step : int
        0 gives everyone the same batch.
    lowest, highest : int
        Range of batches in turn; `highest` −1 stands for the study's last batch.
    """

    first: int = Field(default=0, ge=0)
    step: int = Field(default=1, ge=0)
    every: int = Field(default=1, ge=1)
    by: Literal["number", "place"] = "number"
    lowest: int = Field(default=0, ge=0)
    highest: int = Field(default=-1, ge=-1)

    def batch(self, k: int, n_batches: int) -> int:
        """Batch of the participant `k` (from 0) where the study has `n_batches`."""
        highest = n_batches - 1 if self.highest < 0 else min(self.highest, n_batches - 1)
        lowest = min(self.lowest, highest)
        start = self.first + self.step * (k // self.every)
        return lowest + (start - lowest) % (highest - lowest + 1)

    def batches(self, n_batches: int, participants: int | None) -> tuple[int, ...]:
        """Every batch that anybody of `participants` (None: without end) can get, ascending."""
        numbers = self.every * n_batches if participants is None else participants
        return tuple(sorted({self.batch(k, n_batches) for k in range(numbers)}))
