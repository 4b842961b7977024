"""A rating study is frozen when it is made, and its raters are blind."""

import hashlib

import pytest

from annotations.rating.design import RatingDesignError
from annotations.rating.lifecycle import (
    UnblindRefusedError,
    close_rating_study,
    launch_rating_study,
    unblind,
)
from annotations.rating.models import RatingItem, RatingSlot, RatingStudy
from annotations.rating.queue import rating_queues
from annotations.scoring.models import EpochScore
from annotations.scoring.scorings import close_scoring, consensus_scorer, create_scoring
from annotations.visibility import eligible_raters, rating_slots_of, rating_studies_rated_by
from psg.render import EpochRenderer, pixel_sha256
from psg.signalstore import SignalStore
from studies.members import add_member
from studies.models import Role
from tests.helpers.ratings import explained, give

pytestmark = [pytest.mark.django_db, pytest.mark.long]


def test_launch_keeps_what_was_drawn_though_the_source_moved_on(draft_rating_study, lead):
    draft = draft_rating_study()
    words = set(draft.items.values_list("words", flat=True))
    EpochScore.objects.update(rationale="rewritten", stage="W")
    launched = launch_rating_study(rating_study=draft, user=lead)
    assert set(launched.items.values_list("words", flat=True)) == words
    assert launched.launched_at


def test_the_signal_is_frozen_with_its_neighbours(rating_study, rated_night):
    item = rating_study.items.filter(epoch__range=(1, 8)).first()
    with SignalStore.open(rated_night.signals_file.path) as store:
        window = store.read_record(item.epoch - 1, 3)
    assert item.signal_sha256 == hashlib.sha256(window).hexdigest()


def test_codes_are_random_and_no_order_tells_the_arm(make_rating_study):
    made = make_rating_study()
    arms = [item.arm_id for item in made.items.order_by("pk")]
    assert arms not in (sorted(arms), sorted(arms, reverse=True))
    codes = set(made.items.values_list("code", flat=True))
    assert len(codes) == 10
    again = make_rating_study(title="Again")
    assert not codes & set(again.items.values_list("code", flat=True))


def test_the_text_of_an_item_outlives_changes_of_its_source(rating_study):
    item = rating_study.items.first()
    words, digest = item.rationale, item.text_sha256
    EpochScore.objects.filter(pk=item.source_id).update(rationale="rewritten", stage="W")
    item = RatingItem.objects.get(pk=item.pk)
    assert (item.rationale, item.text_sha256) == (words, digest)


def test_the_hash_is_that_of_the_image_of_the_stored_signal(rating_study, rated_night):
    item = rating_study.items.first()
    with SignalStore.open(rated_night.signals_file.path) as store:
        pixels = EpochRenderer().render(store.read_uv(item.epoch, 1)[0], store.derivations)
    assert item.pixel_sha256 == pixel_sha256(pixels)


def test_both_sources_are_in_the_sample(rating_study, sources):
    by_source = [item.source.scoring_id for item in rating_study.items.all()]
    assert sorted(by_source) == sorted([sources[0].pk, sources[1].pk] * 5)


def test_nobody_rates_what_they_wrote(make_rating_study, study, expert, raters, sources):
    close_scoring(scoring=sources[0])
    add_member(study=study, user=expert, role=Role.RATER)
    made = make_rating_study(raters=[expert, *raters], raters_per_item=2)
    own = RatingSlot.objects.filter(rater=expert)
    assert own.exists()
    assert not own.filter(item__source__scoring=sources[0]).exists()
    assert {item.slots.filter(repeat=0).count() for item in made.items.all()} == {2}
    with pytest.raises(RatingDesignError, match="5 of 10 items have fewer than 3 raters"):
        make_rating_study(raters=[expert, *raters])


