"""A file that lies some epochs off is noticed where the night says enough."""

from annotations.exchange.placing import find_shift

NIGHT = dict(enumerate((["W"] * 7 + ["N1"] * 2 + ["N2"] * 9 + ["N3"] * 5 + ["R"] * 4) * 3))


def moved(by: int) -> dict[int, str]:
    return {n - by: stage for n, stage in NIGHT.items()}


def test_a_night_where_it_belongs_is_not_shifted():
    assert find_shift(NIGHT, NIGHT) is None


def test_the_way_and_the_width_of_a_shift_are_told():
    for by in (-2, 1, 3):
        shift = find_shift(moved(by), NIGHT)
        assert shift is not None
        assert shift.epochs == by
    assert "1 epoch later" in str(find_shift(moved(1), NIGHT))


def test_too_little_says_nothing():
    assert find_shift(dict.fromkeys(range(90), "N2"), dict.fromkeys(range(1, 91), "N2")) is None
    few = {n: stage for n, stage in moved(1).items() if n < 12}
    assert find_shift(few, NIGHT) is None
