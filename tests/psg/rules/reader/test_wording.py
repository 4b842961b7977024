from dataclasses import replace

import pytest

from psg.claims import read_claims
from psg.claims.vocabulary import DETECTION
from psg.events import DetectedEvent, event_kind, registry
from psg.events.faults import Fault
from psg.events.kind import OnRealMarks
from psg.events.measures import seconds_text
from psg.events.unread import Gap, fault_sentence, gap_sentence
from psg.montage import Derivation
from psg.rules.reader.deciding import decide
from psg.rules.reader.rationale import rationale_of
from psg.rules.reader.signs import BESIDE_NON_REM, NightTraits


def movement(start_s, end_s):
    return DetectedEvent("movement", Derivation.C4, start_s, end_s)


def rationale(signs, calibration, *epochs, index=-1):
    seen = signs(*epochs)
    place = index % len(epochs)
    return rationale_of(place, decide(seen, calibration), seen, calibration)


def test_the_deciding_waveform_is_named_with_time_and_measure(signs, epoch, producer):
    text = rationale(signs, producer, epoch(spindle=[5]))
    assert "One spindle in C4-M1 at 5.0 s (13.2 Hz, 35 µV)" in text
    assert (
        "The spindle at 5.0 s lies in the first half of the epoch, and N3 is not met (N2.1)" in text
    )
    assert text.endswith("Stage N2.")


def test_what_was_looked_for_and_not_found_is_said(signs, epoch, producer):
    text = rationale(signs, producer, epoch(alpha=[0, 9, 18]))
    assert "No slow wave above 75 µV in F4-M1. No spindle in C4-M1." in text
    assert "24.0 s of 30 (W.1)" in text
    for kind in ("K complex", "eye movement", "blink"):  # that there is none is not known
        assert kind not in text


def test_a_sign_in_the_epoch_before_is_placed_there(signs, epoch, producer):
    text = rationale(signs, producer, epoch(k_complex=[22]), epoch())
    assert "The possible K complex at 22.0 s lies in the last half of the epoch before" in text
    assert "The epoch before is N1." in text


def test_a_late_sign_says_for_which_epoch_it_counts(signs, epoch, producer):
    text = rationale(signs, producer, epoch(k_complex=[22]))
    assert (
        "The possible K complex at 22.0 s lies in the second half and counts for the next epoch."
    ) in text
    text = rationale(signs, producer, epoch(spindle=[5]), epoch(spindle=[20, 22]))
    late = "The spindles at 20.0 and 22.0 s lie in the second half and count for the next epoch."
    assert late in text
    rem = epoch(low_tone=1.0, rem=[3, 5])
    text = rationale(signs, producer, rem, epoch(low_tone=1.0, k_complex=[17.3]))
    assert "K complex at 17.3 s lies in the second half and does not end R here." in text
    assert "second half" not in rationale(signs, producer, epoch(spindle=[5, 20]))


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(5.96, "5.9 s"), (6.0, "6.0 s"), (14.99, "14.9 s"), (7.56, "7.6 s"), (0.0, "0.0 s")],
)
def test_seconds_that_fall_short_of_a_whole_second_do_not_read_as_it(seconds, text):
    assert seconds_text(seconds) == text


def test_movement_that_hides_a_part_of_the_epoch_is_named_with_its_time(signs, epoch, producer):
    night = signs(epoch(spindle=[5], movement=[]))
    here = replace(
        night[0].here,
        events={**night[0].here.events, "movement": (movement(17, 19), movement(21, 22))},
    )
    text = rationale(lambda *_: [replace(night[0], here=here)], producer, None)
    assert text.startswith("Movement artefact at 17.0-19.0 s and 21.0-22.0 s.")


def test_the_level_of_a_chin_that_varies_little_is_given_alone(signs, epoch):
    traits = NightTraits(makes_alpha=True, alpha_hz=10.0, chin="uninformative", missing=())
    night = signs(epoch(low_tone=None))
    here = replace(night[0].here, tone_uv=1.7)
    text = rationale(lambda *_: [replace(night[0], here=here)], traits, None)
    assert "is 1.7 µV RMS; in this recording it varies too little to be called low or high" in text


def test_no_filler_and_no_word_on_what_does_not_matter(signs, epoch, producer):
    deep = rationale(signs, producer, epoch(slow_wave=[1, 3, 5, 7, 9, 11], theta=[20]))
    for word in ("quiet", "vertex", "mixed", "tells nothing", "goes on"):
        assert word not in deep


