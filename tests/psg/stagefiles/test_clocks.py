"""Times of day as programs write them."""

from __future__ import annotations

import pytest

from psg.stagefiles.clocks import Clock, read_clock, unwrap


@pytest.mark.parametrize(
    ("text", "second"),
    [
        ("22:00:30", 79_230),
        ("22:00:30,500", 79_230.5),
        ("23.30.46.280", 84_646.28),
        ("10:00:30 PM", 79_230),
        ("12:00:30 am", 30),
        ("01/01/2020 22:00:30", 79_230),
        ("5/22/2018 8:16:00 PM", 72_960),
        ("2020-01-01T22:00:30.000000", 79_230),
        ("20-Sep-2025, 21:44:00", 78_240),
        ("06/22/18 - 22:13:02", 79_982),
        ("22:05", 79_500),
    ],
)
def test_a_time_of_day_is_read(text: str, second: float) -> None:
    clock = read_clock(text)

    assert clock is not None
    assert clock.second == pytest.approx(second)


@pytest.mark.parametrize("text", ["", "30", "22.30", "25:00:00", "13:00:00 PM", "N2", "22:61:00"])
def test_another_text_is_no_time_of_day(text: str) -> None:
    assert read_clock(text) is None


def _unwrapped(*texts: str) -> list[float]:
    clocks = [read_clock(text) for text in texts]
    return unwrap([clock for clock in clocks if clock is not None])


def test_a_night_crosses_midnight_without_dates() -> None:
    assert _unwrapped("23:59:30", "00:00:00", "00:00:30") == [86_370, 86_400, 86_430]


def test_a_row_out_of_order_stays_on_its_day() -> None:
    assert _unwrapped("22:00:30", "22:00:00", "22:01:00") == [79_230, 79_200, 79_260]


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("31/01/2020", "01/02/2020"),
        ("1/31/2020", "2/1/2020"),
        ("31.12.2020", "01.01.2021"),
        ("2020-02-28", "2020-02-29"),
        ("20-Sep-2025", "21-Sep-2025"),
        ("31.12.99", "01.01.00"),
    ],
)
def test_dates_tell_the_days_in_the_order_of_any_country(first: str, second: str) -> None:
    assert _unwrapped(f"{second} 02:00:00", f"{first} 22:00:00") == [93_600, 79_200]


def test_days_of_a_long_recording_are_counted() -> None:
    day = "12:00:00"
    assert unwrap([Clock(0.0, f"0{index}.03.2020") for index in (1, 2, 3)]) == [0, 86_400, 172_800]
    assert _unwrapped(day, "23:00:00", "10:00:00", "21:00:00")[-1] == 86_400 + 75_600
