"""Sessions whose process is killed at random moments.

``IMI_KILLS=200`` runs as many kills as a release wants; the default keeps the suite short.
"""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path

import pytest
from example_study import ExampleStudy, example_plan
from killed_writer import MAIN_TRIALS

from imi_desktop.experiment.trial import TrialStep
from imi_desktop.recording.journal import JOURNAL_NAME
from imi_desktop.recording.records import read_journal
from imi_desktop.recording.session import Session
from imi_desktop.recording.session_folder import sessions_of, state_of

WRITER = Path(__file__).with_name("killed_writer.py")
KILLS = int(os.environ.get("IMI_KILLS", "12"))


@pytest.mark.skipif(os.name == "nt", reason="Windows has no such signals")
@pytest.mark.timeout(60 + 5 * KILLS)
def test_no_acknowledged_answer_is_lost_or_doubled_however_often_the_process_dies(
    tmp_path: Path,
) -> None:
    rng = random.Random(20210503)
    signals = [signal.SIGKILL, signal.SIGTERM, signal.SIGSEGV]
    acknowledged: list[int] = []
    study = tmp_path / "0"
    mode = "start"
    for kill in range(KILLS):
        study.mkdir(exist_ok=True)
        output = tmp_path / f"acknowledged-{kill}"
        with output.open("w") as stdout:
            writer = subprocess.Popen([sys.executable, WRITER, study, mode], stdout=stdout)
            _wait_for_answer(writer, output)
            time.sleep(rng.uniform(0, 0.05))
            writer.send_signal(rng.choice(signals))
            writer.wait()
        acknowledged += [int(line) for line in output.read_text().split()]
        plan = example_plan(main_trials=MAIN_TRIALS)
        (folder,) = sessions_of(study, "P01")
        recorded = [
            record.data["trial"]
            for record in read_journal(folder / JOURNAL_NAME).records
            if record.type == "response"
        ]
        assert not [trial for trial, count in Counter(recorded).items() if count > 1]
        assert recorded == list(range(1, len(recorded) + 1))
        # The answer being acknowledged at the moment of the kill may be on disk already.
        assert len(acknowledged) <= len(recorded) <= len(acknowledged) + 1
        if state_of(folder) == "done":
            study, mode, acknowledged = tmp_path / f"{kill + 1}", "start", []
            continue
        session = Session.open(ExampleStudy(study), "P01", resume=True, plan=plan)
        if isinstance(session.step, TrialStep):
            assert session.step.trial.number == len(recorded) + 1
        session.close()
        acknowledged, mode = recorded, "resume"


def _wait_for_answer(writer: subprocess.Popen[bytes], output: Path) -> None:
    deadline = time.monotonic() + 30
    while not output.stat().st_size and writer.poll() is None and time.monotonic() < deadline:
        time.sleep(0.001)
