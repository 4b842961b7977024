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
