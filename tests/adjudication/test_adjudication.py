"""Settling the disagreements of two scorings of ten epochs."""

import json
import uuid

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from annotations.adjudication.errors import AdjudicationRefusedError, AlreadyOpenError
from annotations.adjudication.lifecycle import discard_adjudication, start_adjudication
from annotations.adjudication.models import Adjudication, AdjudicationDecision
from annotations.scoring.errors import NotOpenError
from annotations.scoring.models import EpochScore, Scoring
from annotations.scoring.scorings import reopen_scoring
from recordings.models import Recording
from studies.models import Role
from tests.helpers.adjudications import finished_scoring
from tests.helpers.early import assigned_early

pytestmark = pytest.mark.django_db
FIRST = ["W", "W", "N1", "N2", "N2", "N3", "N3", "R", None, None]
SECOND = ["W", "N1", "N1", "N2", "N3", "N3", "N3", "R", "R", None]
DIFFER = [1, 4, 8]


@pytest.fixture
def adjudicator(study, member):
    return member(study, Role.ADJUDICATOR)


@pytest.fixture
def originals(labels_only):
    return [
        finished_scoring(labels_only, "maple", FIRST),
        finished_scoring(labels_only, "birch", SECOND),
    ]


@pytest.fixture
def adjudication(originals, adjudicator) -> Adjudication:
    return start_adjudication(scorings=originals, user=adjudicator, seed=3)


@pytest.fixture
def client(client_of, adjudicator):
    return client_of(adjudicator)


def url_of(adjudication: Adjudication, end: str = "") -> str:
    return f"/api/v1/adjudications/{adjudication.pk}/{end}"


def put(client, adjudication, epoch: int, **body):
    body = {"client_uuid": str(uuid.uuid4()), "version": 0, "reason": "rule", **body}
    return client.put(url_of(adjudication, f"epochs/{epoch}/"), body, "application/json")


def take(client, adjudication, epoch: int, side: str = "A", **more):
    return put(client, adjudication, epoch, choice="take", side=side, **more)


def letter_of(adjudication: Adjudication, scoring: Scoring) -> str:
    return adjudication.sides.get(scoring=scoring).letter


def test_what_all_agree_on_is_settled_at_once_and_says_whose_words_were_taken(adjudication):
    settled = adjudication.decisions.filter(choice="unanimous")
    assert [d.epoch for d in settled] == [0, 2, 3, 5, 6, 7, 9]
    for decision in settled.exclude(stage=None):
        label = decision.side.scoring.scorer.label
        assert decision.rationale == f"{label}-{decision.epoch}"
    assert settled.get(epoch=9).stage is None


def test_the_rationales_of_unanimous_epochs_come_from_several_sides(adjudication):
    taken = adjudication.decisions.exclude(side=None).values_list("side__place", flat=True)
    assert set(taken) == {0, 1}


def test_the_same_seed_gives_the_same_order(originals, adjudication, adjudicator):
    discard_adjudication(adjudication=adjudication, user=adjudicator, reason="Once more.")
    again = start_adjudication(scorings=originals[::-1], user=None, seed=3)
    assert [s.scoring_id for s in again.sides.all()] == [
        s.scoring_id for s in adjudication.sides.all()
    ]


def test_a_second_start_of_the_same_scorings_leads_to_the_open_adjudication(
    client, labels_only, originals, adjudication, adjudicator
):
    with pytest.raises(AlreadyOpenError, match=f"/adjudications/{adjudication.pk}/"):
        start_adjudication(scorings=originals[::-1], user=None)
    third = finished_scoring(labels_only, "oak", FIRST)
    start_adjudication(scorings=[*originals, third], user=None)
    assert Adjudication.objects.count() == 2
    chosen = {"scorings": [scoring.pk for scoring in originals]}
    again = client.post(f"/recordings/{labels_only.pk}/adjudicate/", chosen)
    assert again.headers["Location"] == f"/adjudications/{adjudication.pk}/"
    discard_adjudication(adjudication=adjudication, user=adjudicator, reason="Once more.")
    assert start_adjudication(scorings=originals, user=None).is_open


