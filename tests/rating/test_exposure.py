"""Who knows a text does not rate it, and who rates texts of a night is shown nothing of it."""

import uuid

import pytest

from annotations.adjudication.errors import AdjudicationRefusedError
from annotations.adjudication.lifecycle import start_adjudication
from annotations.assistance.suggestions import send_suggestions
from annotations.exposure import known_items, overseen_studies, settled_by
from annotations.rating.design import RatingDesignError
from annotations.rating.lifecycle import close_rating_study
from annotations.rating.models import RatingItem, RatingSlot
from annotations.rating.queue import rating_queues
from annotations.scoring.assignments import assign, give_back, reassign, reopen, withdraw
from annotations.scoring.errors import ActRefusedError, AssignRefusedError
from annotations.scoring.models import EpochComment, Scoring
from annotations.scoring.scorings import (
    close_scoring,
    consensus_scorer,
    create_scoring,
    scorer_of_user,
)
from annotations.visibility import (
    UnaidedNightsError,
    eligible_raters,
    rating_slots_of,
    refuse_unaided_nights,
    visible_comments,
    visible_scorings,
    withheld_items,
)
from studies.members import add_member, remove_member
from studies.models import Membership, Mode, Role, User
from tests.helpers.early import assigned_early
from tests.helpers.ratings import explained

pytestmark = [pytest.mark.django_db, pytest.mark.long]

SHOWING = (Mode.ASSISTED, Mode.REVIEW, Mode.REVEAL)


@pytest.fixture
def sources(sources) -> list[Scoring]:
    return [close_scoring(scoring=scoring) for scoring in sources]


@pytest.fixture
def both(member, study) -> User:
    """Somebody who scores and rates."""
    return member(study, Role.ANNOTATOR, Role.RATER, username="both")


@pytest.fixture
def assigned(both, lead, rated_night, sources):
    def make(mode: Mode) -> Scoring:
        source = None if mode == Mode.BLIND else sources[1]
        return assign(
            recording=rated_night, annotator=both, assigned_by=lead, mode=mode, suggestion=source
        )

    return make


@pytest.fixture
def study_of_both(make_rating_study, both, raters):
    """A launched study in which `both` has items of both sources."""

    def make(**changes):
        return make_rating_study(raters=[both, *raters], raters_per_item=2, **changes)

    return make


def sources_rated_by(user: User) -> set[int]:
    slots = RatingSlot.objects.filter(rater=user)
    return set(slots.values_list("item__source__scoring", flat=True))


# Before the launch: what a rater was or will be shown is not theirs to rate


@pytest.mark.parametrize("mode", SHOWING)
def test_nobody_rates_what_is_suggested_to_them(assigned, both, study_of_both, sources, mode):
    close_scoring(scoring=assigned(mode))
    study_of_both()
    assert sources_rated_by(both) == {sources[0].pk}


@pytest.mark.parametrize("mode", [Mode.BLIND, Mode.REVEAL])
def test_nobody_rates_a_night_that_they_still_score_without_help(
    assigned, both, study_of_both, mode
):
    assigned(mode)
    study_of_both()
    assert sources_rated_by(both) == set()


def test_texts_carried_over_from_a_suggestion_are_known_too(
    assigned, both, study_of_both, study, rated_night, sources
):
    close_scoring(scoring=assigned(Mode.ASSISTED))
    consensus = create_scoring(recording=rated_night, scorer=consensus_scorer(study=study))
    explained(consensus, "MEASURED.  twice.")
    study_of_both(scorings=[consensus])
    assert sources_rated_by(both) == set()


def test_who_settled_a_night_knows_its_sides(make_rating_study, member, study, sources, raters):
    judge = member(study, Role.ADJUDICATOR, username="judge")
    start_adjudication(scorings=sources, user=judge)
    make_rating_study()
    assert known_items(judge, RatingItem.objects.all()) == set(
        RatingItem.objects.values_list("pk", flat=True)
    )


