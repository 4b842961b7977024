"""Acts that would show a rater or a blind scorer a text, tried by a lead who means no harm."""

import threading
import uuid

import pytest
from django.db import connection, transaction
from django.test import Client

from annotations.exchange.import_work import IMPORTS
from annotations.exchange.imports import GivenFile, request_import
from annotations.exchange.models import Export
from annotations.exchange.plan import Counting, ImportOptions
from annotations.rating.lifecycle import close_rating_study, launch_rating_study
from annotations.rating.models import RatingSlot, RatingStudy
from annotations.releases.composition import Composition
from annotations.releases.lifecycle import create_release
from annotations.releases.models import Release
from annotations.scoring.assignments import assign
from annotations.scoring.errors import AssignRefusedError
from annotations.scoring.models import EpochRevision, Scoring
from annotations.scoring.scores import ScoreContent, add_scores
from annotations.scoring.scorings import (
    close_scoring,
    create_scoring,
    imported_scorer,
    reopen_scoring,
)
from recordings.models import Recording
from studies.members import add_member, invite
from studies.models import Membership, Mode, Role, Study
from tests.helpers.early import assigned_early
from tests.helpers.massex_tables import night_csv
from tests.helpers.ratings import STAGES

pytestmark = [pytest.mark.django_db, pytest.mark.long]


@pytest.fixture
def finished(sources) -> list[Scoring]:
    return [close_scoring(scoring=scoring) for scoring in sources]


@pytest.fixture
def scoring_rater(study, raters):
    """A rater who also scores nights of the study."""
    add_member(study=study, user=raters[0], role=Role.ANNOTATOR)
    return raters[0]


@pytest.fixture
def blind_lead(study, member, rated_night, finished):
    """A lead who still scores the rated night blind."""
    user = member(study, Role.LEAD, Role.ANNOTATOR, username="blind-lead")
    assigned_early(rated_night, user)
    return user


def shown_texts(client: Client, scoring: Scoring) -> int:
    """Count the addresses of a scoring that the person may open."""
    pages = ["", "comments/", "epochs/0/history/", "claims/", "findings/"]
    asked = [client.get(f"/api/v1/scorings/{scoring.pk}/{page}") for page in pages]
    return sum(answer.status_code == 200 for answer in asked)


# A rater with open slots gets no scoring of the night


@pytest.mark.parametrize("mode", Mode)
def test_a_night_is_not_assigned_to_its_rater(
    mode, client_of, lead, scoring_rater, finished, rating_study, rated_night
):
    form = {"annotator": scoring_rater.pk, "mode": mode, "suggestion": finished[1].pk}
    page = client_of(lead).post(f"/recordings/{rated_night.pk}/assign/", form, follow=True)
    assert not Scoring.objects.filter(scorer__user=scoring_rater).exists()
    assert not any(item.words in page.content.decode() for item in rating_study.items.all())


def test_a_night_is_assigned_to_its_rater_when_the_study_is_closed(
    lead, scoring_rater, finished, rating_study, rated_night
):
    close_rating_study(rating_study=rating_study, user=lead)
    assign(
        recording=rated_night,
        annotator=scoring_rater,
        assigned_by=lead,
        mode=Mode.ASSISTED,
        suggestion=finished[1],
    )
    assert Scoring.objects.filter(scorer__user=scoring_rater).exists()


def test_a_night_is_not_handed_on_to_its_rater(
    client_of, study, member, lead, scoring_rater, finished, rating_study, rated_night
):
    annotator = member(study, Role.ANNOTATOR, username="first")
    first = assign(recording=rated_night, annotator=annotator, assigned_by=lead)
    form = {"annotator": scoring_rater.pk, "reason": "Ill"}
    client_of(lead).post(f"/scorings/{first.pk}/reassign/", form)
    assert not Scoring.objects.filter(scorer__user=scoring_rater).exists()
    first.refresh_from_db()
    assert first.is_open


