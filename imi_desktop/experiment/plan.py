"""From study and participant to the list of everything that will happen."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

from imi_desktop.experiment.assignment import Assignment, assign
from imi_desktop.experiment.block_trials import TrialMaker
from imi_desktop.experiment.decks import Decks
from imi_desktop.experiment.participant import participant_id, participant_number
from imi_desktop.experiment.protocol import Block, RepeatedBlock
from imi_desktop.experiment.repeated_trials import can_repeat
from imi_desktop.experiment.study import Study
from imi_desktop.experiment.texts import Audience, Texts, load_texts
from imi_desktop.experiment.trial import (
    BlockPlan,
    Condition,
    PageStep,
    QuestionStep,
    RepeatRule,
    SessionPlan,
)
from imi_desktop.seeds import derive_seed, generator

REDRAWN_ATTEMPTS = 20
"""Attempts at a redrawn practice block that are planned before they start over."""

SECONDS_PER_TRIAL = 10
"""Rough mean with feedback; participants of Borowski et al. 2021 took 6.6 to 9.7 s to answer."""


def plan_session(
    study: Study,
    participant: str,
    *,
    number: int | None = None,
    audience: Audience | None = None,
) -> SessionPlan:
    """Plan one participant's session.

    A pure function: the same study file and arguments give the same plan, bit for bit.

    Parameters
    ----------
    participant : str
        Participant id.
    number : int or None
        Place in the counterbalancing; None reads it from the id, see
        :func:`imi_desktop.experiment.participant.participant_number`.
    audience : str or None
        Wording for this participant; None takes the study's.

    Raises
    ------
    InvalidParticipantIdError
        If the id cannot be used.
    TooFewUnitsInStudyError
        If the study lists fewer units than its protocol asks for.
    """
    identifier = participant_id(participant)
    if number is None:
        number = participant_number(identifier)
    seed = derive_seed(study.seed, "trials", identifier)
    assignment = assign(study, number, generator(seed, "factors"))
    order_seed = seed
    if study.design.shared_order:
        order_seed = derive_seed(study.seed, "shared order", assignment.place)
    decks = Decks(study, assignment, order_seed)
    maker = TrialMaker(study, assignment, decks, order_seed)
    audience = audience or study.audience
    texts = load_texts(study.language, audience).overlaid(study.design.texts)
    drafts = _drafts(study, assignment, maker, texts, seed)
    pages = _Pages(texts, audience, study, drafts, assignment.levels.get("condition", ""))
    return SessionPlan(
        participant=identifier,
        seed=seed,
        opening=pages.around(study.design.opening),
        blocks=tuple(pages.with_pages(draft) for draft in drafts),
        closing=pages.around(study.design.closing),
        counterbalancing=assignment.summary(),
    )


def minutes_for(trials: int) -> int:
    """Rough duration of a session in minutes, in steps of five, rather too long than too short."""
    return max(5 * math.ceil(trials * SECONDS_PER_TRIAL / 300), 5)


@dataclass(frozen=True)
class _Draft:
    """A block without its words."""

    plan: BlockPlan
    pages: tuple[str, ...]
    task: str
    condition: str


def _drafts(
    study: Study, assignment: Assignment, maker: TrialMaker, texts: Texts, seed: int
) -> tuple[_Draft, ...]:
    drafts: list[_Draft] = []
    trials = 0
    for template, bound in _templates(study, assignment):
        number = len(drafts) + 1
        if isinstance(template, RepeatedBlock):
            asked = Counter(t.condition for d in drafts for t in d.plan.trials if can_repeat(t))
            types = {c: asked[c] for c in study.run_conditions if c in template.conditions}
            new = _repeated(study, template, types, texts, number, trials + 1, seed)
        else:
            new = _block(study, template, bound, maker, texts, number, trials + 1)
        drafts += new
        trials += sum(draft.plan.length for draft in new)
    return tuple(drafts)


def _templates(
    study: Study, assignment: Assignment
) -> Iterator[tuple[Block | RepeatedBlock, dict[str, str]]]:
    """Block templates in the participant's order, with the levels that hold in each."""
    for part in study.design.parts:
        for level in _levels(assignment, part.each):
            outer = {**assignment.levels, **level}
            for block in part.blocks:
                for _ in range(block.repeat):
                    for inner in _levels(assignment, block.each):
                        bound = {**outer, **inner}
                        for name, value in block.let.items():
                            bound[name] = assignment.resolve(value, bound)
                        if not block.only or bound.get("condition") in block.only:
                            yield block, bound
            if part.repeated:
                yield part.repeated, outer


