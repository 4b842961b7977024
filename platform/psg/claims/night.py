"""A whole night, measured once so that any number of claims can be checked against it."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial

import numpy as np
from numpy.typing import NDArray

from psg.claims.checking import check_epoch
from psg.claims.claim import Claim
from psg.claims.epoch import MeasuredEpoch
from psg.claims.verdict import Verdict
from psg.events import detect_events, read_continuous
from psg.events.chin_tone import measure_tone
from psg.events.measures import EpochMeasures, measure_epochs
from psg.night import NightSignals


@dataclass(frozen=True)
class MeasuredNight:
    """A night with the measures of its epochs."""

    signals: NightSignals
    measures: tuple[EpochMeasures, ...]

    def epoch(self, index: int) -> MeasuredEpoch:
        return MeasuredEpoch(
            self.measures[index], self.signals.derivations, partial(_read, self.signals, index)
        )


def measure_night(night: NightSignals) -> MeasuredNight:
    """Run all detectors over a night."""
    continuous = read_continuous(night)
    tone = measure_tone(continuous)
    measures = measure_epochs(detect_events(continuous), tone, night.epoch_count)
    return MeasuredNight(night, tuple(measures))


def check(claim: Claim, night: MeasuredNight, epoch: int) -> Verdict:
    """Compare a claim about an epoch (counted from 0) with what is measured in it."""
    return check_epoch(claim, night.epoch(epoch))


def _read(night: NightSignals, index: int) -> NDArray[np.floating]:
    return night.read_uv(index, 1)[0]