@pytest.mark.parametrize("act", ["comment", "withdraw"])
def test_who_did_anything_in_an_adjudication_knows_its_sides(
    make_rating_study, member, study, sources, raters, act
):
    judge = member(study, Role.ADJUDICATOR, username="judge")
    begun = start_adjudication(scorings=sources, user=None)
    if act == "comment":
        begun.comments.create(epoch=1, author=judge, text="A spindle?")
    else:
        begun.settlements.create(rule={}, epoch_count=1, withdrawn_by=judge)
    Membership.objects.filter(user=judge).delete()  # without the row of the audit trail
    make_rating_study()
    everything = set(RatingItem.objects.values_list("pk", flat=True))
    assert known_items(judge, RatingItem.objects.all()) == everything
    assert overseen_studies(judge) == {study.pk}
    assert settled_by([judge.pk]) == {judge.pk: {sources[0].recording_id}}


def test_who_commented_on_a_text_or_read_it_in_a_comment_knows_it(
    make_rating_study, both, rated_night, sources, lead
):
    EpochComment.objects.create(scoring=sources[1], epoch=0, author=both, text="Why?")
    own = create_scoring(recording=rated_night, scorer=scorer_of_user(user=both))
    quoted = sources[0].scores.get(epoch=3).rationale
    EpochComment.objects.create(scoring=own, epoch=3, author=lead, text=f"Another: {quoted}")
    items = make_rating_study().items
    known = known_items(both, items.all())
    expected = items.filter(source__scoring=sources[1]) | items.filter(source__epoch=3)
    assert known == set(expected.values_list("pk", flat=True))


@pytest.mark.parametrize("role", [Role.LEAD, Role.ADJUDICATOR, Role.VIEWER])
def test_who_once_oversaw_the_study_does_not_rate_in_it(study, raters, rating_study, lead, role):
    assert raters[0] in eligible_raters(study)
    remove_member(membership=add_member(study=study, user=raters[0], role=role), by=lead)
    assert eligible_raters(study) == [raters[1]]
    assert not rating_slots_of(raters[0]).exists()
    assert rating_slots_of(raters[1]).exists()


def test_items_that_too_few_may_rate_are_refused_without_the_reason_of_one(
    assigned, both, make_rating_study, sources
):
    close_scoring(scoring=assigned(Mode.ASSISTED))
    with pytest.raises(RatingDesignError, match="know from elsewhere") as refused:
        make_rating_study(raters=[both])
    assert sources[1].scorer.label not in str(refused.value)


# After the launch: nothing of the night is shown, and what is shown all the same is not rated


@pytest.mark.parametrize("mode", list(Mode))
def test_nobody_is_assigned_a_night_whose_texts_they_rate(
    assigned, both, study_of_both, rated_night, mode
):
    made = study_of_both()
    with pytest.raises(AssignRefusedError, match="open rating study"):
        assigned(mode)
    close_rating_study(rating_study=made, user=None)
    if mode in (Mode.BLIND, Mode.REVEAL):
        with pytest.raises(AssignRefusedError, match="has rated rationales"):
            assigned(mode)
    else:
        assert assigned(mode).recording == rated_night


def test_no_way_opens_a_scoring_for_who_rates_the_night(assigned, study_of_both, lead):
    own = assigned(Mode.BLIND)
    withdraw(scoring=own, user=lead, reason="Ill.")
    study_of_both()
    with pytest.raises(ActRefusedError, match="open rating study"):
        give_back(scoring=own, user=lead)
    Scoring.objects.filter(pk=own.pk).update(state=Scoring.State.SUBMITTED)
    with pytest.raises(ActRefusedError, match="open rating study"):
        reopen(scoring=own, user=lead, reason="Once more.")


def test_no_scoring_is_reassigned_to_who_rates_the_night(
    both, study_of_both, lead, member, study, rated_night
):
    other = member(study, Role.ANNOTATOR, username="other")
    theirs = assign(recording=rated_night, annotator=other, assigned_by=lead)
    study_of_both()
    with pytest.raises(AssignRefusedError, match="open rating study"):
        reassign(scoring=theirs, user=lead, annotator=both, due=None, reason="Ill.")
    theirs.refresh_from_db()
    assert theirs.is_open