def _levels(assignment: Assignment, factor: str) -> list[dict[str, str]]:
    return [{factor: level} for level in assignment.orders[factor]] if factor else [{}]


def _block(
    study: Study,
    block: Block,
    bound: dict[str, str],
    maker: TrialMaker,
    texts: Texts,
    number: int,
    first: int,
) -> list[_Draft]:
    trials = maker.trials(block, bound, number, first)
    if not trials:
        return []
    attempts = range(2, (block.max_attempts or REDRAWN_ATTEMPTS) + 1) if block.redraw else ()
    conditions = {trial.condition for trial in trials}
    condition = str(conditions.pop()) if len(conditions) == 1 else ""
    task = study.design.task_of(block)
    plan = BlockPlan(
        number=number,
        name=block.name,
        phase=block.phase,
        before=(),
        trials=trials,
        timings=(block.timings or study.design.timings).timings,
        wording=texts.wording(task, condition),
        repeat_until_perfect=block.repeat_until_perfect,
        max_attempts=block.max_attempts,
        later_attempts=tuple(maker.trials(block, bound, number, first, n) for n in attempts),
    )
    return [_Draft(plan, block.pages, task, condition)]


def _repeated(
    study: Study,
    template: RepeatedBlock,
    asked: Mapping[Condition, int],
    texts: Texts,
    number: int,
    first: int,
    seed: int,
) -> list[_Draft]:
    """One block per type that the participant met, in random order.

    `asked` says how many trials of each type can come back.
    """
    types = [condition for condition, trials in asked.items() if trials]
    drafts: list[_Draft] = []
    for index, place in enumerate(generator(seed, "repeated").permutation(len(types))):
        condition = types[place]
        most = min(template.most_confident, asked[condition])
        plan = BlockPlan(
            number=number + index,
            name=template.name,
            phase="repeated",
            before=(),
            trials=(),
            timings=study.design.timings.timings,
            wording=texts.wording(study.design.task, condition),
            repeats=RepeatRule(
                condition=condition,
                most_confident=most,
                least_confident=min(template.least_confident, asked[condition] - most),
                first_number=first + sum(draft.plan.length for draft in drafts),
                seed=derive_seed(seed, "repeated", condition),
                feedback=template.feedback,
            ),
        )
        pages = template.pages if index == 0 else ()
        drafts.append(_Draft(plan, pages, study.design.task, condition))
    return drafts


class _Pages:
    """Puts the words in."""

    def __init__(
        self,
        texts: Texts,
        audience: Audience,
        study: Study,
        drafts: tuple[_Draft, ...],
        condition: str,
    ) -> None:
        self._texts = texts
        self._design = study.design
        self._audience = audience
        trials = sum(draft.plan.length for draft in drafts)
        self._values: dict[str, str | int] = {
            "trials": trials,
            "block": 1,
            "blocks": len(drafts),
            "minutes": minutes_for(trials),
            "study": study.name,
        }
        self._condition = condition
        self._trials = [
            (trial, draft.plan.wording) for draft in drafts for trial in draft.plan.trials
        ]

    def around(self, names: tuple[str, ...]) -> tuple[PageStep | QuestionStep, ...]:
        """Pages of the opening or closing."""
        return tuple(
            self._texts.page(
                name, name, self._design.task, self._condition, self._values, self._trials
            )
            for name in names
            if self._is_for_audience(name)
        )

    def with_pages(self, draft: _Draft) -> BlockPlan:
        """The block with the pages before it."""
        values = {**self._values, "block": draft.plan.number, "trials": draft.plan.length}
        pages = tuple(
            self._texts.page(
                name,
                f"{name}_{draft.plan.number}",
                draft.task,
                draft.condition,
                values,
                self._trials,
            )
            for name in draft.pages
            if self._is_for_audience(name)
        )
        return replace(draft.plan, before=pages)

    def _is_for_audience(self, name: str) -> bool:
        audiences = self._design.only_for.get(name, ())
        return not audiences or self._audience in audiences