def test_nothing_is_said_of_the_alpha_of_a_sleeper_who_was_never_awake(signs, epoch, no_alpha):
    text = rationale(signs, no_alpha, epoch(theta=[3, 12, 20]))
    assert "no alpha producer" not in text
    assert "With waking alpha unknown in this recording, N1 is scored by" in text


def test_seconds_that_count_for_n3_are_told_beside_those_of_the_manual(signs, epoch, producer):
    waves = epoch(slow_wave=[1, 3, 5, 7, 9, 11])

    def told(here, *steep_s):
        night = [
            replace(seen, steep_s=s) for seen, s in zip(signs(waves, here), steep_s, strict=True)
        ]
        return rationale(lambda *_: night, producer, None, None)

    counted = "add up to 6.0 s; 4.0 s count for N3 (0.8-3 Hz, 55 µV and more)"
    assert counted in told(waves, 0.0, 4.0)
    assert "count for N3" not in told(epoch(slow_wave=[1]), 0.0, 1.0)
    # Six seconds have an error of several; what the page cannot tell is no fact either.
    assert "What counts for N3 fills more than a fifth of the epoch" in told(waves, 0.0, 7.0)
    many = epoch(slow_wave=range(1, 29, 2))
    assert "Slow waves fill more than a fifth of the epoch (N3.1)." in told(many, 0.0, 14.0)
    assert "What counts for N3 fills more than a fifth of the epoch" in told(epoch(), 0.0, 7.0)
    assert "what counts for N3 falls short of 6 s" in told(waves, 8.0, 4.0)
    assert "N3 slow waves fall short of 6 s" in told(epoch(), 8.0, 4.0)


def test_tone_is_described_by_what_it_was_compared_with(signs, epoch, producer):
    traits = NightTraits(makes_alpha=True, alpha_hz=10.0, chin=BESIDE_NON_REM, missing=())
    level = "Chin tone is 5.0 µV RMS; in this recording that is"
    low = epoch(low_tone=1.0)
    assert f"{level} below that of non-REM sleep." in rationale(signs, traits, low)
    unknown = replace(low, low_tone_share=None)
    assert f"{level} not below that of non-REM sleep." in rationale(signs, traits, unknown)
    ended = rationale(signs, traits, epoch(low_tone=1.0, rem=[3, 5]), unknown)
    assert "Chin tone is not below that of non-REM sleep, which ends R (R.3)" in ended
    assert f"{level} below the middle of its range." in rationale(signs, producer, low)
    assert f"{level} above the middle of its range." in rationale(signs, producer, epoch())


def test_a_single_eye_movement_that_r_is_entered_with_points_to_the_others(signs, epoch, producer):
    one = epoch(low_tone=1.0, rem=[3])
    first = rationale(signs, producer, one, one, index=0)
    together = "one possible rapid eye movement occur together"
    assert f"{together}, with 1 more in like epochs around it" in first
    two = epoch(low_tone=1.0, rem=[3, 5])
    assert "like epochs" not in rationale(signs, producer, two, one, index=0)
    lasting = rationale(signs, producer, one, *[epoch(low_tone=1.0)] * 5, index=0)
    assert f"{together}, in 6 epochs with such EEG and tone" in lasting


def test_an_arousal_is_neither_denied_nor_stated(signs, epoch, producer):
    rem = epoch(low_tone=1.0, rem=[3, 5])
    text = rationale(signs, producer, rem, epoch(low_tone=1.0, arousal=[3]))
    assert "Check by eye: one possible arousal at 3.0-7.0 s." in text
    assert "K complexes cannot be judged: check by eye." in text
    text = rationale(signs, producer, rem, epoch(low_tone=1.0))
    assert "K complexes and arousals cannot be judged: check by eye." in text


def test_more_signs_of_n2_than_eye_movements_are_told_where_they_end_r(signs, epoch, producer):
    rem = epoch(low_tone=1.0, rem=[3, 5])
    text = rationale(signs, producer, rem, epoch(low_tone=1.0, rem=[3], spindle=[4, 7]))
    assert "Signs of N2 outnumber possible rapid eye movements, which ends R (R.3)" in text
    text = rationale(signs, producer, rem, epoch(low_tone=1.0, spindle=[4, 7]))
    assert "Whether rapid eye movements keep R going cannot be judged: check by eye (R.3)" in text