def test_suggestions_and_comments_of_a_rated_night_stop_until_the_study_is_closed(
    assigned, both, study_of_both, lead
):
    own = assigned(Mode.ASSISTED)
    theirs = EpochComment.objects.create(scoring=own, epoch=0, author=lead, text="Look.")
    mine = EpochComment.objects.create(scoring=own, epoch=0, author=both, text="Where?")
    made = study_of_both()
    assert RatingSlot.objects.filter(rater=both).exists()
    assert send_suggestions(scoring=own, epochs=range(10)) == []
    assert set(visible_comments(both)) == {mine}
    close_rating_study(rating_study=made, user=None)
    assert len(send_suggestions(scoring=own, epochs=range(10))) == 10
    assert set(visible_comments(both)) == {mine, theirs}


def test_who_comes_to_oversee_is_not_shown_the_nights_that_they_rate(
    rating_study, raters, study, client_of, rated_night, sources
):
    add_member(study=study, user=raters[0], role=Role.LEAD)
    add_member(study=study, user=raters[0], role=Role.ADJUDICATOR)
    assert not visible_scorings(raters[0]).exists()
    client = client_of(raters[0])
    paths = ["items/", "results/", "items.csv", "ratings.csv", "results.csv"]
    pages = [f"/ratings/{rating_study.pk}/{path}" for path in ["", *paths]]
    pages.append(f"/api/v1/rating-studies/{rating_study.pk}/results/")
    answers = [client.get(page) for page in pages]
    assert {answer.status_code for answer in answers} <= {403, 404}
    assert 403 in {answer.status_code for answer in answers}
    with pytest.raises(UnaidedNightsError) as refused:
        refuse_unaided_nights([rated_night.pk], raters[0])
    assert rated_night.name not in str(refused.value)
    with pytest.raises(AdjudicationRefusedError, match="You rate texts"):
        start_adjudication(scorings=sources, user=raters[0])


def test_an_item_that_became_known_after_the_launch_is_withheld_and_the_lead_sees_it(
    study_of_both, both, client_of, lead, sources, rated_night
):
    made = study_of_both()
    mine = RatingSlot.objects.filter(rater=both, item__source__scoring=sources[1], repeat=0)
    slot, before = mine.first(), rating_queues(both)[0].total
    create_scoring(
        recording=rated_night,
        scorer=scorer_of_user(user=both),
        mode=Mode.ASSISTED,
        suggestion=sources[1],
    )  # as before this was asked
    assert not rating_slots_of(both).filter(item__source__scoring=sources[1]).exists()
    assert rating_queues(both)[0].total < before
    refused = client_of(both).get(f"/api/v1/rating/{slot.code}/")
    assert (refused.status_code, refused.json()["code"]) == (403, "withheld")
    assert sources[1].scorer.label not in refused.content.decode()
    assert [(row.rater, row.known) for row in withheld_items(made, [both])] == [
        (both, mine.count())
    ]
    page = client_of(lead).get(f"/ratings/{made.pk}/raters/").content.decode()
    assert "Withheld from both" in page


def test_an_unaided_scoring_is_not_opened_again_for_who_could_read_the_others(
    member, study, rated_night, sources, lead
):
    judge = member(study, Role.ANNOTATOR, Role.VIEWER, username="judge")
    own = assigned_early(rated_night, judge)
    withdraw(scoring=own, user=lead, reason="Ill.")
    with pytest.raises(ActRefusedError, match="could read"):
        give_back(scoring=own, user=lead)


def test_who_settled_a_night_is_not_assigned_it_without_help(
    member, study, rated_night, sources, lead
):
    judge = member(study, Role.ANNOTATOR, Role.ADJUDICATOR, username="judge")
    start_adjudication(scorings=sources, user=judge)
    with pytest.raises(AssignRefusedError, match="adjudicated"):
        assign(recording=rated_night, annotator=judge, assigned_by=lead, mode=Mode.BLIND)


