"""Rationales of epochs in which something is not read, or does not count."""

from dataclasses import replace

import pytest

from psg.events.faults import Fault
from psg.events.unread import Gap
from psg.montage import Derivation
from psg.rules.reader.deciding import decide
from psg.rules.reader.rationale import rationale_of


def rationale(signs, calibration, *epochs):
    seen = signs(*epochs)
    return rationale_of(len(seen) - 1, decide(seen, calibration), seen, calibration)


def lost(*places):
    return dict.fromkeys(places, (Fault.FLAT,))


REM = {"low_tone": 1.0, "rem": [3, 5]}


@pytest.mark.parametrize("late", [{"spindle": [20, 24]}, {"k_complex": [17, 21, 25]}])
def test_no_eye_movements_are_counted_around_an_epoch_that_is_not_like_r(
    signs, epoch, producer, late
):
    text = rationale(signs, producer, epoch(**REM), epoch(low_tone=1.0, rem=[3], **late))
    assert "one possible rapid eye movement occur together (R.1)" in text


INTERRUPTED = (
    "Slow waves interrupt the possible low-amplitude mixed-frequency EEG, which ends R (R.3)"
)


@pytest.mark.parametrize(
    ("events", "change", "said"),
    [
        (
            {"low_tone": 0.0, "rem": [3, 5, 7], "spindle": [4]},
            {},
            "Chin tone is above the middle of its range, so possible rapid eye movements do not",
        ),
        (
            {"low_tone": None, "rem": [3, 5, 7], "spindle": [4]},
            {"faults": lost(Derivation.CHIN)},
            "Whether tone is low is not known, so possible rapid eye movements do not keep R going",
        ),
        (
            {**REM, "spindle": [4], "slow_wave": [9, 11, 13, 15]},
            {},
            INTERRUPTED,
        ),
        (
            {"low_tone": 1.0, "spindle": [4]},
            {"faults": lost(Derivation.E1)},
            "Whether rapid eye movements keep R going cannot be judged: check by eye (R.3)",
        ),
        (
            {"low_tone": 1.0, "spindle": [4]},
            {"gaps": {Derivation.E2: (Gap((Fault.FLAT,), 3.0, 12.0),)}},
            "Whether rapid eye movements keep R going cannot be judged: check by eye (R.3)",
        ),
        (
            {"low_tone": None, "slow_wave": [9, 11, 13, 15]},
            {"faults": lost(Derivation.CHIN)},
            INTERRUPTED,
        ),
        (
            {"low_tone": 1.0, "arousal": [2, 9], "chin_tone": [10]},
            {},
            "The possible arousal at 9.0 s with a possible rise of chin tone ends R (R.3)",
        ),
    ],
)
def test_the_end_of_r_has_a_reason_that_is_seen(signs, epoch, producer, events, change, said):
    text = rationale(signs, producer, epoch(**REM), replace(epoch(**events), **change))
    assert said in text
    for untrue in ("outnumber", "without rapid eye movements", "chin tone is below"):
        assert untrue not in text


@pytest.mark.parametrize(
    ("events", "change", "said", "untrue"),
    [
        (
            {"low_tone": 1.0, "arousal": [21]},
            {},
            "chin tone below the middle of its range, without a deciding spindle (R.2)",
            "without an arousal",
        ),
        (
            {"low_tone": None, "chin_tone": [3]},
            {"faults": lost(Derivation.CHIN)},
            "and chin tone that cannot be judged, without a deciding spindle in what is read (R.2)",
            "rise",
        ),
        (
            {"low_tone": 1.0},
            {"faults": lost(Derivation.F4, Derivation.C4)},
            "with EEG that is not read and chin tone below the middle of its range (R.2)",
            "mixed-frequency",
        ),
        (
            {"low_tone": 1.0},
            {"faults": lost(Derivation.C4)},
            "EEG and chin tone below the middle of its range (R.2)",
            "spindle",
        ),
    ],
)
def test_r_goes_on_by_what_is_read_alone(signs, epoch, producer, events, change, said, untrue):
    text = rationale(signs, producer, epoch(**REM), replace(epoch(**events), **change))
    assert said in text
    assert untrue not in text


HIDDEN_W = {"movement": [2], "alpha": [21]}


