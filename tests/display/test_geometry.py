"""The layout has the published numbers at 41 px per degree, and keeps angles at any other."""

from dataclasses import replace

import pytest

from imi_desktop.display.fit import ScreenRefusedError, fit_screen, fit_window
from imi_desktop.display.geometry import page_layout, trial_layout
from imi_desktop.display.places import Rect
from imi_desktop.experiment.trial import Trial
from imi_desktop.models.unit import Unit

FULL_HD = (1920, 1080)


def make_trial(**changes):
    trial = Trial(
        number=1,
        task="forward_prediction",
        phase="main",
        block=1,
        condition="natural",
        scheme="min_max_9",
        unit=Unit("m", "l", 1),
        unit_selection="random",
        catch=False,
        image_set="0",
        references_min=tuple(f"min_{i}.png" for i in range(9)),
        references_max=tuple(f"max_{i}.png" for i in range(9)),
        queries={"upper": "max_9.png", "lower": "min_9.png"},
        target_position="upper",
        feedback=True,
    )
    return replace(trial, **changes)


def rects(layout, role):
    return [place.rect for place in layout.images if place.role == role]


def grid(x, y):
    return [
        Rect(x + 234 * column, y + 234 * row, 224, 224) for row in range(3) for column in range(3)
    ]


def test_forward_prediction_has_the_published_pixels():
    layout = trial_layout(make_trial(), FULL_HD)
    assert rects(layout, "reference_min") == grid(92, 194)
    assert rects(layout, "reference_max") == grid(1136, 194)
    assert layout.query("upper") == Rect(848, 194, 224, 224)
    assert layout.query("lower") == Rect(848, 662, 224, 224)
    assert [(b.rect, b.position, b.confidence) for b in layout.buttons] == [
        (Rect(x, y, 56, 44), position, confidence)
        for position, y in (("upper", 446), ("lower", 590))
        for confidence, x in ((1, 848), (2, 932), (3, 1016))
    ]
    assert layout.proceed == Rect(870, 516, 180, 48)
    assert layout.progress == Rect(710, 1016, 500, 8)
    assert layout.patch == Rect(1880, 1040, 40, 40)
    assert layout.tab("lower") == Rect(1090, 754, 40, 40)
    tops = {text.role: (text.centre_x, text.top, text.size, text.line) for text in layout.texts}
    assert tops == {
        "question": (960, 56, 30, 39),
        "title_min": (438, 148, 22, 29),
        "title_max": (1482, 148, 22, 29),
        "legend": (960, 912, 20, 26),
        "count": (960, 912, 20, 26),
    }


def test_sizes_in_degrees_are_the_published_ones():
    layout = trial_layout(make_trial(), FULL_HD)
    upper = layout.degrees(layout.query("upper"))
    assert upper["width"] == pytest.approx(5.46, abs=0.005)
    assert upper["y"] == pytest.approx(-5.7, abs=0.05)
    centre_of_grid = layout.degrees(rects(layout, "reference_max")[4])
    assert centre_of_grid["x"] == pytest.approx(12.7, abs=0.05)
    assert centre_of_grid["y"] == pytest.approx(0.0, abs=0.01)
    button = layout.degrees(layout.buttons[0].rect)
    assert (button["width"], button["height"]) == pytest.approx((1.37, 1.07), abs=0.005)


def test_one_reference_takes_the_centre_of_the_grid_and_its_title_follows():
    trial = make_trial(scheme="max_1", references_min=(), references_max=("max_0.png",))
    layout = trial_layout(trial, FULL_HD)
    assert rects(layout, "reference_min") == []
    assert rects(layout, "reference_max") == [Rect(1370, 428, 224, 224)]
    titles = {text.role: text.top for text in layout.texts if text.role.startswith("title")}
    assert titles == {"title_max": 382}


def test_none_condition_shows_only_queries():
    layout = trial_layout(make_trial(scheme="none", references_min=(), references_max=()), FULL_HD)
    assert {place.role for place in layout.images} == {"query"}
    assert not any(text.role.startswith("title") for text in layout.texts)


