"""The protocol of saves, for scores, decisions, ratings, lights marks and comments alike."""

import uuid
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, fields
from typing import Any

import pytest
from django.db import connections, models, transaction
from django.test import Client

from annotations.adjudication.lifecycle import discard_adjudication, start_adjudication
from annotations.adjudication.models import AdjudicationDecision
from annotations.rating.models import RatingRevision, RatingSlot
from annotations.saving import SCORE_FIELDS
from annotations.scoring.assignments import assign
from annotations.scoring.models import EpochComment, EpochRevision, LightsRevision, Scoring
from annotations.scoring.scores import ScoreContent
from recordings.models import Recording
from studies.models import Role
from tests.helpers.adjudications import finished_scoring
from tests.helpers.locks import wait_for_a_blocked_lock

pytestmark = pytest.mark.django_db

KINDS = ["scores", "decisions", "ratings", "lights", "comments"]
ANOTHER = ["another object", "another epoch", "another person"]
WITHOUT_EPOCHS = ["ratings", "lights"]
Place = tuple[str, dict[str, Any]]


@dataclass(frozen=True)
class Kind:
    """How a kind of answer is saved over the API."""

    method: str
    me: Client
    colleague: Client
    here: Place
    """Address, and what the body says of the place."""
    another_object: Place
    another_epoch: Place | None
    colleagues_place: Place
    """Where the colleague may save: the same place, or their own if it has a single author."""
    answers: tuple[dict[str, Any], dict[str, Any]]
    history: type[models.Model]
    close: Callable[[], object] | None
    closed: tuple[int, str] = (409, "")

    def put(
        self, place: Place | None = None, *, client: Client | None = None, says: int = 0, **body
    ):
        url, extra = place or self.here
        body = {
            "client_uuid": str(uuid.uuid4()),
            "version": 0,
            **self.answers[says],
            **extra,
            **body,
        }
        send = getattr(client or self.me, self.method)
        return send(url, body, content_type="application/json")

    @property
    def kept(self) -> int:
        rows = self.history.objects.all()
        is_decision = (
            self.history is AdjudicationDecision
        )  # where all agree, a decision is made at once
        return (rows.exclude(choice="unanimous") if is_decision else rows).count()


def close_scorings() -> None:
    Scoring.objects.filter(state=Scoring.State.OPEN).update(state=Scoring.State.SUBMITTED)


@pytest.fixture
def colleague(study, member):
    return member(study, Role.ANNOTATOR, Role.ADJUDICATOR, username="colleague")


@pytest.fixture
def second_night(study, labels_only) -> Recording:
    night = Recording.objects.get(pk=labels_only.pk)
    night.pk, night.name = None, "S1 night 2"
    night.save()
    return night


@pytest.fixture
def scorings(scoring, second_night, annotator, colleague) -> list[Scoring]:
    """Two of the annotator, and the colleague's of the first night."""
    again = assign(recording=second_night, annotator=annotator, assigned_by=None)
    theirs = assign(recording=scoring.recording, annotator=colleague, assigned_by=None)
    return [scoring, again, theirs]


@pytest.fixture
def scores(scorings, client_of, annotator, colleague) -> Kind:
    first, second, theirs = (f"/api/v1/scorings/{row.pk}/epochs" for row in scorings)
    content = {"rules": [], "rationale": "Words.", "flags": [], "evidence": []}
    return Kind(
        method="put",
        me=client_of(annotator),
        colleague=client_of(colleague),
        here=(f"{first}/0/", {}),
        another_object=(f"{second}/0/", {}),
        another_epoch=(f"{first}/1/", {}),
        colleagues_place=(f"{theirs}/0/", {}),
        answers=({"stage": "N2", **content}, {"stage": "N3", **content}),
        history=EpochRevision,
        close=close_scorings,
        closed=(409, "submitted"),
    )


