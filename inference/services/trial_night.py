"""A short simulated night, the same every time, to try a model on: nobody's recording is needed."""

from functools import cache

from inference.adapters import NightToScore
from psg.simulate import preprocessed, simulate_night

HOURS = 0.25
SEED = 3
TRIED_EPOCHS = (0, 12, 24)
"""The first, which lacks a neighbour, and two within."""


@cache
def trial_night() -> NightToScore:
    """Thirty epochs of six derivations, preprocessed like any recording."""
    return NightToScore("trial", preprocessed(simulate_night(hours=HOURS, seed=SEED)))
