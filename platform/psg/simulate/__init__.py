"""Nights of polysomnography from a seed, with every event known."""

from psg.simulate.canvas import SimulatedEvent
from psg.simulate.mass import MassFiles, write_mass_files
from psg.simulate.night import SimulatedNight, preprocessed, scorer_labels, simulate_night
from psg.simulate.recipe import Difficulty
from psg.simulate.references import Reference
from psg.simulate.subject import Cohort, cohort_seeds

__all__ = [
    "Cohort",
    "Difficulty",
    "MassFiles",
    "Reference",
    "SimulatedEvent",
    "SimulatedNight",
    "cohort_seeds",
    "preprocessed",
    "scorer_labels",
    "simulate_night",
    "write_mass_files",
]
