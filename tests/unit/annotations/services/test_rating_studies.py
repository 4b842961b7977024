"""A rating study is frozen when it is made, and its raters are blind."""

import pytest

from annotations.models import EpochScore, RatingItem, RatingSlot, RatingStudy
from annotations.services.rating_studies import (
    RatingDesignError,
    close_rating_study,
    eligible_raters,
    unblind,
)
from psg.render import EpochRenderer, pixel_sha256
from psg.signalstore import SignalStore
from studies.models import Role
from studies.services.invitations import add_member

pytestmark = pytest.mark.django_db


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


def test_nobody_rates_what_they_wrote(make_rating_study, study, expert, sources):
    add_member(study=study, user=expert, role=Role.RATER)
    made = make_rating_study(raters=[expert])
    written_by = RatingSlot.objects.values_list("item__source__scoring__scorer__user_id", flat=True)
    assert set(written_by) == {None}
    assert made.items.count() == 10
    with pytest.raises(RatingDesignError, match="wrote every rationale"):
        make_rating_study(raters=[expert], scorings=sources[:1])


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
    unblind(rating_study=rating_study, user=lead)
    other = unblind(rating_study=rating_study, user=member(study, Role.LEAD, username="second"))
    assert other.unblinded_by == lead
    assert other.state == RatingStudy.State.CLOSED


def test_a_closed_study_leaves_the_raters_lists(rating_study, raters):
    assert RatingStudy.objects.rated_by(raters[0]).exists()
    close_rating_study(rating_study=rating_study)
    assert not RatingStudy.objects.rated_by(raters[0]).exists()
    assert not RatingSlot.objects.of(raters[0]).exists()


def test_a_rater_who_left_the_study_has_no_queue(rating_study, raters, study):
    study.memberships.filter(user=raters[0]).delete()
    assert not RatingSlot.objects.of(raters[0]).exists()
