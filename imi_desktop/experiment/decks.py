"""Dealing a study's units to the blocks of one participant."""

from __future__ import annotations

from imi_desktop.errors import UserError
from imi_desktop.experiment.assignment import Assignment
from imi_desktop.experiment.balance import balanced_subsets
from imi_desktop.experiment.batch_rule import BatchRule
from imi_desktop.experiment.protocol import TrialGroup
from imi_desktop.experiment.study import Study, StudyUnit
from imi_desktop.seeds import derive_seed, generator


class TooFewUnitsInStudyError(UserError):
    """A block asks for more units than the study has for it."""


class Decks:
    """Shuffled units, dealt without return; one deck per role, set, condition and deck name.

    Parameters
    ----------
    seed : int
        Seed of the participant's trial list.
    """

    def __init__(self, study: Study, assignment: Assignment, seed: int) -> None:
        self._study = study
        self._assignment = assignment
        self._seed = seed
        self._left: dict[tuple[str, ...], list[StudyUnit]] = {}
        self._rounds: dict[tuple[str, ...], int] = {}

    def deal(
        self,
        group: TrialGroup,
        unit_set: str,
        model: str,
        name: str,
        deal: int = 1,
        batch: BatchRule | None = None,
    ) -> list[StudyUnit]:
        """Units for one group of trials, none of them twice if the deck allows.

        Parameters
        ----------
        unit_set, model : str
            Levels of the moment; `model` empty for units of all models.
        name : str
            Name of the deck.
        deal : int
            Different numbers deal from different decks (attempts that draw anew).
        batch : BatchRule or None
            Which images the group shows; a balanced deal shares units out evenly over them too.

        Raises
        ------
        TooFewUnitsInStudyError
            If the deck does not hold enough units and may not be shuffled anew.
        """
        key = (group.units, unit_set, model, name, str(deal))
        if key not in self._left:
            self._left[key] = self._shuffled(group, key, batch)
        deck = self._left[key]
        count = group.count_for(self._assignment.number) or len(deck) or 1
        dealt: list[StudyUnit] = []
        while len(dealt) < count:
            if not deck:
                fresh = self._shuffled(group, key, batch)
                if not group.reuse or not fresh:
                    raise self._too_few(group, count, len(dealt))
                deck.extend(sorted(fresh, key=dealt.__contains__))
            dealt.append(deck.pop(0))
        return dealt

    def _shuffled(
        self, group: TrialGroup, key: tuple[str, ...], batch: BatchRule | None
    ) -> list[StudyUnit]:
        role, unit_set, model, *_ = key
        units = [
            unit
            for unit in self._study.units_of(role, unit_set)
            if not model or unit.model == model
        ]
        if group.deal == "balanced":
            units = self._share(units, group, key, batch)
        times = self._rounds[key] = self._rounds.get(key, 0) + 1
        if group.order == "given":
            return units
        shared = self._study.design.shared_order and not group.deck
        names = (*key[:3], "", key[4]) if shared else key
        order = generator(self._seed, "units", *names, times).permutation(len(units))
        return [units[index] for index in order]

    def _share(
        self,
        units: list[StudyUnit],
        group: TrialGroup,
        key: tuple[str, ...],
        batch: BatchRule | None,
    ) -> list[StudyUnit]:
        """The participant's share of a balanced distribution over all participants."""
        participants = self._study.participants_per_level
        count = group.count_for(self._assignment.number)
        if count > len(units):
            raise self._too_few(group, count, len(units))
        place = self._assignment.place
        seed = derive_seed(
            self._study.seed, "balance", *key, *self._assignment.levels.values(),
            place // participants,
        )  # fmt: skip
        start = place - place % participants
        sets: tuple[int, ...] = ()
        if batch is not None and batch.by == "place":
            n_batches = self._study.stimuli.natural.batches
            sets = tuple(batch.batch(start + k, n_batches) for k in range(participants))
        shares = balanced_subsets(len(units), count, participants, seed, sets)
        return [units[index] for index in shares[place % participants]]

    def _too_few(self, group: TrialGroup, wanted: int, found: int) -> TooFewUnitsInStudyError:
        return TooFewUnitsInStudyError(
            f"{self._study.file}: the protocol {self._study.design.name} asks for {wanted} "
            f"{group.units} units in one go, and only {found} are left. Add {group.units} units."
        )
