"""What the presenter itself says; everything else comes from the study's texts."""

from __future__ import annotations

from dataclasses import dataclass

STANDS_STILL = "The session stands still: "
"""Begins what the presenter says to the experimenter, on stderr, when it cannot go on."""


@dataclass(frozen=True)
class Words:
    """Texts in one language.

    Parameters
    ----------
    please_wait : str
        What the participant reads when something broke.
    leave_title, leave_text : str
        Question to the experimenter after the held chord.
    display_differs : str
        Why the session cannot go on where the display is not as it was.
    go_on, leave, end : str
        Go on; leave and resume later; end the session for good.
    continue_button : str
        Turns to the next screen of a long text.
    preview : str
        Said on a preview that records nothing.
    preview_example : str
        Said there on trials of repeated blocks.
    """

    please_wait: str
    leave_title: str
    leave_text: str
    display_differs: str
    go_on: str
    leave: str
    end: str
    continue_button: str
    preview: str
    preview_example: str


_ENGLISH = Words(
    please_wait="Please wait, someone will help you.",
    leave_title="Leave the session?",
    leave_text="Every answer so far is recorded. The session can be resumed at this trial.",
    display_differs="The display is not as it was when the session began: put it back, or leave "
    "and resume.",
    go_on="Go on",
    leave="Leave, resume later",
    end="End for good",
    continue_button="Continue",
    preview="Preview, no data",
    preview_example="Preview, no data. Trials chosen from the answers; these are examples",
)
_GERMAN = Words(
    please_wait="Bitte warten Sie, es kommt gleich jemand zu Ihnen.",
    leave_title="Sitzung verlassen?",
    leave_text="Alle bisherigen Antworten sind gespeichert. Die Sitzung kann an dieser Stelle "
    "fortgesetzt werden.",
    display_differs="Der Bildschirm ist nicht mehr, wie er zu Beginn war: stellen Sie ihn wieder "
    "her, oder verlassen Sie die Sitzung und setzen Sie sie dann fort.",
    go_on="Weitermachen",
    leave="Verlassen, später fortsetzen",
    end="Endgültig beenden",
    continue_button="Weiter",
    preview="Vorschau, keine Daten",
    preview_example="Vorschau, keine Daten. Aus den Antworten gewählt; hier sind es Beispiele",
)


def words(language: str) -> Words:
    """Texts in the study's language; English where there are none."""
    return {"de": _GERMAN}.get(language, _ENGLISH)
