"""Told events count only where they are, each once."""

import pytest

from inference.training.evaluation.counting import MOMENTARY, event_sums
from psg.simulate.night import LASTING
from psg.stages import Stage
from tests.helpers.evaluated_nights import answers, reference, reply

N2 = Stage.N2
SPINDLE, SLOW_WAVE = MOMENTARY.index("spindle"), MOMENTARY.index("slow_wave")


def counts(words: str, spindles: list[tuple[float, float]]) -> tuple[int, int, int, int]:
    """Told, told right, there, there and told, of the second of three epochs."""
    night = reference([N2] * 3, events={"spindle": spindles})
    sums = event_sums(night, answers({1: reply("N2", words=words)}, 3))
    assert sums is not None
    result = (sums.claimed, sums.claimed_right, sums.present, sums.present_claimed)
    return tuple(int(each[SPINDLE]) for each in result)  # type: ignore[return-value]


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ("A spindle at 10.0 s.", (1, 1, 1, 1)),
        ("A spindle at 9.1 s.", (1, 1, 1, 1)),
        ("A spindle at 8.5 s.", (1, 0, 1, 0)),
        ("A spindle at 12.1 s.", (1, 0, 1, 0)),
        ("Spindles at 10.0 and 10.4 s.", (2, 1, 1, 1)),
        ("A spindle at 10.0 s. The spindle at 10.0 s lies early.", (1, 1, 1, 1)),
        ("Spindles at 0-30 s.", (0, 0, 1, 0)),
        ("A spindle in the first half of the epoch.", (0, 0, 1, 0)),
        ("No spindle.", (0, 0, 1, 0)),
        ("A K complex at 10.0 s.", (0, 0, 1, 0)),
    ],
)
def test_a_told_time_is_right_within_a_second_of_an_event_of_its_own(
    words: str, expected: tuple[int, int, int, int]
) -> None:
    assert counts(words, [(40.0, 41.0)]) == expected


def test_an_event_over_a_border_is_right_in_both_epochs_and_missed_in_one() -> None:
    night = reference([N2] * 3, events={"spindle": [(29.6, 30.8)]})
    written = {0: reply("N2", words="A spindle at 29.7 s."), 1: reply("N2", words="No K complex.")}
    sums = event_sums(night, answers(written, 3))
    assert sums is not None
    assert (sums.claimed[SPINDLE], sums.claimed_right[SPINDLE]) == (1, 1)
    assert (sums.present[SPINDLE], sums.present_claimed[SPINDLE]) == (1, 0)


def test_a_k_complex_called_a_slow_wave_is_right_and_no_slow_wave_is_found() -> None:
    night = reference([N2], events={"k_complex": [(5.0, 6.0)], "slow_wave": [(20.0, 21.0)]})
    sums = event_sums(night, answers({0: reply("N2", words="A slow wave at 5.0 s.")}, 1))
    assert sums is not None
    assert (sums.claimed_right[SLOW_WAVE], sums.present_claimed[SLOW_WAVE]) == (1, 0)


def test_a_reply_that_cannot_be_read_misses_its_events_and_unasked_epochs_miss_none() -> None:
    night = reference([N2] * 3, events={"spindle": [(10.0, 11.0), (70.0, 71.0)]})
    sums = event_sums(night, answers({0: "no JSON"}, 3))
    assert sums is not None
    assert (sums.claimed[SPINDLE], sums.present[SPINDLE]) == (0, 1)


def test_rhythms_are_compared_in_seconds() -> None:
    night = reference([Stage.W], events={"alpha": [(-5.0, 10.0)]})
    sums = event_sums(night, answers({0: reply("W", words="Alpha at 5-20 s in O2-M1.")}, 1))
    assert sums is not None
    place = LASTING.index("alpha")
    assert [s[place] for s in (sums.claimed_s, sums.present_s, sums.shared_s)] == [15.0, 10.0, 5.0]


def test_nights_without_known_events_have_no_sums() -> None:
    assert event_sums(reference([N2]), answers({0: reply("N2")}, 1)) is None
