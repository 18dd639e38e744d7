"""Quality checks of a session: live while it runs, and after the fact.

A session that fails a check is marked with the reasons and values; nothing is deleted
(Zimmermann et al. 2021, A.4; Zimmermann, Klein & Brendel 2023, A.3).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from imi_desktop.experiment.exclusion_rules import ExclusionRule, RuleKind


@dataclass(frozen=True)
class SessionFacts:
    """What the rules look at.

    Parameters
    ----------
    condition : str or None
        The participant's condition where it is assigned between participants.
    catch_answered, catch_correct : int
        Catch trials answered, and answered right.
    positions : mapping of str to int
        How often each side was chosen in main trials, catch trials included; sides that were
        never chosen need not occur.
    main_answered : int
        Answered main trials with a side to choose, catch trials included.
    instruction_seconds, session_seconds : float or None
        Time on the instruction pages and from the first page to the end; None if not known yet.
    practice_attempts : int
        Runs of the practice block that took the most; 0 if there was none.
    participations : int
        Sessions of this person, this one counted.
    catch_left : int
        Catch trials still to come.
    finished : bool
        Whether the session is over. While it runs, only what can no longer be made good fails.
    """

    condition: str | None = None
    catch_answered: int = 0
    catch_correct: int = 0
    positions: Mapping[str, int] | None = None
    main_answered: int = 0
    instruction_seconds: float | None = None
    session_seconds: float | None = None
    practice_attempts: int = 0
    participations: int = 1
    catch_left: int = 0
    finished: bool = True


@dataclass(frozen=True)
class CheckResult:
    """One rule applied to one session.

    Parameters
    ----------
    kind : str
        The rule's kind.
    value : float or None
        What was found; None if it cannot be told (yet).
    minimum, maximum : float or None
        The rule's bounds.
    passed : bool or None
        None if it cannot be told.
    reason : str
        For people: ``catch trials right: 1, needs 2 or more``; empty when passed.
    """

    kind: RuleKind
    value: float | None
    minimum: float | None
    maximum: float | None
    passed: bool | None
    reason: str


_NAMES: dict[RuleKind, str] = {
    "catch_correct": "catch trials right",
    "position_count": "answers on the rarer side",
    "position_share": "share of the side chosen most",
    "instruction_seconds": "seconds on the instructions",
    "session_seconds": "seconds in all",
    "practice_attempts": "attempts at practice",
    "participations": "participations",
}


def evaluate(rules: Iterable[ExclusionRule], facts: SessionFacts) -> tuple[CheckResult, ...]:
    """Apply the rules that hold for the session's condition, in their order."""
    return tuple(
        _check(rule, facts)
        for rule in rules
        if not rule.conditions or facts.condition in rule.conditions
    )


def exclusion_reasons(results: Iterable[CheckResult]) -> tuple[str, ...]:
    """Reasons of all failed checks; empty means that the session is included."""
    return tuple(result.reason for result in results if result.passed is False)


def facts_of(
    trials: Sequence[Mapping[str, Any]],
    *,
    condition: str | None = None,
    instruction_seconds: float | None = None,
    session_seconds: float | None = None,
    participations: int = 1,
    catch_left: int = 0,
    finished: bool = True,
) -> SessionFacts:
    """Collect the facts of a session from its answered trials.

    Parameters
    ----------
    trials : sequence of mapping
        Rows of the trial table (``phase``, ``catch``, ``correct``, ``chosen_position``, ``attempt``
        and ``task`` are looked at); missing values are None or NaN.
    """
    main = [row for row in trials if row["phase"] == "main" and _present(row["chosen_position"])]
    catch = [row for row in main if _true(row["catch"])]
    practice = [int(row["attempt"]) for row in trials if row["phase"] == "practice"]
    return SessionFacts(
        condition=condition,
        catch_answered=len(catch),
        catch_correct=sum(_true(row["correct"]) for row in catch),
        positions=Counter(str(row["chosen_position"]) for row in main),
        main_answered=len(main),
        instruction_seconds=instruction_seconds,
        session_seconds=session_seconds,
        practice_attempts=max(practice, default=0),
        participations=participations,
        catch_left=catch_left,
        finished=finished,
    )


def _check(rule: ExclusionRule, facts: SessionFacts) -> CheckResult:
    value = _value(rule.kind, facts)
    if value is None:
        return CheckResult(rule.kind, None, rule.minimum, rule.maximum, None, "")
    best = value + (facts.catch_left if rule.kind == "catch_correct" else 0)
    too_low = rule.minimum is not None and best < rule.minimum
    too_high = rule.maximum is not None and value > rule.maximum
    if not facts.finished and _can_change(rule.kind, too_low):
        return CheckResult(rule.kind, value, rule.minimum, rule.maximum, None, "")
    reason = ""
    if too_low:
        reason = f"{_NAMES[rule.kind]}: {_number(value)}, needs {_number(rule.minimum)} or more"
    elif too_high:
        reason = f"{_NAMES[rule.kind]}: {_number(value)}, {_number(rule.maximum)} at most"
    return CheckResult(rule.kind, value, rule.minimum, rule.maximum, not reason, reason)


def _can_change(kind: RuleKind, too_low: bool) -> bool:
    """Whether the rest of a running session can still turn the check round."""
    if kind in {"position_count", "position_share"}:
        return True
    return kind == "session_seconds" and too_low


def _value(kind: RuleKind, facts: SessionFacts) -> float | None:
    counts = list((facts.positions or {}).values())
    if kind == "catch_correct":
        return facts.catch_correct if facts.catch_answered else None
    if kind == "position_count":
        if not facts.main_answered:
            return None
        return min(counts) if len(counts) > 1 else 0
    if kind == "position_share":
        return max(counts) / facts.main_answered if facts.main_answered else None
    if kind == "instruction_seconds":
        return facts.instruction_seconds
    if kind == "session_seconds":
        return facts.session_seconds
    if kind == "practice_attempts":
        return facts.practice_attempts or None
    return facts.participations


def _number(value: float | None) -> str:
    return "" if value is None else f"{value:.3g}" if value < 1000 else f"{value:.0f}"


def _present(value: object) -> bool:
    return str(value) not in {"", "None", "nan", "<NA>"}


def _true(value: object) -> bool:
    return _present(value) and bool(value)
