"""Sessions for tests of the Sessions page: stimuli that are grey, and observers that answer."""

from __future__ import annotations

import io

from PIL import Image

from imi_desktop.experiment.requirements import stimuli_needed
from imi_desktop.experiment.study import Study
from imi_desktop.observers.chance import ChanceObserver
from imi_desktop.observers.simulate import run_observer
from imi_desktop.progress import Cancelled, CancelToken, Progress
from imi_desktop.recording.session import Session


def draw_stimuli(study: Study) -> None:
    content = io.BytesIO()
    Image.new("RGB", (8, 8), (120, 120, 120)).save(content, "PNG")
    for file in stimuli_needed(study).files:
        path = study.folder / file
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content.getvalue())


def take_part(
    study: Study, participant: str, answers: int | None = None, p: float = 0.9
) -> Session:
    """Let an observer answer, all trials or the first few; the session is left open then."""
    cancel = CancelToken()

    def count(progress: Progress) -> None:
        if progress.done == answers:
            cancel.cancel()

    session = Session.open(study, participant)
    try:
        run_observer(session, ChanceObserver(p), progress=count, cancel=cancel)
    except Cancelled:
        return session
    session.close()
    return session
