"""With few subjects, words beside intervals give the coverage that was simulated."""

import pytest

from psg.agreement.coverage import coverage_words, narrow_words, simulated_coverage


@pytest.mark.parametrize("subjects", range(2, 20))
def test_every_small_number_of_subjects_has_its_own_coverage(subjects):
    known = simulated_coverage(subjects)
    assert set(known) == {"mean", "population_mean", "icc_a1", "kappa"}
    assert all(0.3 < share < 0.97 for share in known.values())
    words = narrow_words(subjects, "mean", "icc_a1")
    assert words.startswith(f"{subjects} subjects: with fewer than 20 subjects")
    assert f"In simulated studies of {subjects} subjects" in words
    assert f"the true mean in {100 * known['mean']:.0f} %" in words
    assert f"the true ICC(A,1) in {100 * known['icc_a1']:.0f} %" in words


def test_coverage_grows_with_subjects():
    assert simulated_coverage(3)["mean"] < simulated_coverage(8)["mean"]
    assert simulated_coverage(3)["kappa"] < simulated_coverage(12)["kappa"]


@pytest.mark.parametrize("subjects", [0, 1, 20, 62])
def test_no_interval_or_enough_subjects_need_no_warning(subjects):
    assert narrow_words(subjects, "kappa") == coverage_words(subjects, "kappa") == ""
