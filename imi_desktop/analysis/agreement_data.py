"""What a matrix of agreement holds; needs no pandas, so that the window can import it at once."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from imi_desktop.analysis.figure_data import Row


@dataclass(frozen=True)
class GroupAgreement:
    """Mean kappa over all pairs of two groups.

    Parameters
    ----------
    first, second : str
        Conditions, or names of baseline observers.
    mean, sem2 : float or None
        Over pairs; None without any.
    n_pairs : int
        Pairs with a kappa.
    ci95 : tuple of float or None
        Of the mean, over people; of a single pair, over its trials. None where too few people
        were compared.
    """

    first: str
    second: str
    mean: float | None
    sem2: float | None
    n_pairs: int
    ci95: tuple[float, float] | None = None

    def to_json(self) -> dict[str, Any]:
        """The agreement as JSON-able values."""
        return {
            "groups": [self.first, self.second],
            "kappa": self.mean,
            "sem2": self.sem2,
            "ci95": list(self.ci95) if self.ci95 else None,
            "n_pairs": self.n_pairs,
        }


@dataclass(frozen=True)
class Agreement:
    """Kappa matrix of conditions and observers.

    Parameters
    ----------
    groups : tuple of str
        Conditions in their order, then observers.
    cells : tuple of GroupAgreement
        Every pair of groups once, the diagonal included.
    """

    groups: tuple[str, ...] = ()
    cells: tuple[GroupAgreement, ...] = ()

    def at(self, first: str, second: str) -> GroupAgreement | None:
        """Cell of two groups, in either order."""
        wanted = {first, second}
        return next((cell for cell in self.cells if {cell.first, cell.second} == wanted), None)

    @property
    def known(self) -> bool:
        """Whether any pair answered the same queries."""
        return any(cell.n_pairs for cell in self.cells)

    def rows(self) -> list[Row]:
        """One row per pair of groups, for CSV."""
        return [
            {
                "first": cell.first,
                "second": cell.second,
                "kappa": cell.mean,
                "two_sem": cell.sem2,
                "ci_low": cell.ci95[0] if cell.ci95 else None,
                "ci_high": cell.ci95[1] if cell.ci95 else None,
                "n_pairs": cell.n_pairs,
            }
            for cell in self.cells
        ]

    def to_json(self) -> dict[str, Any]:
        """The matrix as JSON-able values."""
        return {"groups": list(self.groups), "cells": [cell.to_json() for cell in self.cells]}
