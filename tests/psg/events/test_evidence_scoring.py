"""How the benchmark of real marks counts."""

import numpy as np
import pytest

from benchmarks.evidence import marks
from benchmarks.evidence.marks import common, inside, readings, spans_of, union
from benchmarks.evidence.scoring import compare, compare_seconds, false_alarms, score, seconds_apart
from benchmarks.evidence.trust import LEAST_MARKS, lower_ends

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
    rate = false_alarms([(spans_of([]), spans_of([(0.0, 3600.0)]), spans_of([]))])
    assert rate["per_hour"] == 0.0
    assert rate["per_hour_at_most"] == pytest.approx(3.7, abs=0.05)  # 3.69: Poisson, exact


def test_marks_of_two_readers_join_where_they_overlap():
    joined = union(spans_of([(1.0, 2.0), (5.0, 6.0)]), spans_of([(1.5, 2.5)]))
    np.testing.assert_array_equal(joined, [[1.0, 2.5], [5.0, 6.0]])


@pytest.mark.parametrize(
    ("detected", "marks", "counts"),
    [
        ([(10.2, 10.8)], [], [0, 0, 0]),  # at an event that the reader was not sure of
        ([(20.0, 21.0)], [], [0, 1, 0]),  # elsewhere
        ([(10.9, 11.9)], [], [0, 1, 0]),  # it only touches the unsure event
        ([(10.0, 11.0)], [(10.5, 11.5)], [1, 1, 1]),  # a hit stays a hit
    ],
)
def test_what_the_reader_was_not_sure_of_makes_no_event_wrong(detected, marks, counts):
    pages = compare(
        spans_of(detected),
        spans_of(marks),
        READ,
        least_overlap=0.0,
        doubtful=spans_of([(10.0, 11.0)]),
    )
    assert pages.counts.sum(axis=0).tolist() == counts


def test_what_the_other_reader_was_not_sure_of_is_not_missed():
    pages = compare(
        spans_of([]),
        spans_of([(10.0, 11.0), (40.0, 41.0)]),
        READ,
        least_overlap=0.0,
        doubtful_detected=spans_of([(10.1, 10.9)]),
    )
    assert pages.counts.sum(axis=0).tolist() == [0, 0, 1]


def test_a_rhythm_is_compared_second_by_second():
    pages = compare_seconds(
        spans_of([(10.0, 20.0), (50.0, 52.0)]),
        spans_of([(15.0, 25.0)]),
        READ,
        doubtful=spans_of([(18.0, 19.0), (51.0, 90.0)]),
    )
    assert pages.counts.tolist() == [[4, 9, 9], [0, 1, 0], [0, 0, 0]]


def test_the_error_of_seconds_is_of_pages_that_have_some_and_takes_half_of_what_is_unsure():
    apart = seconds_apart(
        spans_of([(1.0, 4.0)]), spans_of([(2.0, 4.0), (65.0, 70.0)]), spans_of([(6.0, 8.0)]), READ
    )
    np.testing.assert_allclose(apart, [3 - 2 - 1, -5])


def test_readers_are_compared_where_both_read():
    both = common(spans_of([(0.0, 30.0), (60.0, 90.0)]), spans_of([(20.0, 70.0)]))
    np.testing.assert_array_equal(both, [[20.0, 30.0], [60.0, 70.0]])
    assert len(common(spans_of([(0.0, 30.0)]), spans_of([(30.0, 60.0)]))) == 0


def test_false_alarms_of_several_recordings_are_counted_together():
    read, unsure = spans_of([(0.0, 60.0)]), spans_of([(5.0, 6.0)])
    rate = false_alarms([(spans_of([(5.1, 5.9), (8.0, 9.0)]), read, unsure)] * 2)
    assert (rate["minutes"], rate["detected"]) == (2.0, 2)


def test_unsure_marks_and_k_complexes_are_no_false_slow_waves(tmp_path, monkeypatch):
    (tmp_path / "read.csv").write_text(
        "recording,kind,reader,start_s,end_s\n"
        "night,slow_wave,reader 1,0,30\nnight,k_complex,reader 1,0,30\n"
    )
    (tmp_path / "marks.csv").write_text(
        "recording,kind,reader,start_s,end_s,derivation,sure\n"
        "night,slow_wave,reader 1,1,2,C4,yes\nnight,slow_wave,reader 1,3,4,C4,no\n"
        "night,k_complex,reader 1,5,6,C4,yes\nnight,k_complex,reader 2,8,9,C4,yes\n"
    )
    monkeypatch.setattr(marks, "OWN", tmp_path)
    slow, k_complex = marks._own()
    np.testing.assert_array_equal(slow.marks, [[1, 2]])
    np.testing.assert_array_equal(slow.doubtful, [[3, 4], [5, 6]])
    np.testing.assert_array_equal(k_complex.marks, [[5, 6]])
    assert len(k_complex.doubtful) == 0


def row(reference, low, marks=LEAST_MARKS, recordings="night", compared="ours"):
    share = {"value": low + 0.1, "low": low, "high": 1.0}
    figures = {"marks": marks, "detected": marks, "hits": 0, "pages": 1, "f1": share}
    return {
        "kind": "wave",
        "recordings": recordings,
        "reference": reference,
        "compared": compared,
        "score": {**figures, "precision": share, "recall": share},
    }


@pytest.mark.parametrize(
    ("rows", "known"),
    [
        ([row("reader 1", 0.8)], None),
        ([row("reader 1", 0.8), row("reader 2", 0.7, marks=LEAST_MARKS - 1)], None),
        ([row("reader 1", 0.8), row("reader 2", 0.7, recordings="other")], None),
        ([row("reader 1", 0.8), row("reader 2", 0.9, compared="yasa")], None),
        ([row("reader 1", 0.8), row("reader 2", 0.7)], 0.7),
        ([row("experts", 0.8)], 0.8),
        ([row("experts", 0.8), row("reader 1", 0.3, recordings="other")], 0.3),
        ([row("expert 1", 0.3), row("expert 2", 0.2), row("either", 0.6)], 0.6),
    ],
)
def test_verdicts_rest_on_the_least_favourable_of_two_readings(rows, known):
    assert lower_ends(rows).get("wave") == (known and (known, known))


@pytest.mark.real_data
def test_every_mark_lies_in_a_stretch_that_was_read():
    for reading in readings():
        assert len(inside(reading.marks, reading.read)) == len(reading.marks)
