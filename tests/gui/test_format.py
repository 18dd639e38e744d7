"""Numbers look the same everywhere."""

from datetime import datetime

import pytest

from imi_desktop.gui.widgets import format as written


@pytest.mark.parametrize(
    ("got", "expected"),
    [
        (written.count(1281167), "1\u2009281\u2009167"),
        (written.count(None), "–"),
        (written.about(7.4), "about 7 s"),
        (written.about(42), "about 40 s"),
        (written.about(311), "about 5 min"),
        (written.about(7_900), "about 2 h 12 min"),
        (written.number(-0.1), "−0.10"),
        (written.number(-0.001), "0.00"),
        (written.number(float("nan")), "–"),
        (written.plus_minus(0.92, 0.02), "0.92 ± 0.02"),
        (written.plus_minus(0.92, None), "0.92"),
        (written.interval(-0.16, -0.05), "[−0.16, −0.05]"),
        (written.value_range(3.9, 5.2), "3.9 to 5.2"),
        (written.p_value(0.0039, sign=True), "p = .0039"),
        (written.p_value(0.0003, sign=True), "p < .001"),
        (written.p_value(0.1), ".10"),
        (written.p_value(1.0), "1.00"),
        (written.percent(0.63), "63\u2009%"),
        (written.seconds(5.84), "5.84 s"),
        (written.duration(38), "38 s"),
        (written.duration(390), "6 min 30 s"),
        (written.duration(52 * 60), "52 min"),
        (written.duration(7800), "2 h 10 min"),
        (written.size(2_100_000_000), "2.1 GB"),
        (written.size(84_000_000_000), "84 GB"),
        (written.date_time(datetime(2026, 11, 3, 14, 7)), "3 Nov 2026, 14:07"),
        (written.plural(1, "unit"), "1 unit"),
        (written.plural(2, "stimulus", "stimuli"), "2 stimuli"),
    ],
)
def test_written(got, expected):
    assert got == expected
