"""Verdicts on claims about epochs whose content is known."""

import itertools
import re
from dataclasses import replace

import numpy as np
import pytest

from psg.claims import ClaimOutcome, MeasuredEpoch, check_epoch, claims_of
from psg.events import DetectedEvent, event_kind
from psg.events import k_complex as k_complex_events
from psg.events import slow_wave as slow_wave_events
from psg.events.faults import Fault
from psg.events.measures import EpochMeasures, evidence_of, measures_from
from psg.events.unread import Gap
from psg.montage import DERIVATIONS, Derivation

SUPPORTED, CONTRADICTED, CANNOT_TELL = (
    ClaimOutcome.SUPPORTED,
    ClaimOutcome.CONTRADICTED,
    ClaimOutcome.CANNOT_TELL,
)


def spindle(start_s, size_uv=38.0, frequency_hz=13.4):
    return DetectedEvent("spindle", Derivation.C4, start_s, start_s + 0.9, size_uv, frequency_hz)


def slow_waves(count):
    return tuple(
        DetectedEvent("slow_wave", Derivation.F4, 2.0 * i, 2.0 * i + 1.0, 110.0, 1.0)
        for i in range(count)
    )


def alpha(start_s, end_s):
    return DetectedEvent("alpha", Derivation.O2, start_s, end_s, 40.0, 10.0)


def k_complex(start_s):
    return DetectedEvent("k_complex", Derivation.F4, start_s, start_s + 1.0, 140.0)


def epoch(*events, low_tone=0.9, derivations=DERIVATIONS, signals=None):
    by_kind = {}
    for event in events:
        by_kind.setdefault(event.kind, []).append(event)
    measures = EpochMeasures(
        {kind: tuple(found) for kind, found in by_kind.items()},
        tone_uv=4.0,
        low_tone_share=low_tone,
    )
    return MeasuredEpoch(measures, derivations, signals, is_simulated=True)


def outcome(text, measured):
    (claim,) = claims_of(text)
    return check_epoch(claim, measured).outcome


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Spindle at 12.3 s.", SUPPORTED),
        ("Spindle at 12.3 s, 13 Hz, 40 µV.", SUPPORTED),
        ("Spindle in the first half.", SUPPORTED),
        ("Spindle at 25 s.", CANNOT_TELL),  # one in five is missed
        ("Spindles at 22 and 27 s.", CONTRADICTED),  # both would hardly be
        ("Spindle at 12.3 s, 16 Hz.", CONTRADICTED),
        ("Spindle at 12.3 s, 110 µV.", CONTRADICTED),
        ("No spindle.", CONTRADICTED),
        ("No spindle in the second half.", SUPPORTED),
        ("No spindle above 75 µV.", SUPPORTED),
        ("One spindle.", SUPPORTED),
        ("Six spindles.", CONTRADICTED),
    ],
)
def test_a_spindle_is_judged_by_time_frequency_size_and_number(text, expected):
    assert outcome(text, epoch(spindle(12.1))) is expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Slow waves fill more than a fifth of the epoch.", SUPPORTED),
        ("Slow waves for 8 s.", SUPPORTED),
        ("Slow waves fill less than 20 % of the epoch.", CONTRADICTED),
        ("Slow waves fill most of the epoch.", CONTRADICTED),
        ("Slow waves no longer fill a fifth of the epoch.", CONTRADICTED),
        ("No slow wave above 75 µV.", CONTRADICTED),
        ("No slow wave above 300 µV.", SUPPORTED),
        ("Low-amplitude mixed-frequency activity.", CONTRADICTED),
    ],
)
def test_slow_waves_are_judged_by_the_seconds_that_they_fill(text, expected):
    assert outcome(text, epoch(*slow_waves(8))) is expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Alpha from 0 to 12 s.", SUPPORTED),
        ("Alpha in more than half of the epoch.", CANNOT_TELL),
        ("Alpha throughout the epoch.", CONTRADICTED),
        ("No alpha.", CONTRADICTED),
        ("No alpha in the last 10 s.", SUPPORTED),
    ],
)
def test_a_rhythm_is_judged_by_how_much_of_a_stretch_it_fills(text, expected):
    assert outcome(text, epoch(alpha(0.0, 12.0))) is expected


