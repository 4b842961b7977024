"""Items keep how likely they were drawn; results give items as drawn and the population."""

import csv
import io

import numpy as np
import pytest
from django.urls import reverse

from annotations.rating.downloads import result_rows, write_items, write_ratings
from annotations.rating.drawing import draw
from annotations.rating.items import ItemFilter, items_behind
from annotations.rating.lifecycle import unblind
from annotations.rating.methods import methods_text
from annotations.rating.models import RatingItem, RatingSlot
from annotations.rating.population import (
    POPULATION_BLIND,
    POPULATION_NONE,
    POPULATION_UNKNOWN,
)
from annotations.rating.results import (
    MIXED_MISSING,
    results_of,
)
from tests.helpers.rated_studies import finished_study
from tests.helpers.ratings import STAGES, give

pytestmark = [pytest.mark.django_db, pytest.mark.long]


def opened(rating_study, lead):
    return results_of(unblind(rating_study=rating_study, user=lead, reason="All is rated."))


@pytest.fixture
def few_of_many(make_rating_study):
    """A study of four of ten rationales by each of two scorers: each epoch rated as its stage."""
    made = make_rating_study(item_count=8, repeat_percent=0)
    score = {"W": 5, "N1": 2, "N2": 3, "N3": 4, "R": 1}
    for slot in RatingSlot.objects.filter(item__rating_study=made).select_related("item", "rater"):
        give(slot, (score[slot.item.stage],) * 3, comment="Why.")
    return made


@pytest.mark.parametrize("calibration", [0, 4])
@pytest.mark.parametrize("same_epochs", [False, True])
def test_on_average_the_weights_of_an_arm_add_up_to_its_rationales(
    rating_design, same_epochs, calibration
):
    """Horvitz and Thompson: the sum of 1 / probability is unbiased for the size of the frame."""
    sums = []
    for seed in range(150):
        design = rating_design(
            item_count=8, seed=seed, same_epochs=same_epochs, calibration_count=calibration
        )
        drawing = draw(design)
        assert drawing.frame == [len(STAGES)] * 2
        main = [item for item in drawing.items if item.phase == "main"]
        assert all((item.probability is None) == (item not in main) for item in drawing.items)
        sums.append(sum(1 / item.probability for item in main) / 2)
    error = np.std(sums) / len(sums) ** 0.5
    assert abs(np.mean(sums) - len(STAGES)) <= 4 * error + 1e-9


def test_a_sample_of_everything_has_weight_one(make_rating_study):
    made = make_rating_study(item_count=20)
    assert set(made.items.values_list("inclusion_probability", flat=True)) == {1.0}
    assert [arm.rationale_count for arm in made.arms.all()] == [10, 10]


def test_control_items_have_no_probability(make_rating_study):
    made = make_rating_study(item_count=10, control_percent=20)
    of_controls = made.items.filter(arm__kind="control")
    assert set(of_controls.values_list("inclusion_probability", flat=True)) == {None}
    assert not made.items.filter(arm__kind="source", inclusion_probability=None).exists()


def test_the_mean_of_the_population_weights_every_rating(few_of_many, lead):
    results = opened(few_of_many, lead)
    items = RatingItem.objects.filter(rating_study=few_of_many)
    pairs = [
        (1 / item.inclusion_probability, slot.rating.factual_accuracy)
        for item in items
        for slot in item.slots.select_related("rating")
    ]
    weights, scores = zip(*pairs, strict=True)
    cell = results.overall.cells[0]
    assert cell.mean.value == pytest.approx(np.mean(scores))
    assert cell.population.value == pytest.approx(np.average(scores, weights=weights))
    assert cell.population.value != pytest.approx(cell.mean.value)
    first, second = (row.cells[0].population.value for row in results.groups("arm"))
    difference = results.differences[0].population.value
    assert difference == pytest.approx(first - second)


