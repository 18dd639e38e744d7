"""A session from its first page to its last, and what its journal then says."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from example_study import (
    ExampleStudy,
    do_step,
    example_plan,
    go_to_trial,
    page,
    response,
    trial,
)

from imi_desktop.experiment.participant import InvalidParticipantIdError
from imi_desktop.experiment.trial import (
    PageStep,
    QuestionStep,
    RepeatRule,
    SessionPlan,
    TrialStep,
)
from imi_desktop.recording.journal import JOURNAL_NAME
from imi_desktop.recording.records import read_journal
from imi_desktop.recording.session import Session
from imi_desktop.recording.session_folder import read_description, sessions_of, state_of


@pytest.fixture
def study(tmp_path: Path) -> ExampleStudy:
    return ExampleStudy(tmp_path)


def open_session(study: ExampleStudy, **options: object) -> Session:
    return Session.open(study, "P01", plan=example_plan(), **options)


def types_of(session: Session) -> list[str]:
    return [record.type for record in read_journal(session.folder / JOURNAL_NAME).records]


def names(session: Session) -> str:
    step = session.step
    if isinstance(step, TrialStep):
        return f"{step.trial.number}/{step.attempt}"
    return "" if step is None else step.name


def test_a_session_goes_through_its_plan_in_order(study: ExampleStudy) -> None:
    session = open_session(study)
    seen = []
    while session.step is not None:
        seen.append(names(session))
        do_step(session)
    session.close()
    assert seen == [
        "consent", "instructions", "1/1", "2/1", "block_intro_2",
        *[f"{number}/1" for number in range(3, 9)], "strategy", "thanks",
    ]  # fmt: skip
    assert session.outcome == "done"
    assert state_of(session.folder) == "done"
    assert types_of(session)[:4] == ["journal_created", "session_started", "page_shown", "consent"]
    assert types_of(session)[-1] == "session_ended"


def test_practice_comes_again_until_every_answer_of_a_round_is_right(study: ExampleStudy) -> None:
    session = open_session(study)
    go_to_trial(session)
    do_step(session, right=False)
    assert session.right_in_block == (0, 1)
    do_step(session)
    assert names(session) == "1/2"
    assert session.right_in_block == (0, 0)
    do_step(session)
    do_step(session)
    assert names(session) == "block_intro_2"
    session.close()


def test_practice_ends_after_its_last_allowed_round(study: ExampleStudy) -> None:
    session = open_session(study)
    go_to_trial(session)
    for _ in range(6):
        do_step(session, right=False)
    assert names(session) == "block_intro_2"
    session.close()


def test_each_round_of_practice_can_have_trials_of_its_own(study: ExampleStudy) -> None:
    plan = example_plan()
    later = ((trial(1, 1, "practice", image_set="8"), trial(2, 1, "practice", image_set="9")),)
    practice = replace(plan.blocks[0], later_attempts=later)
    session = Session.open(study, "P01", plan=replace(plan, blocks=(practice, plan.blocks[1])))
    go_to_trial(session)
    do_step(session, right=False)
    do_step(session)
    step = go_to_trial(session)
    assert (step.attempt, step.trial.image_set) == (2, "8")
    session.close()


def repeating_plan() -> SessionPlan:
    plan = example_plan()
    rule = RepeatRule("natural", most_confident=1, least_confident=1, first_number=9, seed=3)
    again = replace(
        plan.blocks[1], number=3, name="again", phase="repeated", before=(), trials=(), repeats=rule
    )
    return replace(plan, blocks=(*plan.blocks, again))


@pytest.mark.parametrize("resumed_after", [None, 7, 8])
def test_trials_come_back_as_the_answers_choose_them(
    study: ExampleStudy, resumed_after: int | None
) -> None:
    session = Session.open(study, "P01", plan=repeating_plan())
    assert read_description(session.folder)["trials"] == 10
    while session.step is not None:
        step = session.step
        if isinstance(step, TrialStep):
            confidence = {4: 3, 7: 3, 8: 1}.get(step.trial.number, 2)
            session.trial_shown(1, {})
            session.respond(replace(response(step, 1), confidence=confidence))
            session.trial_done()
            if step.trial.number == resumed_after:
                session.close()
                session = Session.open(study, "P01", resume=True, plan=repeating_plan())
        else:
            do_step(session)
    session.close()
    shown = [
        record.data
        for record in read_journal(session.folder / JOURNAL_NAME).records
        if record.type == "trial_shown" and record.data["phase"] == "repeated"
    ]
    assert [data["trial"] for data in shown] == [9, 10]
    assert {data["channel"] for data in shown} == {4, 8}  # trial 7 is a catch trial
    assert all(data["attempt"] == 1 for data in shown)


def test_upcoming_trials_reach_into_the_next_block(study: ExampleStudy) -> None:
    session = open_session(study)
    assert [step.trial.number for step in session.upcoming(3)] == [1, 2, 3]
    go_to_trial(session)
    assert [step.trial.number for step in session.upcoming(3)] == [2, 3, 4]
    session.close()


def test_the_answer_is_in_the_file_when_the_call_returns(study: ExampleStudy) -> None:
    session = open_session(study)
    step = go_to_trial(session)
    session.trial_shown(10**9, {"geometry": {"upper": [848, 194, 224, 224]}})
    assert session.respond(response(step, 10**9)) is True
    record = read_journal(session.folder / JOURNAL_NAME).records[-1]
    assert record.type == "response"
    assert record.data["reaction_time_ms"] == 900
    assert (record.data["chosen_position"], record.data["correct"]) == ("upper", True)
    session.close()


def test_declining_consent_ends_the_session_for_good(study: ExampleStudy) -> None:
    session = open_session(study)
    session.page_shown(1)
    session.page_done("declined")
    assert session.step is None
    session.close()
    assert state_of(session.folder) == "aborted"
    assert types_of(session)[-2:] == ["consent", "aborted"]


def test_an_aborted_session_keeps_its_answers_and_reason(study: ExampleStudy) -> None:
    session = open_session(study)
    go_to_trial(session)
    do_step(session)
    session.abort("stopped by participant")
    session.close()
    last = read_journal(session.folder / JOURNAL_NAME).records[-1]
    assert last.data == {"reason": "stopped by participant", "answers": 1}
    another = open_session(study)
    another.close()
    assert another.folder != session.folder


def test_ratings_are_neither_right_nor_wrong(study: ExampleStudy) -> None:
    plan = example_plan()
    rating = trial(1, 1, task="intuitiveness", queries={}, target_position=None)
    block = plan.blocks[1]
    plan = replace(
        plan, opening=(), blocks=(replace(block, before=(), trials=(rating,)),), closing=()
    )
    session = Session.open(study, "P01", plan=plan)
    session.trial_shown(1, {})
    answer = response(go_to_trial(session), 1)
    answer = replace(answer, chosen_position=None, confidence=None, rating=-40.0)
    assert session.respond(answer) is None
    assert session.right_in_block == (0, 0)
    session.trial_done()
    session.close()


def test_events_are_recorded_without_moving_the_session(study: ExampleStudy) -> None:
    session = open_session(study)
    step = go_to_trial(session)
    session.record("focus_lost", {"window": "other"})
    session.record("paused", {"by": "experimenter"})
    session.record("resumed", {})
    assert session.step == step
    assert types_of(session)[-3:] == ["focus_lost", "paused", "resumed"]
    with pytest.raises(ValueError, match="call of its own"):
        session.record("response", {})
    session.close()


def test_calls_out_of_turn_are_bugs_and_record_nothing(study: ExampleStudy) -> None:
    session = open_session(study)
    before = types_of(session)
    with pytest.raises(RuntimeError):
        session.trial_shown(1, {})
    step = go_to_trial(session)
    with pytest.raises(RuntimeError, match="before it was shown"):
        session.respond(response(step, 1))
    with pytest.raises(RuntimeError, match="before it was answered"):
        session.trial_done()
    session.trial_shown(1, {})
    session.respond(response(step, 1))
    with pytest.raises(RuntimeError, match="twice"):
        session.respond(response(step, 1))
    assert types_of(session).count("response") == 1
    assert len(before) == 2
    session.close()


def test_sessions_never_share_a_folder(study: ExampleStudy) -> None:
    for _ in range(3):
        session = open_session(study)
        session.abort("test")
        session.close()
    folders = sessions_of(study.folder, "P01")
    assert len(folders) == 3
    assert all(state_of(folder) == "aborted" for folder in folders)


def test_the_session_file_tells_plan_seed_software_and_display(study: ExampleStudy) -> None:
    session = open_session(study, environment={"display_profile": {"hz": 119.98}})
    session.close()
    description = read_description(session.folder)
    assert description["environment"] == {"display_profile": {"hz": 119.98}}
    assert description["seed"] == 11
    assert description["study_seed"] == 5
    assert description["counterbalancing"] == {"order": "natural_first"}
    assert description["trials"] == 8
    assert [block["name"] for block in description["blocks"]] == ["practice", "main"]
    assert len(description["plan_hash"]) == 64
    assert description["software"]["imi_desktop"]


@pytest.mark.parametrize("name", ["", "a/b", "..", "P 1", "nul", "P1.", "é", "x" * 65, "a\\b"])
def test_ids_that_cannot_name_a_folder_are_refused(study: ExampleStudy, name: str) -> None:
    with pytest.raises(InvalidParticipantIdError, match=r"cannot be a participant id.*P07"):
        Session.open(study, name, plan=example_plan())
    assert not (study.folder / "sessions").exists()


def test_steps_have_the_types_that_presenters_ask_for() -> None:
    assert isinstance(page("thanks"), PageStep)
    assert isinstance(example_plan().closing[0], QuestionStep)