@pytest.mark.parametrize(
    ("low_share", "low", "high"),
    [
        (0.95, SUPPORTED, CONTRADICTED),
        (0.5, CANNOT_TELL, CANNOT_TELL),
        (0.0, CONTRADICTED, SUPPORTED),
        (None, CANNOT_TELL, CANNOT_TELL),
    ],
)
def test_chin_tone_is_judged_against_the_night(low_share, low, high):
    measured = epoch(low_tone=low_share)
    assert outcome("Chin tone is low.", measured) is low
    assert outcome("Chin tone is not low.", measured) is high


def test_a_kind_that_is_often_found_in_error_does_not_contradict_by_one_find():
    assert outcome("No K complex.", epoch(k_complex(9.0))) is CANNOT_TELL
    many = epoch(*(k_complex(3.0 * i) for i in range(9)))
    assert outcome("No K complex.", many) is CONTRADICTED
    assert outcome("K complex at 9.5 s.", epoch(k_complex(9.0))) is SUPPORTED


def test_a_kind_whose_errors_are_not_known_contradicts_nothing():
    assert outcome("Theta for 20 s.", epoch()) is CANNOT_TELL
    assert outcome("Tone rises at 14 s.", epoch()) is CANNOT_TELL


def test_what_a_recording_lacks_cannot_be_told():
    without = epoch(derivations=(Derivation.F4, Derivation.CHIN))
    (claim,) = claims_of("No alpha.")
    verdict = check_epoch(claim, without)
    assert (verdict.outcome, verdict.reason) == (CANNOT_TELL, "This recording has no O2-M1.")


@pytest.mark.parametrize(("gain", "expected"), [(0.8, SUPPORTED), (0.02, CONTRADICTED)])
def test_another_derivation_is_looked_at_while_the_wave_lasts(gain, expected):
    times = np.arange(3000) / 100
    burst = 20 * np.sin(2 * np.pi * 13.4 * times) * ((times > 12) & (times < 13))
    signals = np.zeros((len(DERIVATIONS), 3000))
    signals[DERIVATIONS.index(Derivation.C4)] = burst
    signals[DERIVATIONS.index(Derivation.F4)] = gain * burst
    measured = epoch(spindle(12.1), signals=lambda: signals)
    assert outcome("Spindle in F4-M1 at 12 s.", measured) is expected


def test_a_verdict_says_what_was_measured_how_surely_and_where():
    (claim,) = claims_of("Spindle at 12.3 s, 13 Hz, 110 µV.")
    verdict = check_epoch(claim, epoch(spindle(12.1)))
    size = next(one for one in verdict.measured if one.unit == "µV")
    assert (size.value, size.uncertainty) == (38.0, pytest.approx(14.9, abs=0.1))
    assert verdict.reason == "Measured 38.0 µV peak to peak, the text states 110 µV."
    assert verdict.events == (spindle(12.1),)


def test_measures_come_back_from_kept_evidence():
    measures = epoch(spindle(12.1), alpha(0, 9), *slow_waves(2)).measures
    measures = replace(measures, beside=((0.0, 0.6), (29.5, 30.0)))
    assert measures_from(evidence_of(measures)) == measures
    assert measures_from(evidence_of(measures)).unread(Derivation.C4) == list(measures.beside)


def test_without_a_signal_another_derivation_cannot_be_told():
    assert outcome("Spindle in F4-M1 at 12 s.", epoch(spindle(12.1))) is CANNOT_TELL


# Real recordings: a verdict needs a detector that was compared with marks.


def real(measured):
    return replace(measured, is_simulated=False)


def real_verdict(text, measured):
    (claim,) = claims_of(text)
    return check_epoch(claim, real(measured))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Spindle at 12.3 s.", SUPPORTED),
        ("Spindle at 25 s.", CANNOT_TELL),
        ("Spindles at 22 and 27 s.", CONTRADICTED),
        ("No spindle.", CANNOT_TELL),  # a third of the detections are no spindle of an expert
        ("Spindle at 12.3 s, 16 Hz.", CONTRADICTED),
    ],
)
def test_a_spindle_of_a_real_recording_is_judged_by_agreement_with_experts(text, expected):
    assert real_verdict(text, epoch(spindle(12.1))).outcome is expected