def test_originals_are_locked_from_the_start(originals, adjudication):
    with pytest.raises(NotOpenError):
        reopen_scoring(scoring=originals[0])


def test_the_page_and_the_api_do_not_say_who_the_sides_are(client, adjudication, originals):
    answer = client.get(url_of(adjudication))
    page = client.get(f"/adjudications/{adjudication.pk}/")
    texts = [json.dumps({**answer.json(), "disagreements": {}, "decisions": []})]
    texts.append(page.content.decode())
    for text in texts:
        assert "maple" not in text
        assert "birch" not in text
        assert f'"scoring": {originals[0].pk}' not in text
    assert list(answer.json()["disagreements"]) == [str(epoch) for epoch in DIFFER]


def test_a_taken_side_gives_stage_rules_and_words(client, adjudication, originals):
    letter = letter_of(adjudication, originals[1])
    answer = take(client, adjudication, 4, letter)
    assert answer.status_code == 200
    decided = answer.json()
    assert (decided["stage"], decided["rules"], decided["rationale"]) == ("N3", ["N3.1"], "birch-4")
    assert decided["side"] == letter


def test_a_decision_needs_a_reason_code(client, adjudication):
    answer = take(client, adjudication, 4, reason="")
    assert answer.status_code == 400
    assert "reason" in answer.json()["fields"]


def test_a_side_that_did_not_score_the_epoch_cannot_be_taken(client, adjudication, originals):
    answer = take(client, adjudication, 8, letter_of(adjudication, originals[0]))
    assert answer.status_code == 400


@pytest.mark.parametrize(
    ("written", "status"),
    [
        ({"stage": "N1", "rules": ["N1.1"], "rationale": "Alpha gone."}, 200),
        ({"stage": "N1", "rules": ["N3.1"]}, 400),
        ({"stage": None}, 400),
        ({"stage": "N1", "rules": ["Z.9"]}, 400),
        ({"stage": "N1", "rationale": "a\x00b"}, 400),
    ],
)
def test_what_is_written_must_make_sense(client, adjudication, written, status):
    assert put(client, adjudication, 1, choice="write", **written).status_code == status


def test_a_gap_in_an_own_rationale_stops_the_consensus(client, adjudication):
    for epoch, words in zip(DIFFER, ("Alpha gone.", "Spindle in ___.", "REMs."), strict=True):
        put(client, adjudication, epoch, choice="write", stage="R", rationale=words)
    refused = client.post(url_of(adjudication, "finish/"))
    assert (refused.status_code, refused.json()["code"]) == (409, "gaps")
    assert refused.json()["epochs"] == [DIFFER[1]]
    put(client, adjudication, DIFFER[1], version=1, choice="write", stage="R", rationale="Spindle.")
    assert client.post(url_of(adjudication, "finish/")).status_code == 200


def test_the_same_save_twice_is_a_single_decision(client, adjudication):
    same = str(uuid.uuid4())
    first = take(client, adjudication, 4, client_uuid=same)
    again = take(client, adjudication, 4, client_uuid=same)
    assert first.json() == again.json()
    assert adjudication.decisions.filter(epoch=4).count() == 1


def test_two_adjudicators_do_not_overwrite_each_other(client, adjudication):
    assert take(client, adjudication, 4, "A").status_code == 200
    stale = take(client, adjudication, 4, "B")
    assert stale.status_code == 409
    assert stale.json()["current"]["side"] == "A"
    assert adjudication.decisions.filter(epoch=4).count() == 1


