"""The ratings of a rater are the same number on every page."""

import re

import pytest
from django.urls import reverse

from annotations.rating.drafts import set_gold
from annotations.rating.lifecycle import launch_rating_study
from annotations.rating.models import RatingSlot
from annotations.rating.plan import plan_of
from annotations.rating.queue import rating_queues
from annotations.rating.results import results_of
from annotations.rating.workload import Workload
from tests.helpers.ratings import give

pytestmark = pytest.mark.django_db


@pytest.fixture
def draft(draft_rating_study, lead):
    made = draft_rating_study(item_count=12, calibration_count=3, repeat_percent=20)
    for item in made.items.filter(phase="calibration"):
        set_gold(item=item, scores={"factual_accuracy": 4}, feedback="So.", user=lead)
    return made


def test_plan_results_raters_and_home_have_the_same_ratings_of_a_rater(draft, lead, raters, client):
    (planned,) = {load.words for load in plan_of(draft).loads}
    (total,) = {load.total for load in plan_of(draft).loads}
    launched = launch_rating_study(rating_study=draft, user=lead)
    slot = RatingSlot.objects.filter(rater=raters[0]).order_by("place").first()
    give(slot, (4, 4, 4))
    client.force_login(lead)
    pages = {
        name: client.get(reverse(f"annotations:{name}", args=[pk])).content.decode()
        for name, pk in (
            ("rating-results", launched.pk),
            ("rating-raters", launched.pk),
            ("rating-studies", launched.study.slug),
        )
    }
    assert {rater.total for rater in results_of(launched).table.raters} == {total}
    assert {rater.workload.words for rater in results_of(launched).table.raters} == {planned}
    for name in ("rating-results", "rating-raters"):
        assert f"1 of {total}" in pages[name]
        assert planned in pages[name]
    everybody = RatingSlot.objects.count()
    assert everybody == total * len(raters)
    assert re.search(rf"1 of {everybody}\b", pages["rating-studies"])
    (queue,) = rating_queues(raters[0])
    assert (queue.rated, queue.total) == (1, total)


def test_a_rating_that_is_not_complete_counts_nowhere(draft, lead, raters, client):
    launched = launch_rating_study(rating_study=draft, user=lead)
    slot = RatingSlot.objects.filter(rater=raters[0]).order_by("place").first()
    give(slot, (1, 4, 4))  # asks for a comment
    client.force_login(lead)
    home = client.get(reverse("home")).content.decode()
    assert f"0 <small>of {RatingSlot.objects.count()}</small>" in home
    assert {rater.done for rater in results_of(launched).table.raters} == {0}


@pytest.mark.parametrize(
    ("workload", "words"),
    [
        (Workload(3, 26, 2), "3 calibration items, 26 items, 2 hidden repeats"),
        (Workload(0, 1, 1), "1 item, 1 hidden repeat"),
        (Workload(1, 5, 0), "1 calibration item, 5 items"),
    ],
)
def test_a_workload_says_what_it_consists_of(workload, words):
    assert workload.words == words
