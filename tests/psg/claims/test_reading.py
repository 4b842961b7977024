"""What the reader finds in sentences, and what it leaves alone."""

import random
import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from benchmarks.claims.reading_score import score_texts
from benchmarks.claims.sentences import KNOWN, UNSEEN, sentences
from benchmarks.claims.writing import NOUNS, claim_at_random, written
from psg.claims import Range, Span, claims_of, read_claims
from psg.claims.tokens import MOST_CHARACTERS
from psg.montage import Derivation
from psg.rules.editions import get_edition
from psg.rules.phrases import default_phrases, parse_phrases

WORDS = "no not spindle K-complex alpha 12 .5 s Hz µV % ( ) , ; . and or C4 at 3-4 > half low"
SLOT = re.compile(r"\{([a-z_]+)\}")
PHRASES = [phrase.text for phrase in parse_phrases(default_phrases(), get_edition())]


def the_claim(text):
    (claim,) = claims_of(text)
    return claim


def test_one_sentence_tells_kind_place_time_frequency_and_size():
    claim = the_claim("Spindle in C4-M1 at 12.3-13.1 s, 13.4 Hz, 38 µV.")
    assert (claim.kind, claim.absent) == ("spindle", False)
    assert claim.derivations == (Derivation.C4,)
    assert claim.spans == (Span(12.3, 13.1),)
    assert claim.frequency_hz == Range(13.4, 13.4)
    assert claim.amplitude_uv == Range(38, 38)


@pytest.mark.parametrize("unit", ["µV", "μV", "uV", "microvolts", " µV", "  uV"])
@pytest.mark.parametrize("dash", ["-", "–", "‑", " to "])
def test_units_and_dashes_come_in_many_forms(unit, dash):
    claim = the_claim(f"Slow waves of 80{dash}120{unit}.")
    assert claim.amplitude_uv == Range(80, 120)


@pytest.mark.parametrize(
    "label", ["C4-M1", "C4", "C4-A1", "C4/M1", "C4:M1", "c4-m1", "C4‑M1", "C4-LER"]
)
def test_a_channel_goes_by_every_label_that_the_montage_knows(label):
    assert the_claim(f"Spindles in {label}.").derivations == (Derivation.C4,)


def test_a_negation_reaches_over_a_list_and_not_beyond():
    claims = claims_of("No spindles, K complexes or slow waves, and rapid eye movements at 4 s.")
    assert [(claim.kind, claim.absent) for claim in claims] == [
        ("spindle", True),
        ("k_complex", True),
        ("slow_wave", True),
        ("rem", False),
    ]


def test_a_criterion_that_is_not_met_negates_no_wave():
    claim = the_claim("The spindle at 3.1 s comes early, and N3 is not met (N2.1).")
    assert not claim.absent


@pytest.mark.parametrize(
    "text",
    [
        "A possible spindle at 14 s.",
        "Alpha cannot be excluded.",
        "If alpha were present, the epoch would be W.",
        "The preceding epoch contains a spindle at 25 s.",
        "K complexes or spindles are visible.",
        "Spindle-like activity at 8 s.",
        "Stage N2.",
        "This is REM sleep.",
        "Spindles in neither half of the epoch.",
        "Spindles at 3 s, not seen in O2.",
        "Nichts zu sehen.",
    ],
)
def test_what_is_uncertain_or_not_understood_is_listed_and_not_guessed(text):
    read = read_claims(text)
    assert read.claims == ()
    assert read.unread
    assert all(one.reason and text[one.start : one.end] == one.text for one in read.unread)


def test_a_length_that_belongs_to_two_rhythms_is_left_unread():
    read = read_claims("Alpha and theta fill more than half of the epoch.")
    assert [claim.share for claim in read.claims] == [None, None]
    assert [one.text for one in read.unread] == ["more than half of the epoch"]


@pytest.mark.parametrize(("path", "least"), [(KNOWN, 0.96), (UNSEEN, 0.85)])
def test_the_lists_written_by_hand_are_read_as_well_as_they_were(path, least):
    score = score_texts((one.text, one.claims) for one in sentences(path))
    assert score.perfect / score.texts >= least, score.faults
    assert score.claims.wrong == 0


@pytest.mark.parametrize("phrase", [one for one in PHRASES if SLOT.search(one)])
def test_the_phrases_that_we_offer_claim_the_waves_that_fill_their_slots(phrase):
    text = SLOT.sub("C4-M1 at 3.0-3.9 s", phrase.replace("{slow_wave_s}", "4.2"))
    claimed = {claim.kind for claim in claims_of(text) if claim.spans and not claim.absent}
    assert claimed == set(SLOT.findall(phrase)) - {"slow_wave_s"}, text


