"""What each mode lets out of another scoring, and what is kept of it."""

import uuid

import pytest

from annotations.assistance.models import RevealLock, SentSuggestion
from annotations.scoring.assignments import assign
from annotations.scoring.errors import AssignRefusedError
from annotations.scoring.models import EpochRevision, Scoring
from studies.models import Mode, Role
from tests.helpers.adjudications import finished_scoring
from tests.helpers.early import assigned_early

pytestmark = pytest.mark.django_db
NIGHT = ["N2"] * 10
SECRET = "secretmodel"


@pytest.fixture
def source(labels_only) -> Scoring:
    return finished_scoring(labels_only, SECRET, NIGHT)


@pytest.fixture
def scoring_in(labels_only, annotator, lead, source):
    def make(mode: Mode) -> Scoring:
        return assign(
            recording=labels_only,
            annotator=annotator,
            assigned_by=lead,
            mode=mode,
            suggestion=source,
        )

    return make


@pytest.fixture
def client(client_of, annotator):
    return client_of(annotator)


def suggested(client, scoring, **span) -> list[dict]:
    answer = client.get(
        f"/api/v1/scorings/{scoring.pk}/suggestions/", {"first": 0, "count": 10, **span}
    )
    assert answer.status_code == 200
    return answer.json()["suggestions"]


def save(client, scoring, epoch: int, stage: str, version: int = 0, **more):
    body = {
        "client_uuid": str(uuid.uuid4()),
        "version": version,
        "stage": stage,
        "rules": [],
        "rationale": "",
        "flags": [],
        "evidence": [],
        **more,
    }
    url = f"/api/v1/scorings/{scoring.pk}/epochs/{epoch}/"
    return client.put(url, body, "application/json")


def lock(client, scoring, epoch: int, version: int = 1):
    url = f"/api/v1/scorings/{scoring.pk}/epochs/{epoch}/lock/"
    return client.post(url, {"version": version}, "application/json")


def everything_else_sent(client, scoring, study) -> str:
    pages = [
        "/",
        f"/studies/{study.slug}/",
        f"/recordings/{scoring.recording_id}/",
        f"/recordings/{scoring.recording_id}/scorings/",
        f"/recordings/{scoring.recording_id}/history/",
        f"/recordings/{scoring.recording_id}/report/",
        f"/scorings/{scoring.pk}/score/",
        f"/api/v1/scorings/{scoring.pk}/",
        f"/api/v1/recordings/{scoring.recording_id}/",
    ]
    answers = [client.get(page) for page in pages]
    assert {answer.status_code for answer in answers} == {200}
    return "".join(answer.content.decode() + str(answer.headers) for answer in answers)


@pytest.mark.parametrize("mode", [Mode.BLIND, Mode.REVEAL, Mode.ASSISTED])
def test_pages_and_the_scoring_itself_carry_nothing_of_the_suggestion(
    client, scoring_in, study, mode
):
    assert SECRET not in everything_else_sent(client, scoring_in(mode), study)


@pytest.mark.parametrize("mode", [Mode.BLIND, Mode.REVEAL])
def test_nothing_is_suggested_before_an_own_answer(client, scoring_in, mode):
    scoring = scoring_in(mode)
    save(client, scoring, 0, "W")
    assert suggested(client, scoring) == []
    assert not SentSuggestion.objects.exists()


def test_blind_scorings_do_not_even_hold_a_source(client, scoring_in):
    scoring = scoring_in(Mode.BLIND)
    assert scoring.suggestion is None
    save(client, scoring, 0, "W")
    assert lock(client, scoring, 0).status_code == 400


def test_reveal_shows_the_locked_epoch_and_no_other(client, scoring_in):
    scoring = scoring_in(Mode.REVEAL)
    save(client, scoring, 3, "W")
    save(client, scoring, 4, "W")
    answer = lock(client, scoring, 3)
    assert answer.status_code == 200
    assert answer.json()["suggestion"]["stage"] == "N2"
    assert [s["epoch"] for s in suggested(client, scoring)] == [3]
    assert client.get(f"/api/v1/scorings/{scoring.pk}/").json()["locked"] == [3]


def test_an_epoch_without_a_stage_is_not_locked(client, scoring_in):
    scoring = scoring_in(Mode.REVEAL)
    answer = lock(client, scoring, 0)
    assert answer.status_code == 409
    assert answer.json()["code"] == "unscored"
    assert SECRET not in answer.content.decode()


def test_a_lock_on_an_answer_that_has_moved_on_is_refused(client, scoring_in):
    scoring = scoring_in(Mode.REVEAL)
    save(client, scoring, 0, "W")
    save(client, scoring, 0, "N1", version=1)
    answer = lock(client, scoring, 0, version=1)
    assert (answer.status_code, answer.json()["code"]) == (409, "stale")
    assert not RevealLock.objects.exists()


def test_both_answers_are_kept_and_say_what_was_shown(client, scoring_in, source):
    scoring = scoring_in(Mode.REVEAL)
    save(client, scoring, 0, "W")
    lock(client, scoring, 0)
    assert lock(client, scoring, 0).json()["version"] == 1
    save(client, scoring, 0, "N2", version=1)
    before, after = scoring.revisions.filter(epoch=0)
    assert (before.after["stage"], after.after["stage"]) == ("W", "N2")
    assert RevealLock.objects.get().revision == before
    assert before.shown["suggestion"] is None
    assert after.shown["suggestion"]["stage"] == "N2"
    assert after.shown["suggestion"]["source"] == source.pk


