"""The true course of the stages, in continuous time."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from psg.simulate.draws import FloatArray
from psg.stages import STAGES, Stage


@dataclass(frozen=True)
class StageRun:
    """One unbroken stay in a stage; seconds from the start of the recording."""

    stage: Stage
    start_s: float
    end_s: float

    @property
    def length_s(self) -> float:
        """Length of the stay in seconds."""
        return self.end_s - self.start_s


class Timeline:
    """Stage runs that cover a recording without gaps, ready to be asked about many times at once.

    Attributes
    ----------
    runs
        In order of time; each ends where the next begins.
    starts_s, codes
        The same as arrays, shape (n_runs,); codes as in :data:`psg.stages.STAGES`.
    """

    def __init__(self, runs: Sequence[StageRun]) -> None:
        self.runs = tuple(runs)
        self.starts_s: FloatArray = np.array([run.start_s for run in runs])
        self.codes: NDArray[np.int8] = np.array(
            [STAGES.index(run.stage) for run in runs], dtype=np.int8
        )
        self.end_s = runs[-1].end_s

    def codes_at(self, times_s: FloatArray) -> NDArray[np.int8]:
        """Stage codes at these times; shape as ``times_s``."""
        places = np.searchsorted(self.starts_s, times_s, side="right") - 1
        return self.codes[np.clip(places, 0, len(self.codes) - 1)]

    def stage_at(self, time_s: float) -> Stage:
        """Stage at one time."""
        return STAGES[int(self.codes_at(np.array([time_s]))[0])]

    def runs_of(self, *stages: Stage) -> list[StageRun]:
        """Runs in any of these stages, in order of time."""
        return [run for run in self.runs if run.stage in stages]

    def shares(self, start_s: float, end_s: float) -> FloatArray:
        """Share of a stretch of time spent in each stage; shape (5,), sums to 1."""
        edges = np.concatenate([[start_s], self.starts_s[self._inside(start_s, end_s)], [end_s]])
        lengths = np.diff(edges)
        shares = np.zeros(len(STAGES))
        np.add.at(shares, self.codes_at(edges[:-1]), lengths)
        return shares / lengths.sum()

    def _inside(self, start_s: float, end_s: float) -> slice:
        first = np.searchsorted(self.starts_s, start_s, side="right")
        last = np.searchsorted(self.starts_s, end_s, side="left")
        return slice(int(first), int(last))