@pytest.fixture
def lights(scorings, client_of, annotator, colleague) -> Kind:
    first, second, theirs = (f"/api/v1/scorings/{row.pk}/lights/" for row in scorings)
    return Kind(
        method="put",
        me=client_of(annotator),
        colleague=client_of(colleague),
        here=(first, {}),
        another_object=(second, {}),
        another_epoch=None,
        colleagues_place=(theirs, {}),
        answers=({"off_s": 60, "on_s": None}, {"off_s": 90, "on_s": None}),
        history=LightsRevision,
        close=close_scorings,
        closed=(409, "submitted"),
    )


@pytest.fixture
def comments(scorings, client_of, annotator, lead) -> Kind:
    first, second, _ = (f"/api/v1/scorings/{row.pk}/comments/" for row in scorings)
    return Kind(
        method="post",
        me=client_of(annotator),
        colleague=client_of(lead),
        here=(first, {"epoch": 0}),
        another_object=(second, {"epoch": 0}),
        another_epoch=(first, {"epoch": 1}),
        colleagues_place=(first, {"epoch": 0}),
        answers=({"text": "A spindle."}, {"text": "No spindle."}),
        history=EpochComment,
        close=None,
    )


@pytest.fixture
def decisions(labels_only, study, member, client_of, colleague) -> Kind:
    adjudicator = member(study, Role.ADJUDICATOR)
    sides = [
        finished_scoring(labels_only, "first", ["W", "W", "N1", *["N2"] * 7]),
        finished_scoring(labels_only, "second", ["N1", "N2", *["N2"] * 8]),
        finished_scoring(labels_only, "third", ["N1", "N2", *["N2"] * 8]),
    ]
    begun = [
        start_adjudication(scorings=[sides[0], other], user=adjudicator, seed=1)
        for other in sides[1:]
    ]
    first, second = (f"/api/v1/adjudications/{row.pk}/epochs" for row in begun)
    write = {"choice": "write", "reason": "rule", "rules": [], "rationale": "Words."}
    return Kind(
        method="put",
        me=client_of(adjudicator),
        colleague=client_of(colleague),
        here=(f"{first}/0/", {}),
        another_object=(f"{second}/0/", {}),
        another_epoch=(f"{first}/1/", {}),
        colleagues_place=(f"{first}/0/", {}),
        answers=({"stage": "W", **write}, {"stage": "R", **write}),
        history=AdjudicationDecision,
        close=lambda: discard_adjudication(
            adjudication=begun[0], user=adjudicator, reason="Wrong."
        ),
        closed=(409, "discarded"),
    )


@pytest.fixture
def ratings(rating_study, client_of, raters) -> Kind:
    mine = RatingSlot.objects.filter(rater=raters[0]).order_by("place")
    theirs = RatingSlot.objects.filter(rater=raters[1]).order_by("place")
    here, other, colleagues = (f"/api/v1/rating/{s.code}/" for s in (mine[0], mine[1], theirs[0]))
    rest = {
        "evidence_comprehensiveness": 4,
        "logical_coherence": 4,
        "cannot_judge": False,
        "comment": "",
    }

    def close() -> None:
        rating_study.state = rating_study.State.CLOSED
        rating_study.save(update_fields=["state"])

    return Kind(
        method="put",
        me=client_of(raters[0]),
        colleague=client_of(raters[1]),
        here=(here, {}),
        another_object=(other, {}),
        another_epoch=None,
        colleagues_place=(colleagues, {}),
        answers=({"factual_accuracy": 4, **rest}, {"factual_accuracy": 5, **rest}),
        history=RatingRevision,
        close=close,
        closed=(404, "not_found"),  # items of a closed study are not shown to its raters any more
    )


@pytest.fixture
def kind(request) -> Kind:
    kind: Kind = request.getfixturevalue(request.param)
    return kind


def each(*names: str):
    return pytest.mark.parametrize("kind", names, indirect=True)


