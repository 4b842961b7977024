"""Durations and clock times as text."""

import pytest

from recordings.templatetags.night_format import as_clock, as_duration


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (None, "unknown"),
        (42, "42 s"),
        (150, "2 min 30 s"),
        (1800, "30 min"),
        (28_680, "7 h 58 min"),
        (28_800, "8 h 00 min"),
    ],
)
def test_durations(seconds, text):
    assert as_duration(seconds) == text


@pytest.mark.parametrize(
    ("seconds", "text"), [(None, "unknown"), (81_677, "22:41:17"), (86_400 + 61.5, "00:01:01")]
)
def test_clock_times_go_past_midnight(seconds, text):
    assert as_clock(seconds) == text