def test_what_the_client_claims_to_have_shown_does_not_count(client, scoring_in):
    scoring = scoring_in(Mode.ASSISTED)
    save(client, scoring, 0, "W", shown={"suggestion": "none", "mode": "blind", "page_s": 30})
    suggested(client, scoring, count=1)
    save(client, scoring, 0, "N2", version=1, shown={"suggestion": None})
    before, after = scoring.revisions.filter(epoch=0)
    assert before.shown == {"mode": "assisted", "suggestion": None, "page_s": 30}
    assert after.shown["suggestion"]["stage"] == "N2"


def test_assisted_shows_all_and_the_kind_of_source_but_not_whose_it_is(client, scoring_in, source):
    source.scores.filter(epoch=0).update(probabilities={"N2": 0.75, "W": 0.25})
    scoring = scoring_in(Mode.ASSISTED)
    found = suggested(client, scoring)
    assert [s["epoch"] for s in found] == list(range(10))
    assert set(found[0]) == {
        *("epoch", "stage", "rules", "rationale", "flags", "evidence"),
        *("probability", "kind", "grounding"),
    }
    assert [found[0][name] for name in ("kind", "probability")] == ["import", 0.75]
    assert found[1]["probability"] is None


@pytest.mark.parametrize(
    ("mode", "told"), [(Mode.BLIND, []), (Mode.REVEAL, [[3, "N2"]]), (Mode.REVIEW, NIGHT)]
)
def test_the_strip_of_the_night_gets_the_stages_that_the_mode_allows(
    client, scoring_in, mode, told
):
    scoring = scoring_in(mode)
    if mode == Mode.REVEAL:
        save(client, scoring, 3, "W")
        save(client, scoring, 4, "W")
        lock(client, scoring, 3)
    answer = client.get(f"/api/v1/scorings/{scoring.pk}/suggestions/stages/")
    expected = [[n, stage] for n, stage in enumerate(NIGHT)] if told is NIGHT else told
    assert answer.json() == {"stages": expected}
    sent = SentSuggestion.objects.filter(scoring=scoring).order_by("epoch")
    assert list(sent.values_list("epoch", flat=True)) == [epoch for epoch, _ in expected]


def test_the_history_marks_the_locked_answer_and_what_was_taken_over(client, scoring_in):
    scoring = scoring_in(Mode.REVEAL)
    save(client, scoring, 0, "W")
    lock(client, scoring, 0)
    save(client, scoring, 0, "N2", version=1, shown={"took": "whole"})
    answer = client.get(f"/api/v1/scorings/{scoring.pk}/epochs/0/history/")
    told = [(r["to"]["stage"], r["first"], r["took"]) for r in answer.json()["revisions"]]
    assert told == [("N2", False, "whole"), ("W", True, None)]


def test_a_review_starts_as_a_copy_and_leaves_the_original_alone(client, scoring_in, source):
    scoring = scoring_in(Mode.REVIEW)
    assert set(scoring.revisions.values_list("why", flat=True)) == {EpochRevision.Why.COPY}
    save(client, scoring, 0, "W", version=1)
    assert scoring.scores.get(epoch=0).stage == "W"
    assert source.scores.get(epoch=0).stage == "N2"


@pytest.mark.parametrize("mode", [Mode.BLIND, Mode.REVEAL])
def test_a_lead_who_scores_unaided_sees_nothing_by_other_doors(
    member, client_of, study, labels_only, source, mode
):
    both = member(study, Role.LEAD, Role.ANNOTATOR)
    own = assigned_early(labels_only, both, mode, source)
    client = client_of(both)
    assert client.get(f"/api/v1/scorings/{source.pk}/").status_code == 404
    assert suggested(client, own) == []


def test_only_the_scorer_gets_suggestions(client_of, lead, scoring_in):
    scoring = scoring_in(Mode.ASSISTED)
    answer = client_of(lead).get(f"/api/v1/scorings/{scoring.pk}/suggestions/")
    assert answer.status_code == 403


def test_modes_that_show_something_need_a_finished_source(
    labels_only, annotator, member, study, source
):
    for_annotator = {"recording": labels_only, "annotator": annotator, "assigned_by": None}
    with pytest.raises(AssignRefusedError):
        assign(**for_annotator, mode=Mode.ASSISTED)
    other = member(study, Role.ANNOTATOR, username="other")
    unfinished = assign(recording=labels_only, annotator=other, assigned_by=None)
    with pytest.raises(AssignRefusedError):
        assign(**for_annotator, mode=Mode.REVIEW, suggestion=unfinished)


def test_a_lead_chooses_mode_and_source_when_assigning(
    client_of, lead, annotator, labels_only, source
):
    page = f"/recordings/{labels_only.pk}/assign/"
    client_of(lead).post(page, {"annotator": annotator.pk, "mode": "review"})
    assert not Scoring.objects.filter(scorer__user=annotator).exists()
    wanted = {"annotator": annotator.pk, "mode": "review", "suggestion": source.pk}
    client_of(lead).post(page, wanted)
    made = Scoring.objects.get(scorer__user=annotator)
    assert (made.mode, made.suggestion) == (Mode.REVIEW, source)
