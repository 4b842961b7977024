"""Detected waves: searched once for a night, given out as far as the mode allows."""

import numpy as np
import pytest

from annotations.scoring.assignments import assign
from annotations.scoring.models import Scoring
from recordings.candidates import search_night
from recordings.models import EpochCandidates, Recording
from studies.models import Mode
from tests.assistance.test_modes import lock, save
from tests.helpers.adjudications import finished_scoring

pytestmark = pytest.mark.django_db
SPINDLE_EPOCH = 4


@pytest.fixture
def night(make_noise_night) -> Recording:
    """Ten epochs of quiet noise with one spindle, at 12 to 13 s of the fifth epoch."""
    epochs_uv = np.random.default_rng(3).normal(0, 2, (10, 6, 3000)).astype("float32")
    s = np.arange(100) / 100
    epochs_uv[SPINDLE_EPOCH, 1, 1200:1300] += 40 * np.sin(2 * np.pi * 13 * s) * np.hanning(100)
    return make_noise_night(epochs_uv)


@pytest.fixture
def scoring_in(night, annotator, lead):
    source = finished_scoring(night, "source", ["N2"] * 10)

    def make(mode: Mode) -> Scoring:
        return assign(
            recording=night, annotator=annotator, assigned_by=lead, mode=mode, suggestion=source
        )

    return make


@pytest.fixture
def asked(client_of, annotator):
    client = client_of(annotator)
    return lambda scoring, count=10: client.get(
        f"/api/v1/scorings/{scoring.pk}/candidates/", {"first": 0, "count": count}
    )


def test_a_night_is_searched_when_it_is_first_asked_for_and_once(asked, scoring_in, night):
    scoring = scoring_in(Mode.ASSISTED)
    assert asked(scoring).json() == {"state": "waiting", "has_worker": False}
    search_night(recording_id=night.pk)
    search_night(recording_id=night.pk)
    found = asked(scoring, count=5).json()
    assert found["state"] == "ready"
    assert [one["epoch"] for one in found["candidates"]] == [0, 1, 2, 3, 4]
    (spindle,) = [e for e in found["candidates"][SPINDLE_EPOCH]["events"] if e["kind"] == "spindle"]
    assert spindle["derivation"] == "C4-M1"
    assert (spindle["start_s"], spindle["end_s"]) == pytest.approx((12.2, 12.8), abs=0.3)
    assert spindle["values"]["frequency_hz"] == pytest.approx(13, abs=0.5)
    assert (spindle["signal"], spindle["sfreq_hz"]) == ("filtered", 100)


def test_a_candidate_is_saved_as_evidence_as_it_came(
    client_of, annotator, asked, scoring_in, night
):
    scoring = scoring_in(Mode.ASSISTED)
    search_night(recording_id=night.pk)
    events = asked(scoring).json()["candidates"][SPINDLE_EPOCH]["events"]
    answer = save(client_of(annotator), scoring, SPINDLE_EPOCH, "N2", evidence=events)
    assert (answer.status_code, answer.json()["evidence"]) == (200, events)


def test_blind_scorers_are_refused_though_the_night_was_searched(asked, scoring_in, night):
    search_night(recording_id=night.pk)
    answer = asked(scoring_in(Mode.BLIND))
    assert answer.status_code == 403
    assert "spindle" not in answer.content.decode()


def test_reveal_points_out_nothing_before_the_lock(client_of, annotator, asked, scoring_in, night):
    search_night(recording_id=night.pk)
    scoring = scoring_in(Mode.REVEAL)
    save(client_of(annotator), scoring, 3, "W")
    save(client_of(annotator), scoring, SPINDLE_EPOCH, "W")
    assert asked(scoring).json() == {"state": "ready", "candidates": []}
    lock(client_of(annotator), scoring, SPINDLE_EPOCH)
    (told,) = asked(scoring).json()["candidates"]
    assert told["epoch"] == SPINDLE_EPOCH


def test_what_older_detectors_found_is_searched_anew(asked, scoring_in, night):
    EpochCandidates.objects.create(recording=night, epoch=0, detectors_version=0, events=[])
    assert asked(scoring_in(Mode.ASSISTED)).json()["state"] == "waiting"
    search_night(recording_id=night.pk)
    assert not EpochCandidates.objects.filter(detectors_version=0).exists()


def test_a_night_without_signals_has_none(client_of, annotator, lead, labels_only):
    source = finished_scoring(labels_only, "source", ["N2"] * 10)
    scoring = assign(
        recording=labels_only,
        annotator=annotator,
        assigned_by=lead,
        mode=Mode.ASSISTED,
        suggestion=source,
    )
    url = f"/api/v1/scorings/{scoring.pk}/candidates/"
    assert client_of(annotator).get(url).status_code == 404
