"""Low tone of recordings in which nobody was awake."""

from dataclasses import replace

import numpy as np
import pytest

from psg.events import DetectedEvent
from psg.events.chin_tone import ChinTone
from psg.events.faults import Fault
from psg.events.measures import EpochMeasures
from psg.events.unread import Gap
from psg.montage import Derivation
from psg.rules.reader.chin_in_sleep import below_non_rem

CHIN = Derivation.CHIN


def night(levels_uv, *, informative=False):
    level_uv = np.repeat(np.array(levels_uv, dtype=float), 30)
    epochs = [EpochMeasures(tone_uv=level) for level in levels_uv]
    return epochs, ChinTone(level_uv, 0.0, informative=informative)


SLEEP = [1.2, 1.1, 1.25, 1.15, 1.1, 1.2, 1.2, 1.15, 1.1, 1.2, 1.3, 1.1]
SLOW_S = [10.0] * len(SLEEP)


@pytest.mark.parametrize(
    ("level_uv", "is_low"), [(0.8, True), (1.0, True), (1.2, None), (1.4, None)]
)
def test_tone_below_that_of_non_rem_sleep_is_low_and_other_tone_unknown(level_uv, is_low):
    marked = below_non_rem(*night([*SLEEP, level_uv]), [*SLOW_S, 0.0])
    assert marked is not None
    assert marked[-1].tone_is_low is is_low


def test_it_is_not_asked_where_the_night_tells_it_or_non_rem_sleep_is_short():
    epochs, tone = night([*SLEEP, 0.8])
    assert below_non_rem(epochs, replace(tone, informative=True), [*SLOW_S, 0.0]) is None
    assert below_non_rem(epochs, None, [*SLOW_S, 0.0]) is None
    assert below_non_rem(epochs, tone, [*[10.0] * 9, *[0.0] * 4]) is None


def test_a_chin_with_a_fault_stays_unknown():
    epochs, tone = night([*SLEEP, 0.8, 0.8])
    epochs[-1] = EpochMeasures()
    marked = below_non_rem(epochs, tone, [*SLOW_S, 0.0, 0.0])
    assert [epoch.tone_is_low for epoch in marked[-2:]] == [True, None]


@pytest.mark.parametrize(
    ("unread", "lower_s", "is_low"),
    [
        ({"gaps": {CHIN: (Gap((Fault.FLAT,), 0.0, 15.0),)}}, 17, None),
        ({"gaps": {CHIN: (Gap((Fault.FLAT,), 0.0, 15.0),)}}, 24, True),
        ({"gaps": {CHIN: (Gap((Fault.FLAT,), 0.0, 14.0), Gap((Fault.LOOSE,), 28, 30))}}, 20, None),
        ({"events": {"movement": (DetectedEvent("movement", Derivation.C4, 0, 13),)}}, 16, None),
    ],
)
def test_seconds_in_which_the_chin_is_not_read_tell_nothing(unread, lower_s, is_low):
    epochs, tone = night([*SLEEP, 1.2])
    tone.level_uv[-30 : lower_s - 30] = 0.02
    epochs[-1] = EpochMeasures(tone_uv=1.2, **unread)
    marked = below_non_rem(epochs, tone, [*SLOW_S, 0.0])
    assert marked[-1].tone_is_low is is_low


def test_higher_seconds_beneath_a_movement_do_not_speak_against_low_tone():
    epochs, tone = night([*SLEEP, 0.8])
    tone.level_uv[-30:-14] = 9.0
    moved = {"movement": (DetectedEvent("movement", Derivation.C4, 0.0, 15.0),)}
    epochs[-1] = EpochMeasures(moved, tone_uv=0.8)
    assert below_non_rem(epochs, tone, [*SLOW_S, 0.0])[-1].tone_is_low is True