@pytest.mark.parametrize(
    ("text", "events"),
    [
        ("Alpha throughout the epoch.", (alpha(0.0, 12.0),)),
        ("No alpha.", ()),
        (
            "K complex at 12 s.",
            (DetectedEvent("k_complex", Derivation.F4, 12.0, 13.0, 110.0),),
        ),
        ("No K complex.", ()),
        ("No arousal.", ()),
        (
            "Vertex sharp wave at 4 s.",
            (DetectedEvent("vertex_wave", Derivation.C4, 4.0, 4.3, 90.0),),
        ),
        ("Low-amplitude mixed-frequency activity.", slow_waves(8)),
        ("Chin tone is low.", ()),
        ("No blinks.", ()),
        ("Slow eye movements.", ()),
    ],
)
def test_a_detector_without_enough_marks_decides_nothing(text, events):
    verdict = real_verdict(text, epoch(*events))
    assert verdict.outcome is CANNOT_TELL
    assert verdict.reason


@pytest.mark.parametrize(
    "text",
    [
        "K complexes.",
        "Three K complexes.",
        "More than nine K complexes.",
        "No K complex.",
        "K complexes at 2, 5 and 8 s.",
        "K complex at 2 s, 400 µV.",
        "K complex of 140 µV at 2 s.",
        "No K complex above 75 µV.",
        "K complexes at 12, 15, 18, 21, 24, 26, 27, 28 and 29 s.",
    ],
)
@pytest.mark.parametrize("count", [0, 1, 3, 9])
def test_a_detector_that_may_err_every_other_time_decides_nothing(text, count):
    """However many detections there are: in an epoch they are often wrong together."""
    events = [k_complex(1.0 + 3.0 * place) for place in range(count)]
    assert real_verdict(text, epoch(*events)).outcome is CANNOT_TELL


def test_what_may_be_no_event_is_not_contradicted_by_its_size():
    movement = DetectedEvent("rem", Derivation.E1, 4.0, 4.3, 90.0)
    verdict = real_verdict("Rapid eye movement of 600 µV at 4 s.", epoch(movement))
    assert (verdict.outcome, "often wrong" in verdict.reason) == (CANNOT_TELL, True)


def test_the_reason_names_what_is_not_known():
    verdict = real_verdict("Alpha for 8 s.", epoch(alpha(0.0, 8.0)))
    assert verdict.reason == (
        "Detected: alpha at 0.0-8.0 s. Alpha fills 8.0 s (27 % of the epoch), the text states 8 s."
        " The detection of alpha is not proven on real recordings."
    )
    assert verdict.measured == ()


@pytest.mark.parametrize(
    ("text", "waves", "expected"),
    [
        ("Slow waves at 0 s.", 8, SUPPORTED),
        ("Slow waves fill more than a fifth of the epoch.", 15, SUPPORTED),
        ("Slow waves fill more than a fifth of the epoch.", 8, CANNOT_TELL),
        ("Slow waves fill more than a fifth of the epoch.", 5, CANNOT_TELL),
        ("Slow waves fill more than half of the epoch.", 5, CONTRADICTED),
        ("No slow wave above 75 µV.", 8, CONTRADICTED),
        ("Slow waves at 2 s.", 0, CANNOT_TELL),
    ],
)
def test_slow_waves_of_real_recordings_are_judged_within_their_error(text, waves, expected):
    """Readers and the detector differ by some 3 s in an epoch of 30 s."""
    assert real_verdict(text, epoch(*slow_waves(waves))).outcome is expected


