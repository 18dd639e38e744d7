"""A study with and without sessions, and the page that shows them."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from some_sessions import take_part

from imi_desktop.experiment.protocol import Protocol
from imi_desktop.experiment.study import Study
from imi_desktop.gui.context import AppContext
from imi_desktop.gui.workbench.sessions_page import SessionsPage
from imi_desktop.recording import marks
from imi_desktop.recording.journal import JOURNAL_NAME
from imi_desktop.recording.participants import (
    Participant,
    write_participant,
)

MODEL = "efficientnet_lite0"


@pytest.fixture
def study(tmp_path: Path) -> Study:
    """A study by the quick protocol without images; its sessions look at none."""
    units = [
        {"model": MODEL, "layer": "conv_stem", "channel": 8 * place + number, "role": pool.role}
        for place, pool in enumerate(Protocol.load("quick").units)
        for number in range(pool.count)
    ]
    return Study.create(
        tmp_path / "study",
        name="small",
        protocol="quick",
        seed=7,
        images="images",
        models=[MODEL],
        units=units,
        participants=6,
    )


@pytest.fixture
def full(study: Study) -> Study:
    """A study with sessions in every state but running."""
    take_part(study, "P01", p=1)
    marks.exclude(take_part(study, "P02", p=1).folder, "talked on the phone")
    take_part(study, "P03", 5).close()
    take_part(study, "P05", p=0)
    aborted = take_part(study, "P06", 3)
    aborted.abort("stopped by participant")
    aborted.close()
    write_participant(study.folder, Participant("P04", {"expert_level": "2"}))
    damaged = take_part(study, "P07", 2)
    damaged.close()
    path = damaged.folder / JOURNAL_NAME
    path.write_bytes(path.read_bytes().replace(b'"trial":1', b'"trial":7', 1))
    write_participant(study.folder, Participant("P08"))
    (study.folder / "sessions" / "P08" / "participant.json").write_text("{")
    return study


@pytest.fixture
def make_page(qtbot, context: AppContext) -> Callable[[Study, int], SessionsPage]:
    def make(study: Study, width: int = 1680) -> SessionsPage:
        page = SessionsPage(context)
        qtbot.addWidget(page)
        page.resize(width, 940)
        page.show()
        page.set_study(study)
        folder = study.folder / "sessions"
        if folder.is_dir():
            qtbot.waitUntil(lambda: bool(page.table.model.rows), timeout=20_000)
        return page

    return make
