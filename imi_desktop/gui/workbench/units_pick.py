"""Units that had better be exchanged, and what would take their places. Knows no Qt."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from imi_desktop.experiment.clear_units import ClearUnit, stand_ins, with_clear_units
from imi_desktop.experiment.dead_units import Replacement, responds, with_live_units
from imi_desktop.experiment.study import Study
from imi_desktop.gui.widgets.format import plural
from imi_desktop.models.unit import Unit
from imi_desktop.stimuli.activation_table import ActivationTable, table_path


@dataclass(frozen=True)
class PickState:
    """What the activations say of the study's units.

    Parameters
    ----------
    dead : tuple of Unit
        Drawn units of recorded layers that respond to every image alike.
    stand_ins : tuple of Unit
        Drawn practice and catch units where the protocol wants clear ones.
    missing : mapping of str to tuple of str
        By model, layers of the study without activations; models without any are left out.
    """

    dead: tuple[Unit, ...] = ()
    stand_ins: tuple[Unit, ...] = ()
    missing: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    @property
    def words(self) -> str:
        """What is to be exchanged, as a sentence; empty if nothing is."""
        parts = []
        if self.dead:
            verb = "responds" if len(self.dead) == 1 else "respond"
            parts.append(f"{plural(len(self.dead), 'drawn unit')} {verb} to every image alike")
        if self.stand_ins:
            verb = "stands" if len(self.stand_ins) == 1 else "stand"
            units = plural(len(self.stand_ins), "practice or catch unit")
            parts.append(f"{units} only {verb} in for clear ones")
        text = ", and ".join(parts)
        return f"{text}." if text else ""

    @property
    def reason(self) -> str:
        """Why nothing can be exchanged, as a sentence; empty if something can."""
        n_missing = sum(map(len, self.missing.values()))
        if n_missing:
            return (
                f"Activations of {plural(n_missing, 'layer')} of the study are not recorded yet. "
                "Record them first."
            )
        if not self.words:
            return "Every drawn unit responds to images, and no clear unit is left to choose."
        return ""


@dataclass(frozen=True)
class Proposal:
    """A study with other units, which is not written yet.

    Parameters
    ----------
    replaced : tuple of Replacement
        Of units that respond to every image alike.
    chosen : tuple of ClearUnit
        Practice and catch units in the place of drawn ones.
    """

    study: Study
    replaced: tuple[Replacement, ...]
    chosen: tuple[ClearUnit, ...]

    @property
    def reasons(self) -> dict[Unit, str]:
        """By new unit, why it is proposed."""
        found = {pair.unit: f"in the place of unit {pair.dead.channel}" for pair in self.replaced}
        for clear in self.chosen:
            entry = next(e for e in self.study.units if e.unit == clear.unit)
            found[clear.unit] = f"{entry.role}, {clear.separation:.1f} SD apart"
        return found


def pick_state(study: Study) -> PickState:
    """Read the columns of the drawn units.

    Raises
    ------
    ActivationsError
        If a recorded table is damaged.
    """
    dead: list[Unit] = []
    missing: dict[str, tuple[str, ...]] = {}
    for model, layer in dict.fromkeys((entry.model, entry.layer) for entry in study.units):
        if not table_path(study.folder, model, layer).is_file():
            missing[model] = (*missing.get(model, ()), layer)
            continue
        table = ActivationTable.read(study.folder, model, layer)
        drawn = [
            entry.channel
            for entry in study.units
            if (entry.model, entry.layer, entry.selection) == (model, layer, "random")
            and entry.channel in table.channels
        ]
        if drawn:
            alive = responds(table.units(drawn))
            dead += [Unit(model, layer, c) for c, a in zip(drawn, alive, strict=True) if not a]
    clear = tuple(entry.unit for entry in stand_ins(study))
    return PickState(tuple(unit for unit in dead if unit not in clear), clear, missing)


def propose(study: Study) -> Proposal:
    """Choose as ``imi-desktop pick`` does: clear units first, then live ones.

    Raises
    ------
    ActivationsError, TooFewClearUnitsError, NoLiveUnitError
        If the activations do not allow a choice.
    """
    clear_study, chosen = with_clear_units(study)
    changed, replaced = with_live_units(clear_study)
    return Proposal(changed, replaced, chosen)
