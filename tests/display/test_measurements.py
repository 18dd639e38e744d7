"""Refresh, luminance and photodiode arithmetic against screens whose truth is known."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from imi_desktop.display.luminance import (
    LEVELS,
    REPEATS,
    ReadingsError,
    fit_luminance,
    half_luminance_level,
    luminance_at,
    measuring_order,
    read_csv,
    summarise,
)
from imi_desktop.display.photodiode import PhotodiodeError, edges, evaluate, read_trace
from imi_desktop.display.profile import LuminanceReading
from imi_desktop.display.refresh import TooFewFramesError, measure_refresh


def swaps(hz, n, jitter_ms=0.02, dropped=(), seed=1):
    rng = np.random.default_rng(seed)
    frames = np.arange(n, dtype=float)
    for place in dropped:
        frames[place:] += 1
    return [int(t) for t in 1e9 + frames / hz * 1e9 + rng.normal(0, jitter_ms * 1e6, n)]


@pytest.mark.parametrize("hz", [59.94, 60.0, 119.98, 144.0])
def test_refresh_rate_is_found_despite_dropped_frames(hz):
    measured = measure_refresh(
        swaps(hz, 660, dropped=(100, 300, 301)), synchronised=True, surface="test"
    )
    assert measured.hz == pytest.approx(hz, abs=0.01)
    assert measured.long_intervals == 3
    assert measured.frames == 599
    assert measured.sd_ms == pytest.approx(0.02 * 2**0.5, rel=0.2)
    assert len(measured.intervals_ms) == 599


def test_too_few_frames_say_so():
    with pytest.raises(TooFewFramesError, match="only 5 frames"):
        measure_refresh(swaps(60, 65), synchronised=True, surface="test")


def readings_of(offset, gain, gamma, noise=0.0, repeats=3, levels=LEVELS, verification=()):
    rng = np.random.default_rng(2)
    return [
        LuminanceReading(
            level=level,
            cd_m2=max(0.0, (offset + gain * (level / 255) ** gamma) * (1 + rng.normal(0, noise))),
            verification=level in verification,
        )
        for level in (*levels, *verification)
        for _ in range(repeats)
    ]


@settings(max_examples=25, deadline=None)
@given(offset=st.floats(0.0, 2.0), gain=st.floats(50.0, 500.0), gamma=st.floats(1.6, 2.6))
def test_the_fit_finds_the_true_curve(offset, gain, gamma):
    fit = fit_luminance(readings_of(offset, gain, gamma))
    assert fit.gamma == pytest.approx(gamma, abs=0.01)
    assert fit.gain == pytest.approx(gain, rel=0.01)
    assert fit.offset == pytest.approx(offset, abs=0.05)


def test_residuals_and_verification_are_told():
    fit = fit_luminance(readings_of(0.3, 247.6, 2.21, 0.005, verification=(48, 144, 208)))
    assert abs(fit.largest_residual) < 0.02
    assert fit.largest_verification_error is not None
    assert abs(fit.largest_verification_error) < 0.02
    honest = readings_of(0.3, 247.6, 2.21)
    wrong = LuminanceReading(level=144, cd_m2=100.0, verification=True)
    worst = fit_luminance([*honest, wrong]).largest_verification_error
    assert worst == pytest.approx(0.42, abs=0.05)


def test_half_the_luminance_is_not_level_128():
    fit = fit_luminance(readings_of(0.31, 247.6, 2.21))
    level = half_luminance_level(fit)
    assert level == 186
    middle = (float(luminance_at(fit, 0)) + float(luminance_at(fit, 255))) / 2
    assert float(luminance_at(fit, level)) == pytest.approx(middle, rel=0.01)


@pytest.mark.parametrize("levels", [(0, 128, 255), (0, 32, 64, 96, 128, 160)])
def test_too_few_levels_are_refused(levels):
    with pytest.raises(ReadingsError, match="at least 5 levels"):
        fit_luminance(readings_of(0.3, 200, 2.2, levels=levels))


def test_a_dead_photometer_is_noticed():
    with pytest.raises(ReadingsError, match="hardly differ"):
        fit_luminance([LuminanceReading(level=level, cd_m2=0.4) for level in LEVELS])


def test_levels_are_shown_shuffled_each_as_often():
    order = measuring_order(7)
    assert len(order) == len(LEVELS) * REPEATS
    assert {order.count(level) for level in LEVELS} == {REPEATS}
    assert order == measuring_order(7) != measuring_order(8)


def test_readings_are_read_from_csv():
    english = read_csv("level,cd_m2,verification\n0,0.29,\n255,246.79,1\n")
    german = read_csv("\ufefflevel;cd_m2\n0;0,29\n255;246,79\n")
    assert [r.cd_m2 for r in english] == [r.cd_m2 for r in german] == [0.29, 246.79]
    assert [r.verification for r in english] == [False, True]
    assert [summary.level for summary in summarise(german)] == [0, 255]


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("", "empty"),
        ("a,b\n1,2\n", "columns level and cd_m2"),
        ("level,cd_m2\n0,0.3\n300,1\n", "Line 3"),
        ("level,cd_m2\n0\n", "Line 2"),
        ("level,cd_m2\nx,1\n", "Line 2"),
    ],
)
def test_bad_csv_names_its_line(text, sentence):
    with pytest.raises(ReadingsError, match=sentence):
        read_csv(text)


def diode(flips_ms, lag_ms, sd_ms, rate_khz=5.0, seed=3):
    rng = np.random.default_rng(seed)
    actual = np.asarray(flips_ms) + lag_ms + rng.normal(0, sd_ms, len(flips_ms))
    time = np.arange(0, flips_ms[-1] + 100, 1 / rate_khz)
    level = np.searchsorted(actual, time) % 2
    return time, level + rng.normal(0, 0.02, time.size)


def test_the_diode_gives_lag_and_spread():
    flips = [50.0 + 33.3 * n for n in range(200)]
    time, signal = diode(flips, 8.4, 0.3)
    measured = evaluate(flips, time, signal)
    assert measured.flips == 200
    assert measured.lag_ms == pytest.approx(8.4, abs=0.15)
    assert measured.sd_ms == pytest.approx(0.3, abs=0.06)


def test_a_diode_that_missed_flips_is_refused():
    flips = [50.0 + 33.3 * n for n in range(200)]
    time, signal = diode(flips[:150], 8.4, 0.3)
    with pytest.raises(PhotodiodeError, match="saw 150 changes and the screen made 200"):
        evaluate(flips, time, signal)
    assert edges(time, np.zeros_like(time)).size == 0


@pytest.mark.parametrize("text", ["a,b\nx,y\n", "1\n2\n", "t,s\n1,2\n"])
def test_bad_traces_are_refused(text):
    with pytest.raises(PhotodiodeError):
        read_trace(text)


def test_traces_may_have_a_header():
    time, signal = read_trace("time_ms,signal\n0,1\n1,0\n")
    assert list(time) == [0, 1] and list(signal) == [1, 0]