@pytest.mark.parametrize(
    "text",
    [
        "No alpha.",
        "No theta.",
        "Alpha at 2 s.",
        "Alpha at 0-20 s.",
        "Alpha for 9 s at 11 Hz.",
        "Theta for 4 s.",
        "Three spindles.",
        "No K complex.",
        "Spindle at 25 s.",
        "No spindle.",
        "Spindle at 12.3 s, 45 µV.",
        "Spindle in F4-M1 at 12.3 s.",
        "No slow wave above 75 µV.",
        "Low-amplitude mixed-frequency activity.",
        "Chin tone is low.",
        "Chin tone is moderate.",
        "Chin tone is 6 µV.",
        "Chin tone rises at 4 s.",
        "Vertex sharp wave at 4 s.",
        "No arousal.",
        "Eye movements at 3 s.",
    ],
)
@pytest.mark.parametrize("is_simulated", [True, False])
@pytest.mark.parametrize("low_tone", [0.5, None])
def test_cannot_tell_always_says_why_in_a_short_sentence_at_its_end(text, is_simulated, low_tone):
    measured = epoch(spindle(12.1), alpha(0.0, 9.0), *slow_waves(3), low_tone=low_tone)
    (claim,) = claims_of(text)
    verdict = check_epoch(claim, replace(measured, is_simulated=is_simulated))
    if verdict.outcome is not CANNOT_TELL:
        return
    why = re.split(r"(?<=\.) (?=[A-Z])", verdict.reason)[-1]
    assert len(why) < 80
    words = ("not ", "error", "wrong", "missed", "neither", "too little", "too many")
    assert any(word in why.lower() for word in words), verdict.reason


def test_one_rapid_eye_movement_is_too_little_to_support_a_claim_and_two_are_enough():
    def movement(start_s):
        return DetectedEvent("rem", Derivation.E1, start_s, start_s + 0.3, 90.0)

    one = real_verdict("Rapid eye movement at 4 s.", epoch(movement(4.0)))
    assert (one.outcome, "often wrong" in one.reason) == (CANNOT_TELL, True)
    two = epoch(movement(4.0), movement(6.0))
    assert real_verdict("Rapid eye movements at 4 and 6 s.", two).outcome is SUPPORTED


def test_waves_that_were_searched_centrally_are_judged_there():
    """Slow waves and K complexes, where F4 is missing or has no reference of its own."""
    wave = DetectedEvent("slow_wave", Derivation.C4, 12.0, 13.0, 110.0)
    for derivations in (DERIVATIONS, (Derivation.C4, Derivation.E1, Derivation.E2)):
        verdict = real_verdict(
            "Slow wave in C4-M1 at 12.1 s.", epoch(wave, derivations=derivations)
        )
        assert verdict.outcome is SUPPORTED
        assert "F4" not in verdict.reason
        none = real_verdict("No K complex in C4-M1.", epoch(derivations=derivations))
        assert none.reason == ("No K complex was detected. Too many are missed for that to count.")
    blind = real_verdict("K complex at 12 s.", epoch(derivations=(Derivation.O2,)))
    assert blind.reason == "This recording has no F4-M1."


def test_a_claim_about_a_body_movement_is_not_hidden_by_it():
    artefact = DetectedEvent("movement", Derivation.C4, 16.0, 22.0)
    assert real_verdict("Body movement at 17-21 s.", epoch(artefact)).outcome is SUPPORTED
    assert real_verdict("No body movement.", epoch(artefact)).outcome is CANNOT_TELL


@pytest.mark.parametrize(
    ("start_s", "outcome"), [(12.5, CANNOT_TELL), (13.5, CANNOT_TELL), (20.0, SUPPORTED)]
)
def test_a_wave_in_or_beside_a_movement_artefact_decides_nothing(start_s, outcome):
    artefact = DetectedEvent("movement", Derivation.C4, start_s, start_s + 3)
    verdict = real_verdict("Spindle at 12.3 s.", epoch(spindle(12.1), artefact))
    assert verdict.outcome is outcome
    assert ("Movement artefact lies there." in verdict.reason) == (outcome is CANNOT_TELL)


def test_microvolts_of_the_chin_are_measured_and_may_be_judged():
    assert real_verdict("Chin tone is 4 µV.", epoch()).outcome is SUPPORTED


CENTRAL = tuple(name for name in DERIVATIONS if name is not Derivation.F4)