def test_the_epoch_before_is_named_once(signs, epoch, producer):
    text = rationale(signs, producer, epoch(low_tone=1.0, rem=[3, 5]), epoch(low_tone=1.0))
    assert text.count("The epoch before is R") == 1


def test_a_missing_chin_is_said(signs, epoch, no_chin):
    text = rationale(signs, no_chin, epoch(low_tone=None))
    assert "The chin is missing, so low tone cannot be shown." in text


def test_r_names_its_three_signs(signs, epoch, producer):
    text = rationale(signs, producer, epoch(low_tone=1.0, rem=[3, 5]))
    assert "Check by eye: two possible rapid eye movements at 3.0 and 5.0 s (90 µV)." in text
    assert (
        "Possible low-amplitude mixed-frequency EEG, chin tone below the middle of its range and"
        " two possible rapid eye movements occur together (R.1)."
    ) in text


def test_r_reached_back_points_to_the_epoch_after(signs, epoch, producer):
    quiet, rem = epoch(low_tone=1.0), epoch(low_tone=1.0, rem=[3, 5])
    assert "The epoch after is R" in rationale(signs, producer, quiet, rem, index=0)
    assert "The epoch before is R, and this one" in rationale(signs, producer, rem, quiet)


def test_long_lists_of_times_are_cut_short(signs, epoch, producer):
    text = rationale(signs, producer, epoch(blink=[1, 2, 3, 4, 5, 6]))
    assert "six possible blinks at 1.0, 2.0, 3.0, 4.0 s and 2 more" in text


def test_every_rule_that_can_be_cited_has_its_words(signs, epoch, producer, no_alpha):
    night = (
        epoch(alpha=[0, 9, 18]),
        epoch(blink=[2, 3, 4]),
        epoch(rem=[3, 5, 7]),
        epoch(),
        epoch(spindle=[5]),
        epoch(),
        epoch(arousal=[4]),
        epoch(slow_wave=[1, 3, 5, 7, 9, 11]),
        epoch(),
        epoch(low_tone=1.0, rem=[3, 5, 7]),
        epoch(low_tone=1.0),
        epoch(),
        epoch(movement=[2], alpha=[21]),
        epoch(movement=[2]),
    )
    cited = set()
    for calibration in (producer, no_alpha):
        seen = signs(*night)
        decisions = decide(seen, calibration)
        for index, decision in enumerate(decisions):
            text = rationale_of(index, decisions, seen, calibration)
            assert all(f"({rule})" in text for rule in decision.rules)
            cited.update(decision.rules)
    assert len(cited) >= 14


@pytest.mark.parametrize(
    ("events", "possible"),
    [
        ({"alpha": [3, 12, 21]}, "alpha in O2-M1 at 10.0 Hz for 24.0 s"),
        ({"low_tone": 1.0, "rem": [3, 5]}, "rapid eye movements at 3.0 and 5.0 s (90 µV)"),
        ({"k_complex": [5]}, "K complex in F4-M1 at 5.0 s (140 µV)"),
        ({"k_complex": [5], "spindle": [20]}, "K complex in F4-M1 at 5.0 s (140 µV)"),
        ({"theta": [3, 12, 20]}, "theta in C4-M1 at 5.5 Hz for 9.0 s"),
        ({"vertex_wave": [3]}, "vertex sharp wave in C4-M1 at 3.0 s (90 µV)"),
        ({"sem": [3, 9]}, "slow eye movements at 3.0 and 9.0 s (70 µV)"),
    ],
)
def test_a_kind_without_trust_is_possible_where_a_rule_rests_on_it(
    signs, epoch, no_alpha, events, possible
):
    text = rationale(signs, no_alpha, epoch(low_tone=1.0), epoch(**events))
    assert text.partition("Check by eye: ")[2].partition(possible)[0] in (
        "possible ",
        "one possible ",
        "two possible ",
    )
    named = possible.partition(" at ")[0].partition(" in ")[0]
    assert text.lower().count(named.lower()) == text.lower().count(f"possible {named}".lower())
    read = read_claims(text)
    assert {claim.kind for claim in read.claims} <= {"slow_wave", "spindle", "chin_tone"}
    assert DETECTION in {part.reason for part in read.unread if "by eye" in part.text}


