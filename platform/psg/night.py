"""A night for signal code: derivations and epochs, wherever they are stored."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol, runtime_checkable

import numpy as np
from numpy.typing import NDArray

from psg.montage import Derivation

SAMPLES_PER_EPOCH = 3000
"""Samples of a derivation in a 30-s epoch at 100 Hz."""


class NightSignals(Protocol):
    """A night at 100 Hz, preprocessed, cut into epochs."""

    @property
    def epoch_count(self) -> int: ...

    @property
    def derivations(self) -> tuple[Derivation, ...]: ...

    def read_uv(self, first: int, count: int) -> NDArray[np.float32]:
        """Epochs ``first`` to ``first + count`` as (count, n_derivations, 3000) in uV."""
        ...


@runtime_checkable
class HasFormForPeople(Protocol):
    """A night whose mains have not the 50 Hz of the published notch: its signals have two forms."""

    def for_people(self) -> NightSignals: ...


def measured_form(night: NightSignals) -> NightSignals:
    """Give the signals that people see and detectors measure.

    They have the notch of the night's own mains. The night itself is what models' images are drawn
    from; where it has only one form, both are the same.
    """
    return night.for_people() if isinstance(night, HasFormForPeople) else night


@dataclass(frozen=True)
class ArrayNight:
    """A night held in memory.

    Parameters
    ----------
    derivations
        Names of the second axis.
    epochs_uv
        (n_epochs, n_derivations, 3000) in uV at 100 Hz.
    """

    derivations: tuple[Derivation, ...]
    epochs_uv: NDArray[np.float32]

    @property
    def epoch_count(self) -> int:
        return int(self.epochs_uv.shape[0])

    def read_uv(self, first: int, count: int) -> NDArray[np.float32]:
        return self.epochs_uv[first : first + count]
