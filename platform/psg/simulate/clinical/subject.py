"""Subjects whose waves are smaller and whose recordings are less clean.

Sizes of spindles and of rapid eye movements are near those of real marks, which the modules of the
waves describe. Size and envelope of spindles and the usual size of K complexes are fitted: so that
the detectors miss as many as people's marks.
"""

from __future__ import annotations

from dataclasses import replace

from numpy.random import Generator

from psg.simulate.draws import component_rng, lognormal
from psg.simulate.subject import SimulatedSubject, draw_subject

# AASM manual: about 10 % of people show no alpha on closing the eyes, a further 10 % little.
NO_ALPHA, LITTLE_ALPHA = 0.1, 0.2


def draw_clinical_subject(seed: int) -> SimulatedSubject:
    """Draw the subject of a seed: the plain one's age and frequencies, and other sizes.

    Age, alpha frequency and spindle frequency decide the cohort, so cohorts are the same.
    """
    plain = draw_subject(component_rng(seed, "subject"))
    rng = component_rng(seed, "clinical subject")
    years = plain.age_years - 20
    alpha_uv, is_producer = _alpha(rng)
    return replace(
        plain,
        alpha_producer=is_producer,
        alpha_uv=alpha_uv,
        spindle_uv=lognormal(rng, 41 - 0.15 * years, 0.22),
        spindle_s=1.05,
        spindle_peakedness=0.7,
        spindles_per_min=lognormal(rng, 6 - 0.02 * years, 0.3),
        k_complexes_per_min=lognormal(rng, 1.9 - 0.01 * years, 0.3),
        k_complex_uv=lognormal(rng, 220 - 0.8 * years, 0.2),
        slow_wave_uv=lognormal(rng, 118 - 0.5 * years, 0.15),
        rem_uv=lognormal(rng, 160, 0.3),
        rems_per_min=lognormal(rng, 10, 0.4),
        ecg_pickup_uv=lognormal(rng, 8, 0.55),
        # Some below 80 uV beside large ones: the manual gives K complexes no amplitude.
        k_complex_spread=0.5,
        least_k_complex_uv=40,
        left_eye_wave_share=float(rng.uniform(0.5, 0.95)),
        right_eye_wave_share=float(rng.uniform(0.5, 0.95)),
    )


def _alpha(rng: Generator) -> tuple[float, bool]:
    """Size of the alpha rhythm in uV, and whether it counts as one."""
    chance = rng.random()
    if chance < NO_ALPHA:
        return lognormal(rng, 6, 0.3), False
    return lognormal(rng, 14 if chance < LITTLE_ALPHA else 34, 0.35), True
