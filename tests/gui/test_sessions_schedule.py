"""The printed schedule, and what the window says when a session stands still."""

from __future__ import annotations

from PySide6.QtGui import QPdfWriter

from imi_desktop.gui.presenter.words import STANDS_STILL
from imi_desktop.gui.workbench.sessions_process import RunOptions, SessionProcess
from imi_desktop.gui.workbench.sessions_rows import SessionRow
from imi_desktop.gui.workbench.sessions_schedule import schedule_document
from imi_desktop.recording.participants import Participant

TELLS = f"""
import sys, time
sys.stderr.write("libEGL warning: noise\\n{STANDS_STILL}Could not write j: full. Make room.\\n")
sys.stderr.flush()
time.sleep(30)
"""


def test_schedule_lists_participants_without_what_was_asked_of_them(qapp, tmp_path) -> None:
    rows = [
        SessionRow(
            Participant(f"P{number:02}", {"age": 77}),
            "planned",
            counterbalancing={"condition": "natural, synthetic", "number": number},
            planned_trials=48,
        )
        for number in (1, 2)
    ]
    document = schedule_document("A & B", rows)
    text = document.toPlainText()
    assert "A & B: schedule" in text and "P01" in text and "P02" in text and "48" in text
    assert "77" not in text
    document.print_(QPdfWriter(str(tmp_path / "schedule.pdf")))
    assert (tmp_path / "schedule.pdf").stat().st_size > 1000


def test_a_session_that_stands_still_says_why_at_once(qapp, qtbot, tmp_path, monkeypatch) -> None:
    monkeypatch.setattr(RunOptions, "arguments", lambda self, study: ["-c", TELLS])
    process = SessionProcess()
    with qtbot.waitSignal(process.stands_still, timeout=20_000) as told:
        process.start(tmp_path, RunOptions("P01"))
    assert told.args == ["Could not write j: full. Make room."]
    assert process.running
    process.stop()