def test_an_epoch_that_rests_on_trusted_kinds_alone_names_no_others(signs, epoch, producer):
    others = {"theta": [20], "k_complex": [24], "rem": [8], "alpha": [27], "sem": [12]}
    deep = epoch(slow_wave=[1, 3, 5, 7, 9, 11, 13, 15, 17, 19], **others)
    for here in (deep, epoch(spindle=[5]), epoch(spindle=[9], k_complex=[5])):
        assert "by eye" not in rationale(signs, producer, here)


def test_trust_decides_the_wording(signs, epoch, producer, monkeypatch):
    kinds = [kind for kind in registry.EVENT_KINDS if kind.id not in ("k_complex", "arousal")]
    known = replace(event_kind("k_complex"), on_real_marks=OnRealMarks(0.8, 0.8))
    also = replace(event_kind("arousal"), on_real_marks=OnRealMarks(0.8, 0.3))
    monkeypatch.setattr(registry, "EVENT_KINDS", (*kinds, known, also))
    text = rationale(signs, producer, epoch(k_complex=[5]))
    assert "One K complex in F4-M1 at 5.0 s (140 µV) and no spindle in C4-M1." in text
    assert "The K complex at 5.0 s lies in the first half" in text
    goes_on = rationale(signs, producer, epoch(k_complex=[5]), epoch())
    assert "No spindle in C4-M1 and no K complex in F4-M1." in goes_on
    assert "Alpha and arousals cannot be judged" in goes_on


def test_seconds_close_to_those_of_n3_are_said_to_be(signs, epoch, producer):
    close = "This is close to the 6 s that N3 needs: check by eye."
    for count, is_close in ((1, False), (4, True), (7, True), (10, False)):
        waves = [1 + 2 * number for number in range(count)]
        night = (epoch(spindle=[20]), epoch(slow_wave=waves))
        assert (close in rationale(signs, producer, *night)) is is_close


def test_without_a_frontal_derivation_the_central_one_is_named(signs, epoch):
    central = NightTraits(
        makes_alpha=True, alpha_hz=10.0, chin="informative", missing=(Derivation.F4,)
    )
    text = rationale(signs, central, epoch(k_complex=[22], slow_wave=[3]))
    assert "one possible K complex in C4-M1" in text
    assert "in C4-M1 add up to" in text
    assert "F4-M1" not in text


def test_the_ecg_is_named_where_it_shows(signs, epoch):
    traits = NightTraits(
        makes_alpha=True,
        alpha_hz=10.0,
        chin="informative",
        missing=(),
        with_ecg=(Derivation.F4, Derivation.C4),
    )
    assert "The ECG shows in F4-M1 and C4-M1." in rationale(signs, traits, epoch(spindle=[5]))


def test_a_reference_that_makes_the_stage_uncertain_is_named(signs, epoch, producer):
    said = "The reference is probably not a mastoid, so the stage is less certain."
    assert said not in rationale(signs, producer, epoch(spindle=[5]))
    common = replace(producer, without_mastoid=True)
    assert said in rationale(signs, common, epoch(spindle=[5]))


def test_a_faulty_derivation_is_named_and_nothing_is_said_of_its_waves(signs, epoch, producer):
    faults = {Derivation.F4: (Fault.SATURATED,), Derivation.O2: (Fault.SATURATED,)}
    deep = epoch(slow_wave=[1, 3, 5, 7, 9, 11])
    faulty = replace(epoch(spindle=[5]), faults=faults)
    text = rationale(signs, producer, deep, faulty)
    assert "F4-M1 and O2-M1 show a saturated amplifier, so nothing is read from them" in text
    assert "O2-M1 is not read, so alpha cannot be judged" in text
    for unseen in ("no slow wave", "K complex", "mixed-frequency", "No alpha"):
        assert unseen not in text
    # Slow waves are not seen to end.
    assert text.endswith("does not end the stage of the epoch before. Stage N3.")
    central = replace(producer, frontal_is_small=True)
    assert "smaller" not in rationale(signs, central, replace(deep, faults=faults))


