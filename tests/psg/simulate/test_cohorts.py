import pytest

from psg.simulate import Cohort, cohort_seeds
from psg.simulate.draws import component_rng
from psg.simulate.subject import (
    AGE_BAND_YEARS,
    PITCH_BAND_HZ,
    SimulatedSubject,
    draw_subject,
    is_of_cohort,
)


def subjects(cohort: Cohort, number: int = 60) -> list[SimulatedSubject]:
    return [draw_subject(component_rng(seed, "subject")) for seed in cohort_seeds(cohort, number)]


def bands(cohort: Cohort, name: str, width: float) -> set[int]:
    return {int(getattr(one, name) // width) for one in subjects(cohort)}


@pytest.mark.parametrize(
    ("name", "width"),
    [
        ("age_years", AGE_BAND_YEARS),
        ("alpha_hz", PITCH_BAND_HZ),
        ("spindle_hz", PITCH_BAND_HZ),
    ],
)
@pytest.mark.parametrize("seen", [Cohort.TRAINING, Cohort.VALIDATION])
def test_no_held_out_subject_shares_a_band_with_one_that_was_seen(
    name: str, width: float, seen: Cohort
) -> None:
    assert bands(seen, name, width).isdisjoint(bands(Cohort.HELD_OUT, name, width))
    assert len(bands(seen, name, width)) > 1


def test_cohorts_share_no_seed_and_the_same_seeds_come_again() -> None:
    found = [cohort_seeds(cohort, 200) for cohort in Cohort]
    assert len({seed for seeds in found for seed in seeds}) == 3 * 200
    assert cohort_seeds(Cohort.HELD_OUT, 3) == cohort_seeds(Cohort.HELD_OUT, 200)[:3]


def test_held_out_subjects_are_no_training_subjects() -> None:
    assert not any(is_of_cohort(one, Cohort.TRAINING) for one in subjects(Cohort.HELD_OUT))
