"""The tokens keep what they promise: grey without hue, contrast, and everything from one place."""

import colorsys
import dataclasses
import itertools

import pytest
from PySide6.QtGui import QColor, QFont

from imi_desktop.gui.icons import UnknownIconError, icon_path, render
from imi_desktop.gui.stylesheet import stylesheet
from imi_desktop.gui.theme import Theme
from imi_desktop.gui.tokens import DARK, LIGHT
from imi_desktop.gui.widgets.labels import label
from imi_desktop.paths import resource

BOTH = pytest.mark.parametrize("tokens", [LIGHT, DARK], ids=["light", "dark"])
GREY = (
    *("window", "panel", "field", "nav_on", "control", "hover", "line", "grid", "control_line"),
    *("ink", "ink2", "ink3", "bar", "bar_soft", "track", "well"),
)
SURFACES = ("window", "panel", "field", "nav_on", "control", "hover")


def luminance(colour: str) -> float:
    """Relative luminance as WCAG 2 defines it."""
    channels = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(a: str, b: str) -> float:
    high, low = sorted((luminance(a), luminance(b)), reverse=True)
    return (high + 0.05) / (low + 0.05)


@BOTH
def test_grey_has_no_hue(tokens):
    for name in GREY:
        colour = getattr(tokens, name)
        assert colour[1:3] == colour[3:5] == colour[5:7], name


@BOTH
def test_text_is_readable_on_every_surface(tokens):
    for surface, ink in itertools.product(SURFACES, ("ink", "ink2", "ink3")):
        assert contrast(getattr(tokens, surface), getattr(tokens, ink)) >= 4.5, (surface, ink)
    for ground, text in (
        ("accent", "on_accent"),
        ("warn_ground", "warn"),
        ("error_ground", "error"),
        ("panel", "warn"),
        ("panel", "error"),
        ("selected", "ink"),
    ):
        assert contrast(getattr(tokens, ground), getattr(tokens, text)) >= 4.5, (ground, text)


@BOTH
def test_edges_of_controls_can_be_seen(tokens):
    for surface in ("panel", "field", "control"):
        assert contrast(getattr(tokens, surface), tokens.control_line) >= 3
    assert contrast(tokens.panel, tokens.accent) >= 3


@BOTH
def test_conditions_differ_in_colour_and_shape(tokens):
    looks = {(c.marker, c.filled) for c in tokens.conditions.values()}
    assert len(looks) == 5
    for a, b in itertools.combinations(tokens.conditions.values(), 2):
        hue_a = colorsys.rgb_to_hls(*(QColor(a.main).getRgbF()[:3]))
        hue_b = colorsys.rgb_to_hls(*(QColor(b.main).getRgbF()[:3]))
        assert hue_a != hue_b
    for colours in tokens.conditions.values():
        assert contrast(tokens.panel, colours.main) >= 3


def test_images_lie_on_the_presenters_grey():
    assert LIGHT.well == DARK.well == "#808080"


@BOTH
def test_style_sheet_is_understood_by_qt(tokens, qapp):
    # Qt warns about what it cannot parse, and warnings fail the test.
    qapp.setStyleSheet(stylesheet(tokens))
    probe = label("probe", "card_title")
    probe.ensurePolished()
    assert probe.font().pixelSize() == 13


def test_toggling_tells_and_repaints(theme: Theme, qtbot):
    with qtbot.waitSignal(theme.changed, timeout=1000):
        theme.toggle()
    assert theme.dark
    assert theme.tokens is DARK
    theme.set_mode("dark")
    with qtbot.assertNotEmitted(theme.changed):
        theme.set_mode("dark")


def test_figures_are_tabular(theme: Theme):
    assert theme.font("body").featureTags() == [QFont.Tag("tnum")]


def test_every_icon_is_drawn_in_the_colour_asked_for(qapp):
    for file in sorted(resource("icons").glob("*.svg")):
        text = file.read_text(encoding="utf-8")
        assert 'viewBox="0 0 20 20"' in text, file.name
        image = render(file.stem, "#FF0000").toImage()
        painted = [
            image.pixelColor(x, y)
            for x, y in itertools.product(range(20), range(20))
            if image.pixelColor(x, y).alpha() > 90
        ]
        assert painted, file.name
        if "currentColor" in text:
            assert all(c.red() > 200 and c.green() < 60 for c in painted), file.name


def test_a_missing_icon_is_a_mistake_in_the_code():
    with pytest.raises(UnknownIconError):
        icon_path("no-such-icon")


def test_tokens_cannot_be_changed():
    with pytest.raises(dataclasses.FrozenInstanceError):
        LIGHT.ink = "#000000"