@pytest.mark.parametrize(
    ("mode", "state", "act"),
    [
        (Mode.BLIND, "withdrawn", "give-back"),
        (Mode.REVEAL, "submitted", "reopen"),
        (Mode.ASSISTED, "withdrawn", "give-back"),
        (Mode.REVIEW, "submitted", "reopen"),
    ],
)
def test_an_earlier_scoring_is_not_opened_again_for_a_rater(
    mode, state, act, client_of, lead, scoring_rater, finished, rated_night, make_rating_study
):
    own = assign(
        recording=rated_night,
        annotator=scoring_rater,
        assigned_by=lead,
        mode=mode,
        suggestion=finished[1],
    )
    Scoring.objects.filter(pk=own.pk).update(state=state)
    made = make_rating_study(raters_per_item=1)
    assert RatingSlot.objects.filter(item__rating_study=made, rater=scoring_rater).exists()
    client_of(lead).post(f"/scorings/{own.pk}/{act}/", {"reason": "Please"})
    own.refresh_from_db()
    assert own.state == state


# What happens after the launch ends rating, and does not show


@pytest.mark.parametrize("role", [Role.LEAD, Role.ADJUDICATOR, Role.VIEWER])
def test_a_rater_who_comes_to_oversee_sees_and_rates_nothing_more(
    role, client, client_of, lead, study, raters, rating_study, finished
):
    slot = RatingSlot.objects.filter(rater=raters[0]).first()
    _, token = invite(study=study, email="x@example.org", role=role, invited_by=lead)
    reader = client_of(raters[0])
    reader.post(f"/invitations/{token}/")
    assert Membership.objects.filter(user=raters[0], role=role).exists()
    assert [shown_texts(reader, scoring) for scoring in finished] == [0, 0]
    assert reader.get(f"/api/v1/rating/{slot.code}/").status_code in (403, 404)
    given = Membership.objects.get(user=raters[0], role=role)
    client_of(lead).post(f"/studies/{study.slug}/members/{given.pk}/remove/")
    assert not Membership.objects.filter(user=raters[0], role=role).exists()
    assert reader.get(f"/api/v1/rating/{slot.code}/").status_code in (403, 404)


def test_slots_of_a_night_that_is_scored_unaided_after_all_are_withheld(
    client_of, raters, rating_study, rated_night
):
    """However it came about: by older data, say."""
    reader = client_of(raters[0])
    slot = RatingSlot.objects.filter(rater=raters[0]).first()
    assert reader.get(f"/api/v1/rating/{slot.code}/").status_code == 200
    RatingStudy.objects.update(state="closed")
    assigned_early(rated_night, raters[0])
    RatingStudy.objects.update(state="open")
    for what in ("", "signals/", "raw/", "target.png"):
        answer = reader.get(f"/api/v1/rating/{slot.code}/{what}")
        assert answer.status_code in (403, 404)
        assert slot.item.words not in answer.content.decode()


# Codes of others


def test_the_code_of_another_rater_is_as_unknown_as_any(client_of, raters, rating_study):
    theirs = RatingSlot.objects.filter(rater=raters[1]).first()
    reader = client_of(raters[0])
    for method, what in [
        ("get", ""), ("put", ""), ("put", "stage/"), ("post", "gold/"),
        ("get", "signals/"), ("get", "raw/"), ("get", "target.png"),
    ]:  # fmt: skip
        known, unknown = (
            getattr(reader, method)(
                f"/api/v1/rating/{code}/{what}", {}, content_type="application/json"
            )
            if method != "get"
            else reader.get(f"/api/v1/rating/{code}/{what}")
            for code in (theirs.code, uuid.uuid4())
        )
        assert (known.status_code, known.content) == (unknown.status_code, unknown.content)
        assert known.status_code == 404


# A lead who still scores the night blind


def test_a_blind_lead_draws_no_text(client_of, study, blind_lead, finished, raters):
    page = client_of(blind_lead)
    offered = page.get(f"/studies/{study.slug}/ratings/new/").content.decode()
    assert "arm of expert" not in offered.lower()
    form = {
        "title": "Mine",
        "raters": [rater.pk for rater in raters],
        "item_count": 4,
        "control_percent": 0,
        "raters_per_item": 1,
        "repeat_percent": 0,
        "calibration_count": 0,
        "calibration_pass_percent": 70,
        "seed": 1,
        **{f"arm-{s.scorer_id}-{s.pass_number}": letter
           for s, letter in zip(finished, "AB", strict=True)},
    }  # fmt: skip
    page.post(f"/studies/{study.slug}/ratings/new/", form)
    assert not RatingStudy.objects.exists()