@each(*KINDS)
def test_a_save_sent_again_gets_the_first_answer_and_writes_nothing(kind):
    same = str(uuid.uuid4())
    first = kind.put(client_uuid=same)
    again = kind.put(client_uuid=same, says=1)
    assert first.status_code in (200, 201)
    assert (again.status_code, again.json()) == (first.status_code, first.json())
    assert kind.kept == 1


@pytest.mark.parametrize(
    ("kind", "another"),
    [
        (name, another)
        for name in KINDS
        for another in ANOTHER
        if another != "another epoch" or name not in WITHOUT_EPOCHS
    ],
    indirect=["kind"],
)
def test_the_id_of_a_save_of_something_else_is_refused(kind, another):
    places = {
        "another object": (kind.another_object, kind.me),
        "another epoch": (kind.another_epoch, kind.me),
        "another person": (kind.colleagues_place, kind.colleague),
    }
    place, client = places[another]
    same = str(uuid.uuid4())
    assert kind.put(client_uuid=same).status_code in (200, 201)
    foreign = kind.put(place, client=client, client_uuid=same)
    assert (foreign.status_code, foreign.json().get("code")) == (409, "foreign")
    assert kind.kept == 1


@each("scores", "decisions", "ratings", "lights")
def test_a_stale_save_shows_both_sides_and_destroys_neither(kind):
    kind.put(says=0)
    stale = kind.put(says=1)
    assert (stale.status_code, stale.json()["code"]) == (409, "stale")
    assert stale.json()["current"]["version"] == 1
    for side, answer in zip(("current", "yours"), kind.answers, strict=True):
        assert answer.items() <= stale.json()[side].items()
    assert kind.kept == 1
    assert kind.put(says=1, version=1).status_code == 200


@each("scores", "decisions", "ratings", "lights")
def test_what_is_closed_takes_nothing_more(kind):
    kind.put()
    kind.close()
    late = kind.put(says=1, version=1)
    status, code = kind.closed
    assert (late.status_code, late.json().get("code", "")) == (status, code)
    assert kind.kept == 1


@each("scores", "decisions", "lights")
def test_a_save_that_arrived_before_the_end_is_answered_again_after_it(kind):
    same = str(uuid.uuid4())
    first = kind.put(client_uuid=same)
    kind.close()
    assert kind.put(client_uuid=same).json() == first.json()


@each("comments")
def test_comments_have_no_versions_and_no_end(kind):
    assert kind.put(says=0).status_code == 201
    close_scorings()
    assert kind.put(says=1).status_code == 201
    assert kind.kept == 2


@each(*KINDS)
def test_a_save_without_an_id_is_not_understood(kind):
    answer = kind.put(client_uuid="no")
    assert answer.status_code == 400
    assert set(answer.json()["fields"]) == {"client_uuid"}
    assert kind.kept == 0


@pytest.mark.django_db(transaction=True)
@each(*KINDS)
def test_an_id_for_two_objects_at_once_is_foreign_to_the_later(kind):
    same = str(uuid.uuid4())

    def save_elsewhere():
        try:
            return kind.put(kind.another_object, client_uuid=same)
        finally:
            connections.close_all()

    with ThreadPoolExecutor(max_workers=1) as pool:
        with transaction.atomic():
            assert kind.put(client_uuid=same).status_code in (200, 201)
            later = pool.submit(save_elsewhere)
            wait_for_a_blocked_lock()
        answer = later.result(timeout=20)
    assert (answer.status_code, answer.json().get("code")) == (409, "foreign")
    assert kind.kept == 1


def test_the_list_of_score_fields_is_what_is_written_sent_and_read(scoring, client_of, annotator):
    written = {field.name for field in fields(ScoreContent)} - {"source_text"}
    assert set(SCORE_FIELDS) == written
    loaded = client_of(annotator).get(f"/api/v1/scorings/{scoring.pk}/").json()
    assert list(loaded["unscored"]) == list(SCORE_FIELDS)
    assert loaded["unscored"]["stage"] is None
    assert loaded["score_columns"] == ["epoch", *SCORE_FIELDS, "version"]