@pytest.mark.parametrize(
    ("before", "here", "said"),
    [
        ({"spindle": [5]}, {}, "N2 continues from before the movement, and N3 is not met"),
        (
            {"slow_wave": [1, 3, 5, 7, 9, 11]},
            {},
            "After an epoch of N3 before the movement slow waves fall short",
        ),
        (REM, {"low_tone": 1.0}, "The epoch before the movement is R, and this one continues it"),
        (
            {"spindle": [5]},
            {"arousal": [4]},
            "(N1.1). Alpha and K complexes cannot be judged: check by eye.",
        ),
    ],
)
def test_what_goes_on_across_a_movement_is_not_the_epoch_before(
    signs, epoch, producer, before, here, said
):
    text = rationale(signs, producer, epoch(**before), epoch(**HIDDEN_W), epoch(**here))
    assert "The epoch before is W." in text
    assert said in text


@pytest.mark.parametrize(
    ("faults", "gaps", "said"),
    [
        (lost(Derivation.O2), {}, "Alpha cannot be judged, and no rule of another stage is met"),
        (
            {},
            {Derivation.O2: (Gap((Fault.FLAT,), 3.0, 12.0),)},
            "and 0.0 s of this one where O2-M1 is read",
        ),
        (
            lost(Derivation.F4, Derivation.C4),
            {},
            "and 0.0 s of this one, and no rule of another stage is met",
        ),
    ],
)
def test_alpha_and_mixed_frequencies_are_told_of_what_is_read(
    signs, epoch, producer, faults, gaps, said
):
    here = replace(epoch(), faults=faults, gaps=gaps)
    text = rationale(signs, producer, epoch(rem=[3]), here)
    assert said in text
    assert text.endswith("Stage N1.")


def test_a_first_epoch_has_no_stage_before_and_sleep_is_not_forgotten(
    signs, epoch, producer, no_alpha
):
    first = rationale(signs, producer, replace(epoch(), faults=lost(Derivation.O2)))
    assert first.endswith("No rule of sleep is met in what is read. Stage W.")
    wake = epoch(blink=[2, 3, 4])
    later = rationale(signs, no_alpha, wake, epoch())
    assert later.endswith("No rule of sleep is met. Stage W.")
    hidden = [epoch(**HIDDEN_W), replace(epoch(), faults=lost(Derivation.F4))]
    deep = epoch(slow_wave=[1, 3, 5, 7, 9, 11])
    text = rationale(signs, producer, deep, *hidden)
    assert "What can be read does not end the stage before the movement. Stage N3." in text


def test_n2_goes_on_without_an_arousal_that_counts_or_in_what_is_read(signs, epoch, producer):
    spindle = epoch(spindle=[5])
    text = rationale(signs, producer, spindle, epoch(arousal=[20]))
    assert "N2 continues from the epoch before, and N3 is not met (N2.2)" in text
    assert "one possible arousal at 20.0-24.0 s" in text
    assert "Alpha cannot be judged: check by eye." in text
    for place in (Derivation.O2, Derivation.E1, Derivation.C4):
        text = rationale(signs, producer, spindle, replace(epoch(), faults=lost(place)))
        assert "N3 is not met in what is read (N2.2)" in text
    eeg = lost(Derivation.F4, Derivation.C4)
    text = rationale(signs, producer, epoch(spindle=[20]), replace(epoch(), faults=eeg))
    assert "in the last half of the epoch before, and N3 cannot be judged (N2.1)" in text


@pytest.mark.parametrize("steep_s", [None, 9.0])
def test_blinks_that_speak_against_n3_are_named(signs, epoch, producer, steep_s):
    waves = {"slow_wave": [1, 3, 5, 7, 9, 11, 13, 15, 17], "low_tone": 1.0}
    night = [
        replace(seen, steep_s=steep_s)
        for seen in signs(epoch(**waves), epoch(**waves, blink=[1, 3, 5, 7]))
    ]
    text = rationale(lambda *_: night, producer, None, None)
    assert (
        "After an epoch of N3 four possible blinks make what counts for N3 doubtful (N2.3)" in text
    )
    assert "short of 6 s" not in text


@pytest.mark.parametrize(
    ("places", "said"),
    [
        ([Derivation.F4], "F4-M1 is not read."),
        ([Derivation.F4, Derivation.C4], "F4-M1 and C4-M1 are not read."),
        ([Derivation.C4], "No slow wave above 75 µV in F4-M1."),
    ],
)
def test_only_what_is_lost_is_said_not_to_be_read(signs, epoch, producer, places, said):
    text = rationale(signs, producer, replace(epoch(), faults=lost(*places)))
    assert said in text
    assert ("and C4-M1 are not read" in text) is (len(places) == 2)
    small = replace(producer, frontal_is_small=True)
    text = rationale(signs, small, replace(epoch(), faults=lost(*places)))
    assert "F4-M1 and C4-M1 are not read" not in text or len(places) == 2