def test_a_blind_lead_reads_no_draft(client_of, blind_lead, draft_rating_study, finished):
    draft = draft_rating_study(calibration_count=2)
    reader = client_of(blind_lead)
    texts = [item.words for item in draft.items.all()]
    gold = draft.items.filter(phase="calibration").first()
    for url in ("plan/", "gold/", "design/", f"gold/{gold.code}.png"):
        content = reader.get(f"/ratings/{draft.pk}/{url}").content.decode(errors="replace")
        assert not any(text in content for text in texts), url
        assert "Same stage" not in content
    saved = reader.post(f"/ratings/{draft.pk}/gold/{gold.code}/", {"feedback": "Hm"})
    assert saved.status_code == 403
    assert reader.get(f"/ratings/{draft.pk}/gold/{gold.code}.png").status_code == 403


def test_a_blind_lead_takes_nothing_away(client_of, study, blind_lead, finished):
    lead = client_of(blind_lead)
    lead.post(f"/studies/{study.slug}/exports/", {"scorer": finished[1].scorer_id})
    assert not Export.objects.exists()
    form = {"title": "All", "source": "all", "track": "fine", "seed": 1}
    lead.post(f"/studies/{study.slug}/releases/new/", form)
    assert not Release.objects.exists()


def test_a_blind_lead_learns_nothing_by_an_import(client_of, study, blind_lead, lead, rated_night):
    """Its preview shows what is stored of every epoch in which a file differs."""
    words = _import_stored(study, rated_night)
    data = night_csv(rated_night.name, STAGES[::-1]).encode()
    pages = {}
    for user in (lead, blind_lead):
        made = request_import(
            study=study,
            files=[GivenFile("night.csv", len(data), [data])],
            options=ImportOptions(scorer="Another lab", counting=Counting.EPOCHS),
            user=user,
        )
        IMPORTS.run(made.pk)
        pages[user] = f"/imports/{made.pk}/"
    assert words in client_of(lead).get(pages[lead]).content.decode()
    for url in pages.values():
        assert words not in client_of(blind_lead).get(url).content.decode()


def test_a_stale_draft_shows_nothing_of_a_night_scored_blind(client_of, study, blind_lead, settled):
    """Its selection has lost the night by now, its preview has not."""
    consensus = settled("Nightname-2", subject="S2")
    consensus.scores.filter(epoch=0).update(rationale="Anna moved.")
    draft = create_release(study=study, title="All", composition=Composition(), user=None)
    assigned_early(consensus.recording, blind_lead)
    reopen_scoring(scoring=consensus)
    lead = client_of(blind_lead)
    for url in (f"/releases/{draft.pk}/", f"/releases/{draft.pk}/findings/"):
        answer = lead.get(url)
        assert answer.status_code == 403
        assert "Anna moved" not in answer.content.decode()


def _import_stored(study: Study, night: Recording) -> str:
    """Store the scoring of another lab, and return what it says of each epoch."""
    scorer = imported_scorer(study=study, label="Another lab", provenance={})
    scoring = create_scoring(recording=night, scorer=scorer)
    contents = [(n, ScoreContent("W", ["W.1"], "Words of another lab.")) for n in range(10)]
    add_scores(scoring=scoring, contents=contents, why=EpochRevision.Why.IMPORT)
    close_scoring(scoring=scoring)
    return "Words of another lab."


# Two acts at the same time


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("first", ["assign", "launch"])
def test_a_night_is_not_assigned_and_given_to_rate_at_once(
    first, draft_rating_study, scoring_rater, rated_night, finished, lead
):
    """The first act waits before its commit until the second has ended or waits for it."""
    draft = draft_rating_study(raters_per_item=1)
    began, second_ended = threading.Event(), threading.Event()
    refused: list[Exception] = []
    acts = {
        "assign": lambda: assign(recording=rated_night, annotator=scoring_rater, assigned_by=lead),
        "launch": lambda: launch_rating_study(rating_study=draft, user=lead),
    }
    (second,) = acts.keys() - {first}

    def begin() -> None:
        with transaction.atomic():
            acts[first]()
            began.set()
            second_ended.wait(1)
        connection.close()

    def follow() -> None:
        began.wait(10)
        try:
            acts[second]()
        except AssignRefusedError as error:
            refused.append(error)
        second_ended.set()
        connection.close()

    threads = [threading.Thread(target=act) for act in (begin, follow)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    open_ones = Scoring.objects.filter(scorer__user=scoring_rater, state="open")
    slots = RatingSlot.objects.filter(rater=scoring_rater, item__recording=rated_night)
    assert open_ones.exists() != slots.exists()
    assert bool(refused) == (first == "launch")
