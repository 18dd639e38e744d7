"""Observers take part in sessions through the code that serves people."""

from __future__ import annotations

import time
from dataclasses import dataclass
from pathlib import Path

import pytest

from imi_desktop.experiment.trial import (
    BlockPlan,
    PageStep,
    QuestionStep,
    SessionPlan,
    Timings,
    Trial,
    TrialWording,
)
from imi_desktop.models.unit import Unit
from imi_desktop.observers.chance import ChanceObserver
from imi_desktop.observers.simulate import run_observer
from imi_desktop.progress import Cancelled, CancelToken, Progress
from imi_desktop.recording.facts import SessionFacts
from imi_desktop.recording.journal import JOURNAL_NAME
from imi_desktop.recording.records import read_journal
from imi_desktop.recording.session import Session
from imi_desktop.recording.trial_table import read_trials


@dataclass(frozen=True)
class FolderOnly:
    """What a session needs to know of a study."""

    folder: Path
    name: str = "simulated"
    site: str = ""
    seed: int = 1


def _trial(number: int, block: int) -> Trial:
    return Trial(
        number=number,
        task="forward_prediction",
        phase="practice" if block == 1 else "main",
        block=block,
        condition="natural",
        scheme="min_max_9",
        unit=Unit("net", "layer", number),
        unit_selection="random",
        catch=False,
        image_set="0",
        references_min=("a.png",),
        references_max=("b.png",),
        queries={"upper": "c.png", "lower": "d.png"},
        target_position="upper",
        feedback=block == 1,
    )


def _plan(trials: int, participant: str = "S1") -> SessionPlan:
    wording = TrialWording("", "", "", "", "", "")
    blocks = (
        BlockPlan(
            1, "practice", "practice", (), tuple(_trial(n, 1) for n in range(1, 5)),
            Timings(), wording, repeat_until_perfect=True,
        ),
        BlockPlan(
            2, "main", "main", (), tuple(_trial(n, 2) for n in range(5, 5 + trials)),
            Timings(), wording,
        ),
    )  # fmt: skip
    page = PageStep("instructions", "instructions", "", ("",), "Continue", minimum_ms=0)
    return SessionPlan(participant, 4, (page,), blocks, (QuestionStep("strategy", "?", "OK"),))


def _simulate(folder: Path, p: float, trials: int = 40, participant: str = "S1") -> Session:
    session = Session.open(FolderOnly(folder), participant, plan=_plan(trials, participant))
    run_observer(session, ChanceObserver(p))
    session.close()
    return session


def test_an_observer_finishes_a_session_and_its_accuracy_is_recovered(tmp_path: Path) -> None:
    session = _simulate(tmp_path, 0.8, trials=400)
    assert session.outcome == "done"
    main = read_trials(tmp_path).query("phase == 'main'")
    assert len(main) == 400
    assert main["correct"].astype(float).mean() == pytest.approx(0.8, abs=0.06)
    assert main["reaction_time_ms"].between(300, 120_000).all()
    assert main["onset_ns"].is_monotonic_increasing


def test_the_same_plan_and_observer_give_the_same_answers(tmp_path: Path) -> None:
    _simulate(tmp_path / "a", 0.5)
    _simulate(tmp_path / "b", 0.5)
    columns = ["trial", "attempt", "chosen_position", "confidence", "reaction_time_ms"]
    first, second = (read_trials(tmp_path / name)[columns] for name in "ab")
    assert first.equals(second)


def test_an_observer_that_never_varies_still_gets_through_practice(tmp_path: Path) -> None:
    session = _simulate(tmp_path, 0.0)
    facts = SessionFacts.of(read_journal(session.folder / JOURNAL_NAME).records)
    assert facts.practice_attempts == 2
    assert facts.outcome == "done"
    assert facts.instruction_ms == 20_000


def test_a_cancelled_simulation_goes_on_with_the_answers_it_would_have_had(tmp_path: Path) -> None:
    cancel = CancelToken()

    def stop_after_ten(progress: Progress) -> None:
        if progress.done == 10:
            cancel.cancel()

    plan = _plan(40)
    study = FolderOnly(tmp_path / "a")
    session = Session.open(study, "S1", plan=plan)
    with pytest.raises(Cancelled):
        run_observer(session, ChanceObserver(0.5), progress=stop_after_ten, cancel=cancel)
    session.close()
    session = Session.open(study, "S1", resume=True, plan=plan)
    run_observer(session, ChanceObserver(0.5))
    session.close()
    _simulate(tmp_path / "b", 0.5)
    columns = ["trial", "attempt", "chosen_position", "confidence", "reaction_time_ms"]
    first, second = (read_trials(tmp_path / name)[columns] for name in "ab")
    assert first.equals(second)


def test_thousands_of_trials_a_minute(tmp_path: Path) -> None:
    started = time.monotonic()
    _simulate(tmp_path, 0.5, trials=500)
    assert time.monotonic() - started < 15  # 2000 a minute on a slow disk