def in_centre(kind, start_s, size_uv=140.0):
    return DetectedEvent(kind, Derivation.C4, start_s, start_s + 1.0, size_uv, 1.0)


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("K complex at 9.5 s.", "k_complex"),
        ("K complex at 9.5 s in C4-M1.", "k_complex"),
        ("K complex at 9.5 s, 140 µV.", "k_complex"),
        ("Slow wave at 9.5 s.", "slow_wave"),
        ("Slow wave at 9.5 s in C4-M1.", "slow_wave"),
    ],
)
def test_without_the_frontal_derivation_waves_are_judged_in_the_central_one(text, kind):
    assert outcome(text, epoch(in_centre(kind, 9.0), derivations=CENTRAL)) is SUPPORTED


@pytest.mark.parametrize("text", ["K complex at 9.5 s in F4-M1.", "Slow wave at 9.5 s in F4-M1."])
def test_nothing_is_said_of_a_derivation_that_is_missing(text):
    kind = "k_complex" if text.startswith("K") else "slow_wave"
    verdict = check_epoch(claims_of(text)[0], epoch(in_centre(kind, 9.0), derivations=CENTRAL))
    assert verdict.outcome is CANNOT_TELL
    assert "F4-M1 was not measured" in verdict.reason


@pytest.mark.parametrize("text", ["K complex at 9.5 s.", "No slow waves."])
def test_without_both_derivations_the_first_is_named(text):
    verdict = check_epoch(claims_of(text)[0], epoch(derivations=(Derivation.O2,)))
    assert verdict.outcome is CANNOT_TELL
    assert verdict.reason == "This recording has no F4-M1."


@pytest.mark.parametrize("kind", [k_complex_events, slow_wave_events])
def test_sizes_are_compared_in_the_band_in_which_they_are_measured(kind):
    assert event_kind(kind.KIND).band_hz == kind.BAND_HZ


def test_a_fault_of_the_central_derivation_counts_where_it_is_searched_instead():
    measured = epoch(in_centre("k_complex", 9.0), derivations=CENTRAL)
    faults = {Derivation.C4: (Fault.POPS,)}
    faulty = replace(measured, measures=replace(measured.measures, faults=faults))
    verdict = check_epoch(claims_of("K complex at 9.5 s.")[0], faulty)
    assert verdict.outcome is CANNOT_TELL
    assert verdict.reason.startswith("C4-M1 shows electrode pops")


@pytest.mark.parametrize(
    ("text", "place", "reason"),
    [
        ("Spindle at 12.3 s.", Derivation.C4, "C4-M1 shows electrode pops"),
        ("No K complex.", Derivation.F4, "F4-M1 shows electrode pops"),
        ("No rapid eye movements.", Derivation.E2, "E2-M2 shows electrode pops"),
        ("Chin tone is low.", Derivation.CHIN, "Chin shows electrode pops"),
        ("Spindle at 12.3 s in O2.", Derivation.O2, "O2-M1 shows electrode pops"),
        ("Low-amplitude mixed-frequency activity.", Derivation.O2, "O2-M1 shows electrode pops"),
    ],
)
def test_claims_of_a_faulty_derivation_cannot_be_told(text, place, reason):
    measured = epoch(spindle(12.1))
    faulty = replace(measured, measures=replace(measured.measures, faults={place: (Fault.POPS,)}))
    (claim,) = claims_of(text)
    verdict = check_epoch(claim, faulty)
    assert verdict.outcome is CANNOT_TELL
    assert verdict.reason.startswith(reason)


def test_claims_of_other_derivations_and_of_movement_are_judged():
    measured = epoch(spindle(12.1))
    faulty = replace(
        measured, measures=replace(measured.measures, faults={Derivation.F4: (Fault.LOOSE,)})
    )
    assert outcome("Spindle at 12.3 s.", faulty) is SUPPORTED
    faulty = replace(faulty, measures=replace(faulty.measures, faults={Derivation.C4: ()}))
    assert outcome("Body movement at 20 s.", faulty) is not SUPPORTED


