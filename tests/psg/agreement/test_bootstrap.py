"""Intervals over subjects, with all recordings of each."""

import math

import numpy as np
import pytest
from scipy import stats

from psg.agreement import Bootstrap, CategorySums, category_counts, draw_subjects, fleiss_kappa


def mean_of(values):
    return lambda times: (times @ values) / times.sum(axis=-1)


def test_interval_of_a_mean_is_close_to_students():
    values = np.random.default_rng(2).normal(4.0, 0.6, 30)
    found = Bootstrap.of(30, replicates=20_000, seed=1).interval(mean_of(values))
    low, high = stats.t.interval(0.95, 29, values.mean(), stats.sem(values))
    assert found.value == pytest.approx(values.mean())
    assert (found.low, found.high) == (pytest.approx(low, abs=0.02), pytest.approx(high, abs=0.02))


def test_replicates_are_those_of_drawing_recordings_one_by_one():
    codes = [np.random.default_rng(i).integers(0, 5, (40, 3)) for i in range(4)]
    sums = CategorySums.stack([CategorySums.of(category_counts(part, 5)) for part in codes])
    draws = draw_subjects(4, replicates=5, seed=3)
    quick = fleiss_kappa(sums.drawn(draws))
    for times, found in zip(draws, quick, strict=True):
        again = np.concatenate(
            [part for part, n in zip(codes, times, strict=True) for _ in range(int(n))]
        )
        plain = fleiss_kappa(CategorySums.of(category_counts(again, 5)))
        assert found == pytest.approx(float(plain))


def test_the_same_seed_gives_the_same_interval():
    values = np.arange(25.0)
    first, second = (Bootstrap.of(25, seed=7).interval(mean_of(values)) for _ in range(2))
    assert first == second


@pytest.mark.parametrize(("count", "narrow"), [(8, True), (19, True), (20, False)])
def test_few_recordings_are_said_to_give_narrow_intervals(count, narrow):
    assert Bootstrap.of(count).interval(mean_of(np.arange(float(count)))).runs_narrow is narrow


def test_one_recording_has_a_value_and_no_interval():
    found = Bootstrap.of(1).interval(mean_of(np.array([4.0])))
    assert found.value == 4.0
    assert math.isnan(found.low)
    assert math.isnan(found.high)


def test_what_is_undefined_stays_undefined():
    found = Bootstrap.of(5).interval(lambda times: times.sum(axis=-1) * np.nan)
    assert math.isnan(found.value)
    assert math.isnan(found.low)


def test_recordings_that_are_all_alike_give_an_interval_of_no_width():
    found = Bootstrap.of(10).interval(mean_of(np.full(10, 3.0)))
    assert (found.low, found.high) == (3.0, 3.0)


def test_two_recordings_of_one_subject_are_always_drawn_and_left_out_together():
    drawn = Bootstrap.of_recordings(["Ann", "Ben", "Ann", "Cy"], replicates=200, seed=1)
    for times in (drawn.times, drawn.without):
        assert np.array_equal(times[:, 0], times[:, 2])
        assert not np.array_equal(times[:, 0], times[:, 1])
    assert np.array_equal(drawn.times[:, [0, 1, 3]], draw_subjects(3, replicates=200, seed=1))


def test_recordings_of_a_subject_count_as_one_sum_of_theirs():
    values = np.random.default_rng(4).normal(4.0, 0.6, 20)
    totals = values.reshape(10, 2).sum(axis=1)
    subjects = np.arange(20) // 2
    apart = Bootstrap.of_recordings(list(subjects), seed=1).interval(mean_of(values))
    merged = Bootstrap.of(10, seed=1).interval(
        lambda times: (times @ totals) / (2 * times.sum(axis=-1))
    )
    assert (apart.low, apart.high) == pytest.approx((merged.low, merged.high))
    assert apart.subjects == merged.subjects == 10


def test_nights_that_resemble_those_of_the_same_subject_make_the_interval_wider():
    values = np.repeat(np.random.default_rng(5).normal(4.0, 0.6, 15), 4)
    naive = Bootstrap.of(60, seed=1).interval(mean_of(values))
    honest = Bootstrap.of_recordings([n // 4 for n in range(60)], seed=1).interval(mean_of(values))
    assert honest.high - honest.low > 1.5 * (naive.high - naive.low)


def test_bounds_of_many_figures_are_those_of_each_alone():
    """Also where a figure is undefined in some replicates, in all of them, or altogether."""
    values = np.random.default_rng(6).normal(4.0, 0.6, (12, 3))

    def figures(times):
        means = (times @ values) / times.sum(axis=-1)[..., None]
        means[..., 1] = np.where(times[..., 0] == 0, np.nan, means[..., 1])
        means[..., 2] = np.where(times[..., 0] > 0, np.nan, means[..., 2])
        return means

    draws = Bootstrap.of(12, seed=2)
    together = draws.intervals(figures)
    apart = [draws.interval(lambda times, n=n: figures(times)[..., n]) for n in range(3)]
    assert [str(found) for found in together] == [str(found) for found in apart]
    assert together[0].low < together[0].value < together[0].high
    assert together[1].low < together[1].value < together[1].high
    assert np.isnan([together[2].value, together[2].low, together[2].high]).all()
