"""Trials that come back at the end, chosen from the answers (Borowski et al. 2021, A.1.1)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from imi_desktop.experiment.trial import BlockPlan, Position, SessionPlan, Trial
from imi_desktop.seeds import generator


def can_repeat(trial: Trial) -> bool:
    """Whether a trial may come back: main trials with an answer, catch trials left out."""
    return trial.phase == "main" and trial.task != "intuitiveness" and not trial.catch


def choose_repeated(
    block: BlockPlan, answered: Sequence[tuple[Trial, int | None]]
) -> tuple[Trial, ...]:
    """Choose the trials of a block with a :class:`RepeatRule`.

    Of the main trials of the rule's condition, catch trials left out, the most and the least
    confident ones come back, ties broken at random, in random order. They show the same images;
    where the right one stands is drawn anew, as in the released data.

    Parameters
    ----------
    block : BlockPlan
        With `repeats`.
    answered : sequence of (Trial, int or None)
        Every answered trial of the session so far with its confidence (1 … 3); those without
        confidence are left out.

    Returns
    -------
    tuple of Trial
        With the numbers that the plan reserved. The same answers give the same trials, so that a
        resumed session goes on with them. Fewer if there are not enough answers.
    """
    rule = block.repeats
    if rule is None:
        return block.trials
    rng = generator(rule.seed, "repeated")
    candidates = [
        (confidence, trial)
        for trial, confidence in answered
        if can_repeat(trial) and trial.condition == rule.condition and confidence is not None
    ]
    shuffled = [candidates[index] for index in rng.permutation(len(candidates))]
    ranked = [trial for _, trial in sorted(shuffled, key=lambda pair: -pair[0])]
    most = ranked[: rule.most_confident]
    rest = ranked[rule.most_confident :]
    least = rest[max(len(rest) - rule.least_confident, 0) :] if rule.least_confident else []
    chosen = most + least
    order = rng.permutation(len(chosen))
    return tuple(
        _again(chosen[index], block, rule.first_number + place, rule.feedback, rng.integers(2) == 1)
        for place, index in enumerate(order)
    )


def with_examples(plan: SessionPlan) -> SessionPlan:
    """The plan with trials in its repeated blocks that made-up answers would choose.

    For looking at only: which trials come back is known when the answers are. Every confidence is
    drawn from the rule's seed, so that the same plan gives the same examples.
    """
    before: list[Trial] = []
    blocks = []
    for block in plan.blocks:
        rule = block.repeats
        if rule is not None:
            drawn = generator(rule.seed, "examples").integers(1, 4, size=len(before))
            made_up = [(trial, int(level)) for trial, level in zip(before, drawn, strict=True)]
            block = replace(block, trials=choose_repeated(block, made_up))
        else:
            before += block.trials
        blocks.append(block)
    return replace(plan, blocks=tuple(blocks))


def _again(trial: Trial, block: BlockPlan, number: int, feedback: bool, swap: bool) -> Trial:
    queries = dict(trial.queries)
    target = trial.target_position
    if swap:
        other: dict[Position, Position] = (
            {"left": "right", "right": "left"}
            if trial.task == "counterfactual"
            else {"upper": "lower", "lower": "upper"}
        )
        queries = {other.get(position, position): file for position, file in queries.items()}
        target = other[target] if target else None
    return replace(
        trial,
        number=number,
        phase="repeated",
        block=block.number,
        queries=queries,
        target_position=target,
        feedback=feedback,
    )
