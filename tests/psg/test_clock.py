"""Times of day typed by people."""

import pytest

from psg.lights import second_at


@pytest.mark.parametrize(
    ("text", "second_s"),
    [("22:41:30", 90), (" 22:40 ", 0), ("0:40", 7200), ("22:39:59", 86_399), ("22:40:00.5", 0.5)],
)
def test_a_time_is_the_first_such_time_after_the_start(text, second_s):
    assert second_at(text, start_clock_s=22 * 3600 + 40 * 60) == second_s


@pytest.mark.parametrize("text", ["", "22", "24:00", "22:60", "22:41:61", "-1:00", "22.41", "x"])
def test_what_is_no_time_is_none(text):
    assert second_at(text, start_clock_s=0) is None
