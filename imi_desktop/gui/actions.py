"""Everything the main window can be asked to do, as data.

Menus, shortcuts, tooltips, "Find anything" and the keyboard page of the help are derived from
:data:`ACTIONS`; the main window gives each a function by its name. Shortcuts of single pages are
in :data:`PAGE_SHORTCUTS`, for the help; the pages themselves carry them out.
"""

from __future__ import annotations

from dataclasses import dataclass

MENUS = ("File", "Edit", "Study", "Run", "View", "Help")


@dataclass(frozen=True)
class ActionSpec:
    """One thing that can be done.

    Parameters
    ----------
    name : str
        Key of the function that does it.
    text : str
        As in the menu; an ellipsis means that more will be asked.
    menu : str
        One of :data:`MENUS`; ``""`` for actions without a menu entry.
    shortcut : str
        As Qt writes it; ``""`` for none.
    tip : str
        What it does, for the tooltip and the status of the menu.
    needs : str
        ``study`` (an open study), ``jobs`` (a job that is not over) or ``""``.
    separator : bool
        Whether a line goes before it in the menu.
    icon : str
        Name of its icon, where it has one.
    checkable : bool
        Whether it shows a state.
    """

    name: str
    text: str
    menu: str
    shortcut: str = ""
    tip: str = ""
    needs: str = ""
    separator: bool = False
    icon: str = ""
    checkable: bool = False


ACTIONS = (
    ActionSpec(
        "new_study",
        "New study…",
        "File",
        "Ctrl+N",
        "Make a study from a protocol, a model and an image folder.",
        icon="plus",
    ),
    ActionSpec(
        "new_from_study",
        "New study from another study…",
        "File",
        "",
        "Take over protocol, units and settings of a study, without its participants.",
    ),
    ActionSpec(
        "open_study", "Open study…", "File", "Ctrl+O", "Open a study folder.", icon="folder"
    ),
    ActionSpec("open_demo", "Open the demo", "File", "", "Make or open the demo study."),
    ActionSpec(
        "open_results",
        "Open results of several studies…",
        "File",
        "Ctrl+Shift+O",
        "Analyse several studies together.",
        icon="results",
    ),
    ActionSpec(
        "import_data",
        "Import published or own data…",
        "File",
        "Ctrl+I",
        "Bring released data, image folders or tables of trials into a study.",
        separator=True,
        icon="import",
    ),
    ActionSpec(
        "export_study",
        "Export…",
        "File",
        "Ctrl+E",
        "Write answers or stimuli in other programs’ formats.",
        needs="study",
        icon="export",
    ),
    ActionSpec(
        "close_study",
        "Close study",
        "File",
        "Ctrl+W",
        "Back to the start page; the study's jobs are cancelled.",
        needs="study",
        separator=True,
    ),
    ActionSpec("quit", "Quit", "File", "Ctrl+Q", "Close the app."),
    ActionSpec(
        "find",
        "Find anything…",
        "Edit",
        "Ctrl+K",
        "Pages, actions, studies and units by name.",
        icon="search",
    ),
    ActionSpec(
        "copy_folder",
        "Copy the study folder's path",
        "Edit",
        "",
        "For a terminal or a file dialog.",
        needs="study",
        icon="copy",
    ),
    ActionSpec("settings", "Settings…", "Edit", "Ctrl+,", "", separator=True, icon="settings"),
    ActionSpec(
        "check_study",
        "Check study",
        "Study",
        "Ctrl+Shift+C",
        "Check files, hashes, journals and the lock, and list every problem.",
        needs="study",
        icon="check",
    ),
    ActionSpec(
        "preview_trial",
        "Preview a session…",
        "Study",
        "",
        "Show the trials in a window as a participant would see them; nothing is recorded.",
        needs="study",
        icon="eye",
    ),
    ActionSpec(
        "reload_study",
        "Read study.toml again",
        "Study",
        "F5",
        "After it was changed in an editor.",
        needs="study",
        icon="retry",
    ),
    ActionSpec(
        "show_folder",
        "Show study folder",
        "Study",
        "",
        "Open the folder in the file manager.",
        needs="study",
        separator=True,
        icon="folder-open",
    ),
    ActionSpec(
        "show_jobs", "Show jobs", "Run", "Ctrl+J", "What runs, how far it is.", icon="clock"
    ),
    ActionSpec(
        "pause_jobs", "Pause all jobs", "Run", "", "What is done is kept.", "jobs", icon="pause"
    ),
    ActionSpec("resume_jobs", "Resume all jobs", "Run", "", "", "jobs", icon="play"),
    ActionSpec(
        "cancel_jobs", "Cancel all jobs", "Run", "", "What is done is kept.", "jobs", icon="close"
    ),
    ActionSpec("page_start", "Start", "View", "Ctrl+0", "The start page.", icon="home"),
    ActionSpec("page_study", "Study", "View", "Ctrl+1", "", "study", icon="study"),
    ActionSpec("page_units", "Units", "View", "Ctrl+2", "", "study", icon="units"),
    ActionSpec("page_stimuli", "Stimuli", "View", "Ctrl+3", "", "study", icon="stimuli"),
    ActionSpec("page_display", "Display", "View", "Ctrl+4", "", "study", icon="display"),
    ActionSpec("page_sessions", "Sessions", "View", "Ctrl+5", "", "study", icon="sessions"),
    ActionSpec("page_results", "Results", "View", "Ctrl+6", "", "study", icon="results"),
    ActionSpec(
        "next_card",
        "Next card",
        "View",
        "F6",
        "Move the keyboard to the next card of the page.",
        separator=True,
    ),
    ActionSpec(
        "toggle_theme",
        "Light or dark theme",
        "View",
        "Ctrl+Shift+D",
        "Change between the light and the dark theme.",
        icon="theme",
    ),
    ActionSpec("full_screen", "Full screen", "View", "F11", "", checkable=True),
    ActionSpec("help", "Help", "Help", "F1", "About the page that is open.", icon="help"),
    ActionSpec("keyboard", "Keyboard", "Help", "Ctrl+F1", "All shortcuts.", icon="book"),
    ActionSpec("show_log", "Show log", "Help", "", "What the app did.", separator=True, icon="log"),
    ActionSpec("about", "About IMI Desktop", "Help", "", "Version, licence, how to cite."),
)

