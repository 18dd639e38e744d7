"""What outdates stimuli, and what does not."""

from dataclasses import fields

import pytest

from imi_desktop.jobs.unit_tasks import PRESET_INPUTS, UnitTask
from imi_desktop.models.unit import Unit
from imi_desktop.stimuli.visualization.presets import Preset, find


def task(**changes):
    preset = find("standard").to_json() | changes
    return UnitTask("synthetic", Unit("net", "layer", 1), {"seed": 1, "preset": preset}, ())


@pytest.mark.parametrize("change", [{"name": "other"}, {"new_field_of_others": None}, {"x": 3}])
def test_what_does_not_decide_about_pixels_outdates_nothing(change):
    assert task(**change).hash == task().hash


@pytest.mark.parametrize("change", [{"steps": 7}, {"retries": 9}, {"parameterisation": "maco"}])
def test_what_decides_about_pixels_does(change):
    assert task(**change).hash != task().hash


def test_every_field_of_a_preset_is_either_hashed_or_only_words():
    assert {field.name for field in fields(Preset)} - set(PRESET_INPUTS) == {
        "name",
        "title",
        "source",
    }
