"""A session's quality checks, by the exclusion rules of its protocol."""

from __future__ import annotations

from imi_desktop.experiment.exclusion import CheckResult, evaluate, facts_of
from imi_desktop.experiment.study import Study
from imi_desktop.recording.facts import SessionFacts


def quality_checks(
    study: Study, facts: SessionFacts, participations: int
) -> tuple[CheckResult, ...]:
    """Apply the protocol's rules to one session, finished or running.

    Parameters
    ----------
    facts : SessionFacts
        Of the session's journal.
    participations : int
        Sessions of this participant up to this one, this one counted.
    """
    return evaluate(
        study.design.exclusion,
        facts_of(
            facts.rows,
            condition=_own_condition(study, facts),
            instruction_seconds=facts.instruction_ms / 1000 if facts.read_instructions else None,
            session_seconds=facts.session_ms / 1000,
            participations=participations,
            catch_left=max(facts.planned_catch - facts.catch[1], 0),
            finished=facts.outcome is not None,
        ),
    )


def _own_condition(study: Study, facts: SessionFacts) -> str | None:
    """The participant's condition where it is assigned between participants."""
    counterbalancing = facts.started.get("counterbalancing", {})
    value = counterbalancing.get("condition")
    return str(value) if "condition" in study.design.between and value is not None else None