PAGE_SHORTCUTS: dict[str, tuple[tuple[str, str], ...]] = {
    "Units": (
        ("A", "Add the unit to the study"),
        ("R", "Draw units at random"),
        ("X", "Exchange units that do not respond, or only stand in"),
        ("[  ]", "Batch before, batch after"),
        ("M", "Max or min"),
        ("L", "Grid or list"),
        ("V", "Preview the unit's visualization, or cancel it"),
    ),
    "Stimuli": (
        ("Ctrl R", "Retry what failed"),
        ("Ctrl .", "Pause all"),
        ("Enter", "Show the selected unit"),
        ("Del", "Cancel the selected unit"),
    ),
    "Display": (("Arrows", "± 1 px; Shift ± 10, Ctrl ± 0.1"),),
    "Sessions": (
        ("Ctrl Enter", "Start the session"),
        ("Ctrl Shift P", "Pause after this trial"),
    ),
    "Results": (
        ("F", "Filters"),
        ("Ctrl Shift R", "Write the report"),
        ("V", "The locked verdict in full"),
    ),
}
"""Page → its own shortcuts and what they do."""


def spec(name: str) -> ActionSpec:
    """The action of that name; a LookupError is a mistake in the code."""
    for action in ACTIONS:
        if action.name == name:
            return action
    raise LookupError(name)


def shown_shortcut(shortcut: str) -> str:
    """``Ctrl+Shift+O`` as the app writes it: ``Ctrl Shift O``."""
    return shortcut.replace("+", " ").strip()