@settings(max_examples=60, deadline=None)
@given(st.sampled_from(sorted(NOUNS)), st.integers(0, 10**9))
def test_what_is_put_into_a_sentence_is_read_out_of_it(kind, seed):
    rng = random.Random(seed)
    claim = claim_at_random(kind, rng)
    text = written(claim, rng)
    score = score_texts([(text, [claim])])
    assert score.faults == [], (text, claim, claims_of(text))


@settings(max_examples=60, deadline=None)
@given(
    st.text(max_size=200)
    | st.lists(
        st.sampled_from(WORDS.split()),
        max_size=40,
    ).map(" ".join)
)
def test_any_text_is_read_in_place_and_within_bounds(text):
    read = read_claims(text)
    for one in (*read.claims, *read.unread):
        assert 0 <= one.start <= one.end <= len(text)
        assert text[one.start : one.end] == one.text
    for claim in read.claims:
        assert all(0 <= span.start_s <= span.end_s <= 30 for span in claim.spans)


@pytest.mark.parametrize("piece", ["spindle ", "9", "no (", "12-", "a\u0000\u0007", "\n,"])
def test_a_megabyte_of_anything_is_read_up_to_the_limit_and_said_to_be(piece):
    text = piece * (1_000_000 // len(piece))
    read = read_claims(text)
    assert (read.unread[-1].start, read.unread[-1].end) == (MOST_CHARACTERS, len(text))


@pytest.mark.parametrize(
    "text",
    [
        "The arousal at 21.9 s of the epoch before has ended N2.",
        "Spindle at 21 s of the previous epoch.",
        "K complex at 3 s of the epoch after.",
        "Slow waves fill 8 s of the following epoch.",
        "Theta for 7.6 s of the epoch before.",
    ],
)
def test_a_time_of_another_epoch_is_no_statement_about_this_one(text):
    read = read_claims(text)
    assert not read.claims
    assert read.unread


@pytest.mark.parametrize(
    "text",
    ["No spindle or K complex", "No rapid or slow eye movements", "Without blinks, alpha or theta"],
)
def test_each_wave_of_a_negated_list_is_quoted_with_its_negation(text):
    claims = claims_of(f"Alpha at 3 s. {text}.")[1:]
    assert len(claims) >= 2
    assert all(claim.text.split()[0] in ("No", "Without") for claim in claims)


@pytest.mark.parametrize(
    ("text", "spans", "length_s"),
    [
        ("Spindle at 12 s of the epoch.", (Span(12, 12),), None),
        ("K complex at 3 s of this epoch.", (Span(3, 3),), None),
        ("Alpha fills 12 s of the epoch.", (), Range(12, 12)),
        ("Theta for 7.6 s of the 30-s epoch.", (), Range(7.6, 7.6)),
        ("Slow waves take 8 s of 30 s.", (), Range(8, 8)),
    ],
)
def test_seconds_of_the_epoch_are_a_time_after_at_and_a_length_otherwise(text, spans, length_s):
    claim = the_claim(text)
    assert (claim.spans, claim.length_s) == (spans, length_s)


@pytest.mark.parametrize(
    ("text", "absent", "present"),
    [
        ("No spindle or K complex.", {"spindle", "k_complex"}, set()),
        ("One K complex in F4-M1 at 17.3 s (51 µV) and no spindle.", {"spindle"}, {"k_complex"}),
        (
            "No rapid or slow eye movements and no blinks in E1-M2 and E2-M2.",
            {"rem", "sem", "blink"},
            set(),
        ),
        (
            "No slow wave above 75 µV in F4-M1; low-amplitude mixed-frequency activity in C4-M1;"
            " theta at 5.6-7.0 Hz in C4-M1 for 7.6 s.",
            {"slow_wave"},
            {"lamf", "theta"},
        ),
        ("Movement artefact at 17.0-19.0 s and 21.0-22.0 s.", set(), {"movement"}),
        ("Chin tone rises at 11.8-16.5 s.", set(), {"chin_tone"}),
        ("One arousal at 16.3-22.0 s.", set(), {"arousal"}),
        (
            "Check N1.2 by eye: the detection of theta is not proven on real recordings.",
            set(),
            set(),
        ),
    ],
)
def test_sentences_of_the_rules_reader_are_read_as_they_are_meant(text, absent, present):
    claims = claims_of(text)
    assert {claim.kind for claim in claims if claim.absent} == absent
    assert {claim.kind for claim in claims if not claim.absent} == present
