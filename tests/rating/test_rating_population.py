"""From what items were drawn, and which arms have numbers of their population."""

import random

import pytest
from django.urls import reverse

from annotations.rating.downloads import result_rows, results_json
from annotations.rating.drift import drift_of
from annotations.rating.groups import ARM
from annotations.rating.methods import methods_text
from annotations.rating.models import DIMENSIONS, RatingGold, RatingItem, RatingSlot, RatingStudy
from annotations.rating.numbers import MIXED_MISSING
from annotations.rating.population import POPULATION_LEFT_OVER, POPULATION_UNKNOWN
from annotations.rating.results import Results, results_of
from annotations.rating.sampling import DRAWING_VERSION, Candidate, sample
from annotations.scoring.models import EpochScore
from tests.helpers.rated_studies import finished_study
from tests.helpers.ratings import give

pytestmark = [pytest.mark.django_db, pytest.mark.long]


def rated(rating_study: RatingStudy) -> RatingStudy:
    slots = RatingSlot.objects.filter(item__rating_study=rating_study).order_by("pk")
    for place, slot in enumerate(slots.select_related("item", "rater")):
        give(slot, (1 + place % 5,) * 3, comment="Why.")
    return rating_study


def opened(rating_study: RatingStudy) -> Results:
    """Unblind without the acts that lead there, which other tests are about."""
    RatingStudy.objects.filter(pk=rating_study.pk).update(
        state="closed", unblinded_at=rating_study.created_at
    )
    rating_study.refresh_from_db()
    return results_of(rating_study)


def page_of(rating_study, lead, client, name="rating-results", query=""):
    client.force_login(lead)
    address = reverse(f"annotations:{name}", args=[rating_study.pk])
    return " ".join(client.get(address + query).content.decode().split())


def test_arms_drawn_together_are_of_the_epochs_that_all_have_words_about(
    sources, make_rating_study, lead, client
):
    few = EpochScore.objects.filter(scoring=sources[1], epoch__gte=6)
    few.update(rationale="")
    made = rated(make_rating_study(item_count=4, same_epochs=True))
    assert (made.shared_epochs, [arm.rationale_count for arm in made.arms.all()]) == (6, [10, 6])
    results = opened(made)
    text = "\n".join(methods_text(results))
    words = "the 6 epochs with a rationale of every arm (of 10 and 6 rationales, by arm)"
    assert f"They were drawn from {words}, and the population is these epochs" in text
    assert words in page_of(made, lead, client)
    assert results_json(results)["method"]["drawn_from"] == words


def test_the_number_of_shared_epochs_is_not_made_up_where_it_was_not_stored(make_rating_study):
    made = rated(make_rating_study(item_count=4, same_epochs=True))
    RatingStudy.objects.filter(pk=made.pk).update(shared_epochs=None)
    words = opened(made).population.words
    assert words == "the epochs with a rationale of every arm (of 10 and 10 rationales, by arm)"


def test_arms_drawn_apart_have_no_shared_epochs(make_rating_study):
    made = rated(make_rating_study(item_count=4, repeat_percent=0))
    assert made.shared_epochs is None
    assert opened(made).population.words == "10 and 10 rationales, by arm"


@pytest.fixture
def of_one_scoring(sources, make_rating_study):
    """Two arms of the same scoring: the second is drawn from what the first left."""
    return rated(make_rating_study(scorings=[sources[0]] * 2, item_count=8, repeat_percent=0))


def test_an_arm_of_what_another_left_says_so_and_the_other_keeps_its_numbers(
    of_one_scoring, lead, client
):
    results = opened(of_one_scoring)
    first, second = results.groups(ARM)
    assert first.cells[0].population.value is not None
    assert second.cells[0].population.missing == POPULATION_LEFT_OVER
    assert results.overall.cells[0].population.missing == POPULATION_LEFT_OVER
    page = page_of(of_one_scoring, lead, client, query="?by=arm")
    assert "mean in the population" in page
    assert f"For all items together it is {POPULATION_LEFT_OVER}" in page
    text = "\n".join(methods_text(results))
    assert f"In the population of {first.group.label} they were" in text
    assert f"Numbers of the population for all items are {POPULATION_LEFT_OVER}" in text
    assert "were not stored" not in page + text
    method = results_json(results)["method"]
    assert method["population_of_all_items_missing"] == POPULATION_LEFT_OVER
    notes = {
        row.group: row.note
        for row in result_rows(results)
        if (row.way, row.measure) == ("arm", "population_mean")
    }
    assert notes == {first.group.label: "", second.group.label: POPULATION_LEFT_OVER}


