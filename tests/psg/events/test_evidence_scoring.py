"""How the benchmark of real marks counts."""

import numpy as np
import pytest

from benchmarks.evidence.marks import inside, readings, spans_of, union
from benchmarks.evidence.scoring import compare, false_alarms, score

READ = spans_of([(0.0, 90.0)])


def counted(detected, marks, least_overlap=0.0):
    return score(compare(spans_of(detected), spans_of(marks), READ, least_overlap=least_overlap))


def test_an_event_found_as_two_halves_is_a_hit_and_a_false_event():
    result = counted([(10.0, 10.2), (10.3, 10.5)], [(10.0, 10.5)])
    assert (result["marks"], result["detected"], result["hits"]) == (1, 2, 1)
    assert result["precision"]["value"] == 0.5
    assert result["recall"]["value"] == 1.0


def test_the_best_matches_are_made_first():
    result = counted([(10.0, 11.0), (10.9, 12.0)], [(11.0, 12.0), (10.0, 10.95)])
    assert result["hits"] == 2


@pytest.mark.parametrize(("least_overlap", "hits"), [(0.0, 1), (0.2, 0)])
def test_a_match_needs_its_share_of_the_union(least_overlap, hits):
    assert counted([(10.0, 11.0)], [(10.9, 12.0)], least_overlap)["hits"] == hits


def test_only_what_was_read_counts():
    read = spans_of([(0.0, 30.0), (60.0, 90.0)])
    pages = compare(spans_of([(5.0, 6.0), (40.0, 41.0)]), spans_of([]), read, least_overlap=0.0)
    assert pages.counts.tolist() == [[0, 1, 0], [0, 0, 0]]
    assert len(inside(spans_of([(40.0, 41.0)]), read)) == 0


def test_intervals_of_few_events_are_wide_and_contain_the_share():
    result = counted([(10.0, 11.0)], [(10.0, 11.0)])["precision"]
    assert result["value"] == result["high"] == 1.0
    assert result["low"] < 0.25


def test_a_share_of_nothing_is_unknown():
    assert counted([], [(10.0, 11.0)])["precision"]["value"] is None
    assert counted([], [])["f1"]["value"] is None


def test_no_false_alarm_still_has_an_upper_bound():
    rate = false_alarms(spans_of([]), spans_of([(0.0, 3600.0)]))
    assert rate["per_hour"] == 0.0
    assert rate["per_hour_at_most"] == pytest.approx(3.7, abs=0.05)  # 3.69: Poisson, exact


def test_marks_of_two_readers_join_where_they_overlap():
    joined = union(spans_of([(1.0, 2.0), (5.0, 6.0)]), spans_of([(1.5, 2.5)]))
    np.testing.assert_array_equal(joined, [[1.0, 2.5], [5.0, 6.0]])


@pytest.mark.real_data
def test_every_mark_lies_in_a_stretch_that_was_read():
    for reading in readings():
        assert len(inside(reading.marks, reading.read)) == len(reading.marks)