@pytest.mark.parametrize("role", [Role.LEAD, Role.ADJUDICATOR, Role.VIEWER])
@pytest.mark.parametrize("has_ended", [False, True])
def test_who_could_read_finished_scorings_is_not_assigned_the_night_without_help(
    member, study, rated_night, sources, lead, role, has_ended
):
    seer = member(study, Role.ANNOTATOR, role, username="seer")
    if has_ended:
        remove_member(membership=Membership.objects.get(user=seer, role=role), by=lead)
    for mode in (Mode.BLIND, Mode.REVEAL):
        with pytest.raises(AssignRefusedError, match="could read"):
            assign(
                recording=rated_night,
                annotator=seer,
                assigned_by=lead,
                mode=mode,
                suggestion=None if mode == Mode.BLIND else sources[0],
            )
    theirs = assign(
        recording=rated_night,
        annotator=member(study, Role.ANNOTATOR, username="other"),
        assigned_by=lead,
    )
    with pytest.raises(AssignRefusedError, match="could read"):
        reassign(scoring=theirs, user=lead, annotator=seer, due=None, reason="Ill.")
    assisted = assign(
        recording=rated_night,
        annotator=seer,
        assigned_by=lead,
        mode=Mode.ASSISTED,
        suggestion=sources[0],
    )
    assert assisted.is_open


def test_an_overseer_is_assigned_a_night_of_which_nothing_is_finished(
    member, study, rated_night, lead
):
    seer = member(study, Role.ANNOTATOR, Role.VIEWER, username="seer")
    for name in ("empty", "begun"):
        scorer = scorer_of_user(user=member(study, Role.ANNOTATOR, username=name))
        scoring = create_scoring(recording=rated_night, scorer=scorer)
        if name == "begun":
            explained(scoring, "Begun.")
    Scoring.objects.filter(scorer__user__username="empty").update(state=Scoring.State.SUBMITTED)
    assert assign(recording=rated_night, annotator=seer, assigned_by=lead).is_open


# Leads who still score a night without help


def test_a_lead_draws_no_texts_of_a_night_that_they_score(
    lead, rated_night, rating_design, study, client_of, sources, draft_rating_study
):
    assigned_early(rated_night, lead)
    with pytest.raises(UnaidedNightsError):
        draft_rating_study()
    page = client_of(lead).get(f"/studies/{study.slug}/ratings/new/").content.decode()
    assert "1 recording is not offered" in page
    assert sources[1].scorer.label not in page


def test_a_lead_reads_no_texts_of_a_draft_of_a_night_that_they_score(
    lead, rated_night, draft_rating_study, client_of
):
    draft = draft_rating_study(calibration_count=4)
    code = draft.items.filter(phase="calibration").first().code
    client = client_of(lead)
    assert client.get(f"/ratings/{draft.pk}/gold/").status_code == 200
    assigned_early(rated_night, lead)
    for path in ("gold/", f"gold/{code}.png"):
        assert client.get(f"/ratings/{draft.pk}/{path}").status_code == 403
    plan = client.get(f"/ratings/{draft.pk}/plan/")
    assert plan.status_code == 200
    assert "You still score" in plan.content.decode()
    assert "Strata" not in plan.content.decode()


def test_a_save_of_another_with_an_unknown_code_is_not_found(client_of, raters, rating_study):
    assert client_of(raters[0]).get(f"/api/v1/rating/{uuid.uuid4()}/").status_code == 404


# Who only rates


def test_who_only_rates_opens_no_recording(client_of, raters, rating_study, study, rated_night):
    client, pk = client_of(raters[0]), rated_night.pk
    paths = ["", "scorings/", "agreement/", "agreement/pair/", "agreement/epochs/", "channels/"]
    paths += ["intake/", "history/", "signals/", "report/", "report.pdf"]
    pages = [f"/recordings/{pk}/{path}" for path in paths]
    api = ["", "layout/", "epochs/0/", "envelope/", "spectrogram.png", "agreement/"]
    pages += [f"/api/v1/recordings/{pk}/{path}" for path in api]
    assert {client.get(page).status_code for page in pages} == {404}
    home = client.get(f"/studies/{study.slug}/")
    assert home.status_code == 200
    assert rated_night.name not in home.content.decode()


def test_who_rates_and_scores_opens_the_recordings_that_they_score(
    client_of, both, assigned, rated_night, labels_only
):
    client = client_of(both)
    assert client.get(f"/recordings/{rated_night.pk}/").status_code == 404
    assigned(Mode.BLIND)
    assert client.get(f"/recordings/{rated_night.pk}/").status_code == 200
    assert client.get(f"/recordings/{labels_only.pk}/").status_code == 404
    Membership.objects.filter(user=both, role=Role.ANNOTATOR).delete()
    assert client.get(f"/recordings/{rated_night.pk}/").status_code == 404
