"""Times of day typed by people."""

import pytest

from psg.lights import AmbiguousTimeError, second_at, time_text


@pytest.mark.parametrize(
    ("text", "second_s"),
    [("22:41:30", 90), (" 22:40 ", 0), ("0:40", 7200), ("22:39:59", 86_399), ("22:40:00.5", 0.5)],
)
def test_a_time_is_the_first_such_time_after_the_start(text, second_s):
    assert second_at(text, start_clock_s=22 * 3600 + 40 * 60) == second_s


@pytest.mark.parametrize(
    "text", ["", "22", "24:00", "22:60", "22:41:61", "-1:00", "22.41", "x", "0 22:41", "2"]
)
def test_what_is_no_time_is_none(text):
    assert second_at(text, start_clock_s=0) is None


# Thirty hours from 20:00: 20:00 to 2:00 is on two of its three days.
LONG = {"start_clock_s": 20 * 3600, "end_s": 30 * 3600}


@pytest.mark.parametrize(
    ("text", "near_s", "second_s"),
    [
        ("23:46:41", 100_000, 100_001),
        ("23:46:41", 13_500, 13_601),
        ("2 23:46:41", 13_500, 100_001),
        ("day 1 23:46:41", 100_000, 13_601),
        ("7:00", None, 39_600),
        ("3 1:00", None, 104_400),
        ("3 2:00", None, 108_000),
    ],
)
def test_of_several_days_the_typed_one_is_meant_or_the_nearest_to_the_mark(text, near_s, second_s):
    assert second_at(text, **LONG, near_s=near_s) == second_s


@pytest.mark.parametrize("text", ["1 19:59", "3 2:01", "4 1:00", "1 7:00"])
def test_a_day_without_this_time_is_none(text):
    assert second_at(text, **LONG) is None


@pytest.mark.parametrize("near_s", [None, (13_601 + 100_001) / 2])
def test_a_time_on_several_days_is_refused_with_an_example(near_s):
    with pytest.raises(AmbiguousTimeError, match=r"on days 1 to 2.*such as 2 23:46:41"):
        second_at("23:46:41", **LONG, near_s=near_s)


def test_two_days_have_every_time_twice():
    assert second_at("3 20:00", start_clock_s=20 * 3600, end_s=48 * 3600) == 48 * 3600
    with pytest.raises(AmbiguousTimeError, match=r"days 1 to 3"):
        second_at("20:00", start_clock_s=20 * 3600, end_s=48 * 3600)


def test_a_time_is_written_as_it_can_be_typed_again():
    assert time_text(100_000, **LONG) == "2 23:46:40"
    assert second_at("2 23:46:40", **LONG) == 100_000
    assert time_text(13_600, start_clock_s=20 * 3600, end_s=8 * 3600) == "23:46:40"