SAID_OF = {
    "k_complex": "K complex",
    "slow_wave": "Slow wave",
    "spindle": "Spindle",
    "vertex_wave": "Vertex wave",
    "sawtooth": "Sawtooth waves",
    "alpha": "Alpha",
    "theta": "Theta",
    "arousal": "Arousal",
    "rem": "Rapid eye movement",
    "sem": "Slow eye movement",
    "blink": "Blink",
    "lamf": "Low-amplitude mixed-frequency activity",
}


def with_unread(measured, **unread):
    return replace(measured, measures=replace(measured.measures, **unread))


@pytest.mark.parametrize("said", SAID_OF.values())
@pytest.mark.parametrize("place", ["F4", "C4", "O2", "E1", "E2"])
def test_a_fault_of_another_derivation_is_no_reason(said, place):
    forms = ("{} in {} at 9.5 s.", "No {} in {}.", "{} in {}.")
    claims = [claims_of(form.format(said, place))[0] for form in forms]
    for claim, fault in itertools.product(claims, (Fault.SATURATED, Fault.POPS)):
        (about,) = claim.derivations
        others = {name: (fault,) for name in DERIVATIONS if name is not about}
        for unread in (
            {"faults": others},
            {"gaps": {name: (Gap(faults, 8.0, 14.0),) for name, faults in others.items()}},
        ):
            reason = check_epoch(claim, with_unread(epoch(), **unread)).reason
            assert all(name not in reason for name in others), reason
            assert fault.noun not in reason


@pytest.mark.parametrize(
    ("text", "kind"),
    [("K complex at 9.5 s in C4.", "k_complex"), ("Slow wave in C4.", "slow_wave")],
)
def test_waves_of_c4_are_judged_there_while_f4_is_not_read(text, kind):
    faults = {Derivation.F4: (Fault.SATURATED,)}
    there = with_unread(epoch(in_centre(kind, 9.0)), faults=faults)
    assert outcome(text, there) is SUPPORTED
    assert outcome(text.replace(" in C4", ""), there) is SUPPORTED
    assert outcome(f"No {text}", there) is not SUPPORTED
    verdict = check_epoch(claims_of(text.replace("C4", "F4"))[0], there)
    assert verdict.outcome is CANNOT_TELL
    assert verdict.reason.startswith("F4-M1 shows a saturated amplifier")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Spindle at 12.3 s.", SUPPORTED),
        ("Spindles at 19 and 22 s.", CANNOT_TELL),
        ("Spindles at 25 and 28 s.", CONTRADICTED),
        ("Nine spindles.", CANNOT_TELL),
        ("No spindle at 20 s.", CANNOT_TELL),
        ("No spindle in the second half.", SUPPORTED),
        ("No spindle.", CONTRADICTED),
        ("Blinks.", CONTRADICTED),
    ],
)
def test_a_claim_is_not_judged_by_what_is_missing_where_nothing_is_read(text, expected):
    pop = {Derivation.C4: (Gap((Fault.POPS,), 18.0, 21.0),)}
    measured = with_unread(epoch(spindle(12.1)), gaps=pop)
    verdict = check_epoch(claims_of(text)[0], measured)
    assert verdict.outcome is expected
    said = "C4-M1 shows electrode pops and is not read at 18-21 s."
    assert (said in verdict.reason) == (expected is CANNOT_TELL)


def test_a_chin_that_a_movement_hides_is_not_said_to_be_missing():
    artefact = DetectedEvent("movement", Derivation.C4, 0.0, 30.0)
    hidden = with_unread(epoch(artefact), tone_uv=None, low_tone_share=None)
    assert check_epoch(claims_of("Chin tone is low.")[0], hidden).reason == (
        "Movement artefact lies there."
    )


def test_a_time_under_a_movement_is_not_judged():
    artefact = DetectedEvent("movement", Derivation.C4, 20.0, 23.0)
    measured = epoch(spindle(12.1), artefact)
    for text in ("Spindles at 21 and 22 s.", "No spindle at 21.5 s."):
        verdict = check_epoch(claims_of(text)[0], measured)
        assert (verdict.outcome, "Movement artefact lies there." in verdict.reason) == (
            CANNOT_TELL,
            True,
        )
    assert outcome("Body movement at 21 s.", measured) is SUPPORTED