def test_a_decision_taken_back_leaves_the_epoch_open_and_stays_in_the_history(client, adjudication):
    take(client, adjudication, 4)
    put(client, adjudication, 4, choice="withdraw", version=1, why="undo")
    assert list(adjudication.decisions.filter(epoch=4).values_list("choice", flat=True)) == [
        "take",
        "withdraw",
    ]
    refused = client.post(url_of(adjudication, "finish/"))
    assert refused.status_code == 409
    assert refused.json()["epochs"] == DIFFER


def test_the_consensus_holds_what_was_decided_and_links_to_all_originals(
    client, adjudication, originals
):
    second = letter_of(adjudication, originals[1])
    take(client, adjudication, 1, second)
    take(client, adjudication, 8, second)
    put(client, adjudication, 4, choice="write", stage="R", rules=["R.1"], rationale="REMs.")
    answer = client.post(url_of(adjudication, "finish/"))
    assert answer.status_code == 200
    consensus = Scoring.objects.get(pk=answer.json()["scoring"])
    assert consensus.scorer.kind == "consensus"
    assert consensus.state == Scoring.State.SUBMITTED
    stages = dict(EpochScore.objects.filter(scoring=consensus).values_list("epoch", "stage"))
    assert stages == {0: "W", 1: "N1", 2: "N1", 3: "N2", 4: "R", 5: "N3", 6: "N3", 7: "R", 8: "R"}
    assert {s.scoring for s in consensus.adjudication.sides.all()} == set(originals)
    assert consensus.revisions.count() == len(stages)


def test_after_the_end_nothing_changes(client, adjudication):
    for epoch in DIFFER:
        put(client, adjudication, epoch, choice="write", stage="W")
    assert client.post(url_of(adjudication, "finish/")).status_code == 200
    assert take(client, adjudication, 4, version=1).json()["code"] == "finished"
    assert client.post(url_of(adjudication, "finish/")).status_code == 409
    assert AdjudicationDecision.objects.filter(epoch=4).count() == 1


def test_a_scorer_does_not_settle_their_own_night(study, member, client_of, labels_only, originals):
    both = member(study, Role.ADJUDICATOR, Role.ANNOTATOR)
    own = finished_scoring(labels_only, "own", FIRST, user=both)
    with pytest.raises(AdjudicationRefusedError):
        start_adjudication(scorings=[own, originals[0]], user=both)
    begun = start_adjudication(scorings=[own, originals[0]], user=None)
    assert client_of(both).get(url_of(begun)).status_code == 404


def test_who_still_scores_a_night_blind_does_not_settle_it(
    study, member, client_of, labels_only, adjudication
):
    both = member(study, Role.ADJUDICATOR, Role.ANNOTATOR)
    assigned_early(labels_only, both)
    assert client_of(both).get(url_of(adjudication)).status_code == 404


def test_an_adjudicator_picks_scorings_on_a_page(client, labels_only, originals):
    page = f"/recordings/{labels_only.pk}/adjudicate/"
    assert page.encode() in client.get(f"/recordings/{labels_only.pk}/scorings/").content
    assert client.get(page).status_code == 200
    refused = client.post(page, {"scorings": [originals[0].pk]})
    assert b"Choose at least two" in refused.content
    both = client.post(page, {"scorings": [s.pk for s in originals]})
    assert both.url == f"/adjudications/{Adjudication.objects.get().pk}/"


def discard(client, adjudication, reason: str = "The wrong night was chosen."):
    url = f"/adjudications/{adjudication.pk}/discard/"
    return client.post(url, {"reason": reason}, follow=True)


def states_of(scorings) -> set[str]:
    return {Scoring.objects.get(pk=scoring.pk).state for scoring in scorings}


def test_all_of_many_scorings_are_chosen_at_once(client_of, adjudicator, labels_only, originals):
    client, page = client_of(adjudicator), f"/recordings/{labels_only.pk}/adjudicate/"
    assert "Choose all" not in client.get(page).content.decode()
    for label in ("oak", "elm"):
        finished_scoring(labels_only, label, FIRST)
    shown = client.get(page).content.decode()
    assert ("Choose all 4 scorings" in shown, shown.count(" checked")) == (True, 0)
    assert client.get(f"{page}?choose=all").content.decode().count(" checked") == 4