def test_a_dead_line_is_named_without_the_jumps_around_it(signs, epoch, producer):
    faults = {Derivation.F4: (Fault.SATURATED, Fault.POPS, Fault.LOOSE)}
    small = replace(producer, frontal_is_small=True)
    text = rationale(signs, small, replace(epoch(slow_wave=[5]), faults=faults))
    assert "F4-M1 shows a saturated amplifier, so nothing is read from it" in text
    assert "shows the same waves smaller" not in text


def test_faulty_eyes_and_chin_are_not_read(signs, epoch, producer):
    faults = dict.fromkeys((Derivation.E1, Derivation.E2), (Fault.SAME_EYES,))
    chin = {Derivation.CHIN: (Fault.MAINS,)}
    faulty = replace(epoch(low_tone=None), tone_uv=None, faults=faults | chin)
    text = rationale(signs, producer, faulty)
    assert "Both eye derivations are not read" in text
    assert "Chin shows mostly hum of the mains" in text
    assert "The chin is not read, so low tone cannot be shown" in text


@pytest.mark.parametrize("fault", Fault)
def test_a_named_fault_is_no_claim_of_a_wave(fault):
    assert read_claims(fault_sentence(["F4-M1", "C4-M1"], (fault,))).claims == ()
    gaps = (Gap((fault,), 3.0, 6.0), Gap((fault,), 12.0, 15.0))
    assert read_claims(gap_sentence("F4-M1", gaps)).claims == ()


def test_what_is_not_read_for_a_part_of_an_epoch_is_said(signs, epoch, producer):
    gaps = {Derivation.C4: (Gap((Fault.POPS,), 3.0, 6.0),)}
    here = replace(epoch(spindle=[9]), gaps=gaps)
    text = rationale(signs, producer, here)
    assert "C4-M1 shows electrode pops and is not read at 3-6 s." in text
    assert "One spindle in C4-M1 at 9.0 s" in text


def test_the_seconds_that_a_movement_leaves_are_said(signs, epoch, producer):
    here = epoch(spindle=[9])
    moved = replace(here, events={**here.events, "movement": (movement(20.0, 24.0),)})
    text = rationale(signs, producer, moved)
    assert "Movement artefact at 20.0-24.0 s. Waves are measured in 24.0 s beside it." in text
    hidden = replace(here, events={"movement": (movement(4.0, 24.0),)})
    assert "mixed-frequency" not in rationale(signs, producer, hidden)


def test_waves_of_c4_are_named_where_f4_is_not_read(signs, epoch, producer):
    here = epoch(k_complex=[5], slow_wave=[9])
    central = {
        kind: tuple(replace(event, derivation=Derivation.C4) for event in same)
        for kind, same in here.events.items()
    }
    faults = {Derivation.F4: (Fault.SATURATED,)}
    text = rationale(signs, producer, replace(here, events=central, faults=faults))
    assert "one possible K complex in C4-M1 at 5.0 s" in text
    assert "in C4-M1 add up to" in text


def test_eyes_that_cannot_be_told_from_slow_waves_are_said(signs, epoch, producer):
    eeg = (Derivation.F4, Derivation.C4, Derivation.O2)
    said = "Without an EEG derivation movements of the eyes cannot be told from slow waves."
    for missing in ((), eeg[:1], eeg[1:], eeg):
        text = rationale(signs, replace(producer, missing=missing), epoch())
        assert (said in text) is (missing == eeg)
        assert "rem" not in {claim.kind for claim in read_claims(text).claims}


def test_what_the_eeg_alone_shows_is_said(signs, epoch, no_alpha):
    central = replace(no_alpha, missing=(Derivation.O2,))
    quiet = epoch(low_tone=0.0)
    seen = [
        replace(one, eeg_is_awake=is_so)
        for one, is_so in zip(signs(quiet, quiet), (True, False), strict=True)
    ]
    decisions = decide(seen, central)
    awake, light = (rationale_of(place, decisions, seen, central) for place in (0, 1))
    assert "The EEG of C4-M1 is fast, as in W with open eyes." in awake
    assert awake.endswith("Check W by eye. Stage W.")
    assert "No rule of sleep" not in awake
    assert "N1 is scored by the EEG of C4-M1, slower than in W" in light


def test_waves_measured_centrally_beside_f4_are_said_to_be(signs, epoch, producer):
    text = rationale(signs, replace(producer, frontal_is_small=True), epoch(slow_wave=[3]))
    assert "in C4-M1 add up to" in text
    assert "F4-M1 shows the same waves smaller." in text
