"""One entry makes a kind of event known everywhere."""

import json

import numpy as np
import pytest

from psg.claims import ClaimOutcome, check, claims_of, measure_night
from psg.events import DetectedEvent, detect_events, event_kind, read_continuous, registry
from psg.events.measures import find_evidence, measures_from, offered
from psg.events.registry import EVENT_KINDS, EventKind, Trust, current_id, for_browser
from psg.montage import DERIVATIONS, Derivation
from psg.night import ArrayNight
from psg.rules.editions import get_edition
from psg.rules.phrases import parse_phrases, phrase_slots


def find_twinkles(night):
    return [DetectedEvent("twinkle", Derivation.C4, 33.0, 34.0, 50.0, 9.0)]


TWINKLE = EventKind(
    "twinkle",
    "twinkle",
    names=("twinkle", "cortical twinkle"),
    derivations=(Derivation.C4,),
    band_hz=(7.0, 11.0),
    find=find_twinkles,
    trust=Trust(0.9, 0.9),
    letter="Z",
    measures=("frequency",),
)


@pytest.fixture
def night():
    signals = np.random.default_rng(7).normal(0, 2, (3, len(DERIVATIONS), 3000))
    return ArrayNight(DERIVATIONS, signals.astype("float32"))


@pytest.fixture
def twinkle(monkeypatch):
    monkeypatch.setattr(registry, "EVENT_KINDS", (*EVENT_KINDS, TWINKLE))


def test_before_its_entry_a_kind_is_unknown():
    assert event_kind("twinkle") is None
    assert claims_of("A twinkle at 3 s in C4.") == []
    assert "twinkle" not in phrase_slots()


@pytest.mark.usefixtures("twinkle")
def test_a_detector_and_its_entry_are_enough_for_candidates(night):
    assert detect_events(read_continuous(night))["twinkle"][0].start_s == 33.0
    candidates = [offered(evidence) for evidence in find_evidence(night)]
    assert [[e["start_s"] for e in epoch if e["kind"] == "twinkle"] for epoch in candidates] == [
        [],
        [3.0],
        [],
    ]


@pytest.mark.usefixtures("twinkle")
@pytest.mark.parametrize(
    ("text", "outcome"),
    [
        ("A twinkle at 3.2 s in C4, 9 Hz.", ClaimOutcome.SUPPORTED),
        ("Two cortical twinkles at 12 and 15 s.", ClaimOutcome.CONTRADICTED),
        ("No twinkles.", ClaimOutcome.CONTRADICTED),
    ],
)
def test_a_detector_and_its_entry_are_enough_for_claims(night, text, outcome):
    (claim,) = claims_of(text)
    assert claim.kind == "twinkle"
    assert check(claim, measure_night(night, is_simulated=True), 1).outcome is outcome


@pytest.mark.usefixtures("twinkle")
def test_an_entry_is_enough_for_phrases_and_the_browser():
    (phrase,) = parse_phrases("N2.1: Twinkle in {twinkle}.", get_edition())
    assert phrase.text == "Twinkle in {twinkle}."
    entry = for_browser()[-1]
    assert (entry["id"], entry["letter"], entry["slot"]) == ("twinkle", "Z", "twinkle")
    assert (entry["label"], entry["heading"]) == ("twinkle", "Twinkle")
    assert entry["names"] == ["twinkle", "cortical twinkle"]
    assert entry["derivations"] == ["C4-M1"]
    assert entry["trust"]["recall"] == 0.9


def test_letters_ids_and_names_are_given_once():
    for values in (
        [kind.letter for kind in EVENT_KINDS if kind.letter],
        [kind_id for kind in EVENT_KINDS for kind_id in (kind.id, *kind.former_ids)],
        [name for kind in EVENT_KINDS for name in kind.names],
    ):
        assert len(values) == len(set(values))


def test_kinds_are_json_with_the_same_fields_for_each():
    entries = json.loads(json.dumps(for_browser()))
    assert {tuple(entry) for entry in entries} == {tuple(entries[0])}
    assert [entry["id"] for entry in entries] == [kind.id for kind in EVENT_KINDS]


def test_every_detector_writes_the_id_of_its_entry(night):
    noisy = ArrayNight(night.derivations, 40 * night.epochs_uv)
    for kind_id, events in detect_events(read_continuous(noisy)).items():
        assert {event.kind for event in events} <= {kind_id}


@pytest.mark.parametrize("former", ["tone", "tone_rise", "chin_tone"])
def test_the_chin_tone_is_read_under_its_former_names(former):
    assert current_id(former) == "chin_tone"
    place = {"derivation": "Chin", "start_s": 4.0, "end_s": 6.0}
    level = {"kind": "chin_tone", **place, "values": {"rms_uv": 2.5, "low_share": 0.9}}
    measures = measures_from([{"kind": former, **place, "values": {}}, level])
    assert [event.start_s for event in measures.of("chin_tone")] == [4.0]
    assert (measures.tone_uv, measures.low_tone_share) == (2.5, 0.9)
    (phrase,) = parse_phrases(f"R.3: Tone rises in {{{former}}}.", get_edition())
    assert phrase.text == "Tone rises in {chin_tone}."


def test_kinds_of_other_software_keep_their_name():
    assert current_id("ripple") == "ripple"
    assert event_kind("ripple") is None
