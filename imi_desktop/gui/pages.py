"""The pages of the navigation, in the order of the work.

A page's module is imported when its page is first built, so that the window stands before the
plots' libraries are loaded.
"""

from __future__ import annotations

import importlib
from dataclasses import dataclass

from imi_desktop.gui.context import AppContext
from imi_desktop.gui.widgets.page import Page


@dataclass(frozen=True)
class PageSpec:
    """Where a page comes from.

    Parameters
    ----------
    name, title, icon : str
        Key, word in the navigation, icon.
    module, page : str
        Module below ``imi_desktop.gui`` and the class in it.
    """

    name: str
    title: str
    icon: str
    module: str
    page: str

    def build(self, context: AppContext) -> Page:
        """Import the module and make the page."""
        module = importlib.import_module(f"imi_desktop.gui.{self.module}")
        made: Page = getattr(module, self.page)(context)
        return made


PAGES = (
    PageSpec("study", "Study", "study", "workbench.study_page", "StudyPage"),
    PageSpec("units", "Units", "units", "workbench.units_page", "UnitsPage"),
    PageSpec("stimuli", "Stimuli", "stimuli", "workbench.stimuli_page", "StimuliPage"),
    PageSpec("display", "Display", "display", "calibration.display_page", "DisplayPage"),
    PageSpec("sessions", "Sessions", "sessions", "workbench.sessions_page", "SessionsPage"),
    PageSpec("results", "Results", "results", "dashboard.results_page", "ResultsPage"),
)