def test_counterfactual_has_the_published_pixels():
    trial = make_trial(
        task="counterfactual",
        references_min=(),
        queries={"upper": "whole.png", "left": "a.png", "right": "b.png"},
        target_position="left",
    )
    layout = trial_layout(trial, FULL_HD)
    assert rects(layout, "reference_max") == grid(278, 194)
    assert rects(layout, "original") == [Rect(1274, 194, 224, 224)]
    assert layout.query("left") == Rect(1130, 548, 224, 224)
    assert layout.query("right") == Rect(1418, 548, 224, 224)
    assert [(b.rect.x, b.rect.y, b.position, b.confidence) for b in layout.buttons] == [
        (1130, 788, "left", 3),
        (1214, 788, "left", 2),
        (1298, 788, "left", 1),
        (1418, 788, "right", 1),
        (1502, 788, "right", 2),
        (1586, 788, "right", 3),
    ]
    assert {arrow.y for arrow in layout.arrows} == {856}
    question = next(text for text in layout.texts if text.role == "question")
    assert (question.centre_x, question.top, question.size) == (1386, 484, 30)


def test_intuitiveness_has_the_published_pixels():
    layout = trial_layout(make_trial(task="intuitiveness", queries={}), FULL_HD)
    assert rects(layout, "reference_min") == grid(208, 140)
    assert rects(layout, "reference_max") == grid(1020, 140)
    assert (layout.slider.left, layout.slider.right, layout.slider.y) == (560, 1360, 898)
    assert layout.slider.handle == (18, 36)
    assert layout.proceed == Rect(870, 980, 180, 48)


@pytest.mark.parametrize(
    ("x", "rating"), [(560, -100), (960, 0), (1360, 100), (0, -100), (1300, 85)]
)
def test_slider_maps_columns_to_ratings(x, rating):
    slider = trial_layout(make_trial(task="intuitiveness", queries={}), FULL_HD).slider
    assert slider.rating_at(x) == pytest.approx(rating)
    assert slider.handle_rect(rating).width == 18


@pytest.mark.parametrize("screen", [(1920, 1080), (2560, 1440), (3840, 2160)])
@pytest.mark.parametrize("px_per_degree", [20.5, 41.0, 60.0, 82.0])
def test_angles_stay_within_a_pixel_at_any_scale(screen, px_per_degree):
    published = trial_layout(make_trial(), FULL_HD)
    layout = trial_layout(make_trial(), screen, px_per_degree)
    for here, there in zip(layout.images, published.images, strict=True):
        now, then = layout.degrees(here.rect), published.degrees(there.rect)
        assert now == pytest.approx(then, abs=1.0 / px_per_degree)


def test_a_window_scales_everything_by_one_factor():
    fit = fit_window((1280, 720))
    layout = trial_layout(make_trial(), (1280, 720), fit.layout_px_per_degree)
    assert layout.scale == pytest.approx(2 / 3)
    assert layout.query("upper") == Rect(640 - 75, 360 - 231, 149, 149)
    assert layout.patch.right == 1280 and layout.patch.bottom == 720


def test_pages_have_one_column_and_one_button():
    page = page_layout(FULL_HD)
    assert (page.column.x, page.column.width) == (480, 960)
    assert (page.text_size, page.line) == (24, 34)
    assert page.button == Rect(870, 980, 180, 48)


@pytest.mark.parametrize("measured", [None, 40.2, 41.0, 42.0])
def test_a_fitting_screen_draws_pixel_by_pixel(measured):
    required = None if measured is None else 41.0
    fit = fit_screen(FULL_HD, measured, required=required)
    assert (fit.layout_px_per_degree, fit.image_scale, fit.override) == (41.0, 1.0, None)


def test_a_small_screen_is_refused_with_the_sizes_needed():
    with pytest.raises(ScreenRefusedError, match=r"1366 × 768 px.*1736 × 1024 px"):
        fit_screen((1366, 768), None)


@pytest.mark.parametrize("measured", [None, 39.9, 60.0])
def test_another_px_per_degree_is_refused(measured):
    with pytest.raises(ScreenRefusedError, match="asks for 41 ± 1"):
        fit_screen((2560, 1440), measured, required=41.0)


def test_a_written_reason_overrides_and_scales_into_the_room():
    fit = fit_screen((1366, 768), None, override=" pilot on a laptop ")
    assert fit.override == "pilot on a laptop"
    layout = trial_layout(make_trial(), (1366, 768), fit.layout_px_per_degree)
    assert all(place.rect.x >= 0 and place.rect.right <= 1366 for place in layout.images)
    assert layout.progress.bottom <= 768


def test_an_override_keeps_the_visual_angle_where_it_is_known():
    fit = fit_screen((3840, 2160), 82.0, required=41.0, override="only 4K screen here")
    assert fit.image_scale == pytest.approx(2.0)


def test_a_blank_reason_is_no_override():
    with pytest.raises(ScreenRefusedError):
        fit_screen((1366, 768), None, override="  ")
