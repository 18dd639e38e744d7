"""Quality checks: the careless are found, the careful are not."""

from __future__ import annotations

import pandas as pd
import pytest

from imi_desktop.experiment.exclusion import (
    SessionFacts,
    evaluate,
    exclusion_reasons,
    facts_of,
)
from imi_desktop.experiment.protocol import Protocol

SCALE = Protocol.load("zimmermann2023").exclusion
CAUSAL = Protocol.load("zimmermann2021").exclusion


def session(*, upper: int = 22, lower: int = 23, right: int = 5, attempts: int = 1) -> list[dict]:
    """Rows of a session: 40 main and 5 catch trials after practice."""
    positions = ["upper"] * upper + ["lower"] * lower
    rows = [
        {
            "task": "forward_prediction",
            "phase": "main",
            "catch": place < 5,
            "chosen_position": position,
            "correct": place >= 5 or place < right,
            "attempt": 1,
        }
        for place, position in enumerate(positions)
    ]
    practice = {"phase": "practice", "catch": False, "chosen_position": "upper", "correct": True}
    return [{**practice, "attempt": n} for n in range(1, attempts + 1)] + rows


def reasons(rows: list[dict], **facts: object) -> tuple[str, ...]:
    timed = {"instruction_seconds": 40.0, "session_seconds": 600.0} | facts
    return exclusion_reasons(evaluate(SCALE, facts_of(rows, **timed)))


def test_careful_participant_stays():
    assert reasons(session()) == ()


@pytest.mark.parametrize(
    ("rows", "facts", "said"),
    [
        (session(upper=45, lower=0), {}, "share of the side chosen most: 1, 0.9 at most"),
        (session(upper=3, lower=42), {}, "share of the side chosen most: 0.933, 0.9 at most"),
        (session(right=3), {}, "catch trials right: 3, needs 4 or more"),
        (session(), {"session_seconds": 90.0}, "seconds in all: 90, needs 135 or more"),
        (session(), {"session_seconds": 2600.0}, "seconds in all: 2600, 2500 at most"),
        (session(), {"instruction_seconds": 9.5}, "seconds on the instructions: 9.5, needs 15"),
        (session(attempts=4), {}, "attempts at practice: 4, 3 at most"),
        (session(), {"participations": 2}, "participations: 2, 1 at most"),
    ],
)
def test_careless_participants_are_named(rows: list[dict], facts: dict, said: str):
    found = reasons(rows, **facts)
    assert len(found) == 1
    assert found[0].startswith(said)


def test_limits_belong_to_what_passes():
    assert reasons(session(right=4, attempts=3), session_seconds=135.0) == ()
    assert reasons(session(), session_seconds=2500.0, instruction_seconds=15.0) == ()


def test_rules_of_a_condition():
    facts = SessionFacts(condition="none", instruction_seconds=17.0, finished=True)
    assert exclusion_reasons(evaluate(CAUSAL, facts)) == ()
    facts = SessionFacts(condition="natural", instruction_seconds=17.0)
    assert exclusion_reasons(evaluate(CAUSAL, facts)) == (
        "seconds on the instructions: 17, needs 20 or more",
    )


def test_one_sided_answers_of_the_counterfactual_task():
    rows = [{**row, "chosen_position": "left"} for row in session()]
    found = exclusion_reasons(evaluate(CAUSAL, facts_of(rows, condition="natural")))
    assert found == ("answers on the rarer side: 0, needs 1 or more",)


def test_a_running_session_fails_only_for_good():
    rows = session(upper=6, lower=0, right=3)[:5]  # the first answers, two of four catch missed
    live = {"finished": False, "session_seconds": 60.0}
    checks = {c.kind: c for c in evaluate(SCALE, facts_of(rows, catch_left=1, **live))}
    assert checks["position_share"].passed is None
    assert checks["session_seconds"].passed is None
    assert checks["catch_correct"].passed is None or checks["catch_correct"].passed
    lost = facts_of(session(right=2), catch_left=0, **live)
    assert {c.kind: c.passed for c in evaluate(SCALE, lost)}["catch_correct"] is False


def test_nothing_known_is_nothing_failed():
    assert all(
        check.passed is None or check.passed
        for check in evaluate(SCALE, SessionFacts(finished=False))
    )


def test_rows_of_a_data_frame_with_missing_values():
    table = pd.DataFrame(session()).astype({"correct": "boolean"})
    table["chosen_position"] = table["chosen_position"].astype("string")
    table.loc[10, "chosen_position"] = pd.NA
    table.loc[10, "correct"] = pd.NA
    facts = facts_of(table.to_dict("records"))
    assert facts.main_answered == 44
    assert facts.catch_correct == 5
