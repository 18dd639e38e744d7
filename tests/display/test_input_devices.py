"""The polling rate of a mouse."""

import pytest

from imi_desktop.display.input_devices import MouseRate


def moved(stamps):
    rate = MouseRate()
    for stamp in stamps:
        rate.add(stamp)
    return rate


@pytest.mark.parametrize("hz", [125, 500, 1000, 2000])
def test_rate_of_whole_milliseconds(hz):
    rate = moved(int(number * 1000 / hz) for number in range(400))
    assert rate.hz == pytest.approx(hz, rel=0.01)


def test_pauses_do_not_count():
    stamps = [start + 8 * number for start in (0, 5_000, 90_000) for number in range(40)]
    assert moved(stamps).hz == pytest.approx(125)


def test_few_reports_tell_nothing():
    assert moved(range(0, 160, 8)).hz is None
    assert moved([]).hz is None
