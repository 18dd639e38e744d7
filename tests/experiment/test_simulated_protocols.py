"""Every protocol can be run to its end by a simulated participant."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest
from assembled_study import assemble

from imi_desktop.experiment.exclusion import evaluate, exclusion_reasons, facts_of
from imi_desktop.experiment.plan import plan_session
from imi_desktop.experiment.protocol import protocol_names
from imi_desktop.experiment.study import Study
from imi_desktop.observers.chance import ChanceObserver
from imi_desktop.observers.simulate import run_observer
from imi_desktop.recording.session import Session
from imi_desktop.recording.trial_table import read_trials


def take_part(study: Study, participant: str, accuracy: float) -> None:
    """Let an observer of known accuracy run a whole session."""
    plan = plan_session(study, participant)
    session = Session.open(study, participant, plan=plan)
    try:
        run_observer(session, ChanceObserver(accuracy))
        assert session.step is None
    finally:
        session.close()


@pytest.mark.parametrize("protocol", protocol_names())
def test_from_first_page_to_last(tmp_path: Path, protocol: str):
    study = assemble(protocol, tmp_path / "study", "efficientnet_lite0")
    study.write_new()
    take_part(study, "P2", 1.0)
    rows = read_trials(study.folder)
    plan = plan_session(study, "P2")
    assert len(rows) == plan.n_trials
    assert rows["correct"].dropna().all()
    if protocol == "borowski2021-1":
        repeated = rows[rows["phase"] == "repeated"]
        assert Counter(repeated["condition"]) == {"synthetic": 6, "natural": 6, "none": 6}
        assert list(repeated["trial"]) == list(range(190 - 18, 190))


def test_practice_is_repeated_with_new_trials_until_perfect(tmp_path: Path):
    study = assemble("zimmermann2021", tmp_path / "study", "efficientnet_lite0")
    study.write_new()
    take_part(study, "P1", 0.6)
    rows = read_trials(study.folder)
    practice = rows[rows["phase"] == "practice"]
    attempts = int(practice["attempt"].max())
    assert len(practice) == 4 * attempts
    last = practice[practice["attempt"] == attempts]
    assert last["correct"].all()
    checks = evaluate(
        study.design.exclusion, facts_of(rows.to_dict("records"), condition="synthetic")
    )
    found = {check.kind: check for check in checks}
    assert found["practice_attempts"].value == attempts
    assert found["practice_attempts"].passed is (attempts <= 5)
    assert isinstance(exclusion_reasons(checks), tuple)
