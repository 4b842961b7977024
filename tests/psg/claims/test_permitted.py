"""What a text may state of an epoch."""

import pytest

from psg.claims import MeasuredEpoch, permitted_kinds, read_against
from psg.events import DetectedEvent
from psg.events.faults import Fault
from psg.events.measures import EpochMeasures
from psg.montage import DERIVATIONS, Derivation

SPINDLE = DetectedEvent("spindle", Derivation.C4, 12.0, 12.9, 38.0, 13.4)
WAVES = tuple(
    DetectedEvent("slow_wave", Derivation.F4, 2.0 * i, 2.0 * i + 1.0, 110.0, 1.0) for i in range(6)
)


def epoch(*events, is_simulated=True, **measures):
    by_kind = {}
    for event in events:
        by_kind.setdefault(event.kind, []).append(event)
    found = {kind: tuple(its) for kind, its in by_kind.items()}
    return MeasuredEpoch(
        EpochMeasures(found, **measures), DERIVATIONS, None, is_simulated=is_simulated
    )


def permitted(measured):
    return {its.kind.id: its for its in permitted_kinds(measured)}


def not_permitted(text, measured):
    return read_against(text, measured, permitted_kinds(measured)).not_permitted


def test_a_trusted_kind_may_be_stated_within_a_second_of_its_detection():
    spindle = permitted(epoch(SPINDLE))["spindle"]
    assert (spindle.present, spindle.absent) == (True, False)
    assert spindle.seconds == (11, 12, 13)
    assert spindle.seconds_of_events == ((11, 12, 13),)


def test_a_trusted_kind_that_was_not_detected_may_only_be_stated_as_absent():
    spindle = permitted(epoch())["spindle"]
    assert (spindle.present, spindle.absent, spindle.seconds) == (False, True, ())


def test_numbers_are_those_measured():
    spindle, waves = permitted(epoch(SPINDLE))["spindle"], permitted(epoch(*WAVES))["slow_wave"]
    assert {13, 14} <= set(spindle.hertz) <= set(range(12, 16))
    assert 38 in spindle.microvolts
    assert 60 not in spindle.microvolts
    assert waves.filled_whole_s == (5, 6, 7)
    assert 20 in waves.filled_percent
    assert 40 not in waves.filled_percent
    assert spindle.filled_whole_s == ()


def test_an_untrusted_kind_is_free_on_recordings_of_persons():
    assert set(permitted(epoch(is_simulated=False))) == {"movement", "slow_wave", "spindle"}


def test_what_is_not_read_is_not_limited():
    measured = epoch(faults={Derivation.C4: (Fault.FLAT,)})
    assert "spindle" not in permitted(measured)


@pytest.mark.parametrize(
    ("text", "beyond"),
    [
        ("Spindle at 12 s.", 0),
        ("Spindle at 25 s.", 1),  # it may have been missed, so it is not contradicted
        ("No spindle.", 1),
        ("No spindle in the first 5 s.", 0),
        ("Spindles at 12 and 25 s, slow waves at 3 s.", 2),
        ("The epoch before has spindles at 25 s.", 0),
        ("Nothing to see.", 0),
        ("", 0),
    ],
)
def test_each_statement_is_held_against_the_epoch(text, beyond):
    assert len(not_permitted(text, epoch(SPINDLE))) == beyond


def test_contradicted_statements_are_told_apart_from_those_that_go_beyond():
    measured = epoch(SPINDLE)
    read = read_against(
        "Spindle at 25 s. Slow waves at 3 and 9 s.", measured, permitted_kinds(measured)
    )
    assert read.claims == 2
    assert read.contradicted == ("Slow waves at 3 and 9 s",)
    assert read.not_permitted == ("Spindle at 25 s", "Slow waves at 3 and 9 s")


def test_a_second_near_two_events_is_that_of_one_of_them():
    later = DetectedEvent("spindle", Derivation.C4, 13.5, 14.2, 38.0, 13.4)
    spindle = permitted(epoch(SPINDLE, later))["spindle"]
    assert spindle.seconds_of_events == ((11, 12), (13, 14, 15))
