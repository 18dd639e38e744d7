"""What the results page is asked to show; plain values, without pandas."""

from __future__ import annotations

from dataclasses import dataclass, field

CHOICES = (
    ("study", "Studies"),
    ("model", "Models"),
    ("layer", "Layers"),
    ("branch", "Branches"),
    ("unit_selection", "Unit selection"),
    ("scheme", "Schemes"),
    ("difficulty", "Difficulty"),
    ("expert_level", "Expert level"),
    ("participant", "Participants"),
)
"""Columns with a drop-down, and its name; shown where there is more than one value."""
ALWAYS = ("layer", "branch", "unit_selection", "expert_level", "participant")


@dataclass(frozen=True)
class Filters:
    """Values kept per column; a column that is not named keeps all.

    Parameters
    ----------
    included_only : bool
        Whether excluded sessions are left out.
    """

    where: dict[str, tuple[str, ...]] = field(default_factory=dict)
    included_only: bool = True

    @property
    def number_set(self) -> int:
        """How many columns are filtered."""
        return len(self.where) + (not self.included_only)
