"""Simulated subjects, and the cohorts of training, validation and test.

Who sleeps: the parameters in which simulated subjects differ.

Sources, by parameter:

- stage proportions, latency and efficiency by age: Ohayon et al. 2004 (Sleep 27:1255) and
  Boulos et al. 2019 (Lancet Respir Med 7:533), meta-analyses of healthy adults;
- arousals per hour by age: Bonnet and Arand 2007 (J Clin Sleep Med 3:271), about 11 an hour at
  20 and 22 an hour past 60;
- alpha: the AASM manual, which counts about 10 % of people as producing no alpha rhythm;
- spindles: De Gennaro and Ferrara 2003 (Sleep Med Rev 7:423), Purcell et al. 2017
  (Nat Commun 8:15930);
- K complexes: Halasz 2005 (Sleep Med Rev 9:391), 1 to 3 a minute in N2;
- slow waves shrinking with age: Carrier et al. 2011 (Eur J Neurosci 33:758);
- blinks: Bentivoglio et al. 1997 (Mov Disord 12:1028), 17 a minute at rest.

A seed is a subject. The ranges of three parameters are divided into bands, which belong in turn to
training and to testing: age, which affects the size of most waves, and the frequencies of alpha and
of spindles, which replies quote in Hz. All three parameters of a training subject lie in bands of
training, and all three of a held-out subject in bands of testing; most seeds belong to neither. So
no held-out subject shares an age decade, an alpha frequency or a spindle frequency with any
training subject. All other parameters have the same distributions, so both are healthy adults of
the same population: held-out subjects are other persons, not from another sleep laboratory.

Validation subjects, by which a checkpoint is chosen, have bands of training and their own seeds, so
that the choice does not depend on the bands of testing.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from itertools import count, islice

from numpy.random import Generator

from psg.simulate.draws import clipped_normal, component_rng, lognormal


@dataclass(frozen=True)
class SimulatedSubject:
    """Everything that stays the same through a subject's night. Peak-to-peak where in uV."""

    age_years: float
    sleep_latency_min: float
    cycle_min: float
    deep_sleep_share: float
    fragmentation: float
    arousals_per_h: float
    alpha_producer: bool
    alpha_hz: float
    alpha_uv: float
    spindle_hz: float
    spindle_uv: float
    spindles_per_min: float
    k_complexes_per_min: float
    k_complex_uv: float
    slow_wave_uv: float
    rem_uv: float
    rems_per_min: float
    blinks_per_min: float
    blink_uv: float
    emg_wake_uv: float
    emg_rem_share: float
    background_gain: float
    spectral_tilt: float
    mains_hz: float
    mains_uv: float
    heart_rate_bpm: float
    ecg_pickup_uv: float
    spindle_s: float = 0.9
    spindle_peakedness: float = 1.3
    """Exponent of the envelope: the lower, the longer a spindle stays at its full size."""
    k_complex_spread: float = 0.25
    least_k_complex_uv: float = 80
    left_eye_wave_share: float = 0.55
    right_eye_wave_share: float = 0.6
    """Size of slow waves and K complexes in the eye channels, relative to F4."""


def draw_subject(rng: Generator) -> SimulatedSubject:
    """Draw an adult between 20 and 70 years."""
    age = float(rng.uniform(20, 70))
    years = age - 20
    producer = bool(rng.random() < 0.9)
    return SimulatedSubject(
        age_years=age,
        sleep_latency_min=min(lognormal(rng, 10 + 0.08 * years, 0.45), 35.0),
        cycle_min=clipped_normal(rng, 90, 8, 74, 108),
        deep_sleep_share=clipped_normal(rng, 1.0 - 0.008 * years, 0.15, 0.35, 1.3),
        fragmentation=lognormal(rng, 0.85 + 0.008 * years, 0.2),
        arousals_per_h=lognormal(rng, 10.5 + 0.22 * years, 0.25),
        alpha_producer=producer,
        alpha_hz=clipped_normal(rng, 10.1 - 0.01 * years, 0.7, 8.6, 11.8),
        alpha_uv=lognormal(rng, 38, 0.3) if producer else lognormal(rng, 6, 0.3),
        spindle_hz=clipped_normal(rng, 13.2, 0.45, 12.2, 14.4),
        spindle_uv=lognormal(rng, 52 - 0.25 * years, 0.22),
        spindles_per_min=lognormal(rng, 3.6 - 0.02 * years, 0.28),
        k_complexes_per_min=lognormal(rng, 1.6 - 0.01 * years, 0.3),
        k_complex_uv=lognormal(rng, 165 - 0.8 * years, 0.15),
        slow_wave_uv=lognormal(rng, 125 - 0.7 * years, 0.12),
        rem_uv=lognormal(rng, 95, 0.22),
        rems_per_min=lognormal(rng, 7, 0.35),
        blinks_per_min=lognormal(rng, 17, 0.35),
        blink_uv=lognormal(rng, 110, 0.25),
        emg_wake_uv=lognormal(rng, 13, 0.35),
        emg_rem_share=clipped_normal(rng, 0.17, 0.06, 0.08, 0.3),
        background_gain=lognormal(rng, 1.0, 0.12),
        spectral_tilt=float(rng.normal(0, 0.1)),
        mains_hz=float(rng.choice([50.0, 60.0], p=[0.8, 0.2])),
        mains_uv=lognormal(rng, 1.5, 0.6),
        heart_rate_bpm=clipped_normal(rng, 60, 7, 45, 80),
        ecg_pickup_uv=lognormal(rng, 3, 0.5),
    )


AGE_BAND_YEARS = 10.0
PITCH_BAND_HZ = 0.5


class Cohort(StrEnum):
    """The use of a simulated subject."""

    TRAINING = "training"
    VALIDATION = "validation"
    HELD_OUT = "held-out"


# The first seed that is tried; too far apart for a cohort to reach the next.
_FIRST_SEED = {
    Cohort.TRAINING: 10_000_000,
    Cohort.VALIDATION: 20_000_000,
    Cohort.HELD_OUT: 30_000_000,
}
_HELD_OUT_BAND = 1


def cohort_seeds(cohort: Cohort, number: int) -> list[int]:
    """The first seeds of a cohort, for ``simulate_night``; about every eighth seed is taken."""
    return list(islice(_seeds(cohort), number))


def is_of_cohort(subject: SimulatedSubject, cohort: Cohort) -> bool:
    """Whether a subject lies in the bands of a cohort with all three parameters."""
    wanted = _HELD_OUT_BAND if cohort is Cohort.HELD_OUT else 1 - _HELD_OUT_BAND
    return all(band == wanted for band in _bands(subject))


def _seeds(cohort: Cohort) -> Iterator[int]:
    for seed in count(_FIRST_SEED[cohort]):
        if is_of_cohort(draw_subject(component_rng(seed, "subject")), cohort):
            yield seed


def _bands(subject: SimulatedSubject) -> tuple[int, int, int]:
    """0 or 1 for each of the three, in turns."""
    return (
        int(subject.age_years // AGE_BAND_YEARS) % 2,
        int(subject.alpha_hz // PITCH_BAND_HZ) % 2,
        int(subject.spindle_hz // PITCH_BAND_HZ) % 2,
    )
