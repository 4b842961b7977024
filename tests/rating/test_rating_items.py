"""Every number leads to the items that it counts."""

from dataclasses import replace

import pytest

from annotations.rating.items import ItemFilter, filter_of, items_behind
from annotations.rating.lifecycle import unblind
from annotations.rating.models import DIMENSIONS
from annotations.rating.results import results_of
from tests.helpers.rated_studies import finished_study

pytestmark = pytest.mark.django_db


@pytest.fixture
def closed(study, member):
    return finished_study(study=study, member=member)


@pytest.fixture
def results(closed, lead):
    return results_of(unblind(rating_study=closed, user=lead, reason="All is rated."))


def found(results, asked):
    return items_behind(results.table, asked)


def test_every_group_has_as_many_items_as_its_row_says(results):
    rows = [results.overall, *(row for way in results.ways for row in results.groups(way.name))]
    assert {row.group.way for row in rows} == {"", "arm", "stage", "rule", "reference", "place"}
    for row in rows:
        assert len(found(results, filter_of(row.group))) == row.items, row.group


def test_every_count_of_a_level_is_that_of_the_ratings_of_its_items(results):
    for place, cell in enumerate(results.overall.cells):
        for level, count in enumerate(cell.counts, start=1):
            items = found(results, ItemFilter(dimension=cell.dimension, score=str(level)))
            first = [r for one in items for _, r in one.ratings if r.look == 0 and r.scores]
            assert sum(rating.scores[place] == level for rating in first) == count


def test_cannot_judge_repeats_and_raters_lead_to_their_items(results):
    unsure = found(results, ItemFilter(cannot_judge="1"))
    given = [r for one in unsure for _, r in one.ratings if r.look == 0 and r.scores is None]
    assert len(given) == results.overall.cannot_judge
    repeated = found(results, ItemFilter(repeated="1"))
    assert repeated
    assert all(any(rating.look for _, rating in one.ratings) for one in repeated)
    for row in results.raters:
        mine = found(results, ItemFilter(rater=str(row.rater.pk)))
        assert len(mine) == row.ratings


def test_a_comparison_leads_to_the_epochs_that_both_arms_have(results):
    row = results.differences[0]
    shared = found(results, ItemFilter(arms=f"{row.first.key}-{row.second.key}", unit=row.unit))
    assert len(shared) == len(results.table.items)
    assert found(results, ItemFilter(arms=f"{row.first.key}-0")) == []


def test_items_come_lowest_first_or_widest_first(results):
    means = [one.mean for one in found(results, ItemFilter()) if one.mean is not None]
    assert means == sorted(means)
    ranges = [one.widest or 0 for one in found(results, ItemFilter(order="widest"))]
    assert ranges == sorted(ranges, reverse=True)


def test_a_question_about_arms_finds_nothing_while_blind(closed):
    blind = results_of(closed)
    arm = str(closed.arms.get(label="One").pk)
    for asked in (ItemFilter(arm=arm), ItemFilter(reference="same"), ItemFilter(arms=f"{arm}-0")):
        assert found(blind, asked) == []
    assert found(blind, ItemFilter())


def test_an_address_says_what_was_asked_and_nothing_more():
    asked = ItemFilter.of({"stage": "N2", "page": "3", "score": "", "order": "lowest"})
    assert asked == ItemFilter(stage="N2")
    assert asked.query == "stage=N2"
    assert replace(asked, dimension=DIMENSIONS[0], score="1").query == (
        "stage=N2&dimension=factual_accuracy&score=1"
    )
