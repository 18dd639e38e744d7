"""Profiles: versions, keys, age, and what a study needs of them."""

from datetime import UTC, datetime, timedelta

import pytest

from imi_desktop.display.angle import degrees_across, distance_for, px_per_degree
from imi_desktop.display.edid import edid_hash
from imi_desktop.display.profile import (
    DisplayProfile,
    LuminanceFit,
    ProfileError,
    RefreshMeasurement,
    ScreenKey,
    SizeMeasurement,
    history,
    latest,
    profiles_dir,
    read_profile,
    save_version,
)
from imi_desktop.display.requirements import card_against_ruler, check, unmet
from imi_desktop.experiment.study import DisplayRequirements

LAB = ScreenKey(
    edid="8f2c00112233", connector="DP-2", width_px=1920, height_px=1080, refresh_hz=120
)
NOW = datetime(2026, 11, 22, tzinfo=UTC)


def make_profile(**changes):
    fields = {
        "key": LAB,
        "measured_at": NOW - timedelta(days=12),
        "size": SizeMeasurement(card_px=335.4, ruler_mm=489.5),
        "viewing_distance_mm": 600.0,
        "refresh": RefreshMeasurement(
            hz=119.98,
            sd_ms=0.02,
            frames=600,
            long_intervals=0,
            synchronised=True,
            surface="OpenGL",
        ),
    }
    return DisplayProfile(**(fields | changes))


def test_the_lab_of_the_paper_has_41_px_per_degree():
    assert px_per_degree(1920 / 490, 600) == pytest.approx(41.0, abs=0.1)
    assert make_profile().px_per_degree == pytest.approx(41.07, abs=0.01)
    assert distance_for(1920 / 490, 41.0) == pytest.approx(600, abs=2)
    assert degrees_across(1920, 1920 / 490, 600) == pytest.approx(44.4, abs=0.1)


def test_the_card_alone_gives_the_density():
    profile = make_profile(size=SizeMeasurement(card_px=335.4))
    assert profile.px_per_mm == pytest.approx(335.4 / 85.6)
    assert card_against_ruler(profile) is None
    assert card_against_ruler(make_profile()) == pytest.approx(0.001, abs=5e-4)


def test_versions_are_kept_and_never_overwritten():
    first = save_version(make_profile())
    second = save_version(make_profile(viewing_distance_mm=650.0))
    assert (first.version, second.version) == (1, 2)
    assert [profile.version for profile in history(LAB)] == [2, 1]
    assert latest(LAB) == second
    assert history(LAB)[1] == first
    assert first.hash != second.hash
    assert read_profile(profiles_dir() / LAB.folder / "v1.json") == first


def test_another_mode_is_another_screen():
    save_version(make_profile())
    other = LAB.model_copy(update={"refresh_hz": 60.0})
    assert latest(other) is None
    assert latest(LAB.model_copy(update={"connector": "HDMI-1"})) is None


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        ("{", "not JSON"),
        ('{"format": 99}', "profile format 99"),
        ('{"version": 1}', "key: Field required"),
        ("[]", "not a display profile"),
    ],
)
def test_damaged_profiles_are_named(tmp_path, content, sentence):
    path = tmp_path / "v1.json"
    path.write_text(content)
    with pytest.raises(ProfileError, match=sentence):
        read_profile(path)


def test_monitors_that_tell_nothing_have_no_hash():
    assert edid_hash("", " ", "") == ""
    assert edid_hash("DEL", "U2720", "1") != edid_hash("DEL", "U2720", "2")


def states(requirements):
    return {row.name: row.state for row in requirements}


def test_the_calibrated_lab_screen_meets_the_published_needs():
    wanted = DisplayRequirements(px_per_degree=41.0, calibrated=True, minimum_refresh_hz=119)
    rows = check(wanted, LAB, make_profile(), now=NOW)
    assert unmet(rows) == []
    assert len(rows) == 11
    told = {row.name: row.measured for row in rows}
    assert told["Pixels per degree"] == "41.1"
    assert told["Refresh rate"] == "119.98 Hz"
    assert told["Profile age"] == "12 days"
    assert told["Onset to light"] == "not measured"


def test_an_unmeasured_screen_serves_a_study_that_asks_for_nothing():
    assert unmet(check(DisplayRequirements(), LAB, None)) == []
    wanted = DisplayRequirements(calibrated=True, px_per_degree=41.0)
    assert {row.name for row in unmet(check(wanted, LAB, None))} == {
        "Pixels per degree",
        "Viewing distance",
        "Profile age",
    }


def test_each_limit_is_noticed():
    wanted = DisplayRequirements(px_per_degree=41.0, calibrated=True)
    small = LAB.model_copy(update={"width_px": 1366, "height_px": 768})
    assert states(check(wanted, small, None))["Resolution"] == "unmet"
    old = make_profile(measured_at=NOW - timedelta(days=91))
    assert states(check(wanted, LAB, old, now=NOW))["Profile age"] == "unmet"
    far = make_profile(viewing_distance_mm=900.0)
    assert states(check(wanted, LAB, far, now=NOW))["Pixels per degree"] == "unmet"
    crooked = make_profile(size=SizeMeasurement(card_px=345.0, ruler_mm=489.5))
    assert states(check(wanted, LAB, crooked, now=NOW))["Card against ruler"] == "unmet"
    wrong = LuminanceFit(
        offset=0.3,
        gain=247.0,
        gamma=2.2,
        gamma_error=0.01,
        largest_residual=0.01,
        largest_verification_error=0.05,
    )
    rows = check(wanted, LAB, make_profile(luminance=wrong), now=NOW)
    assert states(rows)["Fit of luminance"] == "unmet"
    rows = check(wanted, LAB, make_profile(), pixel_ratio=1.5, now=NOW)
    assert states(rows)["Scaling by the system"] == "unmet"
