"""Events of imported files are shown to whoever may see their scoring, and to nobody else."""

import pytest

from annotations.assistance.suggestions import lock_epoch
from annotations.scoring.assignments import assign
from annotations.scoring.events import MOST_EVENTS, keep_events
from annotations.scoring.models import ScoredEvent
from psg.errors import StageFileError
from psg.stagefiles.facts import EventKind, FileEvent
from studies.models import Mode, Role
from tests.helpers.adjudications import finished_scoring
from tests.helpers.helped_scorings import write

pytestmark = pytest.mark.django_db

STAGES = ["W", "N1", "N2", "N2", "N3", "N3", "R", "R", "R", "W"]


def imported(recording):
    """Make a scoring with an arousal in epoch 1 and an apnea over epochs 2 and 3."""
    scoring = finished_scoring(recording, "File", STAGES)
    events = [
        FileEvent(40.0, 5.0, EventKind.AROUSAL, "arousal", "C4-M1"),
        FileEvent(80.0, 25.0, EventKind.RESPIRATORY, "obstructive apnea"),
    ]
    keep_events(scoring=scoring, events=events)
    return scoring


@pytest.fixture
def advice(labels_only):
    return imported(labels_only)


def names(client, scoring):
    answer = client.get(f"/api/v1/scorings/{scoring.pk}/events/")
    return [event["name"] for event in answer.json()["events"]]


def has_place(client, scoring):
    return 'data-part="fileEvents"' in client.get(f"/scorings/{scoring.pk}/score/").text


def test_an_overseer_sees_them_and_a_blind_annotator_neither_them_nor_a_place(
    advice, labels_only, annotator, lead, client_of
):
    own = assign(recording=labels_only, annotator=annotator, assigned_by=lead, mode=Mode.BLIND)
    assert names(client_of(lead), advice) == ["arousal", "obstructive apnea"]
    assert has_place(client_of(lead), advice)
    assert names(client_of(annotator), own) == []
    assert not has_place(client_of(annotator), own)


def test_a_lead_who_scores_the_night_blind_gets_none(labels_only, study, member, client_of):
    both = member(study, Role.LEAD, Role.ANNOTATOR, username="both")
    own = assign(recording=labels_only, annotator=both, assigned_by=None, mode=Mode.BLIND)
    advice = imported(labels_only)
    assert names(client_of(both), own) == []
    assert client_of(both).get(f"/api/v1/scorings/{advice.pk}/events/").status_code == 404


def test_in_reveal_they_come_with_the_locked_epochs(
    advice, labels_only, annotator, lead, client_of
):
    own = assign(
        recording=labels_only,
        annotator=annotator,
        assigned_by=lead,
        mode=Mode.REVEAL,
        suggestion=advice,
    )
    assert has_place(client_of(annotator), own)
    assert names(client_of(annotator), own) == []
    for epoch in (1, 2):  # the apnea reaches into epoch 3
        version = write(own, epoch, "W").version
        lock_epoch(scoring=own, epoch=epoch, seen_version=version)
    assert names(client_of(annotator), own) == ["arousal"]


def test_in_assisted_mode_they_are_shown(advice, labels_only, annotator, lead, client_of):
    own = assign(
        recording=labels_only,
        annotator=annotator,
        assigned_by=lead,
        mode=Mode.ASSISTED,
        suggestion=advice,
    )
    assert len(names(client_of(annotator), own)) == 2


def test_more_than_a_night_can_have_are_refused_and_those_outside_are_left_out(advice):
    outside = FileEvent(1e6, 1.0, EventKind.LIMB)
    assert keep_events(scoring=advice, events=[outside]) == 0
    with pytest.raises(StageFileError, match="more than"):
        keep_events(scoring=advice, events=[outside] * (MOST_EVENTS + 1))
    assert ScoredEvent.objects.count() == 2


@pytest.mark.parametrize(
    ("onset_s", "duration_s", "epochs"),
    [(0, 0, [0]), (29.9, 0.2, [0, 1]), (30, 30, [1]), (-5, 3, [-1])],
)
def test_an_event_knows_the_epochs_that_it_touches(onset_s, duration_s, epochs):
    event = ScoredEvent(onset_s=onset_s, duration_s=duration_s)
    assert list(event.epochs(0.0)) == epochs