def test_a_discarded_adjudication_unlocks_its_originals_and_keeps_what_was_decided(
    client, adjudication, adjudicator, originals
):
    take(client, adjudication, 4)
    answer = discard(client, adjudication)
    assert b"is discarded" in answer.content
    adjudication.refresh_from_db()
    assert (adjudication.state, adjudication.discarded_by) == ("discarded", adjudicator)
    assert adjudication.decisions.filter(epoch=4).exists()
    assert states_of(originals) == {"submitted"}
    events = [scoring.events.get() for scoring in originals]
    assert {(e.kind, e.user, e.reason) for e in events} == {
        ("unlocked", adjudicator, "The wrong night was chosen.")
    }
    assert take(client, adjudication, 4, version=1).json()["code"] == "discarded"
    assert client.post(url_of(adjudication, "finish/")).json()["code"] == "discarded"
    assert client.get(f"/adjudications/{adjudication.pk}/").status_code == 200
    page = client.get(f"/recordings/{adjudication.recording_id}/adjudicate/").content
    assert b"The wrong night was chosen." in page
    assert b"Start adjudication</a>" in client.get("/").content  # the night can be adjudicated


def test_without_a_reason_or_after_the_end_nothing_is_discarded(client, adjudication, originals):
    for reason in ["", "   "]:
        assert b"Enter a reason" in discard(client, adjudication, reason).content
    assert states_of(originals) == {"locked"}
    for epoch in DIFFER:
        put(client, adjudication, epoch, choice="write", stage="W")
    client.post(url_of(adjudication, "finish/"))
    assert b"is finished. Nothing was changed" in discard(client, adjudication).content
    assert states_of(originals) == {"locked"}


def test_an_original_that_another_adjudication_needs_stays_locked(
    client, adjudication, originals, labels_only
):
    third = finished_scoring(labels_only, "cedar", FIRST)
    start_adjudication(scorings=[originals[0], third], user=None)
    discard(client, adjudication)
    assert [states_of([s]) for s in (*originals, third)] == [{"locked"}, {"submitted"}, {"locked"}]
    assert not originals[0].events.exists()


def test_a_lead_discards_from_the_page_of_a_locked_scoring(
    client_of, lead, annotator, adjudication, originals
):
    page = f"/scorings/{originals[0].pk}/"
    assert (
        f"/adjudications/{adjudication.pk}/discard/".encode() in client_of(lead).get(page).content
    )
    discard(client_of(annotator), adjudication)
    assert states_of(originals) == {"locked"}
    discard(client_of(lead), adjudication)
    assert states_of(originals) == {"submitted"}
    assert b"Discarded the adjudication".lower() in client_of(lead).get(page).content.lower()


def test_a_long_list_of_recordings_to_adjudicate_has_pages_and_few_queries(
    client, adjudication, study, originals
):
    assert b"Continue, 3 left" in client.get("/").content
    with CaptureQueriesContext(connection) as of_one:
        client.get("/")
    recordings = Recording.objects.bulk_create(
        Recording(
            study=study,
            subject=adjudication.recording.subject,
            name=f"Night {n:03d}",
            state=Recording.State.LABELS_ONLY,
            epoch_count=10,
            duration_s=300,
        )
        for n in range(60)
    )
    Scoring.objects.bulk_create(
        Scoring(recording=recording, scorer=original.scorer, state="submitted", rule_edition="x")
        for recording in recordings
        for original in originals
    )
    with CaptureQueriesContext(connection) as of_many:
        first = client.get("/").content.decode()
    assert len(of_many) == len(of_one)
    second = client.get("/?page=2").content.decode()
    assert "1 to 50 of 61" in first
    assert [page.count("Start adjudication</a>") for page in (first, second)] == [49, 11]
    assert client.get("/?page=nonsense").status_code == 200
