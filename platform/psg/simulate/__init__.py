"""Nights of polysomnography from a seed, with every event known."""

from psg.simulate.cohorts import Cohort, cohort_seeds
from psg.simulate.events import SimulatedEvent
from psg.simulate.mass import MassFiles, write_mass_files
from psg.simulate.night import SimulatedNight, scorer_labels, simulate_night
from psg.simulate.preprocessed import preprocessed

__all__ = [
    "Cohort",
    "MassFiles",
    "SimulatedEvent",
    "SimulatedNight",
    "cohort_seeds",
    "preprocessed",
    "scorer_labels",
    "simulate_night",
    "write_mass_files",
]
