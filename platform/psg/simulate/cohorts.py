"""Who is trained on and who is held out: simulated subjects of disjoint distributions.

A seed is a subject. Three parameters are cut into bands, and the bands go in turns to training
and to testing: age, which moves the size of most waves, and the pitch of alpha and of spindles,
which replies quote in Hz. A training subject lies in training's bands with all three, a held-out
one in the others with all three, and most seeds belong to neither. So no held-out subject has an
age decade, an alpha pitch or a spindle pitch that any training subject has. Everything else is
drawn alike, so both are healthy adults of one population: held out is another person, not another
sleep laboratory.

Validation subjects, by which a checkpoint is chosen, are like training subjects with seeds of
their own: nothing that is chosen may have seen the bands of the test.
"""

from __future__ import annotations

from collections.abc import Iterator
from enum import StrEnum
from itertools import count, islice

from psg.simulate.draws import component_rng
from psg.simulate.subject import Subject, draw_subject

AGE_BAND_YEARS = 10.0
PITCH_BAND_HZ = 0.5


class Cohort(StrEnum):
    """What a simulated subject may be used for."""

    TRAINING = "training"
    VALIDATION = "validation"
    HELD_OUT = "held-out"


# The first seed that is looked at; too far apart for one cohort to reach the next.
_FIRST_SEED = {
    Cohort.TRAINING: 10_000_000,
    Cohort.VALIDATION: 20_000_000,
    Cohort.HELD_OUT: 30_000_000,
}
_HELD_OUT_BAND = 1


def cohort_seeds(cohort: Cohort, number: int) -> list[int]:
    """The first seeds of a cohort, for ``simulate_night``; about one seed in eight is taken."""
    return list(islice(_seeds(cohort), number))


def is_of_cohort(subject: Subject, cohort: Cohort) -> bool:
    """Whether a subject lies in the bands of a cohort with all three parameters."""
    wanted = _HELD_OUT_BAND if cohort is Cohort.HELD_OUT else 1 - _HELD_OUT_BAND
    return all(band == wanted for band in _bands(subject))


def _seeds(cohort: Cohort) -> Iterator[int]:
    for seed in count(_FIRST_SEED[cohort]):
        if is_of_cohort(draw_subject(component_rng(seed, "subject")), cohort):
            yield seed


def _bands(subject: Subject) -> tuple[int, int, int]:
    """0 or 1 for each of the three, in turns."""
    return (
        int(subject.age_years // AGE_BAND_YEARS) % 2,
        int(subject.alpha_hz // PITCH_BAND_HZ) % 2,
        int(subject.spindle_hz // PITCH_BAND_HZ) % 2,
    )
