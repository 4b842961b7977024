"""The difficulties of simulated nights, and what the nights of a difficulty are made of."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

from psg.simulate.alpha import add_alpha
from psg.simulate.artefacts import add_heart, add_mains, add_pops, add_sweat, heart_pickup
from psg.simulate.background import add_background
from psg.simulate.canvas import Canvas
from psg.simulate.draws import component_rng
from psg.simulate.eyes import add_eye_movements
from psg.simulate.muscle import add_arousals, add_chin_emg, add_movements
from psg.simulate.plan import NightPlan
from psg.simulate.scorers import REFERENCE, ScorerHabits
from psg.simulate.stageprocess import PLAIN as PLAIN_STAGES
from psg.simulate.stageprocess import StageProcess
from psg.simulate.subject import SimulatedSubject, draw_subject
from psg.simulate.waves import (
    add_k_complexes,
    add_sawtooth_waves,
    add_slow_waves,
    add_spindles,
    add_vertex_waves,
)

AddWaves = Callable[[Canvas, NightPlan, Generator], None]
AddHeart = Callable[[Canvas, NightPlan, Generator], NDArray[np.float32]]


class Difficulty(StrEnum):
    """How close simulated nights are to recordings of sleep laboratories."""

    PLAIN = "plain"
    """Clear waves on a calm background: for tests, the demo and training."""
    CLINICAL = "clinical"
    """Small and doubtful waves, disturbances, and stages that last as in real nights."""


@dataclass(frozen=True)
class Recipe:
    """What nights of a difficulty are made of.

    Attributes
    ----------
    draw_subject
        Draws the subject of a seed.
    generators
        By the names of their random streams, in the order in which they add to the traces.
    add_heart
        Adds the pickup of the heart and returns the ECG.
    draw_reference
        Draws the habits of the reference expert of a night.
    """

    draw_subject: Callable[[int], SimulatedSubject]
    stages: StageProcess
    generators: Mapping[str, AddWaves]
    add_heart: AddHeart
    draw_reference: Callable[[Generator], ScorerHabits]


def _subject(seed: int) -> SimulatedSubject:
    return draw_subject(component_rng(seed, "subject"))


def _heart(canvas: Canvas, plan: NightPlan, rng: Generator) -> NDArray[np.float32]:
    return add_heart(canvas, plan, rng, heart_pickup(plan, rng))


PLAIN = Recipe(
    draw_subject=_subject,
    stages=PLAIN_STAGES,
    generators={
        "background": add_background,
        "slow waves": add_slow_waves,
        "k complexes": add_k_complexes,
        "spindles": add_spindles,
        "vertex waves": add_vertex_waves,
        "sawtooth waves": add_sawtooth_waves,
        "alpha": add_alpha,
        "eyes": add_eye_movements,
        "chin": add_chin_emg,
        "arousals": add_arousals,
        "movements": add_movements,
        "pops": add_pops,
        "sweat": add_sweat,
        "mains": add_mains,
    },
    add_heart=_heart,
    draw_reference=lambda _: REFERENCE,
)