def test_an_older_arm_beside_a_newer_one_is_not_taken_for_what_was_left(make_rating_study):
    made = rated(make_rating_study(item_count=8, repeat_percent=0))
    older = made.arms.last()
    made.arms.filter(pk=older.pk).update(rationale_count=None)
    made.items.filter(arm=older).update(inclusion_probability=None)
    results = opened(made)
    first, second = results.groups(ARM)
    assert first.cells[0].population.value is not None
    assert second.cells[0].population.missing == POPULATION_UNKNOWN
    assert {row.population.missing for row in results.differences} == {POPULATION_UNKNOWN}


def test_a_seed_draws_what_it_drew_when_the_version_of_the_drawing_was_set():
    """Where this fails because the drawing has changed, raise DRAWING_VERSION."""
    stages = ["W", "N1", "N2", "N2", "N2", "N3", "N3", "R"] * 3
    candidates = [
        Candidate(100 * night + n, night, n, stage, "N2" if n % 5 else stage)
        for night in (1, 2, 3)
        for n, stage in enumerate(stages)
    ]
    drawn = [c.score_id for c in sample(candidates, count=8, rng=random.Random(3))]
    assert drawn == [201, 100, 105, 115, 219, 322, 323, 108]
    assert DRAWING_VERSION == 2


def test_methods_name_the_version_of_the_drawing(make_rating_study):
    made = make_rating_study(item_count=4)
    assert made.drawing_version == DRAWING_VERSION
    assert f"(version {DRAWING_VERSION} of the drawing)" in "\n".join(methods_text(opened(made)))
    RatingStudy.objects.filter(pk=made.pk).update(drawing_version=None)
    made.refresh_from_db()
    assert "of the drawing)" not in "\n".join(methods_text(results_of(made)))


# Control items while a study is blind


@pytest.fixture
def with_controls(study, member):
    arms = {"One": 0.0, "Two": 0.2, "Control": -0.6}
    return finished_study(study=study, member=member, recordings=6, arms=arms, control="Control")


def test_a_blind_study_with_controls_shows_no_severity_and_no_second_looks(
    with_controls, lead, client
):
    results = results_of(with_controls)
    for row in results.raters:
        assert {number.value for number in row.offsets} == {None}
        assert {number.missing for number in row.offsets} == {MIXED_MISSING}
        assert (row.repeat_scores, row.repeats_same, row.repeats_within_one) == (None,) * 3
    of_raters = [row for row in result_rows(results) if row.part == "raters"]
    withheld = [r for r in of_raters if r.measure.startswith(("severity", "second_looks"))]
    assert len(withheld) == len(results.raters) * 5
    assert {(row.value, row.n, row.note) for row in withheld} == {(None, None, MIXED_MISSING)}
    assert "Severity of raters: shown after unblinding" in "\n".join(methods_text(results))
    page = page_of(with_controls, lead, client)
    # Each rater has a severity in every dimension and a share of repeated scores.
    assert page.count(">after unblinding<") == len(results.raters) * (len(DIMENSIONS) + 1)
    assert "Raters are up to" not in page
    assert "include control items" in page_of(with_controls, lead, client, name="rating-raters")


def test_after_unblinding_they_are_of_items_as_written(with_controls, lead, client):
    results = opened(with_controls)
    assert all(number.value is not None for row in results.raters for number in row.offsets)
    assert sum(row.repeat_scores for row in results.raters) > 0
    raters = page_of(with_controls, lead, client, name="rating-raters")
    assert "Items as written only" in raters


def test_a_blind_study_without_controls_shows_both(study, member):
    results = results_of(finished_study(study=study, member=member))
    assert any(number.value is not None for row in results.raters for number in row.offsets)
    assert any(row.repeat_scores for row in results.raters)


def test_repeats_of_control_items_are_no_planned_repeats_once_they_are_known(with_controls):
    written = RatingSlot.objects.filter(repeat__gt=0).exclude(item__arm__kind="control")
    both = results_of(with_controls).facts.repeats_planned
    assert both > written.count()
    assert opened(with_controls).facts.repeats_planned == written.count()


def test_drift_keeps_repeated_calibration_items_of_control_arms(with_controls):
    """Only control items of the main round are a device; reference scores know the others."""
    again = RatingSlot.objects.filter(
        repeat=1, item__arm__kind="control", rating__cannot_judge=False
    ).select_related("item", "rater")
    slot = again[0]
    RatingItem.objects.filter(pk=slot.item_id).update(phase="calibration")
    RatingGold.objects.create(item=slot.item, factual_accuracy=1, feedback="Of another stage.")
    kept = again.filter(item=slot.item).count()
    opened(with_controls)
    assert sum(row.gold.n for row in drift_of(with_controls)) == kept
    assert kept
