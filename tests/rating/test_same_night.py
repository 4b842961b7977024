"""The same file in two studies is one night: blindness in one holds in the other."""

import pytest

from annotations.assistance.suggestions import send_suggestions
from annotations.exposure import known_items
from annotations.rating.lifecycle import close_rating_study
from annotations.rating.models import RatingItem
from annotations.scoring.assignments import assign
from annotations.scoring.errors import AssignRefusedError
from annotations.scoring.models import Scoring
from annotations.scoring.scorings import (
    close_scoring,
    create_scoring,
    imported_scorer,
    scorer_of_user,
)
from annotations.visibility import (
    UnaidedNightsError,
    readers_of,
    refuse_unaided_nights,
    visible_scorings,
    why_claims_withheld,
    withheld_items,
)
from recordings.models import Recording, Subject
from studies.members import add_member
from studies.models import Mode, Role, User
from tests.helpers.ratings import explained

pytestmark = pytest.mark.django_db

FILE = "ab" * 32


@pytest.fixture
def twin(rated_night, other_study) -> Recording:
    """The same file in another study."""
    Recording.objects.filter(pk=rated_night.pk).update(sha256=FILE)
    return Recording.objects.create(
        study=other_study,
        subject=Subject.objects.create(study=other_study, code="T1"),
        name="Twin",
        state=Recording.State.READY,
        epoch_count=rated_night.epoch_count,
        duration_s=rated_night.duration_s,
        sha256=FILE,
    )


@pytest.fixture
def twin_source(twin, other_study) -> Scoring:
    """A finished scoring of the twin."""
    scorer = imported_scorer(study=other_study, label="Elsewhere", provenance={})
    scoring = create_scoring(recording=twin, scorer=scorer)
    explained(scoring, "Elsewhere")
    return close_scoring(scoring=scoring)


@pytest.fixture
def seer(member, study, other_study) -> User:
    """Somebody who scores in one study and leads the other."""
    user = member(study, Role.ANNOTATOR, username="seer")
    add_member(study=other_study, user=user, role=Role.LEAD)
    return user


def test_who_scores_a_night_unaided_reads_nothing_of_its_twin(seer, rated_night, twin, twin_source):
    assert twin_source in visible_scorings(seer)
    own = create_scoring(recording=rated_night, scorer=scorer_of_user(user=seer), mode=Mode.BLIND)
    assert twin_source not in visible_scorings(seer)
    assert seer not in readers_of(twin_source)
    assert why_claims_withheld(twin_source, seer)
    with pytest.raises(UnaidedNightsError, match="Twin"):
        refuse_unaided_nights([twin.pk], seer)
    close_scoring(scoring=own)
    assert twin_source in visible_scorings(seer)
    assert seer in readers_of(twin_source)


def test_an_empty_sum_makes_no_twins(seer, rated_night, twin, twin_source):
    Recording.objects.update(sha256="")
    create_scoring(recording=rated_night, scorer=scorer_of_user(user=seer), mode=Mode.BLIND)
    assert twin_source in visible_scorings(seer)


def test_who_could_read_the_twin_is_not_assigned_the_night_unaided(seer, rated_night, twin_source):
    with pytest.raises(AssignRefusedError, match="could read"):
        assign(recording=rated_night, annotator=seer, assigned_by=None, mode=Mode.BLIND)


def test_a_night_is_not_scored_with_and_without_help_at_once(
    member, study, other_study, rated_night, twin, twin_source, sources
):
    user = member(study, Role.ANNOTATOR, username="scorer")
    add_member(study=other_study, user=user, role=Role.ANNOTATOR)
    helped = {
        "recording": twin, "annotator": user, "assigned_by": None, "suggestion": twin_source,
    }  # fmt: skip
    blind = assign(recording=rated_night, annotator=user, assigned_by=None, mode=Mode.BLIND)
    for mode in (Mode.ASSISTED, Mode.REVIEW):
        with pytest.raises(AssignRefusedError, match="without help in another study"):
            assign(**helped, mode=mode)
    close_scoring(scoring=blind)
    theirs = assign(**helped, mode=Mode.ASSISTED)
    assert send_suggestions(scoring=theirs, epochs=range(3))
    Scoring.objects.filter(pk=blind.pk).update(state=Scoring.State.OPEN)
    assert send_suggestions(scoring=theirs, epochs=range(3)) == []


def test_who_was_helped_with_the_twin_is_not_assigned_the_night_unaided(
    member, study, other_study, rated_night, twin, twin_source
):
    user = member(study, Role.ANNOTATOR, username="scorer")
    add_member(study=other_study, user=user, role=Role.ANNOTATOR)
    assign(
        recording=twin, annotator=user, assigned_by=None,
        mode=Mode.ASSISTED, suggestion=twin_source,
    )  # fmt: skip
    with pytest.raises(AssignRefusedError, match="same file in another study"):
        assign(recording=rated_night, annotator=user, assigned_by=None, mode=Mode.BLIND)


def test_who_rates_a_night_is_shown_nothing_of_its_twin(
    rating_study, raters, other_study, twin, twin_source
):
    add_member(study=other_study, user=raters[0], role=Role.LEAD)
    add_member(study=other_study, user=raters[0], role=Role.ANNOTATOR)
    assert twin_source not in visible_scorings(raters[0])
    with pytest.raises(UnaidedNightsError):
        refuse_unaided_nights([twin.pk], raters[0])
    with pytest.raises(AssignRefusedError, match="open rating study"):
        assign(recording=twin, annotator=raters[0], assigned_by=None, mode=Mode.BLIND)
    close_rating_study(rating_study=rating_study, user=None)
    assert twin_source in visible_scorings(raters[0])
    with pytest.raises(AssignRefusedError, match="has rated rationales"):
        assign(recording=twin, annotator=raters[0], assigned_by=None, mode=Mode.BLIND)


def test_texts_of_a_night_whose_twin_is_scored_unaided_are_withheld(rating_study, raters, twin):
    create_scoring(recording=twin, scorer=scorer_of_user(user=raters[0]), mode=Mode.BLIND)
    (row,) = withheld_items(rating_study, raters)
    assert (row.rater, row.known) == (raters[0], 0)
    assert row.scored > 0


@pytest.mark.parametrize("role", [Role.ANNOTATOR, Role.VIEWER])
def test_the_same_text_of_a_twin_is_known(rating_study, raters, other_study, twin, role):
    """To its scorer, and to whoever may read all scorings of the other study."""
    item = rating_study.items.first()
    same = create_scoring(
        recording=twin,
        scorer=scorer_of_user(user=raters[0])
        if role == Role.ANNOTATOR
        else imported_scorer(study=other_study, label="Elsewhere", provenance={}),
    )
    explained(same, "Elsewhere")
    same.scores.filter(epoch=item.source.epoch).update(rationale=item.rationale.upper())
    close_scoring(scoring=same)
    add_member(study=other_study, user=raters[0], role=role)
    items = RatingItem.objects.filter(rating_study=rating_study)
    assert item.pk in known_items(raters[0], items)
    assert known_items(raters[1], items) == set()
