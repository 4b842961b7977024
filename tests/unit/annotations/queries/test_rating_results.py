"""Results count complete first looks, and keep sources hidden until the study is unblinded."""

import csv
import io

import pytest

from annotations.exports.ratings import write_ratings
from annotations.models import RatingSlot
from annotations.queries.rating_results import results_of
from annotations.services.rating_studies import unblind
from tests.ratings import EXPERT_NAME, MODEL_LABEL, give

pytestmark = pytest.mark.django_db


@pytest.fixture
def slots(rating_study, raters):
    found = RatingSlot.objects.filter(rater=raters[0], item__rating_study=rating_study)
    return list(found.select_related("item__source__scoring__scorer").order_by("place"))


def by_model(slot):
    return slot.item.source.scoring.scorer.label == MODEL_LABEL


def test_means_medians_and_counts_are_those_of_the_scores(rating_study, slots):
    first = [slot for slot in slots if slot.repeat == 0]
    for slot, scores in zip(first, [(5, 4, 3), (4, 4, 3), (5, 3, 3)], strict=False):
        give(slot, scores)
    overall = results_of(rating_study).overall
    accuracy, evidence, coherence = overall.summaries
    assert accuracy.counts == [0, 0, 0, 1, 2]
    assert accuracy.mean == pytest.approx(14 / 3)
    assert accuracy.median == 5
    assert (evidence.median, evidence.n, coherence.mean) == (4, 3, 3)
    assert overall.items == 3


def test_unfinished_ratings_and_second_looks_are_not_counted(rating_study, slots):
    give(slots[0], (2, 2, 2))  # asks for a comment, so it is not complete
    give(slots[1], (2, 2, 2), comment="The spindle is not there.")
    second = next(slot for slot in slots if slot.repeat)
    give(second, (5, 5, 5))
    results = results_of(rating_study)
    assert results.overall.ratings == 1
    assert results.progress[0].done == 2
    assert results.progress[0].total == 11


def test_nothing_rated_has_no_mean(rating_study):
    summary = results_of(rating_study).overall.summaries[0]
    assert (summary.n, summary.mean, summary.median) == (0, None, None)


def test_sources_are_hidden_until_the_study_is_unblinded(rating_study, slots, lead):
    for slot in slots:
        give(slot, (5, 5, 5) if by_model(slot) else (3, 3, 3))
    blind = results_of(rating_study)
    assert blind.sources == []
    assert {one.source for one in blind.lowest} == {""}
    open_ = results_of(unblind(rating_study=rating_study, user=lead, reason="All rated."))
    assert [group.label for group in open_.sources] == [EXPERT_NAME, MODEL_LABEL]
    assert [group.summaries[0].mean for group in open_.sources] == [3, 5]
    assert [group.items for group in open_.sources] == [5, 5]


def test_second_looks_are_compared_with_the_first(rating_study, slots):
    second = next(slot for slot in slots if slot.repeat)
    first = next(slot for slot in slots if slot.item_id == second.item_id and not slot.repeat)
    give(first, (5, 4, 3))
    give(second, (5, 3, 5))
    repeats = results_of(rating_study).repeats
    assert (repeats.pairs, repeats.same, repeats.within_one) == (3, 1, 2)


def test_the_rows_behind_the_results_name_a_source_only_after_unblinding(rating_study, slots, lead):
    give(slots[0], (1, 2, 3), comment="=HYPERLINK(1)")

    def rows(study):
        file = io.StringIO(newline="")
        write_ratings(file, study)
        return list(csv.DictReader(io.StringIO(file.getvalue(), newline="")))

    (blind,) = rows(rating_study)
    assert blind["comment"] == "'=HYPERLINK(1)"
    assert "source" not in blind
    (open_,) = rows(unblind(rating_study=rating_study, user=lead, reason="All rated."))
    assert open_["source"] in {EXPERT_NAME, MODEL_LABEL}