def test_population_is_on_page_and_in_files_and_methods(few_of_many, lead, client):
    results = opened(few_of_many, lead)
    value = f"{results.overall.cells[0].population.value:.2f}"
    client.force_login(lead)
    page = client.get(reverse("annotations:rating-results", args=[few_of_many.pk])).content.decode()
    assert "mean in the population" in page
    text = "\n".join(methods_text(results))
    for words in (
        "Items were drawn within strata of stage",
        "They were drawn from 10 and 10 rationales",
        "inverse of its inclusion probability",
        f"In the population they were {value}",
        "Raters are fixed",
        "Fleiss’ kappa, with quadratic weights, are in the form for unequal numbers",
    ):
        assert words in text, words
    (row,) = [
        r
        for r in result_rows(results)
        if (r.measure, r.dimension, r.way) == ("population_mean", "factual_accuracy", "")
    ]
    assert f"{row.value:.2f}" == value
    file = io.StringIO(newline="")
    write_items(file, results.table)
    stored = {
        float(r["inclusion_probability"]) for r in csv.DictReader(file.getvalue().split("\n"))
    }
    assert stored == set(few_of_many.items.values_list("inclusion_probability", flat=True))


def test_a_blind_study_shows_no_weights(few_of_many):
    results = results_of(few_of_many)
    assert results.overall.cells[0].population.missing == POPULATION_BLIND
    assert np.isnan(results.table.block.weights).all()
    assert POPULATION_BLIND in "\n".join(methods_text(results))


def test_an_older_design_says_that_probabilities_are_not_known(study, member, lead, client):
    results = opened(finished_study(study=study, member=member), lead)
    assert {c.population.missing for c in results.overall.cells} == {POPULATION_UNKNOWN}
    assert {row.population.missing for row in results.differences} == {POPULATION_UNKNOWN}
    client.force_login(lead)
    page = client.get(
        reverse("annotations:rating-results", args=[results.rating_study.pk])
    ).content.decode()
    assert "inclusion probabilities were not stored" in page


@pytest.fixture
def with_controls(study, member):
    """Eight recordings; a third of the items are control items, in the last arm."""
    arms = {"One": 0.0, "Two": 0.2, "Control": -0.6}
    return finished_study(study=study, member=member, recordings=8, arms=arms, control="Control")


def test_control_items_count_in_no_number_but_their_own(with_controls, lead, client):
    blind = results_of(with_controls)
    assert blind.overall.group.label == "All items, control items among them"
    assert blind.agreement == []
    assert blind.reliability_missing == MIXED_MISSING
    assert "Mean scores: shown after unblinding" in "\n".join(methods_text(blind))
    results = opened(with_controls, lead)
    assert (blind.overall.items, results.overall.items, results.facts.items) == (48, 32, 32)
    assert results.overall.group.label == "Items as written"
    written = np.array([not item.is_control for item in results.table.items])
    scores = results.table.block.first_looks[written][..., 0]
    assert results.overall.cells[0].mean.value == pytest.approx(np.nanmean(scores))
    assert [part.group.label for part in results.agreement] == ["Items as written", "One", "Two"]
    assert {(row.first.label, row.second.label) for row in results.differences} == {("One", "Two")}
    assert not any(row.item.is_control for row in results.widest(100))
    of_controls = results.groups("arm")[-1]
    assert of_controls.cells[0].population.missing == POPULATION_NONE
    assert results.controls[0].control.value == of_controls.cells[0].mean.value
    assert results.notices[-1].noticed.controls == of_controls.cells[0].n
    text = "\n".join(methods_text(results))
    assert "32 rationales from 8 recordings" in text
    assert "16 control items, rationales beside an epoch of another stage" in text
    client.force_login(lead)
    page = client.get(
        reverse("annotations:rating-results", args=[with_controls.pk])
    ).content.decode()
    assert 'id="controls"' in page


def test_counts_without_controls_lead_to_items_without_controls(with_controls, lead):
    results = opened(with_controls, lead)
    found = items_behind(results.table, ItemFilter(controls="without"))
    assert len(found) == results.overall.items
    blind = ItemFilter.of({"controls": "without"})
    assert blind.query == "controls=without"


def test_rows_to_compute_with_say_which_items_are_controls(with_controls, lead):
    file = io.StringIO(newline="")
    write_ratings(file, unblind(rating_study=with_controls, user=lead, reason="All is rated."))
    rows = list(csv.DictReader(io.StringIO(file.getvalue(), newline="")))
    assert {row["control"] for row in rows if row["source"] == "Scorer of Control"} == {"1"}
    assert {row["control"] for row in rows if row["source"] != "Scorer of Control"} == {"0"}


def test_a_control_filter_tells_a_blind_lead_nothing(with_controls):
    table = results_of(with_controls).table
    assert len(items_behind(table, ItemFilter(controls="without"))) == len(table.items)
