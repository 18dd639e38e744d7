"""Pages as they are put on the surface."""

from types import SimpleNamespace

import pytest
from PySide6.QtCore import QObject

from imi_desktop.display.geometry import page_layout
from imi_desktop.experiment.texts import load_texts
from imi_desktop.experiment.trial import PageStep
from imi_desktop.gui.presenter.page_screen import PageScreen
from imi_desktop.gui.presenter.preparation import Stage
from imi_desktop.gui.presenter.words import words


class Host(QObject):
    """Keeps the last picture instead of showing it."""

    def __init__(self, stage, language):
        super().__init__()
        self.stage, self.words = stage, words(language)
        self.session = SimpleNamespace()
        self.picture = None

    def show(self, screen, picture, on_shown):
        self.picture = picture


@pytest.mark.parametrize("size", [(1920, 1080), (1280, 720)])
@pytest.mark.parametrize("language", ["en", "de"])
def test_the_buttons_of_consent_keep_apart(qapp, tmp_path, language, size):
    stage = Stage(tmp_path, size, 41.0 * size[0] / 1920, 128)
    page = load_texts(language, "expert").pages["consent"]
    step = PageStep("consent", "consent", page.title, ("…",), page.button, page.decline)
    screen = PageScreen(Host(stage, language), step)
    screen.begin()
    agree, decline = (button.rect for button in screen.buttons)
    layout = page_layout(size, stage.px_per_degree)
    assert agree.x - decline.right == layout.button.x - layout.second_button.right
    assert abs(agree.x + agree.width // 2 - size[0] // 2) <= 1
