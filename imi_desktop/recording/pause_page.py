"""The page at which a participant waits when the experimenter asked for a pause."""

from __future__ import annotations

from imi_desktop.experiment.texts import Audience, Language, load_texts
from imi_desktop.experiment.trial import PageStep, QuestionStep

_NAME = "break_asked"


def pause_page(language: Language, audience: Audience) -> PageStep:
    """Make the page in the language and for the audience of the study."""
    page = load_texts(language, audience).page(_NAME, _NAME, "", "", {})
    if isinstance(page, QuestionStep):
        raise TypeError(f"{_NAME} must be a page")
    return page