def test_words_that_were_carried_over_are_still_their_writers(
    make_rating_study, study, expert, raters, sources
):
    consensus = create_scoring(recording=sources[0].recording, scorer=consensus_scorer(study=study))
    explained(consensus, "Seen by eye.")
    add_member(study=study, user=expert, role=Role.RATER)
    made = make_rating_study(scorings=[consensus], raters=[expert, *raters], raters_per_item=2)
    assert not RatingSlot.objects.filter(rater=expert, item__rating_study=made).exists()


@pytest.mark.parametrize("role", [Role.LEAD, Role.ADJUDICATOR, Role.VIEWER])
def test_whoever_sees_sources_cannot_rate(make_rating_study, study, member, role):
    user = member(study, Role.RATER, role)
    assert user not in eligible_raters(study)
    with pytest.raises(RatingDesignError, match="cannot rate blind"):
        make_rating_study(raters=[user])
    assert not RatingStudy.objects.exists()


def test_scorings_without_words_or_signals_are_nothing_to_rate(make_rating_study, sources):
    EpochScore.objects.update(rationale="")
    with pytest.raises(RatingDesignError, match="no rationale"):
        make_rating_study()


def test_orders_differ_between_raters_and_come_from_the_seed(make_rating_study, raters):
    def order(study, rater):
        slots = RatingSlot.objects.filter(rater=rater, item__rating_study=study)
        return list(slots.order_by("place").values_list("item__source_id", "repeat"))

    one, two = make_rating_study(), make_rating_study()
    assert order(one, raters[0]) == order(two, raters[0])
    assert order(one, raters[0]) != order(one, raters[1])
    assert len(order(one, raters[0])) == 11  # ten items and one second look


def test_unblinding_closes_and_keeps_who_did_it_first(rating_study, lead, member, study):
    unblind(rating_study=rating_study, user=lead, reason="All rated.")
    second = member(study, Role.LEAD, username="second")
    other = unblind(rating_study=rating_study, user=second, reason="Me too.")
    assert (other.unblinded_by, other.unblind_reason) == (lead, "All rated.")
    assert other.state == RatingStudy.State.CLOSED
    events = [(one.kind, one.user, one.reason) for one in rating_study.events.all()]
    assert events == [
        ("drawn", lead, ""),
        ("asked", lead, ""),
        ("launched", lead, ""),
        ("closed", lead, ""),
        ("unblinded", lead, "All rated."),
    ]


def test_sources_stay_hidden_without_a_reason(rating_study, draft_rating_study, lead):
    with pytest.raises(UnblindRefusedError, match="Enter a reason"):
        unblind(rating_study=rating_study, user=lead, reason="  ")
    with pytest.raises(UnblindRefusedError, match="no ratings"):
        unblind(rating_study=draft_rating_study(title="Second"), user=lead, reason="Curious.")
    rating_study.refresh_from_db()
    assert (rating_study.unblinded_at, rating_study.state) == (None, RatingStudy.State.OPEN)


def test_a_closed_study_leaves_the_raters_lists(rating_study, raters):
    assert rating_studies_rated_by(raters[0]).exists()
    close_rating_study(rating_study=rating_study, user=None)
    assert not rating_studies_rated_by(raters[0]).exists()
    assert not rating_slots_of(raters[0]).exists()


def test_a_rater_who_came_to_oversee_the_study_rates_no_more(rating_study, raters, study):
    add_member(study=study, user=raters[0], role=Role.VIEWER)
    assert not rating_slots_of(raters[0]).exists()
    assert rating_queues(raters[0]) == []
    assert rating_slots_of(raters[1]).exists()


def test_a_rating_begun_and_not_finished_is_still_left(rating_study, raters):
    first, second = rating_slots_of(raters[0]).order_by("place")[:2]
    give(first, (4, 4, 4))
    give(second, (4,))
    assert [queue.rated for queue in rating_queues(raters[0])] == [1]


def test_a_rater_who_left_the_study_has_no_queue(rating_study, raters, study):
    study.memberships.filter(user=raters[0]).delete()
    assert not rating_slots_of(raters[0]).exists()
