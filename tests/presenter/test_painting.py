"""Painting by patches gives exactly the screen that painting everything gives."""

from dataclasses import replace

import pytest
from driven_presenter import draw_stimulus
from PySide6.QtGui import QImage, QPainter

from imi_desktop.display.geometry import page_layout
from imi_desktop.experiment.trial import Timings, Trial, TrialStep, TrialWording
from imi_desktop.gui.presenter.ink import qrect
from imi_desktop.gui.presenter.page_paint import paginate, paint_page
from imi_desktop.gui.presenter.picture import Picture
from imi_desktop.gui.presenter.preparation import Stage, StimulusError, prepare_trial
from imi_desktop.models.unit import Unit

WORDING = TrialWording(
    question="Which of the two images also activates this unit **strongly**?",
    title_min="Minimally activating images",
    title_max="Maximally activating images",
    legend="1 not confident   ·   2 somewhat confident   ·   3 very confident",
    right_in_block="{right} of {answered} right",
    continue_button="Continue",
)


def make_step(task="forward_prediction", **changes):
    positions = ("left", "right") if task == "counterfactual" else ("upper", "lower")
    queries = {position: f"query_{position}.png" for position in positions}
    if task == "intuitiveness":
        queries = {}
    if task == "counterfactual":
        queries["upper"] = "whole.png"
    trial = Trial(
        number=1,
        task=task,
        phase="main",
        block=1,
        condition="natural",
        scheme="min_max_9",
        unit=Unit("m", "l", 1),
        unit_selection="random",
        catch=False,
        image_set="0",
        references_min=() if task == "counterfactual" else tuple(f"min_{i}.png" for i in range(9)),
        references_max=tuple(f"max_{i}.png" for i in range(9)),
        queries=queries,
        target_position=None if task == "intuitiveness" else positions[0],
        feedback=True,
    )
    timings = Timings(continue_button=True)
    wording = WORDING
    if task == "intuitiveness":
        wording = replace(WORDING, legend="not intuitive | neutral | very intuitive")
    if task == "counterfactual":
        wording = replace(WORDING, legend="more confident")
    return TrialStep(replace(trial, **changes), 1, 2, 8, timings, wording)


@pytest.fixture
def stage(tmp_path, qapp):
    return Stage(tmp_path, (1920, 1080), 41.0, 128, photodiode=True)


@pytest.fixture
def prepare(stage):
    def prepared(step, on=None):
        for file in step.trial.images:
            draw_stimulus(stage.study_folder / file)
        return prepare_trial(step, on or stage)

    return prepared


def flatten(picture: Picture) -> QImage:
    image = picture.base.copy()
    painter = QPainter(image)
    painter.setCompositionMode(QPainter.CompositionMode.CompositionMode_Source)
    for patch in picture.patches:
        painter.drawImage(patch.rect.x, patch.rect.y, patch.image)
    painter.end()
    return image


def repainted(shown: Picture, picture: Picture) -> QImage:
    """`picture` painted over a screen that shows another, only in the regions that differ."""
    image, new = flatten(shown), flatten(picture)
    painter = QPainter(image)
    for rect in picture.differs_in(shown):
        place = qrect(rect)
        painter.drawImage(place, new, place)
    painter.end()
    return image


def looks_of(prepared):
    """States that a participant's answer goes through."""
    look = replace(prepared.look, answers="waiting")
    yield look
    layout = prepared.art.layout
    yield (look := replace(look, answers="active"))
    if layout.slider is not None:
        yield (look := replace(look, rating=-37.5, proceed="active"))
        yield (look := replace(look, rating=80.0))
        yield replace(look, hovered="continue")
        return
    for button in layout.buttons:
        yield (look := replace(look, hovered=button))
    chosen = layout.buttons[-1]
    look = replace(look, hovered=None, answers="answered", patch=False, progress=0.25)
    yield (look := replace(look, chosen=(chosen.position, chosen.confidence)))
    yield (look := replace(look, revealed=True, count="1 of 2 right"))
    yield (look := replace(look, proceed="active"))
    yield replace(look, hovered="continue")


@pytest.mark.parametrize("task", ["forward_prediction", "counterfactual", "intuitiveness"])
@pytest.mark.parametrize("size", [(1920, 1080), (1280, 720)])
def test_patches_equal_the_whole(prepare, stage, task, size):
    here = replace(stage, screen_px=size, px_per_degree=41.0 * size[0] / 1920)
    prepared = prepare(make_step(task), here)
    before, picture = prepared.look, prepared.picture
    for look in looks_of(prepared):
        shown, picture = picture, picture.covered(prepared.art.patches(before, look))
        before = look
        assert flatten(picture) == prepared.art.whole(look), look
        assert repainted(shown, picture) == flatten(picture), look
    assert len(picture.patches) < 20


def test_another_screen_is_painted_as_a_whole(prepare):
    one, other = prepare(make_step()).picture, prepare(make_step()).picture
    assert one.differs_in(other) is None
    assert Picture().differs_in(one) is None
    assert one.differs_in(one) == ()


@pytest.mark.parametrize("task", ["forward_prediction", "counterfactual"])
def test_nothing_but_buttons_changes_before_the_answer(prepare, task):
    prepared = prepare(make_step(task))
    layout = prepared.art.layout
    for button in layout.buttons:
        hovered = prepared.art.patches(prepared.look, replace(prepared.look, hovered=button))
        assert [patch.rect for patch in hovered] == [button.rect.grown(1)]


def test_a_trial_without_target_shows_no_right_answer(prepare):
    prepared = prepare(make_step(target_position=None))
    look = replace(prepared.look, chosen=("upper", 2), answers="answered")
    assert prepared.art.whole(look) == prepared.art.whole(replace(look, revealed=True))


def test_images_are_drawn_pixel_by_pixel(prepare, stage):
    prepared = prepare(make_step())
    place = prepared.art.layout.images[0]
    shown = prepared.picture.base.copy(place.rect.x, place.rect.y, 224, 224)
    stored = QImage(str(stage.study_folder / place.path))
    assert shown == stored.convertToFormat(QImage.Format.Format_RGB32)


def test_a_damaged_image_is_named(prepare, stage):
    step = make_step()
    prepare(step)
    (stage.study_folder / "max_3.png").write_bytes(b"not an image")
    with pytest.raises(StimulusError, match=r"max_3\.png cannot be shown"):
        prepare_trial(step, stage)


def test_long_pages_continue_on_another_screen(qapp):
    layout = page_layout((1920, 1080))
    paragraphs = [f"Paragraph {n}. " + "A sentence that fills the line. " * 12 for n in range(9)]
    screens = paginate(layout, "Consent", paragraphs)
    assert len(screens) > 1
    assert [text for screen in screens for text in screen] == paragraphs
    image = paint_page(layout, (1920, 1080), "Consent", screens[0])
    below = image.copy(0, layout.column.bottom, 1920, 1080 - layout.column.bottom)
    assert below.allGray() and below.pixelColor(5, 5).red() == 128
