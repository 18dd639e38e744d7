"""The trials of one block: which unit, which images, in which order, right on which side."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from imi_desktop.experiment.assignment import Assignment
from imi_desktop.experiment.decks import Decks
from imi_desktop.experiment.protocol import Block, TrialGroup
from imi_desktop.experiment.study import Study, StudyUnit
from imi_desktop.experiment.trial import Condition, Position, Task, Trial
from imi_desktop.experiment.trial_images import trial_images
from imi_desktop.experiment.trial_order import draw_positions, mix_in_catch
from imi_desktop.seeds import generator


@dataclass(frozen=True)
class _Draft:
    """A trial before it has its number and its position."""

    group: TrialGroup
    entry: StudyUnit
    condition: Condition
    scheme: str
    batch: int
    copied: tuple[int, int]
    foil: StudyUnit | None


@dataclass(frozen=True)
class TrialMaker:
    """Makes the trials of one participant, block by block in the order they are run.

    Parameters
    ----------
    seed : int
        Seed of everything random within blocks.
    """

    study: Study
    assignment: Assignment
    decks: Decks
    seed: int

    def trials(
        self, block: Block, bound: Mapping[str, str], number: int, first: int, attempt: int = 1
    ) -> tuple[Trial, ...]:
        """Trials of one block.

        Parameters
        ----------
        bound : mapping
            Levels of the factors at this moment.
        number : int
            The block's number.
        first : int
            Number of its first trial.
        attempt : int
            Different attempts draw differently.

        Returns
        -------
        tuple of Trial
            Empty if the study runs none of the block's conditions.

        Raises
        ------
        TooFewUnitsInStudyError
            If a deck is used up.
        """
        task = self.study.design.task_of(block)
        rng = generator(self.seed, "block", number, attempt)
        drafts: dict[bool, list[_Draft]] = {False: [], True: []}
        for group in block.trials:
            drafts[group.catch] += self._drafts(group, bound, attempt, rng)
        regular = drafts[False]
        if block.order == "random":
            regular = [regular[index] for index in rng.permutation(len(regular))]
        ordered = mix_in_catch(regular, drafts[True], rng)
        sides: tuple[Position, Position] = (
            ("left", "right") if task == "counterfactual" else ("upper", "lower")
        )
        catch = [draft.group.catch for draft in ordered]
        positions = draw_positions(catch, sides, self.study.design.positions, rng)
        return tuple(
            self._trial(block, task, draft, position, sides, number, first + index)
            for index, (draft, position) in enumerate(zip(ordered, positions, strict=True))
        )

    def _drafts(
        self,
        group: TrialGroup,
        bound: Mapping[str, str],
        attempt: int,
        rng: np.random.Generator,
    ) -> list[_Draft]:
        named = self.assignment.resolve(group.condition, bound)
        condition = next((c for c in self.study.run_conditions if c == named), None)
        if condition is None or (group.only and condition not in group.only):
            return []
        unit_set = self.assignment.resolve(group.set, bound)
        deck = self.assignment.resolve(group.deck, bound) or condition
        rule = self.study.design.batches[self.assignment.resolve(group.batch, bound)]
        dealt = self.decks.deal(group, unit_set, bound.get("model", ""), deck, attempt, rule)
        foils = self.study.units_of(group.foils) if group.foils else ()
        k = self.assignment.place if rule.by == "place" else self.assignment.number - 1
        return [
            _Draft(
                group=group,
                entry=entry,
                condition=condition,
                scheme=self.assignment.resolve(group.scheme, bound),
                batch=rule.batch(k, self.study.stimuli.natural.batches),
                copied=self._copied(rng),
                foil=foils[index % len(foils)] if foils else None,
            )
            for index, entry in enumerate(dealt)
        ]

    def _copied(self, rng: np.random.Generator) -> tuple[int, int]:
        """Which max and min reference a catch trial copies."""
        if self.study.design.catch_copies == "last":
            return -1, -1
        highest, lowest = rng.integers(9, size=2)
        return int(highest), int(lowest)

    def _trial(
        self,
        block: Block,
        task: Task,
        draft: _Draft,
        position: Position,
        sides: tuple[Position, Position],
        number: int,
        trial_number: int,
    ) -> Trial:
        images = trial_images(
            task,
            draft.condition,
            draft.scheme,
            draft.entry.unit,
            draft.batch,
            catch=draft.group.catch,
            copied=draft.copied,
            patch_px=self.study.stimuli.occlusion.patch_px,
            foil=draft.foil.unit if draft.foil else None,
        )
        queries: dict[Position, str] = {}
        if images.original:
            queries["upper"] = images.original
        for side in sides:
            file = images.target if side == position else images.distractor
            if file:
                queries[side] = file
        asked = images.target is not None
        return Trial(
            number=trial_number,
            task=task,
            phase=block.phase,
            block=number,
            condition=draft.condition,
            scheme="none" if draft.condition == "none" else draft.scheme,
            unit=draft.entry.unit,
            unit_selection=draft.entry.selection,
            catch=draft.group.catch,
            image_set=str(draft.batch),
            references_min=images.references_min,
            references_max=images.references_max,
            queries=queries,
            target_position=position if asked else None,
            feedback=block.feedback and asked,
            difficulty=self.study.stimuli.natural.difficulty if asked else None,
            branch=draft.entry.branch,
        )
